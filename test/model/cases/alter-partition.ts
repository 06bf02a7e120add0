/** Rules by which the controller takes or refuses the ISR that a leader proposes (validateAlterPartitionData; KIP-497, 841, 903). */
import type { PartitionEvent } from "../../../model/controller/partition-context.ts";
import type { MachineCase } from "../machine-case.ts";
import { answer, fenced, first, isrIs, plain, proposes, published, registered, unfenced } from "./partition-parts.ts";

const kind = "partition";

export const cases: readonly MachineCase<PartitionEvent>[] = [
  {
    name: "a shrink proposed by the leader is recorded, published and answered",
    kind,
    input: plain,
    events: [proposes([3, 1])],
    expect: {
      value: "settled",
      context: { leader: 1, leaderEpoch: 0, partitionEpoch: 1, isr: [1, 3] },
      effects: [
        ...published({ leader: 1, leaderEpoch: 0, isr: [1, 3], partitionEpoch: 1 }),
        isrIs(1, 3),
        answer(null, { leaderEpoch: 0, isr: [1, 3], partitionEpoch: 1 }, 0),
      ],
    },
  },
  {
    name: "a proposal of what is so already is answered, and is no change",
    kind,
    input: plain,
    events: [proposes([1, 2, 3])],
    expect: { context: { partitionEpoch: 0 }, effects: [answer(null, first, 0)] },
  },
  {
    name: "a proposal of an earlier term is fenced",
    kind,
    input: plain,
    events: [fenced(1), unfenced(1), proposes([1, 2, 3], { by: 1, leaderEpoch: 0, partitionEpoch: 1 })],
    expect: {
      context: { partitionEpoch: 1, isr: [2, 3] },
      effects: [answer("FENCED_LEADER_EPOCH", { leaderEpoch: 1, isr: [2, 3], partitionEpoch: 1 }, 1)],
    },
  },
  {
    name: "a proposal of another broker than the leader is invalid",
    kind,
    input: plain,
    events: [proposes([2, 3], { by: 2 })],
    expect: { context: { partitionEpoch: 0, isr: [1, 2, 3] }, effects: [answer("INVALID_REQUEST", first, 0)] },
  },
  {
    name: "a proposal that is based on an older partition epoch is refused (compare-and-set)",
    kind,
    input: plain,
    events: [fenced(3), proposes([1, 2, 3])],
    expect: {
      context: { partitionEpoch: 1, isr: [1, 2] },
      effects: [answer("INVALID_UPDATE_VERSION", { leaderEpoch: 0, isr: [1, 2], partitionEpoch: 1 }, 0)],
    },
  },
  {
    name: "a fenced replica is not taken into the ISR (KIP-841)",
    kind,
    input: plain,
    events: [fenced(3), proposes([1, 2, 3], { partitionEpoch: 1 })],
    expect: {
      context: { isr: [1, 2], partitionEpoch: 1 },
      effects: [answer("INELIGIBLE_REPLICA", { leaderEpoch: 0, isr: [1, 2], partitionEpoch: 1 }, 1)],
    },
  },
  {
    name: "a replica whose process was replaced since its last fetch is not taken into the ISR (KIP-903)",
    kind,
    input: plain,
    events: [fenced(3), registered(3), unfenced(3, 2), proposes([1, 2, [3, 1]], { partitionEpoch: 1 })],
    expect: { context: { isr: [1, 2] }, effectsOf: { observe: [] } },
  },
  {
    name: "a replica whose current process has fetched is taken into the ISR",
    kind,
    input: plain,
    events: [fenced(3), registered(3), unfenced(3, 2), proposes([1, 2, [3, 2]], { partitionEpoch: 1 })],
    expect: { context: { isr: [1, 2, 3], partitionEpoch: 2 }, effectsOf: { observe: [isrIs(1, 2, 3)] } },
  },
  {
    name: "a member whose broker epoch the leader does not know is not checked for it",
    kind,
    input: plain,
    events: [fenced(3), registered(3), unfenced(3, 2), proposes([1, 2, [3, null]], { partitionEpoch: 1 })],
    expect: { context: { isr: [1, 2, 3] }, effectsOf: { observe: [isrIs(1, 2, 3)] } },
  },
];
