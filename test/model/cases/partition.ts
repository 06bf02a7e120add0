/**
 * Rules by which the controller elects the leader of a partition, in all their orders, and keeps eligible leader replicas
 * (PartitionChangeBuilder, ReplicationControlManager; KIP-966).
 */
import type { PartitionEvent } from "../../../model/controller/partition-context.ts";
import type { MachineCase } from "../machine-case.ts";
import {
  deadLeader,
  elected,
  eligible,
  eligibleAndUnclean,
  fenced,
  isrIs,
  plain,
  proposes,
  published,
  registered,
  unclean,
  unfenced,
} from "./partition-parts.ts";

const kind = "partition";

const elections: readonly MachineCase<PartitionEvent>[] = [
  {
    name: "a new partition is led by its first replica, with all replicas in the ISR",
    kind,
    input: { ...plain, replicas: [3, 1, 2] },
    events: [],
    expect: {
      value: "settled",
      context: { leader: 3, leaderEpoch: 0, partitionEpoch: 0, isr: [1, 2, 3], elr: [], lastKnownLeader: null },
      effects: [],
    },
  },
  {
    name: "a fenced follower leaves the ISR; the leader and its epoch stay",
    kind,
    input: plain,
    events: [fenced(2)],
    expect: {
      value: "settled",
      context: { leader: 1, leaderEpoch: 0, partitionEpoch: 1, isr: [1, 3] },
      effects: [...published({ leader: 1, leaderEpoch: 0, isr: [1, 3], partitionEpoch: 1 }), isrIs(1, 3)],
    },
  },
  {
    name: "a fenced leader is replaced by the first live ISR member in the order of assignment, in a new epoch",
    kind,
    input: { ...plain, replicas: [1, 3, 2] },
    events: [fenced(1)],
    expect: {
      context: { leader: 3, leaderEpoch: 1, partitionEpoch: 1, isr: [2, 3] },
      effects: [
        elected(3, 1),
        ...published({ leader: 3, leaderEpoch: 1, isr: [2, 3], partitionEpoch: 1 }),
        isrIs(2, 3),
      ],
    },
  },
  {
    name: "a replica outside the ISR is not elected while a member lives, even if it stands first",
    kind,
    input: { ...unclean, replicas: [2, 1, 3] },
    events: [fenced(2), unfenced(2), fenced(1)],
    expect: { context: { leader: 3, leaderEpoch: 2, isr: [3] } },
  },
  {
    name: "a leader that is valid stays, even when a replica before it in the assignment is back in the ISR",
    kind,
    input: plain,
    events: [fenced(1), unfenced(1), proposes([1, 2, 3], { by: 2, leaderEpoch: 1, partitionEpoch: 1 })],
    expect: { context: { leader: 2, leaderEpoch: 1, isr: [1, 2, 3] } },
  },
  {
    name: "without eligible leader replicas the last member stays in the ISR though dead, and the partition is offline",
    kind,
    input: plain,
    events: [fenced(2), fenced(3), fenced(1)],
    expect: {
      context: { leader: null, leaderEpoch: 1, partitionEpoch: 3, isr: [1], elr: [], lastKnownLeader: null },
      effects: [...published({ leader: null, leaderEpoch: 1, isr: [1], partitionEpoch: 3 }), isrIs(1)],
    },
  },
  {
    name: "an offline partition waits for its ISR's last member, whoever else is back",
    kind,
    input: plain,
    events: [fenced(2), fenced(3), fenced(1), unfenced(2)],
    expect: { context: { leader: null, leaderEpoch: 1, partitionEpoch: 3, isr: [1] }, effects: [] },
  },
  {
    name: "an offline partition is led again by the ISR's last member as soon as that is back",
    kind,
    input: plain,
    events: [fenced(2), fenced(3), fenced(1), unfenced(1)],
    expect: {
      context: { leader: 1, leaderEpoch: 2, partitionEpoch: 4, isr: [1] },
      effects: [elected(1, 2), ...published({ leader: 1, leaderEpoch: 2, isr: [1], partitionEpoch: 4 }), isrIs(1)],
    },
  },
  {
    name: "with no eligible leader replicas the last member is elected even after an unclean restart",
    kind,
    input: plain,
    events: [fenced(2), fenced(3), fenced(1), registered(1), unfenced(1, 2)],
    expect: { context: { leader: 1, leaderEpoch: 2, isr: [1] } },
  },
  {
    name: "an unclean election takes the first live replica, whose log then counts alone",
    kind,
    input: unclean,
    events: [fenced(2), fenced(3), unfenced(3), fenced(1)],
    expect: {
      context: { leader: 3, leaderEpoch: 1, isr: [3], plannedUnclean: true },
      effects: [
        elected(3, 1, true),
        ...published({ leader: 3, leaderEpoch: 1, isr: [3], partitionEpoch: 3 }),
        isrIs(3),
      ],
    },
  },
  {
    name: "an unclean election waits until any replica is alive",
    kind,
    input: unclean,
    events: [fenced(2), fenced(3), fenced(1)],
    expect: { context: { leader: null, isr: [1] } },
  },
  {
    name: "an unclean election comes as soon as any replica is alive",
    kind,
    input: unclean,
    events: [fenced(2), fenced(3), fenced(1), unfenced(3)],
    expect: { context: { leader: 3, leaderEpoch: 2, isr: [3] } },
  },
  {
    name: "a change without an election is no unclean one",
    kind,
    input: unclean,
    events: [
      ...[fenced(2), fenced(3), unfenced(3), fenced(1), unfenced(1)],
      proposes([1, 3], { by: 3, leaderEpoch: 1, partitionEpoch: 3 }),
    ],
    expect: { context: { leader: 3, leaderEpoch: 1, isr: [1, 3], plannedUnclean: false } },
  },
  {
    name: "a broker that holds no replica changes nothing when it is fenced",
    kind,
    input: deadLeader,
    events: [fenced(4)],
    expect: { context: { leader: 1, leaderEpoch: 0, partitionEpoch: 0, isr: [1, 2, 3] }, effects: [] },
  },
  {
    name: "a broker that comes back matters only to a partition without a leader",
    kind,
    input: deadLeader,
    events: [unfenced(4)],
    expect: { context: { leader: 1, leaderEpoch: 0, partitionEpoch: 0, isr: [1, 2, 3] }, effects: [] },
  },
  {
    name: "a broker that holds no replica only learns of the record when it registers",
    kind,
    input: deadLeader,
    events: [registered(4)],
    expect: {
      context: { leader: 1, leaderEpoch: 0, partitionEpoch: 0 },
      effects: published({ leader: 1, leaderEpoch: 0, isr: [1, 2, 3], partitionEpoch: 0 }, [4]),
    },
  },
];

