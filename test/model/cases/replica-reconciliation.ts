/** How followers found out where to truncate before KIP-595, version by version (KIP-101, KIP-279, KIP-320). */
import type { Effect } from "../../../model/effect.ts";
import type { ReplicaEvent } from "../../../model/replica/replica-context.ts";
import { fire, type MachineCase } from "../machine-case.ts";
import {
  append,
  asksEpochEnd,
  asksOffset,
  changesLog,
  closes,
  disconnected,
  epochEnds,
  fetches,
  fetchesFrom,
  fetchResponse,
  following,
  input,
  leading,
  listed,
  logOf,
  partition,
  record,
  repliesEpochEnd,
  repliesOffset,
  started,
  truncates,
} from "./replica-events.ts";

const kind = "replica";

const follower = (state: "idle" | "fetching" | "askingEpochEnd" | "backingOff" | "waitingToAsk") => {
  return { online: { follower: state } };
};

/** Three records of epoch 0 and two of epoch 1, with the high watermark at 2; broker 3 leads in epoch 4 since. */
const behindThree = [...following("a0 b0 c0 d1 e1", 2), record(3, 4, [2, 3])];

const asksEnd = (leader: number, leaderEpoch: number, currentLeaderEpoch: number | null): Effect => ({
  kind: "request",
  to: `b${leader}`,
  body: { type: "offset-for-leader-epoch", partition, leaderEpoch, currentLeaderEpoch },
});

const asksListed = (at: "latest" | "earliest"): Effect => ({
  kind: "request",
  to: "b3",
  body: { type: "list-offsets", partition, at, currentLeaderEpoch: null, isFollower: true },
});

const untold: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "who tells no leader epoch is not fenced, and reads what is there",
    kind,
    input,
    events: [...leading(1, 2), append(1, "a"), record(1, 3, [1, 2]), fetches(2, 0, { epoch: null, again: true })],
    expect: { effectsOf: { local: [expectRead()] } },
  },
  {
    name: "who tells no leader epoch is told an offset",
    kind,
    input,
    events: [...leading(1, 2), append(1, "a"), record(1, 3, [1, 2]), asksOffset("latest", null, true)],
    expect: { effects: [repliesOffset(1)] },
  },
  {
    name: "who tells no leader epoch is told where another one ends",
    kind,
    input,
    events: [...leading(1, 2), append(1, "a"), record(1, 3, [1, 2]), asksEpochEnd(0, null)],
    expect: { effects: [repliesEpochEnd({ epoch: 0, endOffset: 1 })] },
  },
];

function expectRead(): Effect {
  const result = {
    ...{ partition, error: null, diverging: null, fetchOffset: 0, highWatermark: 0, logStart: 0 },
    entries: [{ offset: 0, epoch: 0, value: "a", key: null }],
  };
  return { kind: "local", to: "f2", event: { type: "read-result", result } as { type: string } };
}

