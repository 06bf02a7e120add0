/** Rules of a replica that follows (AbstractFetcherThread, Partition.makeFollower; KIP-101, 279, 320, 595). */
import { observe } from "../../../model/effect.ts";
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
  died,
  disconnected,
  fenced,
  fetches,
  fetchesFrom,
  fetchResponse,
  following,
  input,
  logOf,
  losesTail,
  partition,
  record,
  remote,
  repliesEpochEnd,
  repliesOffset,
  started,
  tellsAppended,
  tellsRead,
} from "./replica-events.ts";

const kind = "replica";

const follower = (state: "idle" | "fetching" | "asking" | "backingOff") => ({ online: { follower: state } });
const timedOut = fire("socketTimeout");

const fetching: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "a replica that hears of a leader fetches from it at its own log end, with its leader epoch",
    kind,
    input,
    events: [started, record(2, 1, [1, 2, 3])],
    expect: {
      value: follower("fetching"),
      context: { leader: 2, leaderEpoch: 1, partitionEpoch: 10, epochStart: null },
      effects: [fetchesFrom(2, 0, null)],
      armed: { socketTimeout: 20_000 },
    },
  },
  {
    name: "what is fetched is appended as it is, and the next fetch tells the epoch of the last record (KIP-595)",
    kind,
    input,
    events: following("a0 b0 c1", 1),
    expect: {
      value: follower("fetching"),
      context: {
        log: logOf("a0 b0 c1", [
          [0, 0],
          [1, 2],
        ]),
        highWatermark: 1,
      },
      effects: [changesLog(3), fetchesFrom(2, 3, 1)],
      armed: { socketTimeout: 20_000 },
    },
  },
  {
    name: "the follower's high watermark is the leader's, but never beyond its own log end",
    kind,
    input,
    events: following("a0 b0", 7),
    expect: { context: { highWatermark: 2 } },
  },
  {
    name: "the follower's high watermark goes down with the leader's",
    kind,
    input,
    events: [...following("a0 b0 c0", 3), record(3, 2, [1, 3]), fetchResponse({ highWatermark: 1 })],
    expect: { context: { highWatermark: 1 } },
  },
  {
    name: "an empty answer is followed by the next fetch",
    kind,
    input,
    events: [...following("a1", 0), fetchResponse({ highWatermark: 1 })],
    expect: { value: follower("fetching"), context: { highWatermark: 1 }, effects: [fetchesFrom(2, 1, 1)] },
  },
  {
    name: "a fetch that is fenced awaits the metadata of the new leader",
    kind,
    input,
    events: [...following("a1"), fetchResponse({ error: "FENCED_LEADER_EPOCH" })],
    expect: { value: follower("idle"), effects: [], running: ["checkpoint"] },
  },
  {
    name: "a leader that does not know the epoch yet is asked again after a back-off",
    kind,
    input,
    events: [...following("a1"), fetchResponse({ error: "UNKNOWN_LEADER_EPOCH" })],
    expect: { value: follower("backingOff"), effects: [], armed: { fetchBackoff: 1000 } },
  },
  {
    name: "a failed fetch changes neither the log nor the high watermark",
    kind,
    input,
    events: [
      ...following("a1", 1),
      fetchResponse({ error: "NOT_LEADER_OR_FOLLOWER", highWatermark: 0, entries: log("x1", 1) }),
    ],
    expect: { value: follower("backingOff"), context: { log: logOf("a1", [[1, 0]]), highWatermark: 1 } },
  },
  {
    name: "after the back-off it fetches again",
    kind,
    input,
    events: [...following("a1"), fetchResponse({ error: "NOT_LEADER_OR_FOLLOWER" }), fire("fetchBackoff")],
    expect: { value: follower("fetching"), effects: [fetchesFrom(2, 1, 1)] },
  },
  {
    name: "a connection that breaks is used again after a back-off",
    kind,
    input,
    events: [...following("a1"), disconnected],
    expect: { value: follower("backingOff"), effects: [], armed: { fetchBackoff: 1000 } },
  },
  {
    name: "a leader that does not answer is given up, and tried again after a back-off",
    kind,
    input,
    events: [...following("a1"), timedOut],
    expect: { value: follower("backingOff"), effects: [closes(2)], armed: { fetchBackoff: 1000 } },
  },
];

