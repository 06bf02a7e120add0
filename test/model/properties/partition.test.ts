/**
 * What the controller promises of a partition's record, held against the rules of the election written down once more,
 * from top to bottom (election-oracle.ts). Assumed of the surroundings: a broker's session goes from alive to fenced to
 * registered, in a new incarnation, or not, and back to alive; a proposed ISR holds replicas, its proposer among them.
 * Proposals may come late, twice, by any replica, and with broker epochs that are past.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import type { PartitionContext, PartitionEvent, PartitionInput } from "../../../model/controller/partition-context.ts";
import { type Change, decide, type Record, rules } from "./election-oracle.ts";
import { anyNumber, moves, pick } from "./moves.ts";
import { type Run, type Stepped, type Trial, tryMachine } from "./trial.ts";

const promises = {
  ...rules,
  leaderInIsr: "the leader is a member of the ISR and alive",
  leaderEpoch: "the leader epoch grows by one when the leader changes, and never otherwise",
  partitionEpoch: "the partition epoch grows by one with every change of the record, and never otherwise",
  electsLiving: "who is elected is a replica and alive",
  cleanElection: "a clean election takes a member of the ISR or of the ELR of before",
  uncleanElection: "an unclean election needs the permission or the last known leader, and is announced as one",
  isrNotEmpty: "without ELR the ISR is never empty",
  elr: "ELR and ISR have nobody in common, and with ELR off, or min ISR met, the ELR is empty",
  answersOnce: "every proposal is answered once, whatever becomes of it, and nothing else is",
  refuses:
    "a proposal of an old term, of another than the leader, on an old record or with a dead member changes nothing",
  publishes: "every change is told to every broker, as it is recorded, and nothing else is",
  describes: "a broker that registers is told the record as it was",
} as const;

const brokers = [1, 2, 3, 4];

const draw = fc.record({
  input: fc.record({
    partition: fc.constant("t-0"),
    replicas: fc.constantFrom([1, 2, 3], [3, 1, 2], [2, 1]),
    brokers: fc.constant(brokers),
    effectiveMinIsr: fc.constantFrom(1, 2, 2, 2),
    uncleanAllowed: fc.boolean(),
    elrEnabled: fc.boolean(),
  }),
  moves: moves(
    fc.oneof(
      // A session's next event; a broker that is alive can only be fenced.
      { weight: 4, arbitrary: fc.record({ session: fc.constantFrom(1, 2, 3, 3, 2, 1, 4), again: fc.boolean() }) },
      {
        weight: 5,
        arbitrary: fc.record({
          // Who is in: the proposer, and who of the others; whose broker epoch is an old one, or not known.
          members: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
          oldEpochOf: fc.constantFrom(0, 0, 0, 0, 1, 2, 3),
          unknownEpoch: fc.boolean(),
          by: fc.oneof({ weight: 8, arbitrary: fc.constant("leader" as const) }, { weight: 1, arbitrary: anyNumber }),
          leaderEpochAge: fc.constantFrom(0, 0, 0, 0, 0, 1),
          partitionEpochAge: fc.constantFrom(0, 0, 0, 0, 0, 1),
        }),
      },
    ),
  ),
});

type Drawn = typeof draw extends fc.Arbitrary<infer Value> ? Value : never;
type Proposal = Exclude<Drawn["moves"][number], { session: number }>;
type Step = Stepped<PartitionContext>;

interface Session {
  readonly broker: number;
  readonly state: "alive" | "fenced" | "registered";
  readonly epoch: number;
}

function proposalOf(move: Proposal, context: PartitionContext, sessions: readonly Session[]): PartitionEvent | null {
  const by = move.by === "leader" ? context.leader : pick(context.replicas, move.by);
  if (by === null || by === undefined) return null;
  const members = context.replicas.filter((broker, index) => broker === by || move.members[index] === true);
  const isr = members.map((broker) => {
    const epoch = sessions.find((session) => session.broker === broker)?.epoch ?? 1;
    return { broker, epoch: broker === move.oldEpochOf ? epoch - 1 : move.unknownEpoch ? null : epoch };
  });
  return {
    type: "alter-partition",
    broker: by,
    partition: context.partition,
    leaderEpoch: context.leaderEpoch - move.leaderEpochAge,
    partitionEpoch: context.partitionEpoch - move.partitionEpochAge,
    isr,
    connection: "c",
  };
}

const recordOf = ({ leader, isr, elr, lastKnownLeader }: PartitionContext): Record => {
  return { leader, isr, elr, lastKnownLeader };
};
const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

function judgeRecord(keep: Trial<keyof typeof promises>["keep"], step: Step, change: Change, alive: readonly number[]) {
  const { before, after } = step;
  const decision = decide(recordOf(before), change, alive, before);
  keep(decision.because, isSame(recordOf(after), decision.record), { step, decision });
  const leaderChanged = before.leader !== after.leader;
  const isChanged = !isSame([before.leader, before.isr, before.elr], [after.leader, after.isr, after.elr]);
  keep("leaderEpoch", after.leaderEpoch === before.leaderEpoch + (leaderChanged ? 1 : 0), step);
  keep("partitionEpoch", after.partitionEpoch === before.partitionEpoch + (isChanged ? 1 : 0), step);
  const { leader, isr, elr } = after;
  if (leader !== null) keep("leaderInIsr", isr.includes(leader) && alive.includes(leader), step);
  if (!after.elrEnabled) keep("isrNotEmpty", isr.length > 0, step);
  keep("elr", !elr.some((broker) => isr.includes(broker)), step);
  if (!after.elrEnabled || isr.length >= after.effectiveMinIsr) keep("elr", elr.length === 0, step);

  const announced = step.effects.flatMap((effect) =>
    effect.kind === "observe" && effect.observation.kind === "elected" ? [effect.observation] : [],
  );
  keep("leaderEpoch", announced.length === (leaderChanged && leader !== null ? 1 : 0), step);
  const [elected] = announced;
  if (elected !== undefined && leader !== null) {
    keep("electsLiving", alive.includes(leader) && before.replicas.includes(leader), step);
    keep("electsLiving", elected.leader === leader && elected.leaderEpoch === after.leaderEpoch, step);
    const wasInSync = before.isr.includes(leader) || before.elr.includes(leader);
    if (elected.unclean) {
      keep("uncleanElection", before.uncleanAllowed || before.lastKnownLeader === leader, step);
      keep("uncleanElection", isSame([isr, elr], [[leader], []]), step);
    } else {
      const wasProposed = step.event.type === "alter-partition";
      keep("cleanElection", wasInSync || wasProposed, step);
    }
  }
  const { partition, leaderEpoch, partitionEpoch } = after;
  const body = { type: "partition-change", change: { partition, leader, leaderEpoch, isr, partitionEpoch } } as const;
  const told = step.effects.filter((effect) => effect.kind === "request");
  const expected = isChanged ? brokers.map((broker) => ({ kind: "request", to: `b${broker}`, body })) : [];
  const { broker, type } = step.event as { broker: number; type: string };
  if (type === "broker-registered") {
    const was = { partition, leader: before.leader, leaderEpoch: before.leaderEpoch, isr: before.isr };
    const description = { ...was, partitionEpoch: before.partitionEpoch };
    const first = { kind: "request", to: `b${broker}`, body: { type: "partition-change", change: description } };
    keep("describes", isSame(told[0], first), step);
    told.shift();
  }
  keep("publishes", isSame(told, expected), { step, expected });
}

function judgeAnswer(keep: Trial<keyof typeof promises>["keep"], step: Step, alive: readonly Session[]): void {
  const replies = step.effects.flatMap((effect) => (effect.kind === "reply" ? [effect] : []));
  const event = step.event as PartitionEvent;
  keep("answersOnce", replies.length === (event.type === "alter-partition" ? 1 : 0), step);
  if (event.type !== "alter-partition") return;
  const { before } = step;
  const isDead = event.isr.some(
    (member) => !alive.some(({ broker, epoch }) => broker === member.broker && epoch === (member.epoch ?? epoch)),
  );
  const error =
    event.leaderEpoch < before.leaderEpoch
      ? "FENCED_LEADER_EPOCH"
      : event.broker !== before.leader
        ? "INVALID_REQUEST"
        : event.partitionEpoch < before.partitionEpoch
          ? "INVALID_UPDATE_VERSION"
          : isDead
            ? "INELIGIBLE_REPLICA"
            : null;
  const { partition, isr, leaderEpoch, partitionEpoch } = step.after;
  const about = { type: "alter-partition-response", partition, error, isr, leaderEpoch, partitionEpoch };
  keep("answersOnce", isSame(replies[0]?.body, { ...about, basedOn: event.partitionEpoch }), step);
  if (error !== null) keep("refuses", step.before === step.after && step.effects.length === 1, step);
}

function play({ keep, start }: Trial<keyof typeof promises>, { input, moves }: Drawn): void {
  const run: Run<PartitionContext, PartitionEvent> = start(input satisfies PartitionInput);
  let sessions: readonly Session[] = brokers.map((broker) => ({ broker, state: "alive", epoch: 1 }));
  for (const move of moves) {
    let event: PartitionEvent | null = null;
    if ("session" in move) {
      const session = sessions.find(({ broker }) => broker === move.session);
      if (session === undefined) continue;
      const { broker } = session;
      const next: Session =
        session.state === "alive"
          ? { ...session, state: "fenced" }
          : move.again
            ? { broker, state: "registered", epoch: session.epoch + 1 }
            : { ...session, state: "alive" };
      sessions = sessions.map((other) => (other === session ? next : other));
      const type = next.state === "alive" ? "unfenced" : next.state;
      event = { type: `broker-${type}`, broker, epoch: next.epoch };
    } else event = proposalOf(move, run.context(), sessions);
    if (event === null) continue;
    const living = sessions.filter(({ state }) => state === "alive");
    const alive = living.map(({ broker }) => broker);
    const step = run.send(event);
    judgeAnswer(keep, step, living);
    const refused = step.effects.some(
      ({ kind, ...effect }) => kind === "reply" && (effect as { body: { error: string | null } }).body.error !== null,
    );
    if (!refused) judgeRecord(keep, step, changeOf(event), alive);
  }
}

function changeOf(event: PartitionEvent): Change {
  return event.type === "alter-partition"
    ? { kind: "proposed", isr: event.isr.map(({ broker }) => broker) }
    : { kind: event.type, broker: event.broker };
}

describe("a partition's record", () => {
  it("keeps its promises, whatever happens to it", () => {
    tryMachine({ kind: "partition", promises, draw, numRuns: 400, play });
  });
});
