import type { ReplicaEvent, ReplicaInput } from "../../../model/replica/replica-context.ts";
import { log } from "../../spec/cluster-views.ts";
import { fire, type MachineCase } from "../machine-case.ts";
import {
  alive,
  append,
  changesLog,
  died,
  fetchesFrom,
  fetchResponse,
  following,
  input,
  logOf,
  minIsrOne,
  record,
  started,
} from "./replica-events.ts";

const kind = "replica";

const check = fire("retention-check");

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
      effects: [changesLog(7), fetchesFrom(2, 7, 1)],
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

export const cases: readonly MachineCase<ReplicaEvent>[] = [...size, ...age];
