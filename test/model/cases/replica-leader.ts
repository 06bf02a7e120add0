/** Rules of a leader: taking and leaving office, and appending (Partition.makeLeader, appendRecordsToLeader). */
import type { ReplicaEvent } from "../../../model/replica/replica-context.ts";
import type { MachineCase } from "../machine-case.ts";
import {
  acknowledges,
  append,
  changesLog,
  closes,
  died,
  fetches,
  fetchesFrom,
  following,
  forget,
  input,
  leading,
  logOf,
  minIsrOne,
  reads,
  record,
  remote,
  tellsAppended,
  tellsLag,
  tellsReplicated,
  wakes,
} from "./replica-events.ts";

const kind = "replica";

const leader = (isr: "committed" | "pendingExpansion" | "pendingShrink") => ({ online: { leader: isr } });
const office = { online: { leader: "committed" } };
const termsEnd = [tellsLag(2, { type: "term-ended" }), tellsLag(3, { type: "term-ended" })];

const offices: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "a new leader truncates nothing, and records where its epoch starts, without a record, too (KAFKA-7415)",
    kind,
    input,
    events: [...following("a0 b1 c1", 1), record(1, 2, [1, 2])],
    expect: {
      value: office,
      context: {
        log: logOf("a0 b1 c1", [
          [0, 0],
          [1, 1],
          [2, 3],
        ]),
        epochStart: 3,
        leader: 1,
        leaderEpoch: 2,
        partitionEpoch: 20,
        isr: [1, 2],
        proposedIsr: [],
      },
      effects: [
        closes(2),
        tellsLag(2, { type: "term-began", inIsr: true }),
        tellsLag(3, { type: "term-began", inIsr: false }),
      ],
      armed: { "isr-check": 15_000 },
      running: ["checkpoint", "isr-check"],
    },
  },
  {
    name: "a new leader knows no log end of its followers; ISR members count as caught up, others not",
    kind,
    input,
    events: [...following("a0 b1 c1", 1), record(1, 2, [1, 2])],
    expect: { context: { remotes: [remote(2, { withinLagTime: true }), remote(3)] } },
  },
  {
    name: "a new leader's high watermark waits for a fetch of every ISR member",
    kind,
    input,
    events: [...following("a0 b1 c1", 1), record(1, 2, [1, 2, 3]), fetches(2, 3, { epoch: 2, lastEpoch: 1 })],
    expect: { context: { highWatermark: 1 } },
  },
  {
    name: "alone in the ISR, and that is enough, a new leader's high watermark jumps to its log end",
    kind,
    input: minIsrOne,
    events: [...following("a0 b1 c1", 1), record(1, 2, [1])],
    expect: { context: { highWatermark: 3 } },
  },
  {
    name: "a replica without a leader takes office in the same way",
    kind,
    input,
    events: [...leading(1, 2, 3), record(null, 1, [1]), record(1, 2, [1])],
    expect: { value: office, context: { leaderEpoch: 2, epochStart: 0 }, armed: { "isr-check": 15_000 } },
  },
  {
    name: "a leader that is replaced turns away who waits, and follows",
    kind,
    input,
    events: [...leading(1, 2, 3), append(-1, "a"), reads(0), record(2, 1, [2, 3])],
    expect: {
      value: { online: { follower: "fetching" } },
      context: { leader: 2, leaderEpoch: 1, epochStart: null, proposedIsr: [], waiting: [], watchers: [] },
      effects: [...termsEnd, tellsReplicated("NOT_LEADER_OR_FOLLOWER"), wakes("c"), fetchesFrom(2, 1, 0)],
      running: ["checkpoint", "socketTimeout"],
    },
  },
  {
    name: "a leader that loses office without a successor turns away who waits, and waits itself",
    kind,
    input,
    events: [...leading(1, 2, 3), append(-1, "a"), record(null, 1, [1])],
    expect: {
      value: { online: { follower: "idle" } },
      context: { leader: null, leaderEpoch: 1, waiting: [] },
      effects: [...termsEnd, tellsReplicated("NOT_LEADER_OR_FOLLOWER")],
      running: ["checkpoint"],
    },
  },
  {
    name: "a leader that is elected again leads on in a new epoch, which starts at its log end",
    kind,
    input,
    events: [...leading(1, 2, 3), append(1, "a"), record(1, 1, [1, 2])],
    expect: {
      value: office,
      context: {
        leaderEpoch: 1,
        epochStart: 1,
        isr: [1, 2],
        log: logOf("a0", [
          [0, 0],
          [1, 1],
        ]),
      },
    },
  },
  {
    name: "a leader that is elected again into an ISR of its own moves the high watermark to its log end",
    kind,
    input: minIsrOne,
    events: [...leading(1, 2), append(1, "a"), record(1, 1, [1])],
    expect: { context: { highWatermark: 1 } },
  },
  {
    name: "a leader that is elected again times its followers anew",
    kind,
    input,
    events: [...leading(1, 2, 3), record(1, 1, [1, 2])],
    expect: {
      effects: [
        ...termsEnd,
        tellsLag(2, { type: "term-began", inIsr: true }),
        tellsLag(3, { type: "term-began", inIsr: false }),
      ],
    },
  },
  {
    name: "an epoch without records gives way to the next one, which starts where it did",
    kind,
    input,
    events: [...following("a0 b1"), record(1, 2, [1]), record(null, 3, [1]), record(1, 4, [1])],
    expect: {
      context: {
        log: logOf("a0 b1", [
          [0, 0],
          [1, 1],
          [4, 2],
        ]),
      },
    },
  },
  {
    name: "a change that is older than what is known does not move a leader",
    kind,
    input,
    events: [...leading(1, 2, 3), record(1, 0, [1, 2], 3), record(1, 0, [1, 2, 3], 2)],
    expect: { value: office, context: { isr: [1, 2], partitionEpoch: 3 }, effects: [] },
  },
  {
    name: "the ISR that the controller has recorded within the term is the leader's",
    kind,
    input,
    events: [...leading(1, 2, 3), record(1, 0, [1, 2], 3)],
    expect: { value: office, context: { isr: [1, 2], partitionEpoch: 3, leaderEpoch: 0, epochStart: 0 }, effects: [] },
  },
  {
    name: "an ISR that the controller has made smaller moves the high watermark at once",
    kind,
    input: minIsrOne,
    events: [...leading(1, 2), append(-1, "a"), record(1, 0, [1], 1)],
    expect: {
      context: { highWatermark: 1, waiting: [] },
      effects: [tellsReplicated(), acknowledges(-1, 0, ["a"])],
    },
  },
  {
    name: "with its process a leader loses office",
    kind,
    input,
    events: [...leading(1, 2, 3), append(1, "a"), died],
    expect: {
      value: "offline",
      context: { leader: null, epochStart: null, isr: [], log: logOf("a0", [[0, 0]]), remotes: [remote(2), remote(3)] },
      effects: termsEnd,
      running: [],
    },
  },
];

