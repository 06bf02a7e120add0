/**
 * What a broker's process promises of its membership. Assumed of its surroundings: the cluster is created at most
 * once, before anything else; the controller answers a registration or a heartbeat once, and not at all if the process has died since; metadata may come late, twice and in
 * any order of partition epochs; while the process is paused nothing reaches it and none of its timers fires.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import type { BrokerContext, BrokerEvent } from "../../../model/broker/broker-machine.ts";
import type { BrokerMetadata, PartitionMetadata } from "../../../model/message.ts";
import { moves } from "./moves.ts";
import { type Run, type Stepped, type Trial, tryMachine } from "./trial.ts";

const promises = {
  metadata:
    "it knows the newest that it has been told of every partition, by partition epoch, and of every broker; what came before a word of itself only if it was registered then",
  forgets: "a process that dies forgets its epoch and all metadata",
  dies: "it dies once, with all its connections, and every replica hears of it",
  dead: "a dead process says nothing, whatever comes",
  losesPower: "with the power its process dies, and then every disk hears what it is to keep; a dead process's, too",
  registers: "a process that starts registers under a new incarnation, again and again until it is taken",
  catchesUp: "until it has its registration's answer, and has heard of it, no replica hears anything",
  opens: "then it opens every replica, with its broker epoch and what it has heard since: brokers first",
  forwards: "once registered it hands every change that is not older to the replicas concerned, and before it does not",
  beats: "it beats with its broker epoch, never twice without an answer, and only once registered",
  rests: "between two heartbeats lies the interval",
  answersMetadata: "a request for metadata is answered once with all that is known",
  pauses: "to be paused and to go on changes nothing else",
} as const;

const input = {
  broker: 1,
  replicas: [
    { id: "b1/t-0", partition: "t-0" },
    { id: "b1/t-1", partition: "t-1" },
  ],
  heartbeatIntervalMs: 2000,
  retryMs: 700,
};

const firstRecord: PartitionMetadata = { partition: "t-0", leader: 1, leaderEpoch: 0, isr: [1, 2], partitionEpoch: 0 };

const partitionChange = fc.record({
  partition: fc.constantFrom("t-0", "t-1", "u-0"),
  leader: fc.constantFrom(1, 2, null),
  leaderEpoch: fc.nat(3),
  isr: fc.constant([1, 2]),
  partitionEpoch: fc.nat(5),
});
const brokerChange = fc.record({ broker: fc.integer({ min: 1, max: 3 }), epoch: fc.nat(2), fenced: fc.boolean() });

const draw = fc.record({
  isCreated: fc.boolean(),
  moves: moves(
    fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom("kill" as const, "pause" as const) },
      { weight: 1, arbitrary: fc.record({ keeps: fc.constantFrom({}, { "t-0": 3 }, { "t-0": 0, "t-1": 7 }) }) },
      { weight: 5, arbitrary: fc.constantFrom("start" as const, "resume" as const) },
      { weight: 8, arbitrary: fc.constantFrom("answer" as const, "fire" as const) },
      { weight: 2, arbitrary: fc.constantFrom("refuse" as const, "metadata" as const) },
      { weight: 5, arbitrary: partitionChange },
      { weight: 3, arbitrary: brokerChange },
    ),
  ),
});

type Drawn = typeof draw extends fc.Arbitrary<infer Value> ? Value : never;
type Step = Stepped<BrokerContext>;
type Waiting = "register" | "heartbeat";

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
const isPaused = (states: readonly string[]) => states.includes("alive.process.paused");
const isRegistered = (states: readonly string[]) => states.some((state) => state.includes("registered"));

const localsOf = ({ effects }: Step) =>
  effects.flatMap((effect) => (effect.kind === "local" ? [{ to: effect.to, event: effect.event }] : []));
const requestsOf = ({ effects }: Step) =>
  effects.flatMap((effect) => (effect.kind === "request" && effect.to === "controller" ? [effect.body] : []));

/** What the process has been told since it started, in the order in which it came. */
interface Told {
  readonly partitions: readonly PartitionMetadata[];
  readonly brokers: readonly BrokerMetadata[];
}

const byName = (one: PartitionMetadata, other: PartitionMetadata) => (one.partition < other.partition ? -1 : 1);