const twoGone = [fenced(3), fenced(2)] as const;
const allGone = [...twoGone, fenced(1)] as const;

const eligibleReplicas: readonly MachineCase<PartitionEvent>[] = [
  {
    name: "who leaves an ISR that still meets min ISR is no eligible leader replica",
    kind,
    input: eligible,
    events: [fenced(3)],
    expect: { context: { isr: [1, 2], elr: [] } },
  },
  {
    name: "who leaves the ISR below min ISR becomes an eligible leader replica, the crossing change included",
    kind,
    input: eligible,
    events: [...twoGone],
    expect: { context: { leader: 1, isr: [1], elr: [2] } },
  },
  {
    name: "without the feature there are no eligible leader replicas",
    kind,
    input: plain,
    events: [...twoGone],
    expect: { context: { leader: 1, isr: [1], elr: [] } },
  },
  {
    name: "eligible leader replicas are forgotten as soon as the ISR meets min ISR again",
    kind,
    input: eligible,
    events: [...twoGone, unfenced(3), proposes([1, 3], { partitionEpoch: 2 })],
    expect: { context: { isr: [1, 3], elr: [] } },
  },
  {
    name: "with eligible leader replicas the ISR may become empty; who led last is remembered",
    kind,
    input: eligible,
    events: [...allGone],
    expect: {
      context: { leader: null, leaderEpoch: 1, isr: [], elr: [1, 2], lastKnownLeader: 1 },
      effects: [...published({ leader: null, leaderEpoch: 1, isr: [], partitionEpoch: 3 }), isrIs()],
    },
  },
  {
    name: "with an empty ISR the first live eligible replica is elected, which is clean",
    kind,
    input: { ...eligible, replicas: [1, 2, 3] },
    events: [...allGone, unfenced(2)],
    expect: {
      context: { leader: 2, leaderEpoch: 2, isr: [2], elr: [1], lastKnownLeader: null },
      effects: [elected(2, 2), ...published({ leader: 2, leaderEpoch: 2, isr: [2], partitionEpoch: 4 }), isrIs(2)],
    },
  },
  {
    name: "with an empty ISR a replica that is not eligible is not elected",
    kind,
    input: eligible,
    events: [...allGone, unfenced(3)],
    expect: { context: { leader: null, isr: [], elr: [1, 2], lastKnownLeader: 1, partitionEpoch: 3 }, effects: [] },
  },
  {
    name: "an eligible replica is not elected while the ISR has a member, even a dead one",
    kind,
    input: { ...eligible, brokers: [2, 3] },
    events: [fenced(2), fenced(3), unfenced(3)],
    expect: { context: { leader: null, isr: [1], elr: [3] } },
  },
  {
    name: "with the flag on, a live replica is elected uncleanly though a dead one is eligible; eligibility is then void",
    kind,
    input: eligibleAndUnclean,
    events: [...allGone, unfenced(3)],
    expect: {
      context: { leader: 3, isr: [3], elr: [], lastKnownLeader: null },
      effectsOf: { observe: [elected(3, 2, true), isrIs(3)] },
    },
  },
  {
    name: "the flag does not prefer another replica to a live eligible one",
    kind,
    input: { ...eligibleAndUnclean, replicas: [3, 1, 2] },
    events: [fenced(3), unfenced(3), fenced(2), fenced(3), fenced(1), unfenced(2)],
    expect: { context: { leader: 2, isr: [2] }, effectsOf: { observe: [elected(2, 3), isrIs(2)] } },
  },
  {
    name: "an eligible replica that restarts uncleanly is eligible no more: it may have lost its tail",
    kind,
    input: eligible,
    events: [...twoGone, registered(2)],
    expect: {
      context: { leader: 1, isr: [1], elr: [] },
      effects: [
        ...published({ leader: 1, leaderEpoch: 0, isr: [1], partitionEpoch: 2 }, [2]),
        ...published({ leader: 1, leaderEpoch: 0, isr: [1], partitionEpoch: 3 }),
        isrIs(1),
      ],
    },
  },
  {
    name: "an ISR member that restarts uncleanly leaves the ISR below min ISR without becoming eligible (KAFKA-18106)",
    kind,
    input: { ...eligible, effectiveMinIsr: 3 },
    events: [registered(2)],
    expect: { context: { leader: 1, isr: [1, 3], elr: [] } },
  },
  {
    name: "a pause or a cut keeps the eligibility: the broker is fenced and unfenced without registering",
    kind,
    input: eligible,
    events: [...twoGone, unfenced(2)],
    expect: { context: { leader: 1, isr: [1], elr: [2] }, effects: [] },
  },
  {
    name: "the last known leader is not elected while another replica is eligible, even a dead one",
    kind,
    input: eligible,
    events: [...allGone, registered(1), unfenced(1, 2)],
    expect: { context: { leader: null, isr: [], elr: [2], lastKnownLeader: 1 } },
  },
  {
    name: "the last known leader is elected when nobody is eligible any more; that is unclean and ignores the flag",
    kind,
    input: eligible,
    events: [...allGone, registered(1), unfenced(1, 2), registered(2)],
    expect: {
      context: { leader: 1, leaderEpoch: 2, isr: [1], elr: [], lastKnownLeader: null },
      effectsOf: { observe: [elected(1, 2, true), isrIs(1)] },
    },
  },
  {
    name: "a last known leader that is fenced is not elected (KAFKA-19522)",
    kind,
    input: eligible,
    events: [...allGone, registered(1), registered(2), unfenced(3)],
    expect: { context: { leader: null, isr: [], elr: [], lastKnownLeader: 1 }, effects: [] },
  },
];

export const cases: readonly MachineCase<PartitionEvent>[] = [...elections, ...eligibleReplicas];
