/** Rules by which old records go (UnifiedLog.deleteOldSegments, maybeIncrementLogStartOffset, LeaderEpochFileCache). */
import type { Effect } from "../../../model/effect.ts";
import type { ReplicaEvent, ReplicaInput } from "../../../model/replica/replica-context.ts";
import { log } from "../../spec/cluster-views.ts";
import { fire, type MachineCase } from "../machine-case.ts";
import {
  alive,
  append,
  asksEpochEnd,
  asksOffset,
  closes,
  died,
  disconnected,
  fetches,
  fetchesFrom,
  fetchResponse,
  following,
  input,
  listed,
  logOf,
  minIsrOne,
  partition,
  reads,
  record,
  repliesEpochEnd,
  repliesOffset,
  started,
  tellsRead,
  truncates,
} from "./replica-events.ts";

const kind = "replica";

const check = fire("retention-check");
const timedOut = fire("socketTimeout");
const follower = (state: string) => ({ online: { follower: state } });

/** Segments of two bytes, that is, of two records. */
const bySize = (retentionBytes: number): ReplicaInput => ({ ...input, segmentBytes: 2, retentionBytes });

/** A segment goes with the second check after its last append. */
const byAge: ReplicaInput = { ...input, segmentBytes: 2, retentionChecks: 2 };

const segment = (base: number, bytes: number, checks = 0) => ({ base, bytes, checks });

/** Five records in three segments, committed up to the high watermark. */
const five = (highWatermark: number) => following("a1 b1 c1 d1 e1", highWatermark);

const size: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "the oldest segment goes where the log is large enough without it, and the next check is set",
    kind,
    input: bySize(3),
    events: [...five(5), check],
    expect: {
      context: {
        log: logOf("c1 d1 e1", [[1, 2]], { start: 2, segments: [segment(2, 2), segment(4, 1)] }),
        highWatermark: 5,
      },
      effects: [],
      armed: { "retention-check": 300_000 },
    },
  },
  {
    name: "a log that would be too small without its oldest segment keeps it",
    kind,
    input: bySize(4),
    events: [...five(5), check],
    expect: {
      context: { log: logOf("a1 b1 c1 d1 e1", [[1, 0]], { segments: [segment(0, 2), segment(2, 2), segment(4, 1)] }) },
    },
  },
  {
    name: "one segment after the other goes, as many as are too much",
    kind,
    input: bySize(1),
    events: [...five(5), check],
    expect: { context: { log: logOf("e1", [[1, 4]], { start: 4, segments: [segment(4, 1)] }) } },
  },
  {
    name: "a segment that is not committed as a whole stays",
    kind,
    input: bySize(1),
    events: [...five(3), check],
    expect: {
      context: { log: logOf("c1 d1 e1", [[1, 2]], { start: 2, segments: [segment(2, 2), segment(4, 1)] }) },
    },
  },
  {
    name: "a segment that ends at the high watermark is committed",
    kind,
    input: bySize(1),
    events: [...five(4), check],
    expect: { context: { log: logOf("e1", [[1, 4]], { start: 4, segments: [segment(4, 1)] }) } },
  },
  {
    name: "the last segment goes, too, where nothing is to be kept, and the next append begins a new one",
    kind,
    input: bySize(0),
    events: [...five(5), check, fetchResponse({ entries: log("f1 g1", 5), fetchOffset: 5, highWatermark: 6 })],
    expect: {
      context: { log: logOf("f1 g1", [[1, 5]], { start: 5, segments: [segment(5, 2)] }), highWatermark: 6 },
      effects: [fetchesFrom(2, 7, 1)],
    },
  },
  {
    name: "an empty log has no segment that could go",
    kind,
    input: bySize(0),
    events: [...following("", 0), check],
    expect: { context: { log: logOf("", []) } },
  },
  {
    name: "a record of a batch that does not fit the segment begins a new one, a large one has one of its own",
    kind,
    input: { ...minIsrOne, segmentBytes: 3 },
    events: [started, alive(1), record(1, 0, [1]), append(-1, "a bb ccccc d")],
    expect: {
      context: {
        log: {
          start: 0,
          entries: ["a", "bb", "ccccc", "d"].map((value, offset) => ({ offset, epoch: 0, value, key: null })),
          epochs: [{ epoch: 0, start: 0 }],
          segments: [segment(0, 3), segment(2, 5), segment(3, 1)],
        },
      },
    },
  },
  {
    name: "a leader deletes its old segments as a follower does",
    kind,
    input: { ...bySize(1), effectiveMinIsr: 1 },
    events: [started, alive(1), record(1, 0, [1]), append(-1, "a b c"), check],
    expect: { context: { log: logOf("c0", [[0, 2]], { start: 2, segments: [segment(2, 1)] }) } },
  },
];