const kip320: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "kip-320: a new leader is asked where the own last epoch ends, before anything is fetched",
    kind,
    input,
    reconciliation: "kip-320",
    events: behindThree,
    expect: {
      value: follower("askingEpochEnd"),
      context: {
        log: logOf("a0 b0 c0 d1 e1", [
          [0, 0],
          [1, 3],
        ]),
      },
      effects: [closes(2), asksEnd(3, 1, 4)],
      armed: { socketTimeout: 20_000 },
    },
  },
  {
    name: "kip-320: a leader that is deposed asks its successor, too",
    kind,
    input,
    reconciliation: "kip-320",
    events: [...leading(1, 2), append(1, "a"), record(2, 1, [2])],
    expect: { value: follower("askingEpochEnd"), effectsOf: { request: [asksEnd(2, 0, 1)] } },
  },
  {
    name: "kip-320: an empty log has nothing to ask for",
    kind,
    input,
    reconciliation: "kip-320",
    events: [started, record(2, 1, [1, 2, 3])],
    expect: { value: follower("fetching"), effects: [changesLog(0), fetchesFrom(2, 0, null)] },
  },
  {
    name: "kip-320: an epoch that both know: the log is cut to the smaller of both ends, here the leader's",
    kind,
    input,
    reconciliation: "kip-320",
    events: [...behindThree, epochEnds({ epoch: 1, endOffset: 4 })],
    expect: {
      value: follower("fetching"),
      context: {
        log: logOf("a0 b0 c0 d1", [
          [0, 0],
          [1, 3],
        ]),
      },
      effects: [truncates(5, 4), changesLog(4), fetchesFrom(3, 4, null, 4)],
    },
  },
  {
    name: "kip-320: a lower epoch that both know: the log is cut to the smaller of both ends, here its own",
    kind,
    input,
    reconciliation: "kip-320",
    events: [...behindThree, epochEnds({ epoch: 0, endOffset: 6 })],
    expect: {
      value: follower("fetching"),
      context: { log: logOf("a0 b0 c0", [[0, 0]]), highWatermark: 2 },
      effects: [truncates(5, 3), changesLog(3), fetchesFrom(3, 3, null, 4)],
    },
  },
  {
    name: "kip-320: an epoch that the follower does not know: it is cut to its own end of the next lower one, and asks again",
    kind,
    input,
    reconciliation: "kip-320",
    events: [...[...following("a0 b0 c2 d2", 1), record(3, 4, [2, 3])], epochEnds({ epoch: 1, endOffset: 3 })],
    expect: {
      value: follower("askingEpochEnd"),
      context: { log: logOf("a0 b0", [[0, 0]]) },
      effects: [truncates(4, 2), changesLog(2), asksEnd(3, 0, 4)],
    },
  },
  {
    name: "kip-320: an epoch above all that the follower knows: it is cut to the leader's end",
    kind,
    input,
    reconciliation: "kip-320",
    events: [...behindThree, epochEnds({ epoch: 2, endOffset: 4 })],
    expect: {
      value: follower("fetching"),
      effects: [truncates(5, 4), changesLog(4), fetchesFrom(3, 4, null, 4)],
    },
  },
  {
    name: "kip-320: an epoch of which the leader knows nothing: the log is cut to the own high watermark",
    kind,
    input,
    reconciliation: "kip-320",
    events: [...behindThree, epochEnds(null)],
    expect: {
      value: follower("fetching"),
      context: { log: logOf("a0 b0", [[0, 0]]), highWatermark: 2 },
      effects: [truncates(5, 2), changesLog(2), fetchesFrom(3, 2, null, 4)],
    },
  },
  {
    name: "kip-320: a question that is fenced awaits the new leader's epoch (AbstractFetcherThread.onPartitionFenced)",
    kind,
    input,
    reconciliation: "kip-320",
    events: [...behindThree, epochEnds(null, "FENCED_LEADER_EPOCH")],
    expect: { value: follower("idle"), effects: [], running: ["checkpoint"] },
  },
  {
    name: "kip-320: a question that is refused is put again after a back-off, and nothing is fetched before",
    kind,
    input,
    reconciliation: "kip-320",
    events: [...behindThree, epochEnds(null, "UNKNOWN_LEADER_EPOCH")],
    expect: { value: follower("waitingToAsk"), effects: [], armed: { fetchBackoff: 1000 } },
  },
  {
    name: "kip-320: after the back-off the question is put again",
    kind,
    input,
    reconciliation: "kip-320",
    events: [...behindThree, epochEnds(null, "NOT_LEADER_OR_FOLLOWER"), fire("fetchBackoff")],
    expect: { value: follower("askingEpochEnd"), effects: [asksEnd(3, 1, 4)] },
  },
  {
    name: "kip-320: a leader that does not answer the question is given up for a while",
    kind,
    input,
    reconciliation: "kip-320",
    events: [...behindThree, fire("socketTimeout")],
    expect: { value: follower("waitingToAsk"), effects: [closes(3)] },
  },
  {
    name: "kip-320: a connection that breaks during the question is used again after a back-off",
    kind,
    input,
    reconciliation: "kip-320",
    events: [...behindThree, { ...disconnected, node: "b3" } as ReplicaEvent],
    expect: { value: follower("waitingToAsk"), effects: [] },
  },
  {
    name: "kip-320: the next leader is asked anew",
    kind,
    input,
    reconciliation: "kip-320",
    events: [...behindThree, record(2, 5, [2, 3])],
    expect: { value: follower("askingEpochEnd"), effects: [closes(3), asksEnd(2, 1, 5)] },
  },
  {
    name: "kip-320: once the log is cut, what fails is fetched again without another question",
    kind,
    input,
    reconciliation: "kip-320",
    events: [
      ...[...behindThree, epochEnds({ epoch: 1, endOffset: 5 })],
      ...[fetchResponse({ error: "NOT_LEADER_OR_FOLLOWER" }), fire("fetchBackoff")],
    ],
    expect: { value: follower("fetching"), effects: [fetchesFrom(3, 5, null, 4)] },
  },
];

