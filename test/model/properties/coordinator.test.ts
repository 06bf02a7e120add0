/**
 * What the coordinator promises of committed offsets, held against a list of all commits. Nothing is assumed of the
 * groups: any partition, any offset, back and forth.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import type { CoordinatorContext } from "../../../model/coordinator/coordinator-machine.ts";
import type { CommittedOffset, RequestBody } from "../../../model/message.ts";
import { moves } from "./moves.ts";
import { type Trial, tryMachine } from "./trial.ts";

const promises = {
  lastWins: "an offset that is asked for is the one committed last, for that group and that partition",
  nothing: "what was never committed is answered as such",
  goesBack: "a commit may go backwards",
  answers: "every request is answered once, on its connection, with what it asks",
  observes: "every offset of a commit is taken",
  keepsAll: "a commit changes nothing of other groups and other partitions",
} as const;

const group = fc.constantFrom("g", "h");
const partition = fc.constantFrom("t-0", "t-1", "u-0");
const offset = fc.record({ offset: fc.nat(9), leaderEpoch: fc.constantFrom(null, 0, 1) });
const connection = fc.constantFrom("c1→coordinator#0", "c2→coordinator#0");

const draw = moves(
  fc.oneof(
    fc.record({
      type: fc.constant("offset-commit" as const),
      group,
      offsets: fc.dictionary(partition, offset, { maxKeys: 3, noNullPrototype: true }),
      auto: fc.boolean(),
      connection,
    }),
    fc.record({
      type: fc.constant("offset-fetch" as const),
      group,
      partitions: fc.uniqueArray(partition, { minLength: 1 }),
      connection,
    }),
  ),
);

type Drawn = typeof draw extends fc.Arbitrary<infer Value> ? Value : never;
type Event = Drawn[number] & RequestBody;

function play(trial: Trial<keyof typeof promises>, drawn: Drawn): void {
  const { keep } = trial;
  const run = trial.start<CoordinatorContext, Event>(undefined);
  /** All that was ever committed, oldest first. */
  const commits: { group: string; partition: string; offset: CommittedOffset }[] = [];
  const lastOf = (group: string, partition: string) =>
    commits.findLast((commit) => commit.group === group && commit.partition === partition)?.offset ?? null;

  for (const event of drawn) {
    const step = run.send(event);
    const replies = step.effects.flatMap((effect) => (effect.kind === "reply" ? [effect] : []));
    const [reply] = replies;
    keep("answers", replies.length === 1 && reply?.connection === event.connection, step);
    if (event.type === "offset-commit") {
      keep("answers", reply?.body.type === "offset-commit-response" && reply.body.auto === event.auto, step);
      const taken = step.effects.flatMap((effect) => (effect.kind === "observe" ? [effect.observation] : []));
      const expected = Object.entries(event.offsets).map(([partition, { offset }]) => {
        return { kind: "committed", group: event.group, partition, offset };
      });
      keep("observes", JSON.stringify(taken) === JSON.stringify(expected), step);
      for (const [partition, offset] of Object.entries(event.offsets)) {
        const before = lastOf(event.group, partition);
        commits.push({ group: event.group, partition, offset });
        if (before !== null && before.offset > offset.offset) {
          const kept = run.context().groups.find((one) => one.group === event.group)?.offsets[partition];
          keep("goesBack", kept?.offset === offset.offset, step);
        }
      }
    } else {
      const offsets = reply?.body.type === "offset-fetch-response" ? reply.body.offsets : {};
      keep("answers", Object.keys(offsets).sort().join() === [...event.partitions].sort().join(), step);
      for (const partition of event.partitions) {
        const last = lastOf(event.group, partition);
        keep(last === null ? "nothing" : "lastWins", sameOffset(offsets[partition] ?? null, last), { step, commits });
      }
    }
    const kept = run
      .context()
      .groups.flatMap(({ group, offsets }) =>
        Object.entries(offsets).map(([partition, offset]) => sameOffset(offset, lastOf(group, partition))),
      );
    const known = new Set(commits.map((commit) => `${commit.group} ${commit.partition}`));
    keep("keepsAll", kept.length === known.size && kept.every((same) => same), { context: run.context(), commits });
  }
}

function sameOffset(one: CommittedOffset | null, other: CommittedOffset | null): boolean {
  return one?.offset === other?.offset && one?.leaderEpoch === other?.leaderEpoch;
}

describe("the coordinator", () => {
  it("keeps its promises, whatever happens to it", () => {
    tryMachine({ kind: "coordinator", promises, draw, numRuns: 300, play });
  });
});