const age: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "a segment goes with the check that finds it old enough, not before",
    kind,
    input: byAge,
    events: [...following("a1 b1 c1", 3), check],
    expect: {
      context: { log: logOf("a1 b1 c1", [[1, 0]], { segments: [segment(0, 2, 1), segment(2, 1, 1)] }) },
    },
  },
  {
    name: "where every segment is old enough all of them go",
    kind,
    input: byAge,
    events: [...following("a1 b1 c1", 3), check, check],
    expect: { context: { log: logOf("", [[1, 3]], { start: 3 }) } },
  },
  {
    name: "an append makes the last segment young again, and no other",
    kind,
    input: byAge,
    events: [
      ...[...following("a1 b1 c1", 3), check],
      ...[fetchResponse({ entries: log("d1", 3), fetchOffset: 3, highWatermark: 4 }), check],
    ],
    expect: { context: { log: logOf("c1 d1", [[1, 2]], { start: 2, segments: [segment(2, 2, 1)] }) } },
  },
  {
    name: "what has expired waits for the high watermark; it is not counted further",
    kind,
    input: byAge,
    events: [...following("a1 b1", 1), check, check, check],
    expect: { context: { log: logOf("a1 b1", [[1, 0]], { segments: [segment(0, 2, 2)] }) } },
  },
  {
    name: "checks are not counted where nothing expires",
    kind,
    input: bySize(9),
    events: [...following("a1", 1), check],
    expect: { context: { log: logOf("a1", [[1, 0]]) } },
  },
  {
    name: "a replica that deletes nothing never checks",
    kind,
    input,
    events: [started],
    expect: { running: ["checkpoint"] },
  },
  {
    name: "a replica that deletes by age checks from its start on",
    kind,
    input: byAge,
    events: [started],
    expect: { armed: { checkpoint: 5000, "retention-check": 300_000 } },
  },
  {
    name: "a process that has died does not check",
    kind,
    input: bySize(1),
    events: [started, died],
    expect: { running: [] },
  },
  {
    name: "the log start survives the process, and the high watermark begins there at least",
    kind,
    input: bySize(1),
    events: [...five(5), check, died, started],
    expect: {
      context: { log: logOf("e1", [[1, 4]], { start: 4, segments: [segment(4, 1)] }), highWatermark: 4 },
    },
  },
];

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
      effects: [fetchesFrom(2, 5, null)],
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
    events: [...five(0), fetchResponse({ diverging: { epoch: 1, endOffset: 3 } })],
    expect: { context: { log: logOf("a1 b1 c1", [[1, 0]], { segments: [segment(0, 2), segment(2, 1)] }) } },
  },
  {
    name: "a truncation between two segments leaves the first as it is",
    kind,
    input: { ...input, segmentBytes: 2 },
    events: [...five(0), fetchResponse({ diverging: { epoch: 1, endOffset: 2 } })],
    expect: { context: { log: logOf("a1 b1", [[1, 0]], { segments: [segment(0, 2)] }) } },
  },
  {
    name: "below the log start, as after an unclean election, the log start goes back with it",
    kind,
    input,
    events: [...from2, fetchResponse({ error: "OFFSET_OUT_OF_RANGE" }), listed(1)],
    expect: {
      context: { log: logOf("", [], { start: 1 }), highWatermark: 1 },
      effects: [truncates(4, 1), fetchesFrom(2, 1, null)],
    },
  },
];

export const cases: readonly MachineCase<ReplicaEvent>[] = [
  ...[...size, ...age, ...logStart],
  ...[...leader, ...afresh, ...truncation],
];
