/**
 * What a producer promises, whatever its batches, the brokers and the network do: see producer-surroundings.ts and
 * pipes.ts. Assumed of brokers: a produce request is answered for each of its partitions. A crashed producer is started
 * again before it is given records.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import type { RequestBody } from "../../../model/message.ts";
import type { ProducerContext, ProducerEvent, ProducerInput } from "../../../model/producer/producer-context.ts";
import { anyNumber, moves, pick } from "./moves.ts";
import { createPipes } from "./pipes.ts";
import { createProducerJudge, promises } from "./producer-judge.ts";
import { partitioners, topic } from "./producer-partitioning.ts";
import { createBatches } from "./producer-surroundings.ts";
import { type Stepped, type Trial, tryMachine } from "./trial.ts";

const partition = fc.constantFrom("t-0", "t-0", "t-1", "t-2");
const results = fc.array(fc.constantFrom(null, null, null, "NOT_LEADER_OR_FOLLOWER", "NOT_ENOUGH_REPLICAS"), {
  minLength: 3,
  maxLength: 3,
});

const draw = fc.record({
  settings: fc.record({
    acks: fc.constantFrom(0 as const, -1 as const, -1 as const, 1 as const),
    maxInFlight: fc.constantFrom(1, 1, 2, 5),
    secondLeader: fc.constantFrom(1, 1, 2, null),
    partitioner: fc.constantFrom(
      null,
      "RoundRobinPartitioner",
      "RoundRobinPartitioner",
      "TextbookPartitioner",
      "./own.ts",
    ),
    ignoreKeys: fc.constantFrom(false, false, true),
    choosesAgainForNewBatch: fc.boolean(),
  }),
  retries: fc.array(fc.constantFrom(true, true, false), { maxLength: 60, size: "max" }),
  moves: moves(
    fc.oneof(
      {
        weight: 16,
        arbitrary: fc.record({
          append: fc.oneof(partition, fc.constant(topic)),
          key: fc.constantFrom(null, null, "", "k", "kk"),
          size: fc.constantFrom(3, 3, 4, 5, 8, 11),
        }),
      },
      { weight: 2, arbitrary: fc.constant({ type: "flush" } as const) },
      { weight: 1, arbitrary: fc.record({ type: fc.constant("crash" as const), really: fc.nat(2) }) },
      {
        weight: 9,
        arbitrary: fc.record({ runOut: fc.constantFrom("lingering", "lingering", "backing-off"), which: anyNumber }),
      },
      { weight: 2, arbitrary: fc.record({ runOut: fc.constant("in-flight"), which: anyNumber }) },
      { weight: 1, arbitrary: fc.record({ expire: anyNumber }) },
      { weight: 14, arbitrary: fc.record({ answer: anyNumber, results, isOld: fc.constantFrom(false, false, true) }) },
      { weight: 3, arbitrary: fc.record({ disconnect: fc.constantFrom("b1", "b2", "b3") }) },
      { weight: 4, arbitrary: fc.record({ fire: anyNumber }) },
      { weight: 1, arbitrary: fc.record({ elect: partition, leader: fc.constantFrom(1, 2, 2, 3, null) }) },
    ),
  ),
});

type Drawn = typeof draw extends fc.Arbitrary<infer Value> ? Value : never;
type Move = Drawn["moves"][number];

function inputOf({ acks, secondLeader, ...chosen }: Drawn["settings"]): ProducerInput {
  const times = { requestTimeoutMs: 30_000, retryBackoffMs: 100 };
  return {
    client: "p1",
    brokers: [1, 2, 3],
    batchSize: 10,
    ...chosen,
    // The default partitioner has no choice yet for a record without a key.
    ignoreKeys: chosen.ignoreKeys && chosen.partitioner !== null,
    ...times,
    batch: { acks, lingerMs: 5, retries: 3, retryBackoffMaxMs: 1000, deliveryTimeoutMs: 120_000, ...times },
    leaders: [
      { partition: "t-0", leader: 1, leaderEpoch: 0 },
      { partition: "t-1", leader: secondLeader, leaderEpoch: 0 },
      { partition: "t-2", leader: 2, leaderEpoch: 0 },
    ],
  };
}

function play(trial: Trial<keyof typeof promises>, { settings, retries, moves }: Drawn): void {
  const input = inputOf(settings);
  const run = trial.start<ProducerContext, ProducerEvent>(input);
  const pipes = createPipes();
  const batches = createBatches(input.batch.acks, retries);
  const judge = createProducerJudge(trial.keep, input, pipes);
  let leaders = input.leaders;
  let old = input.leaders;
  let records = 0;

  /** A step, and all that the batches have to say to it. */
  const see = (first: Stepped<ProducerContext>): void => {
    const waiting: ProducerEvent[] = [];
    for (let step: Stepped<ProducerContext> | null = first; step !== null; ) {
      pipes.carryOut(step.effects);
      judge.see(step);
      waiting.push(...batches.hear(step.effects));
      const next = waiting.shift();
      step = next === undefined ? null : run.send(next);
    }
    judge.rest(run.states(), first.event.type === "flush");
  };

  const answer = (node: string, body: RequestBody, errors: readonly (string | null)[], isOld: boolean): void => {
    if (body.type === "metadata") {
      const told = (isOld ? old : leaders).map((one) => ({ ...one, isr: [1, 2], partitionEpoch: one.leaderEpoch }));
      see(run.send({ type: "metadata-response", partitions: told, from: node }));
    } else if (body.type === "produce" && body.acks !== 0) {
      const results = body.partitions.map(({ partition }, index) => {
        const error = (errors[index] ?? null) as "NOT_ENOUGH_REPLICAS" | null;
        return { partition, error, baseOffset: error === null ? records : null };
      });
      see(run.send({ type: "produce-response", results, from: node }));
    }
  };

  const elect = (partition: string, leader: number | null): void => {
    old = leaders;
    leaders = leaders.map((known) =>
      known.partition === partition ? { partition, leader, leaderEpoch: known.leaderEpoch + 1 } : known,
    );
  };

  const tell = (event: ProducerEvent | undefined): void => {
    if (event !== undefined) see(run.send(event));
  };

  const come = (move: Move): void => {
    if ("append" in move) {
      if (run.states()[0] === "crashed") see(run.send({ type: "restart" }));
      const value = `${records}`.padEnd(move.size, ".");
      records += 1;
      const key = input.partitioner === null ? (move.key ?? "k") : move.key;
      see(run.send({ type: "append", to: move.append, record: { value, key } }));
    } else if ("type" in move) {
      if (run.states()[0] !== "crashed" && (move.type === "flush" || move.really === 0)) {
        see(run.send({ type: move.type }));
      }
    } else if ("runOut" in move) tell(batches.runOut(move.runOut as "lingering", move.which));
    else if ("expire" in move) tell(batches.expire(move.expire));
    else if ("answer" in move) {
      const node = pick(pipes.busy(), move.answer);
      const body = node === undefined ? undefined : pipes.take(node);
      if (node !== undefined && body !== undefined) answer(node, body, move.results, move.isOld);
    } else if ("disconnect" in move) {
      if (run.states()[0] === "crashed") return;
      pipes.drop(move.disconnect);
      see(run.send({ type: "disconnected", node: move.disconnect }));
    } else if ("fire" in move) {
      const timer = pick(run.timers(), move.fire);
      if (timer !== undefined) see(run.fire(timer));
    } else elect(move.elect, move.leader);
  };

  for (const move of moves) come(move);
  if (run.states()[0] === "crashed") return;
  // From now on all is well: everything is settled in the end.
  for (const { partition } of leaders) elect(partition, 1);
  for (let round = 0; round < 200 && !judge.isEmpty(); round += 1) {
    const [node] = pipes.busy();
    const body = node === undefined ? undefined : pipes.take(node);
    const [timer] = run.timers();
    if (node !== undefined && body !== undefined) answer(node, body, [], false);
    else tell(batches.runOut("lingering", 0) ?? batches.runOut("backing-off", 0));
    // The leaders it knows may be the old ones, which answer nothing more.
    if (node === undefined && timer !== undefined) see(run.fire(timer));
  }
  trial.keep("settlesAll", judge.isEmpty(), run.context());
}

describe("a producer", () => {
  it("keeps its promises, whatever happens to it", () => {
    tryMachine({ kind: "producer", promises, draw, numRuns: 300, partitioners, play });
  });
});