const metadata: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "with a new leader the old one's answers count no more, and the new one is fetched from",
    kind,
    input,
    events: [...following("a1", 1), record(3, 2, [1, 3])],
    expect: {
      value: follower("fetching"),
      context: { leader: 3, leaderEpoch: 2, partitionEpoch: 20, highWatermark: 1 },
      effects: [closes(2), fetchesFrom(3, 1, 1, 2)],
    },
  },
  {
    name: "without a leader a follower waits",
    kind,
    input,
    events: [...following("a1"), record(null, 2, [1])],
    expect: {
      value: follower("idle"),
      context: { leader: null, leaderEpoch: 2, partitionEpoch: 20 },
      effects: [closes(2)],
      running: ["checkpoint"],
    },
  },
  {
    name: "a change of the ISR within the term does not disturb the fetching",
    kind,
    input,
    events: [...following("a1"), record(2, 1, [2, 3], 11)],
    expect: { value: follower("fetching"), context: { partitionEpoch: 11, leaderEpoch: 1 }, effects: [], armed: {} },
  },
  {
    name: "a change that is older than what is known is ignored",
    kind,
    input,
    events: [...following("a1"), record(1, 0, [1, 2, 3])],
    expect: { value: follower("fetching"), context: { leader: 2, leaderEpoch: 1, partitionEpoch: 10 }, effects: [] },
  },
  {
    name: "unfenced brokers are known with their epochs, in order",
    kind,
    input,
    events: [started, alive(3), alive(2), alive(2, 4)],
    expect: {
      context: {
        liveBrokers: [
          { broker: 2, epoch: 4 },
          { broker: 3, epoch: 1 },
        ],
      },
    },
  },
  {
    name: "a fenced broker is not among the live ones",
    kind,
    input,
    events: [started, alive(3), alive(2), fenced(3)],
    expect: { context: { liveBrokers: [{ broker: 2, epoch: 1 }] } },
  },
];

const process: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "the replica of a process that is down does nothing",
    kind,
    input,
    events: [],
    expect: { value: "offline", effects: [], running: [] },
  },
  {
    name: "the high watermark is checkpointed now and then",
    kind,
    input,
    events: [...following("a1 b1", 2), fire("checkpoint")],
    expect: { context: { checkpointedHighWatermark: 2 }, armed: { checkpoint: 5000 } },
  },
  {
    name: "a process that dies keeps its log and its checkpoint, and loses what it knew",
    kind,
    input,
    events: [...following("a1 b1", 1), fire("checkpoint"), fetchResponse({ highWatermark: 2 }), died],
    expect: {
      value: "offline",
      context: {
        log: logOf("a1 b1", [[1, 0]]),
        checkpointedHighWatermark: 1,
        brokerEpoch: -1,
        leader: null,
        leaderEpoch: -1,
        partitionEpoch: -1,
        isr: [],
        remotes: [remote(2), remote(3)],
        liveBrokers: [],
      },
      running: [],
    },
  },
  {
    name: "a power loss takes the tail of a dead replica's log, and the epochs that start there; the checkpoint stays",
    kind,
    input,
    events: [...following("a0 b0 c1", 3), fire("checkpoint"), died, losesTail(2)],
    expect: {
      value: "offline",
      context: { log: logOf("a0 b0", [[0, 0]]), checkpointedHighWatermark: 3 },
      effects: [observe({ kind: "tail-lost", broker: 1, partition, from: 3, to: 2 })],
    },
  },
  {
    name: "a power loss that takes nothing is none for this replica",
    kind,
    input,
    events: [...following("a0 b0 c1", 3), died, losesTail(3)],
    expect: {
      context: {
        log: logOf("a0 b0 c1", [
          [0, 0],
          [1, 2],
        ]),
      },
      effects: [],
    },
  },
  {
    name: "a process that starts after a power loss brings its checkpoint down to what is left of its log",
    kind,
    input,
    events: [...following("a0 b0 c1", 3), fire("checkpoint"), died, losesTail(1), started],
    expect: { context: { highWatermark: 1 } },
  },
  {
    name: "a process that starts takes its high watermark from the checkpoint",
    kind,
    input,
    events: [...following("a1 b1", 1), fire("checkpoint"), fetchResponse({ highWatermark: 2 }), died, started],
    expect: {
      value: follower("idle"),
      context: { highWatermark: 1, brokerEpoch: 1 },
      effects: [],
      armed: { checkpoint: 5000 },
    },
  },
];

