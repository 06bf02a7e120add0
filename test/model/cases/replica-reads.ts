/** Rules by which a leader is read: followers, consumers, offsets and epochs (Partition.fetchRecords; KIP-207, 320, 595). */
import type { ReplicaEvent } from "../../../model/replica/replica-context.ts";
import { log } from "../../spec/cluster-views.ts";
import type { MachineCase } from "../machine-case.ts";
import {
  alive,
  append,
  asksEpochEnd,
  asksOffset,
  fetches,
  following,
  input,
  leading,
  reads,
  record,
  remote,
  repliesEpochEnd,
  repliesOffset,
  tellsFetched,
  tellsRead,
  wakes,
} from "./replica-events.ts";

const kind = "replica";

/** Two records, of which the first is committed. */
const oneCommitted = [...leading(1, 2), append(1, "a"), fetches(2, 1), append(1, "b")];

/** Broker 1 leads in epoch 4, with records of epochs 0 (offsets 0, 1), 2 (2) and 4 (3), and the high watermark at 1. */
const withEpochs = [...following("a0 b0 c2", 1), record(1, 4, [1, 2]), append(1, "d")];
const now = { epoch: 4 };

const followers: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "a follower reads to the log end; the answer carries the high watermark of before this fetch",
    kind,
    input,
    events: [...leading(1, 2), append(1, "a b"), fetches(2, 1)],
    expect: {
      context: { highWatermark: 1 },
      effects: [
        tellsRead("f2", { entries: log("b0", 1), fetchOffset: 1, highWatermark: 0 }),
        tellsFetched(2, false, true),
        wakes("f2"),
      ],
    },
  },
  {
    name: "a follower's log end is the offset of its fetch; what it is sent now does not count",
    kind,
    input,
    events: [...leading(1, 2), append(1, "a b"), fetches(2, 1)],
    expect: {
      context: {
        remotes: [remote(2, { logEnd: 1, leaderEndAtLastFetch: 2, brokerEpoch: 1, withinLagTime: true }), remote(3)],
      },
    },
  },
  {
    name: "a follower at the log end is told nothing, and woken when something comes",
    kind,
    input,
    events: [...leading(1, 2, 3), append(1, "a"), fetches(2, 1)],
    expect: {
      context: { watchers: ["f2"] },
      effects: [tellsRead("f2", { fetchOffset: 1 }), tellsFetched(2, true, true)],
    },
  },
  {
    name: "a follower that has not even reached the log end of its fetch before lags",
    kind,
    input,
    events: [...leading(1, 2, 3), append(1, "a b c"), fetches(2, 1), append(1, "d"), fetches(2, 2)],
    expect: {
      effects: [tellsRead("f2", { entries: log("c0 d0", 2), fetchOffset: 2 }), tellsFetched(2, false, false)],
    },
  },
  {
    name: "a follower that fetches where it was before has reached the log end of then, and this fetch counts, too",
    kind,
    input,
    events: [
      ...[...leading(1, 2, 3), append(1, "a"), fetches(2, 1), append(1, "b")],
      fetches(2, 1, { brokerEpoch: 2 }),
    ],
    expect: {
      context: {
        watchers: ["f2"],
        remotes: [
          remote(2, { logEnd: 1, leaderEndAtLastFetch: 2, brokerEpoch: 2, withinLagTime: true }),
          remote(3, { withinLagTime: true }),
        ],
      },
      effects: [tellsRead("f2", { entries: log("b0", 1), fetchOffset: 1 }), tellsFetched(2, false, true)],
    },
  },
  {
    name: "a fetch that is read again has been counted already",
    kind,
    input,
    events: [...leading(1, 2), append(1, "a"), fetches(2, 1), append(1, "b"), fetches(2, 1, { again: true })],
    expect: {
      context: {
        watchers: ["f2"],
        remotes: [remote(2, { logEnd: 1, leaderEndAtLastFetch: 1, brokerEpoch: 1, withinLagTime: true }), remote(3)],
      },
      effects: [tellsRead("f2", { entries: log("b0", 1), fetchOffset: 1, highWatermark: 1 })],
    },
  },
  {
    name: "a fetch of a process that has been replaced is refused, and not counted (KIP-903)",
    kind,
    input,
    events: [...leading(1, 2), append(1, "a"), alive(2, 3), fetches(2, 1, { brokerEpoch: 2 })],
    expect: {
      context: { highWatermark: 0, watchers: [], remotes: [remote(2, { withinLagTime: true }), remote(3)] },
      effects: [tellsRead("f2", { error: "NOT_LEADER_OR_FOLLOWER", fetchOffset: 1 })],
    },
  },
  {
    name: "a parked fetch of a process that has been replaced meanwhile is still read: only counting is fenced",
    kind,
    input,
    events: [...leading(1, 2), append(1, "a"), alive(2, 3), fetches(2, 0, { brokerEpoch: 2, again: true })],
    expect: { effects: [tellsRead("f2", { entries: log("a0"), fetchOffset: 0 })] },
  },
  {
    name: "a fetch of a process that the metadata does not know yet is counted",
    kind,
    input,
    events: [...leading(1, 2), append(1, "a"), fetches(2, 1, { brokerEpoch: 2 })],
    expect: { context: { highWatermark: 1 } },
  },
];