/** Followers of these do not tell the leader epoch that they know. */
const unfenced = (["kip-279", "kip-101", "high-watermark"] as const).flatMap(
  (reconciliation): readonly MachineCase<ReplicaEvent>[] => {
    const isAsked = reconciliation !== "high-watermark";
    const answer = isAsked ? [epochEnds({ epoch: 1, endOffset: 5 })] : [];
    const end = isAsked ? 5 : 2;
    return [
      {
        name: `${reconciliation}: a fetch tells of no epoch`,
        kind,
        input,
        reconciliation,
        events: [...behindThree, ...answer],
        expect: { value: follower("fetching"), effectsOf: { request: [fetchesFrom(3, end, null, null)] } },
      },
      {
        name: `${reconciliation}: a question for the log end tells of no epoch`,
        kind,
        input,
        reconciliation,
        events: [...behindThree, ...answer, fetchResponse({ error: "OFFSET_OUT_OF_RANGE" })],
        expect: { effects: [asksListed("latest")] },
      },
      {
        name: `${reconciliation}: a question for the log start tells of no epoch`,
        kind,
        input,
        reconciliation,
        events: [...behindThree, ...answer, fetchResponse({ error: "OFFSET_OUT_OF_RANGE" }), listed(9)],
        expect: { effects: [asksListed("earliest")] },
      },
    ];
  },
);

const asked = (["kip-279", "kip-101"] as const).map(
  (reconciliation): MachineCase<ReplicaEvent> => ({
    name: `${reconciliation}: a new leader is asked where the own last epoch ends, whatever its own epoch`,
    kind,
    input,
    reconciliation,
    events: behindThree,
    expect: { value: follower("askingEpochEnd"), effects: [closes(2), asksEnd(3, 1, null)] },
  }),
);

/** Broker 1 leads in epoch 4, with records of epochs 1 (offsets 0, 1), 2 (2) and 4 (3). */
const withEpochs = [...following("a1 b1 c2", 1), record(1, 4, [1, 2]), append(1, "d")];

const answersOf101 = (
  [
    ["ends where the next one starts", 1, { epoch: 1, endOffset: 2 }],
    [
      "that is not known ends, too, where the next one starts: the follower is told of no other",
      3,
      { epoch: 3, endOffset: 3 },
    ],
    ["of now ends at the log end", 4, { epoch: 4, endOffset: 4 }],
    ["above all that is known has no end", 5, null],
    ["below all that is known has no end", 0, null],
  ] as const
).map(
  ([what, epoch, end]): MachineCase<ReplicaEvent> => ({
    name: `kip-101: an epoch ${what}`,
    kind,
    input,
    reconciliation: "kip-101",
    events: [...withEpochs, asksEpochEnd(epoch, null)],
    expect: { effects: [repliesEpochEnd(end)] },
  }),
);

const highWatermark: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "high-watermark: a new leader is followed from the own high watermark on, without a question",
    kind,
    input,
    reconciliation: "high-watermark",
    events: behindThree,
    expect: {
      value: follower("fetching"),
      context: { log: logOf("a0 b0", [[0, 0]]), highWatermark: 2 },
      effects: [closes(2), truncates(5, 2), changesLog(2), fetchesFrom(3, 2, null, null)],
    },
  },
  {
    name: "high-watermark: a replica that becomes leader keeps what is above its high watermark",
    kind,
    input,
    reconciliation: "high-watermark",
    events: [...following("a0 b0 c0 d1 e1", 2), record(1, 4, [1, 2])],
    expect: {
      context: {
        log: logOf("a0 b0 c0 d1 e1", [
          [0, 0],
          [1, 3],
          [4, 5],
        ]),
      },
    },
  },
];

export const cases: readonly MachineCase<ReplicaEvent>[] = [
  ...untold,
  ...kip320,
  ...unfenced,
  ...asked,
  ...answersOf101,
  ...highWatermark,
];
