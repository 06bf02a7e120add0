/** Rules by which a follower cuts its log back to what the leader has (AbstractFetcherThread; KIP-101, 279, 595). */
import type { Effect } from "../../../model/effect.ts";
import type { ReplicaEvent } from "../../../model/replica/replica-context.ts";
import { fire, type MachineCase } from "../machine-case.ts";
import {
  changesLog,
  closes,
  died,
  disconnected,
  fetchesFrom,
  fetchResponse,
  following,
  input,
  listed,
  logOf,
  partition,
  record,
  started,
  truncates,
} from "./replica-events.ts";

const kind = "replica";

const follower = (state: "idle" | "fetching" | "asking" | "backingOff") => ({ online: { follower: state } });

const asksLogEnd: Effect = {
  kind: "request",
  to: "b2",
  body: { type: "list-offsets", partition, at: "latest", currentLeaderEpoch: 1, isFollower: true },
};

/** Three records of epoch 0 and two of epoch 1, fetched from broker 2; broker 3 leads in epoch 4 since. */
const behindThree = [...following("a0 b0 c0 d1 e1", 2), record(3, 4, [2, 3])];

export const cases: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "a replica that starts keeps its whole log, however old its checkpointed high watermark is (KIP-101)",
    kind,
    input,
    events: [...following("a0 b1 c1", 2), died, started],
    expect: {
      context: {
        highWatermark: 0,
        log: logOf("a0 b1 c1", [
          [0, 0],
          [1, 1],
        ]),
      },
      effects: [],
    },
  },
  {
    name: "an epoch that both know: the follower truncates to the smaller of both ends, here the leader's",
    kind,
    input,
    events: [...behindThree, fetchResponse({ diverging: { epoch: 1, endOffset: 4 }, highWatermark: 4 })],
    expect: {
      value: follower("fetching"),
      context: {
        log: logOf("a0 b0 c0 d1", [
          [0, 0],
          [1, 3],
        ]),
      },
      effects: [truncates(5, 4), changesLog(4), fetchesFrom(3, 4, 1, 4)],
    },
  },
  {
    name: "an epoch that both know: the follower truncates to the smaller of both ends, here its own",
    kind,
    input,
    events: [...behindThree, fetchResponse({ diverging: { epoch: 0, endOffset: 6 } })],
    expect: {
      context: { log: logOf("a0 b0 c0", [[0, 0]]) },
      effects: [truncates(5, 3), changesLog(3), fetchesFrom(3, 3, 0, 4)],
    },
  },
  {
    name: "an epoch that the follower does not know: it truncates to its own end of the next lower one, and asks again",
    kind,
    input,
    events: [
      ...[...following("a0 b0 c2 d2", 1), record(3, 4, [2, 3])],
      fetchResponse({ diverging: { epoch: 1, endOffset: 3 } }),
    ],
    expect: {
      context: { log: logOf("a0 b0", [[0, 0]]) },
      effects: [truncates(4, 2), changesLog(2), fetchesFrom(3, 2, 0, 4)],
    },
  },
  {
    name: "an epoch below all that the follower knows: everything of its own starts later, and goes",
    kind,
    input,
    events: [
      ...[...following("a2 b2", 0), record(3, 4, [2, 3])],
      fetchResponse({ diverging: { epoch: 1, endOffset: 1 } }),
    ],
    expect: { context: { log: logOf("", []) }, effects: [truncates(2, 0), changesLog(0), fetchesFrom(3, 0, null, 4)] },
  },
  {
    name: "an epoch above all that the follower knows: it truncates to the leader's end",
    kind,
    input,
    events: [...behindThree, fetchResponse({ diverging: { epoch: 2, endOffset: 4 } })],
    expect: {
      context: {
        log: logOf("a0 b0 c0 d1", [
          [0, 0],
          [1, 3],
        ]),
      },
      effects: [truncates(5, 4), changesLog(4), fetchesFrom(3, 4, 1, 4)],
    },
  },
  {
    name: "an epoch above all that the follower knows, ending beyond its log: nothing is cut",
    kind,
    input,
    events: [...behindThree, fetchResponse({ diverging: { epoch: 2, endOffset: 9 } })],
    expect: { effects: [changesLog(5), fetchesFrom(3, 5, 1, 4)] },
  },
  {
    name: "a truncation takes the high watermark along; a diverging answer's own is not adopted (KAFKA-14704)",
    kind,
    input,
    events: [
      ...[...following("a0 b1 c1", 3), record(3, 4, [2, 3])],
      fetchResponse({ diverging: { epoch: 1, endOffset: 2 }, highWatermark: 1 }),
    ],
    expect: { context: { highWatermark: 2 } },
  },
  {
    name: "a truncation above the high watermark leaves it where it is",
    kind,
    input,
    events: [...behindThree, fetchResponse({ diverging: { epoch: 1, endOffset: 4 }, highWatermark: 5 })],
    expect: { context: { highWatermark: 2 } },
  },
  {
    name: "an epoch without records is forgotten with what stands at its start (KAFKA-10706)",
    kind,
    input,
    events: [
      ...[...following("a0 b1", 0), record(1, 2, [1]), record(3, 4, [3])],
      fetchResponse({ diverging: { epoch: 1, endOffset: 2 } }),
    ],
    expect: {
      context: {
        log: logOf("a0 b1", [
          [0, 0],
          [1, 1],
        ]),
      },
      effects: [changesLog(2), fetchesFrom(3, 2, 1, 4)],
    },
  },
  {
    name: "a follower that is out of range asks the leader for its log end",
    kind,
    input,
    events: [...following("a1 b1"), fetchResponse({ error: "OFFSET_OUT_OF_RANGE" })],
    expect: { value: follower("asking"), effects: [asksLogEnd], armed: { socketTimeout: 20_000 } },
  },
  {
    name: "out of range beyond the leader's log end: it truncates to that, without comparing epochs",
    kind,
    input,
    events: [...following("a0 b1 c1", 3), fetchResponse({ error: "OFFSET_OUT_OF_RANGE" }), listed(1)],
    expect: {
      value: follower("fetching"),
      context: { log: logOf("a0", [[0, 0]]), highWatermark: 1 },
      effects: [truncates(3, 1), changesLog(1), fetchesFrom(2, 1, 0)],
    },
  },
  {
    name: "a leader whose log end is not below the follower's asks for no truncation",
    kind,
    input,
    events: [...following("a1 b1"), fetchResponse({ error: "OFFSET_OUT_OF_RANGE" }), listed(2), listed(0)],
    expect: {
      value: follower("fetching"),
      context: { log: logOf("a1 b1", [[1, 0]]) },
      effects: [fetchesFrom(2, 2, 1)],
    },
  },
  {
    name: "a leader whose log end is beyond the follower's asks for no truncation either",
    kind,
    input,
    events: [...following("a1 b1"), fetchResponse({ error: "OFFSET_OUT_OF_RANGE" }), listed(6), listed(0)],
    expect: {
      value: follower("fetching"),
      context: { log: logOf("a1 b1", [[1, 0]]) },
      effects: [fetchesFrom(2, 2, 1)],
    },
  },
  {
    name: "where nothing is to be truncated, an epoch without records is kept, too",
    kind,
    input,
    events: [
      ...[...following("a0", 0), record(1, 2, [1]), record(2, 4, [2])],
      ...[fetchResponse({ error: "OFFSET_OUT_OF_RANGE" }), listed(1), listed(0)],
    ],
    expect: { effects: [fetchesFrom(2, 1, 2, 4)] },
  },
  {
    name: "a log end that is refused is asked for again after a back-off and a fetch",
    kind,
    input,
    events: [
      ...[...following("a1 b1"), fetchResponse({ error: "OFFSET_OUT_OF_RANGE" })],
      listed(-1, "NOT_LEADER_OR_FOLLOWER"),
    ],
    expect: { value: follower("backingOff"), context: { log: logOf("a1 b1", [[1, 0]]) }, effects: [] },
  },
  {
    name: "a question that is fenced awaits the new leader's epoch (AbstractFetcherThread.onPartitionFenced)",
    kind,
    input,
    events: [
      ...[...following("a1 b1"), fetchResponse({ error: "OFFSET_OUT_OF_RANGE" })],
      listed(-1, "FENCED_LEADER_EPOCH"),
    ],
    expect: {
      value: follower("idle"),
      context: { log: logOf("a1 b1", [[1, 0]]) },
      effects: [],
      running: ["checkpoint"],
    },
  },
  {
    name: "a leader that does not answer the question is given up",
    kind,
    input,
    events: [...following("a1 b1"), fetchResponse({ error: "OFFSET_OUT_OF_RANGE" }), fire("socketTimeout")],
    expect: { value: follower("backingOff"), effects: [closes(2)] },
  },
  {
    name: "a connection that breaks during the question is used again after a back-off",
    kind,
    input,
    events: [...following("a1 b1"), fetchResponse({ error: "OFFSET_OUT_OF_RANGE" }), disconnected],
    expect: { value: follower("backingOff"), effects: [] },
  },
];