const divergence: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "a follower whose last epoch ends earlier here diverges: it is told that end, and gets no data",
    kind,
    input,
    events: [...withEpochs, fetches(2, 3, { ...now, lastEpoch: 0 })],
    expect: {
      context: { remotes: [remote(2, { withinLagTime: true }), remote(3)], watchers: [], highWatermark: 1 },
      effects: [tellsRead("f2", { diverging: { epoch: 0, endOffset: 2 }, fetchOffset: 3, highWatermark: 1 })],
    },
  },
  {
    name: "a follower whose last epoch is not known here is told the next lower one and its end (KIP-279)",
    kind,
    input,
    events: [...withEpochs, fetches(2, 3, { ...now, lastEpoch: 3 })],
    expect: {
      effects: [tellsRead("f2", { diverging: { epoch: 2, endOffset: 3 }, fetchOffset: 3, highWatermark: 1 })],
    },
  },
  {
    name: "a follower of this very epoch that is beyond the log end diverges",
    kind,
    input,
    events: [...withEpochs, fetches(2, 6, { ...now, lastEpoch: 4 })],
    expect: {
      effects: [tellsRead("f2", { diverging: { epoch: 4, endOffset: 4 }, fetchOffset: 6, highWatermark: 1 })],
    },
  },
  {
    name: "a follower whose last epoch ends here where its log does is given what comes next",
    kind,
    input,
    events: [...withEpochs, fetches(2, 2, { ...now, lastEpoch: 0 })],
    expect: {
      effects: [
        tellsRead("f2", { entries: log("c2 d4", 2), fetchOffset: 2, highWatermark: 1 }),
        tellsFetched(2, false, true),
        wakes("f2"),
      ],
    },
  },
  {
    name: "a follower whose last epoch is above all that the leader knows is out of range",
    kind,
    input,
    events: [...withEpochs, fetches(2, 3, { ...now, lastEpoch: 5 })],
    expect: {
      context: { remotes: [remote(2, { withinLagTime: true }), remote(3)], watchers: [] },
      effects: [tellsRead("f2", { error: "OFFSET_OUT_OF_RANGE", fetchOffset: 3, highWatermark: 1 })],
    },
  },
  {
    name: "a reader of an earlier term is fenced (KIP-320)",
    kind,
    input,
    events: [...withEpochs, fetches(2, 3, { epoch: 3, lastEpoch: 2 })],
    expect: {
      context: { remotes: [remote(2, { withinLagTime: true }), remote(3)] },
      effects: [tellsRead("f2", { error: "FENCED_LEADER_EPOCH", fetchOffset: 3, highWatermark: 1 })],
    },
  },
  {
    name: "a reader of a later term is ahead of the leader's metadata (KIP-320)",
    kind,
    input,
    events: [...withEpochs, reads(0, { epoch: 5 })],
    expect: { effects: [tellsRead("c", { error: "UNKNOWN_LEADER_EPOCH", highWatermark: 1 })] },
  },
];

const consumers: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "a consumer reads below the high watermark only",
    kind,
    input,
    events: [...oneCommitted, reads(0)],
    expect: {
      context: { watchers: ["c"] },
      effects: [tellsRead("c", { entries: log("a0"), highWatermark: 1 })],
    },
  },
  {
    name: "a consumer at the high watermark gets an empty answer, no error",
    kind,
    input,
    events: [...oneCommitted, reads(1)],
    expect: { effects: [tellsRead("c", { fetchOffset: 1, highWatermark: 1 })] },
  },
  {
    name: "a consumer between the high watermark and the log end gets an empty answer, no error",
    kind,
    input,
    events: [...oneCommitted, reads(2)],
    expect: { effects: [tellsRead("c", { fetchOffset: 2, highWatermark: 1 })] },
  },
  {
    name: "a consumer beyond the log end is out of range",
    kind,
    input,
    events: [...oneCommitted, reads(3)],
    expect: {
      context: { watchers: [] },
      effects: [tellsRead("c", { error: "OFFSET_OUT_OF_RANGE", fetchOffset: 3, highWatermark: 1 })],
    },
  },
  {
    name: "a consumer below the log start is out of range",
    kind,
    input,
    events: [...oneCommitted, reads(-1)],
    expect: { effects: [tellsRead("c", { error: "OFFSET_OUT_OF_RANGE", fetchOffset: -1, highWatermark: 1 })] },
  },
  {
    name: "a consumer's parked fetch that is read again reads below the high watermark only, too",
    kind,
    input,
    events: [...oneCommitted, reads(0, { again: true })],
    expect: { effects: [tellsRead("c", { entries: log("a0"), highWatermark: 1 })] },
  },
  {
    name: "a consumer's parked fetch that is read again waits in one place only",
    kind,
    input,
    events: [...leading(1, 2), reads(0), fetches(2, 0), reads(0, { again: true })],
    expect: { context: { watchers: ["f2", "c"] }, effects: [tellsRead("c", {})] },
  },
  {
    name: "a consumer's fetch says nothing about replicas",
    kind,
    input,
    events: [...oneCommitted, reads(2)],
    expect: {
      context: {
        highWatermark: 1,
        remotes: [remote(2, { logEnd: 1, leaderEndAtLastFetch: 1, brokerEpoch: 1, withinLagTime: true }), remote(3)],
      },
    },
  },
];

