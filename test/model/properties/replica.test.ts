/**
 * What a replica promises as a leader, as a follower, and dead. Of the controller and of other leaders: see
 * replica-surroundings.ts; of the network: pipes.ts. Nothing is assumed of who reads and appends: he may believe in any
 * leader epoch, stand anywhere, come twice, and go. Metadata may come late and twice, and any timer may fire before any answer;
 * a broker whose process starts is told what its controller knows; power is lost only while the process is dead.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import type { ReplicaInput } from "../../../model/replica/replica-context.ts";
import { moves } from "./moves.ts";
import { createReplicaDriver, honestly } from "./replica-driver.ts";
import { anywhere, asFollower, asLeader } from "./replica-moves.ts";
import { replicaPromises as promises } from "./replica-promises.ts";
import { partition } from "./replica-surroundings.ts";
import { type Trial, tryMachine } from "./trial.ts";

const draw = fc.record({
  settings: fc.record({
    effectiveMinIsr: fc.constantFrom(1, 2, 2, 3),
    strictMinIsr: fc.boolean(),
    segmentBytes: fc.constantFrom(7, 7, 1_000_000),
    retentionBytes: fc.constantFrom(-1, 6, 9),
    retentionChecks: fc.constantFrom(null, null, 1, 2),
  }),
  /** It begins as the leader, as a follower, or dead. */
  first: fc.constantFrom(1, 1, 1, 2, 2, null),
  healsAs: fc.constantFrom("leader" as const, "follower" as const),
  moves: moves(
    fc.oneof(
      { weight: 5, arbitrary: anywhere },
      { weight: 9, arbitrary: fc.record({ leader: asLeader, follower: asFollower }) },
    ),
    120,
  ),
});

type Drawn = typeof draw extends fc.Arbitrary<infer Value> ? Value : never;

function play(trial: Trial<keyof typeof promises>, { settings, first, healsAs, moves }: Drawn): void {
  const input: ReplicaInput = {
    ...{ broker: 1, partition, followers: [2, 3], ...settings },
    ...{ lagTimeMs: 30_000, fetchWaitMs: 500, fetchBackoffMs: 1000, socketTimeoutMs: 20_000, checkpointMs: 5000 },
    retentionCheckMs: 300_000,
  };
  const replica = createReplicaDriver(trial, input);
  if (first !== null) {
    replica.start();
    replica.elect(first, honestly);
    replica.learnAll();
  }
  for (const move of moves) {
    if (!("leader" in move)) replica.come(move);
    else if (replica.role() === "offline") replica.start();
    else replica.come(replica.role() === "leader" ? move.leader : move.follower);
  }
  replica.start();
  if (healsAs === "leader") replica.getOnAsLeader();
  else replica.getOnAsFollower();
}

/** Reconciliation before KIP-595: see ../reconciliation.long.test.ts. */
const ofVariants = [
  "state online.follower.askingEpochEnd",
  "state online.follower.waitingToAsk",
  "guard truncatesOnFetch false",
  "guard hasNoEpochToAsk true",
  "guard hasNoEpochToAsk false",
  "guard epochEndIsUnknown true",
  "guard epochEndIsUnknown false",
];

describe("a replica", () => {
  it("keeps its promises, whatever happens to it", () => {
    tryMachine({ kind: "replica", promises, draw, numRuns: 1200, play, ofVariants });
  });
});