const appends: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "with acks=1 the leader's own append is the acknowledgement",
    kind,
    input,
    events: [...leading(1, 2, 3), append(0, "a"), append(1, "b c")],
    expect: {
      value: office,
      context: { log: logOf("a0 b0 c0", [[0, 0]]), waiting: [], highWatermark: 0 },
      effects: [changesLog(3), tellsAppended(1), acknowledges(1, 1, ["b", "c"])],
    },
  },
  {
    name: "with acks=0, too, the leader's own append is all",
    kind,
    input,
    events: [...leading(1, 2, 3), append(0, "a")],
    expect: { effects: [changesLog(1), tellsAppended(0), acknowledges(0, 0, ["a"])] },
  },
  {
    name: "with acks=all the append is followed by a wait for the high watermark",
    kind,
    input,
    events: [...leading(1, 2, 3), append(1, "a"), append(-1, "b c")],
    expect: {
      context: {
        log: logOf("a0 b0 c0", [[0, 0]]),
        waiting: [{ requester: "r1", baseOffset: 1, required: 3, values: ["b", "c"] }],
      },
      effects: [changesLog(3), tellsAppended(1)],
    },
  },
  {
    name: "acks=all with an ISR below min ISR is refused before the append",
    kind,
    input,
    events: [...leading(1), append(-1, "a")],
    expect: {
      context: { log: logOf("", [[0, 0]]), waiting: [] },
      effects: [tellsAppended(null, "NOT_ENOUGH_REPLICAS")],
    },
  },
  {
    name: "acks=all counts the committed ISR: an expansion that is pending does not help",
    kind,
    input,
    events: [...leading(1), fetches(2, 0), append(-1, "a")],
    expect: {
      value: leader("pendingExpansion"),
      context: { proposedIsr: [1, 2] },
      effects: [tellsAppended(null, "NOT_ENOUGH_REPLICAS")],
    },
  },
  {
    name: "min ISR never refuses acks=1, but the high watermark stands still",
    kind,
    input,
    events: [...leading(1), append(1, "a")],
    expect: {
      context: { log: logOf("a0", [[0, 0]]), highWatermark: 0 },
      effects: [changesLog(1), tellsAppended(0), acknowledges(1, 0, ["a"])],
    },
  },
  {
    name: "alone in the ISR, and that is enough, acks=all is acknowledged with the append",
    kind,
    input: minIsrOne,
    events: [...leading(1), append(-1, "a")],
    expect: {
      context: { highWatermark: 1, waiting: [] },
      effects: [changesLog(1), tellsAppended(0), tellsReplicated(), acknowledges(-1, 0, ["a"])],
    },
  },
  {
    name: "an append wakes the fetches that are parked, once",
    kind,
    input,
    events: [...leading(1, 2, 3), fetches(2, 0), reads(0), append(1, "a")],
    expect: {
      context: { watchers: [] },
      effects: [changesLog(1), tellsAppended(0), acknowledges(1, 0, ["a"]), wakes("f2"), wakes("c")],
    },
  },
  {
    name: "an append with acks=all wakes the fetches that are parked, once",
    kind,
    input,
    events: [...leading(1, 2, 3), fetches(2, 0), append(-1, "a")],
    expect: { context: { watchers: [] }, effects: [changesLog(1), tellsAppended(0), wakes("f2")] },
  },
  {
    name: "a request that has timed out is waited for no more; its records stay",
    kind,
    input,
    events: [...leading(1, 2, 3), append(-1, "a", "r1"), append(-1, "b", "r2"), forget("r1")],
    expect: {
      context: {
        log: logOf("a0 b0", [[0, 0]]),
        waiting: [{ requester: "r2", baseOffset: 1, required: 2, values: ["b"] }],
      },
      effects: [],
    },
  },
  {
    name: "a fetch that has been answered is woken no more",
    kind,
    input,
    events: [...leading(1, 2, 3), fetches(2, 0), reads(0), forget("f2")],
    expect: { context: { watchers: ["c"] } },
  },
];

export const cases: readonly MachineCase<ReplicaEvent>[] = [...offices, ...appends];
