/**
 * Rules of a log start: how a follower takes over the leader's, and what lies below it (ReplicaFetcherThread,
 * AbstractFetcherThread.fetchOffsetAndTruncate, LeaderEpochFileCache.truncateFromStart).
 */
import type { Effect } from "../../../model/effect.ts";
import type { ReplicaEvent } from "../../../model/replica/replica-context.ts";
import { log } from "../../spec/cluster-views.ts";
import { fire, type MachineCase } from "../machine-case.ts";
import {
  alive,
  append,
  asksEpochEnd,
  asksOffset,
  changesLog,
  closes,
  deletes,
  died,
  disconnected,
  fetches,
  fetchesFrom,
  fetchResponse,
  following,
  input,
  listed,
  logOf,
  losesTail,
  minIsrOne,
  partition,
  reads,
  record,
  repliesDeleted,
  repliesEpochEnd,
  repliesOffset,
  tellsRead,
  truncates,
} from "./replica-events.ts";

const kind = "replica";

const timedOut = fire("socketTimeout");
const follower = (state: string) => ({ online: { follower: state } });
const segment = (base: number, bytes: number) => ({ base, bytes, checks: 0 });

/** Broker 1 has let go what lay below offset 2. */
const from2 = [...following("a0 b0 c1 d1"), fetchResponse({ fetchOffset: 4, highWatermark: 4, logStart: 2 })];

const logStart: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "a follower lets go what the leader has let go, within a segment, too, and its first epoch starts there",
    kind,
    input,
    events: from2,
    expect: {
      context: { log: logOf("c1 d1", [[1, 2]], { start: 2, segments: [segment(0, 4)] }), highWatermark: 4 },
      effects: [fetchesFrom(2, 4, 1)],
    },
  },
  {
    name: "the epoch of the first record that is left is known from there on, lower ones are forgotten",
    kind,
    input: { ...input, segmentBytes: 1 },
    events: [following("a0 b1 c2 d2 e4"), fetchResponse({ fetchOffset: 5, highWatermark: 4, logStart: 3 })].flat(),
    expect: {
      context: {
        log: logOf(
          "d2 e4",
          [
            [2, 3],
            [4, 4],
          ],
          { start: 3, segments: [segment(3, 1), segment(4, 1)] },
        ),
      },
    },
  },
  {
    name: "a leader that has kept more takes nothing back",
    kind,
    input,
    events: [...from2, fetchResponse({ fetchOffset: 4, highWatermark: 4, logStart: 1 })],
    expect: { context: { log: logOf("c1 d1", [[1, 2]], { start: 2, segments: [segment(0, 4)] }) } },
  },
  {
    name: "the high watermark does not follow a new leader's below the own log start",
    kind,
    input,
    events: [...from2, record(3, 2, [1, 3]), fetchResponse({ fetchOffset: 4, highWatermark: 1 })],
    expect: { context: { highWatermark: 2 } },
  },
];

/** Broker 1 leads in epoch 3, with a log from 2 to 4 of which the first entry is of epoch 1. */
const leadsFrom2 = [...from2, alive(2), record(1, 3, [1])];

const leader: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "an elected leader keeps its own log start, and tells it with what it answers",
    kind,
    input: minIsrOne,
    events: [...leadsFrom2, reads(2, { epoch: 3 })],
    expect: {
      effects: [tellsRead("c", { entries: log("c1 d1", 2), fetchOffset: 2, highWatermark: 4, logStart: 2 })],
    },
  },
  {
    name: "the earliest offset is the log start, wherever that is by now",
    kind,
    input: minIsrOne,
    events: [...leadsFrom2, asksOffset("earliest", 3)],
    expect: { effects: [repliesOffset(2)] },
  },
  {
    name: "a consumer below the log start is out of range: what was there has gone",
    kind,
    input: minIsrOne,
    events: [...leadsFrom2, reads(1, { epoch: 3 })],
    expect: {
      effects: [tellsRead("c", { error: "OFFSET_OUT_OF_RANGE", fetchOffset: 1, highWatermark: 4, logStart: 2 })],
    },
  },
  {
    name: "a follower below the log start is out of range, also where its log diverges",
    kind,
    input: minIsrOne,
    events: [...leadsFrom2, fetches(2, 1, { epoch: 3, lastEpoch: 2 })],
    expect: {
      effects: [tellsRead("f2", { error: "OFFSET_OUT_OF_RANGE", fetchOffset: 1, highWatermark: 4, logStart: 2 })],
    },
  },
  {
    name: "an epoch of which nothing is left ends at the log start",
    kind,
    input: minIsrOne,
    events: [...leadsFrom2, asksEpochEnd(0, 3)],
    expect: { effects: [repliesEpochEnd({ epoch: 0, endOffset: 2 })] },
  },
];