const strangers: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "a follower takes no records",
    kind,
    input,
    events: [...following("a1"), append(1, "x")],
    expect: {
      context: { log: logOf("a1", [[1, 0]]) },
      effects: [tellsAppended(null, "NOT_LEADER_OR_FOLLOWER")],
    },
  },
  {
    name: "a follower is not read from",
    kind,
    input,
    events: [...following("a1", 1), fetches(3, 0, { epoch: 1 })],
    expect: { effects: [tellsRead("f3", { error: "NOT_LEADER_OR_FOLLOWER", highWatermark: 1 })] },
  },
  {
    name: "a reader of an earlier term is fenced by a follower, too",
    kind,
    input,
    events: [...following("a1", 1), fetches(3, 0, { epoch: 0 })],
    expect: { effects: [tellsRead("f3", { error: "FENCED_LEADER_EPOCH", highWatermark: 1 })] },
  },
  {
    name: "a reader of a later term is ahead of a follower's metadata",
    kind,
    input,
    events: [...following("a1", 1), fetches(3, 0, { epoch: 2 })],
    expect: { effects: [tellsRead("f3", { error: "UNKNOWN_LEADER_EPOCH", highWatermark: 1 })] },
  },
  {
    name: "a follower tells no offsets",
    kind,
    input,
    events: [...following("a1", 1), asksOffset("latest", 1)],
    expect: { effects: [repliesOffset(-1, "NOT_LEADER_OR_FOLLOWER")] },
  },
  {
    name: "a follower fences a question of an earlier term for an offset",
    kind,
    input,
    events: [...following("a1", 1), asksOffset("latest", 0)],
    expect: { effects: [repliesOffset(-1, "FENCED_LEADER_EPOCH")] },
  },
  {
    name: "a follower does not know the later term of a question for an offset",
    kind,
    input,
    events: [...following("a1", 1), asksOffset("latest", 2)],
    expect: { effects: [repliesOffset(-1, "UNKNOWN_LEADER_EPOCH")] },
  },
  {
    name: "a follower tells no ends of epochs",
    kind,
    input,
    events: [...following("a1", 1), asksEpochEnd(1, 1)],
    expect: { effects: [repliesEpochEnd(null, "NOT_LEADER_OR_FOLLOWER")] },
  },
  {
    name: "a follower fences a question of an earlier term for the end of an epoch",
    kind,
    input,
    events: [...following("a1", 1), asksEpochEnd(1, 0)],
    expect: { effects: [repliesEpochEnd(null, "FENCED_LEADER_EPOCH")] },
  },
  {
    name: "a follower does not know the later term of a question for the end of an epoch",
    kind,
    input,
    events: [...following("a1", 1), asksEpochEnd(1, 2)],
    expect: { effects: [repliesEpochEnd(null, "UNKNOWN_LEADER_EPOCH")] },
  },
];

export const cases: readonly MachineCase<ReplicaEvent>[] = [...fetching, ...metadata, ...process, ...strangers];
