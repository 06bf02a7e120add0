/** Rules by which a leader moves the high watermark (Partition.maybeIncrementLeaderHW; KIP-497, KAFKA-13091). */
import type { ReplicaEvent } from "../../../model/replica/replica-context.ts";
import { fire, type MachineCase } from "../machine-case.ts";
import {
  acknowledges,
  alive,
  answered,
  append,
  fenced,
  fetches,
  following,
  input,
  lag,
  leading,
  logOf,
  reads,
  record,
  remote,
  tellsReplicated,
  wakes,
} from "./replica-events.ts";

const kind = "replica";

const leader = (isr: "committed" | "pendingExpansion" | "pendingShrink") => ({ online: { leader: isr } });

/** The ISR is {1, 2}, the high watermark 1; broker 3 outside of it is caught up and eligible, and has nothing yet. */
const withOutsider = [...leading(1, 2), append(1, "a"), fetches(2, 1), fetches(3, 0), lag(3, true)];

export const cases: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "the high watermark is what every ISR member has, and acknowledges what it passes",
    kind,
    input,
    events: [
      ...[...leading(1, 2, 3), append(-1, "a", "r1"), append(-1, "b c", "r2")],
      ...[reads(0), fetches(2, 3), fetches(3, 1)],
    ],
    expect: {
      context: {
        highWatermark: 1,
        waiting: [{ requester: "r2", baseOffset: 1, required: 3, values: ["b", "c"] }],
        watchers: [],
      },
      effectsOf: { observe: [acknowledges(-1, 0, ["a"])] },
    },
  },
  {
    name: "one ISR member that lags holds the high watermark",
    kind,
    input,
    events: [...leading(1, 2, 3), append(-1, "a"), fetches(2, 1)],
    expect: {
      context: { highWatermark: 0, waiting: [{ requester: "r1", baseOffset: 0, required: 1, values: ["a"] }] },
      effectsOf: { observe: [] },
    },
  },
  {
    name: "before 3.7 the high watermark moves on below min ISR, and the producer learns that copies are too few",
    kind,
    input: { ...input, strictMinIsr: false },
    events: [...leading(1, 2), append(-1, "a"), reads(0), record(1, 0, [1], 1)],
    expect: {
      context: { highWatermark: 1, isr: [1], waiting: [], watchers: [] },
      effects: [tellsReplicated("NOT_ENOUGH_REPLICAS_AFTER_APPEND"), wakes("c")],
    },
  },
  {
    name: "before 3.7, too, the high watermark never goes down: who comes close from below holds it where it is",
    kind,
    input: { ...input, strictMinIsr: false },
    events: [...leading(1), append(1, "a"), fetches(3, 0), lag(3, true), append(1, "b")],
    expect: { context: { highWatermark: 1 } },
  },
  {
    name: "a replica outside the ISR that is not caught up does not hold the high watermark",
    kind,
    input,
    events: [...leading(1, 2), append(1, "a"), fetches(2, 1), fetches(3, 0), append(1, "b"), fetches(2, 2)],
    expect: { context: { highWatermark: 2 } },
  },
  {
    name: "the high watermark stands still while the ISR is below min ISR",
    kind,
    input: { ...input, effectiveMinIsr: 3 },
    events: [...leading(1, 2), append(1, "a"), fetches(2, 1)],
    expect: { context: { highWatermark: 0 } },
  },
  {
    name: "the high watermark never goes down within a term, even if a follower does",
    kind,
    input,
    events: [...leading(1, 2), append(1, "a b"), fetches(2, 2), fetches(2, 1)],
    expect: { context: { highWatermark: 2 } },
  },
  {
    name: "the high watermark never goes down within a term, even if the ISR grows while a member is behind it",
    kind,
    input,
    events: [
      ...[...leading(1, 2), append(1, "a b"), fetches(2, 2), fetches(3, 2), fetches(2, 1)],
      answered(null, [1, 2, 3]),
    ],
    expect: { value: leader("committed"), context: { highWatermark: 2, isr: [1, 2, 3] } },
  },
  {
    name: "a caught-up and eligible replica outside the ISR holds the high watermark, so that it can join",
    kind,
    input,
    events: [...withOutsider, append(1, "b"), fetches(2, 2)],
    expect: { value: leader("committed"), context: { highWatermark: 1 } },
  },
  {
    name: "once fenced it does not hold the high watermark any more",
    kind,
    input,
    events: [...withOutsider, append(1, "b"), fenced(3), fetches(2, 2)],
    expect: { context: { highWatermark: 2 } },
  },
  {
    name: "restarted since its last fetch it does not hold the high watermark any more (KIP-903)",
    kind,
    input,
    events: [...withOutsider, append(1, "b"), alive(3, 2), fetches(2, 2)],
    expect: { context: { highWatermark: 2 } },
  },
  {
    name: "the high watermark has no timer: who held it may fall behind, and it stays until something else moves it",
    kind,
    input,
    events: [...withOutsider, append(1, "b"), fetches(2, 2), lag(3, false)],
    expect: {
      context: {
        highWatermark: 1,
        remotes: [
          remote(2, { logEnd: 2, leaderEndAtLastFetch: 2, brokerEpoch: 1, withinLagTime: true }),
          remote(3, { logEnd: 0, leaderEndAtLastFetch: 1, brokerEpoch: 1, withinLagTime: false }),
        ],
      },
      effects: [],
    },
  },
  {
    name: "a fetch that tells no new log end does not move it either",
    kind,
    input,
    events: [...withOutsider, append(1, "b"), fetches(2, 2), lag(3, false), fetches(2, 2)],
    expect: { context: { highWatermark: 1 } },
  },
  {
    name: "the next append moves it",
    kind,
    input,
    events: [...withOutsider, append(1, "b"), fetches(2, 2), lag(3, false), append(1, "c")],
    expect: { context: { highWatermark: 2 } },
  },
  {
    name: "a fetch by which a replica becomes a candidate does not move it past that replica",
    kind,
    input,
    events: [...withOutsider, append(1, "b"), fetches(2, 2), lag(3, false), fetches(3, 1)],
    expect: { value: leader("pendingExpansion"), context: { highWatermark: 1, proposedIsr: [1, 2, 3] } },
  },
  {
    name: "an expansion that is pending already counts: the candidate holds the high watermark (KIP-497)",
    kind,
    input,
    events: [
      ...[...leading(1, 2), append(1, "a"), fetches(2, 1), fetches(3, 1)],
      ...[append(1, "b"), lag(3, false), fetches(2, 2)],
    ],
    expect: { value: leader("pendingExpansion"), context: { highWatermark: 1, proposedIsr: [1, 2, 3] } },
  },
  {
    name: "a shrink that is pending does not count yet: who leaves holds the high watermark (KIP-497)",
    kind,
    input,
    events: [...[...leading(1, 2, 3), append(-1, "a"), lag(3, false), fire("isr-check")], fetches(2, 1)],
    expect: { value: leader("pendingShrink"), context: { highWatermark: 0, proposedIsr: [1, 2] } },
  },
  {
    name: "a shrink that is committed moves the high watermark at once (KAFKA-13091)",
    kind,
    input,
    events: [
      ...[...leading(1, 2, 3), append(-1, "a"), lag(3, false), fire("isr-check"), fetches(2, 1), reads(0)],
      answered(null, [1, 2]),
    ],
    expect: {
      value: leader("committed"),
      context: { highWatermark: 1, isr: [1, 2], partitionEpoch: 1, waiting: [], watchers: [] },
      effects: [tellsReplicated(), acknowledges(-1, 0, ["a"]), wakes("f2"), wakes("c")],
    },
  },
  {
    name: "a leader that was a follower acknowledges in its own epoch, records of before included",
    kind,
    input,
    events: [...[...following("a0 b1", 1), record(1, 2, [1, 2]), append(-1, "c")], fetches(2, 3, { epoch: 2 })],
    expect: {
      context: {
        highWatermark: 3,
        log: logOf("a0 b1 c2", [
          [0, 0],
          [1, 1],
          [2, 2],
        ]),
      },
      effectsOf: { observe: [acknowledges(-1, 2, ["c"], 2)] },
    },
  },
];