const deletion: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "records are deleted up to any offset that is committed, the high watermark included",
    kind,
    input: minIsrOne,
    events: [...leadsFrom2, deletes(4)],
    expect: {
      context: {
        log: logOf("", [[3, 4]], { start: 4, segments: [segment(0, 4)] }),
        highWatermark: 4,
      },
      effects: [repliesDeleted()],
    },
  },
  {
    name: "what has gone already needs no deleting",
    kind,
    input: minIsrOne,
    events: [...leadsFrom2, deletes(1)],
    expect: {
      context: {
        log: logOf(
          "c1 d1",
          [
            [1, 2],
            [3, 4],
          ],
          { start: 2, segments: [segment(0, 4)] },
        ),
      },
      effects: [repliesDeleted()],
    },
  },
  {
    name: "nothing is deleted beyond the high watermark",
    kind,
    input,
    events: [...leadsFrom2, append(1, "e"), deletes(5)],
    expect: {
      context: {
        log: logOf(
          "c1 d1 e3",
          [
            [1, 2],
            [3, 4],
          ],
          { start: 2, segments: [segment(0, 5)] },
        ),
      },
      effects: [repliesDeleted("OFFSET_OUT_OF_RANGE")],
    },
  },
  {
    name: "a replica that does not lead deletes nothing",
    kind,
    input,
    events: [...from2, deletes(3)],
    expect: {
      context: { log: logOf("c1 d1", [[1, 2]], { start: 2, segments: [segment(0, 4)] }) },
      effects: [repliesDeleted("NOT_LEADER_OR_FOLLOWER")],
    },
  },
];

const outOfRange = [...following("a1 b1", 2), fetchResponse({ error: "OFFSET_OUT_OF_RANGE" })];
const asksLogStart: Effect = {
  kind: "request",
  to: "b2",
  body: { type: "list-offsets", partition, at: "earliest", currentLeaderEpoch: 1, isFollower: true },
};

const afresh: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "out of range, and the leader's log end is not below its own: a follower asks for the leader's log start",
    kind,
    input,
    events: [...outOfRange, listed(7)],
    expect: { value: follower("askingStart"), effects: [asksLogStart], armed: { socketTimeout: 20_000 } },
  },
  {
    name: "a leader's log start above its own log end: it starts afresh there, without epochs to compare",
    kind,
    input,
    events: [...outOfRange, listed(7), listed(5)],
    expect: {
      value: follower("fetching"),
      context: { log: logOf("", [], { start: 5 }), highWatermark: 5 },
      effects: [changesLog(5), fetchesFrom(2, 5, null)],
    },
  },
  {
    name: "a leader's log start at its own log end: it keeps its log",
    kind,
    input,
    events: [...outOfRange, listed(7), listed(2)],
    expect: {
      value: follower("fetching"),
      context: { log: logOf("a1 b1", [[1, 0]]), highWatermark: 2 },
      effects: [fetchesFrom(2, 2, 1)],
    },
  },
  {
    name: "a log start that is refused is asked for again after a back-off and a fetch",
    kind,
    input,
    events: [...outOfRange, listed(7), listed(-1, "NOT_LEADER_OR_FOLLOWER")],
    expect: { value: follower("backingOff"), context: { log: logOf("a1 b1", [[1, 0]]) }, effects: [] },
  },
  {
    name: "a question for the log start that is fenced awaits the new leader's epoch",
    kind,
    input,
    events: [...outOfRange, listed(7), listed(-1, "FENCED_LEADER_EPOCH")],
    expect: { value: follower("idle"), effects: [], running: ["checkpoint"] },
  },
  {
    name: "a leader that does not tell its log start is given up",
    kind,
    input,
    events: [...outOfRange, listed(7), timedOut],
    expect: { value: follower("backingOff"), effects: [closes(2)] },
  },
  {
    name: "a connection that breaks during the question for the log start is used again after a back-off",
    kind,
    input,
    events: [...outOfRange, listed(7), disconnected],
    expect: { value: follower("backingOff"), effects: [] },
  },
];

const truncation: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "a truncation within a segment cuts it, later ones are gone",
    kind,
    input: { ...input, segmentBytes: 2 },
    events: [...following("a1 b1 c1 d1 e1"), fetchResponse({ diverging: { epoch: 1, endOffset: 3 } })],
    expect: { context: { log: logOf("a1 b1 c1", [[1, 0]], { segments: [segment(0, 2), segment(2, 1)] }) } },
  },
  {
    name: "a truncation between two segments leaves the first as it is",
    kind,
    input: { ...input, segmentBytes: 2 },
    events: [...following("a1 b1 c1 d1 e1"), fetchResponse({ diverging: { epoch: 1, endOffset: 2 } })],
    expect: { context: { log: logOf("a1 b1", [[1, 0]], { segments: [segment(0, 2)] }) } },
  },
  {
    name: "below the log start, as after an unclean election, the log start goes back with it",
    kind,
    input,
    events: [...from2, fetchResponse({ error: "OFFSET_OUT_OF_RANGE" }), listed(1)],
    expect: {
      context: { log: logOf("", [], { start: 1 }), highWatermark: 1 },
      effects: [truncates(4, 1), changesLog(1), fetchesFrom(2, 1, null)],
    },
  },
];

const powerLoss: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "a power loss does not put the log start back, whatever of the records was on disk",
    kind,
    input,
    events: [...from2, died, losesTail(0)],
    expect: { context: { log: logOf("", [], { start: 2 }) } },
  },
];

export const cases: readonly MachineCase<ReplicaEvent>[] = [
  ...powerLoss,
  ...[...logStart, ...leader, ...deletion],
  ...[...afresh, ...truncation],
];