/** The newest of each partition, of equal ones the last told; the last told of each broker. */
function known({ partitions, brokers }: Told): Told {
  const newest = new Map<string, PartitionMetadata>();
  for (const change of partitions) {
    if ((newest.get(change.partition)?.partitionEpoch ?? -1) <= change.partitionEpoch) {
      newest.set(change.partition, change);
    }
  }
  const last = new Map(brokers.map((change) => [change.broker, change]));
  return {
    partitions: [...newest.values()].sort(byName),
    brokers: [...last.values()].sort((one, other) => one.broker - other.broker),
  };
}

function play({ keep, start }: Trial<keyof typeof promises>, { isCreated, moves }: Drawn): void {
  const run: Run<BrokerContext, BrokerEvent> = start(input);
  let told: Told = { partitions: [], brokers: [] };
  let waiting: Waiting | null = null;
  let incarnation = 1;
  let epoch = 1;
  /** The controller has taken its registration. */
  let isTaken = isCreated;
  const isDead = () => run.states()[0] === "killed";

  const judge = (step: Step): Step => {
    const requests = requestsOf(step);
    const registered = isRegistered(step.states);
    for (const body of requests) {
      keep("beats", waiting === null && requests.length === 1, { step, waiting });
      if (body.type === "heartbeat") keep("beats", registered && isSame([body.broker, body.epoch], [1, epoch]), step);
      else keep("registers", !registered && body.type === "register" && body.incarnation === incarnation, step);
      waiting = body.type === "heartbeat" ? "heartbeat" : "register";
    }
    const beats = step.states.some((state) => state.endsWith("beating"));
    if (beats && waiting !== "heartbeat") keep("beats", false, step);
    const { partitions, brokers } = step.after;
    if (!isDead()) keep("metadata", isSame({ partitions, brokers }, known(told)), { step, told });
    return step;
  };

  const opens = (step: Step): void => {
    const { partitions, brokers } = known(told);
    const expected = input.replicas.flatMap(({ id, partition }) => [
      { to: id, event: { type: "process-started", brokerEpoch: epoch } },
      ...brokers.map((change) => ({ to: id, event: { type: "broker-changed", ...change } })),
      ...partitions
        .filter((change) => change.partition === partition)
        .map((change) => ({ to: id, event: { type: "partition-changed", change } })),
    ]);
    keep("opens", isSame(localsOf(step), expected), { step, expected });
  };

  const forwards = (step: Step, to: readonly string[], event: object): void => {
    const isRegisteredNow = isRegistered(step.statesBefore);
    const expected = isRegisteredNow ? to.map((id) => ({ to: id, event })) : [];
    if (!isRegisteredNow) keep("catchesUp", step.effects.length === 0, step);
    keep("forwards", isSame(localsOf(step), expected), { step, expected });
  };

  const tellPartition = (change: PartitionMetadata): void => {
    const before = known(told).partitions.find(({ partition }) => partition === change.partition);
    const isOlder = (before?.partitionEpoch ?? -1) > change.partitionEpoch;
    told = { ...told, partitions: [...told.partitions, change] };
    const concerned = input.replicas.filter(({ partition }) => partition === change.partition && !isOlder);
    const step = judge(run.send({ type: "partition-change", change }));
    forwards(
      step,
      concerned.map(({ id }) => id),
      { type: "partition-changed", change },
    );
  };

  const tellBroker = (change: BrokerMetadata): void => {
    told = { ...told, brokers: [...told.brokers, change] };
    const wasRegistered = isRegistered(run.states());
    if (!wasRegistered && change.broker === input.broker) told = { partitions: [], brokers: [change] };
    const step = judge(run.send({ type: "broker-change", change }));
    if (isTaken && !wasRegistered && change.broker === input.broker && change.epoch === epoch) {
      opens(step);
      return;
    }
    forwards(
      step,
      input.replicas.map(({ id }) => id),
      { type: "broker-changed", ...change },
    );
  };

  const answer = (refused: boolean): void => {
    const asked = waiting;
    if (asked === null) return;
    waiting = null;
    if (asked === "heartbeat") {
      const error = refused ? "STALE_BROKER_EPOCH" : null;
      const step = judge(run.send({ type: "heartbeat-response", error }));
      const delays = step.armed.map(({ delay }) => delay);
      keep("rests", isSame(delays, [input.heartbeatIntervalMs]) && step.effects.length === 0, step);
      return;
    }
    if (!refused) epoch += 1;
    const error = refused ? "DUPLICATE_BROKER_REGISTRATION" : null;
    const step = judge(run.send({ type: "register-response", error, epoch }));
    if (refused) {
      const delays = step.armed.map(({ delay }) => delay);
      keep("registers", isSame(delays, [input.retryMs]) && step.effects.length === 0, step);
      return;
    }
    isTaken = true;
    const hasHeard = known(told).brokers.some((known) => known.broker === input.broker && known.epoch === epoch);
    if (hasHeard) opens(step);
    else keep("catchesUp", step.effects.length === 0 && !isRegistered(step.states), step);
  };

  const command = (type: "kill" | "start" | "pause" | "resume"): void => {
    const wasDead = isDead();
    const before = run.context();
    if (type === "start" && wasDead) incarnation += 1;
    if (type === "kill" && !wasDead) {
      told = { partitions: [], brokers: [] };
      waiting = null;
      epoch = -1;
      isTaken = false;
    }
    const step = judge(run.send({ type }));
    if (type === "pause" || type === "resume") {
      keep("pauses", step.effects.length === 0 && step.armed.length === 0 && isSame(before, step.after), step);
      if (!wasDead) keep("pauses", isPaused(step.states) === (type === "pause"), step);
    } else if (type === "start" && wasDead) {
      keep("registers", requestsOf(step).length === 1 && step.after.incarnation === incarnation, step);
    } else if (type === "kill" && !wasDead) {
      keep("dies", step.effects[0]?.kind === "process-died" && run.timers().length === 0, step);
      const hears = input.replicas.map(({ id }) => ({ to: id, event: { type: "process-died" } }));
      keep("dies", isSame(localsOf(step), hears) && step.effects.length === 3, step);
      keep("forgets", isSame([step.after.epoch, step.after.partitions, step.after.brokers], [-1, [], []]), step);
    } else keep(wasDead ? "dead" : "registers", step.effects.length === 0, step);
  };

  const losePower = (keeps: Readonly<Record<string, number>>): void => {
    const wasDead = isDead();
    if (!wasDead) {
      told = { partitions: [], brokers: [] };
      waiting = null;
      epoch = -1;
      isTaken = false;
    }
    const step = judge(run.send({ type: "power-off", keeps }));
    const dies = wasDead ? [] : input.replicas.map(({ id }) => ({ to: id, event: { type: "process-died" } }));
    const loses = input.replicas.map(({ id, partition }) => {
      return { to: `${id}/disk`, event: { type: "power-lost", keeps: keeps[partition] ?? null } };
    });
    keep("losesPower", isDead() && isSame(localsOf(step), [...dies, ...loses]), step);
    const others = step.effects.flatMap(({ kind }) => (kind === "local" ? [] : [kind]));
    keep("losesPower", isSame(others, wasDead ? [] : ["process-died"]) && run.timers().length === 0, step);
    if (wasDead) keep("dead", step.before === step.after, step);
    else keep("forgets", isSame([step.after.epoch, step.after.partitions, step.after.brokers], [-1, [], []]), step);
  };

  const come = (move: Exclude<Drawn["moves"][number], { keeps: unknown }>): void => {
    if (move === "answer" || move === "refuse") answer(move === "refuse");
    else if (move === "fire") {
      const [timer] = run.timers();
      if (timer !== undefined) judge(run.fire(timer));
    } else if (move === "metadata") {
      const step = judge(run.send({ type: "metadata", connection: "c" }));
      const body = { type: "metadata-response", partitions: known(told).partitions };
      keep("answersMetadata", isSame(step.effects, [{ kind: "reply", connection: "c", body }]), step);
    } else if (typeof move === "string") command(move);
    else if ("partition" in move) tellPartition(move);
    else tellBroker(move);
  };

  if (isCreated) {
    told = { partitions: [firstRecord], brokers: [{ broker: 1, epoch: 1, fenced: false }] };
    opens(judge(run.send({ type: "created", ...told })));
  }
  for (const move of moves) {
    if (typeof move === "object" && "keeps" in move) {
      losePower(move.keeps);
      continue;
    }
    const isCommand = move === "kill" || move === "start" || move === "pause" || move === "resume";
    if (isPaused(run.states()) && !isCommand) continue;
    if (isDead() && !isCommand) {
      const event: BrokerEvent =
        typeof move === "string"
          ? { type: "metadata", connection: "c" }
          : "partition" in move
            ? { type: "partition-change", change: move }
            : { type: "broker-change", change: move };
      const step = run.send(event);
      keep("dead", step.effects.length === 0 && step.armed.length === 0 && step.before === step.after, step);
    } else come(move);
  }
}

describe("a broker's process", () => {
  it("keeps its promises, whatever happens to it", () => {
    tryMachine({ kind: "broker", promises, draw, numRuns: 600, play });
  });
});