const questions: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "the earliest offset is the log start",
    kind,
    input,
    events: [...withEpochs, asksOffset("earliest", 4)],
    expect: { effects: [repliesOffset(0)] },
  },
  {
    name: "the latest offset of a consumer is the high watermark",
    kind,
    input,
    events: [...oneCommitted, asksOffset("latest")],
    expect: { effects: [repliesOffset(1)] },
  },
  {
    name: "the latest offset of a follower is the log end",
    kind,
    input,
    events: [...oneCommitted, asksOffset("latest", 0, true)],
    expect: { effects: [repliesOffset(2)] },
  },
  {
    name: "a new leader does not tell consumers the latest offset before its high watermark is at its epoch's start (KIP-207)",
    kind,
    input,
    events: [...withEpochs, asksOffset("latest", 4)],
    expect: { effects: [repliesOffset(-1, "OFFSET_NOT_AVAILABLE")] },
  },
  {
    name: "a new leader whose high watermark is at its epoch's start tells the latest offset",
    kind,
    input,
    events: [...withEpochs, fetches(2, 3, { ...now, lastEpoch: 2 }), asksOffset("latest", 4)],
    expect: { effects: [repliesOffset(3)] },
  },
  {
    name: "a new leader tells a follower its log end at once",
    kind,
    input,
    events: [...withEpochs, asksOffset("latest", 4, true)],
    expect: { effects: [repliesOffset(4)] },
  },
  {
    name: "a question of an earlier term for an offset is fenced",
    kind,
    input,
    events: [...withEpochs, asksOffset("earliest", 3)],
    expect: { effects: [repliesOffset(-1, "FENCED_LEADER_EPOCH")] },
  },
  {
    name: "a question of a later term for an offset is ahead of the leader's metadata",
    kind,
    input,
    events: [...withEpochs, asksOffset("earliest", 5)],
    expect: { effects: [repliesOffset(-1, "UNKNOWN_LEADER_EPOCH")] },
  },
  {
    name: "an epoch ends where the next one starts",
    kind,
    input,
    events: [...withEpochs, asksEpochEnd(0, 4)],
    expect: { effects: [repliesEpochEnd({ epoch: 0, endOffset: 2 })] },
  },
  {
    name: "the epoch of now ends at the log end",
    kind,
    input,
    events: [...withEpochs, asksEpochEnd(4, 4)],
    expect: { effects: [repliesEpochEnd({ epoch: 4, endOffset: 4 })] },
  },
  {
    name: "of an epoch that is not known the largest lower one is told",
    kind,
    input,
    events: [...withEpochs, asksEpochEnd(3, 4)],
    expect: { effects: [repliesEpochEnd({ epoch: 2, endOffset: 3 })] },
  },
  {
    name: "an epoch above all that is known has no end",
    kind,
    input,
    events: [...withEpochs, asksEpochEnd(5, 4)],
    expect: { effects: [repliesEpochEnd(null)] },
  },
  {
    name: "no epoch, -1, has no end (LeaderEpochFileCache.endOffsetFor)",
    kind,
    input,
    events: [...withEpochs, asksEpochEnd(-1, 4)],
    expect: { effects: [repliesEpochEnd(null)] },
  },
  {
    name: "an epoch below all that is known ends where the first one starts",
    kind,
    input,
    events: [...following("a2", 0), record(1, 4, [1, 2]), asksEpochEnd(1, 4)],
    expect: { effects: [repliesEpochEnd({ epoch: 1, endOffset: 0 })] },
  },
  {
    name: "a question of an earlier term for the end of an epoch is fenced",
    kind,
    input,
    events: [...withEpochs, asksEpochEnd(0, 3)],
    expect: { effects: [repliesEpochEnd(null, "FENCED_LEADER_EPOCH")] },
  },
  {
    name: "a question of a later term for the end of an epoch is ahead of the leader's metadata",
    kind,
    input,
    events: [...withEpochs, asksEpochEnd(0, 5)],
    expect: { effects: [repliesEpochEnd(null, "UNKNOWN_LEADER_EPOCH")] },
  },
];

export const cases: readonly MachineCase<ReplicaEvent>[] = [...followers, ...divergence, ...consumers, ...questions];
