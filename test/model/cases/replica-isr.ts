/** Rules by which a leader changes the ISR (Partition.maybeExpandIsr, maybeShrinkIsr; KIP-497, 841, 903, KAFKA-7128). */
import type { ReplicaEvent } from "../../../model/replica/replica-context.ts";
import { fire, type MachineCase } from "../machine-case.ts";
import {
  alive,
  answered,
  append,
  fenced,
  fetches,
  following,
  input,
  lag,
  leading,
  minIsrOne,
  proposes,
  record,
  tellsFetched,
  tellsRead,
} from "./replica-events.ts";

const kind = "replica";

const leader = (isr: "committed" | "pendingExpansion" | "pendingShrink") => ({ online: { leader: isr } });
const check = fire("isr-check");

/** Broker 1 leads in epoch 2 from offset 3 on, with its high watermark at 1; broker 3 is outside the ISR. */
const lateLeader = [...following("a0 b1 c1", 1), record(1, 2, [1, 2])];
const ofLateTerm = { epoch: 2, lastEpoch: 1 };

/** Broker 3 has fetched to the log end and asks to join; the partition epoch is 0. */
const joining = [...leading(1, 2), append(1, "a"), fetches(2, 1), fetches(3, 1)];
/** Broker 3 has fallen behind and is to leave. */
const leaving = [...leading(1, 2, 3), append(1, "a"), fetches(2, 1), lag(3, false), check];

const expansions: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "a follower at the high watermark is proposed for the ISR, with the broker epochs of all members",
    kind,
    input,
    events: [...leading(1, 2), append(1, "a"), fetches(2, 1), alive(3, 4), fetches(3, 1, { brokerEpoch: 4 })],
    expect: {
      value: leader("pendingExpansion"),
      context: { isr: [1, 2], proposedIsr: [1, 2, 3] },
      effectsOf: { request: [proposes([1, 2, [3, 4]])] },
    },
  },
  {
    name: "the epoch of a member that has not fetched in this term is not known",
    kind,
    input,
    events: [...leading(1, 3), fetches(2, 0)],
    expect: { context: { proposedIsr: [1, 2, 3] }, effectsOf: { request: [proposes([1, 2, [3, null]])] } },
  },
  {
    name: "a follower need not be at the log end to join, the high watermark is enough",
    kind,
    input,
    events: [...leading(1, 2), append(1, "a b"), fetches(2, 1), fetches(3, 1)],
    expect: { value: leader("pendingExpansion"), effectsOf: { request: [proposes([1, 2, 3])] } },
  },
  {
    name: "a follower below the high watermark does not join the ISR",
    kind,
    input,
    events: [...leading(1, 2), append(1, "a b"), fetches(2, 2), fetches(3, 1)],
    expect: { value: leader("committed"), context: { proposedIsr: [] }, effectsOf: { request: [] } },
  },
  {
    name: "a follower below the epoch's start does not join the ISR (KAFKA-7128)",
    kind,
    input,
    events: [...lateLeader, fetches(3, 2, ofLateTerm)],
    expect: { value: leader("committed"), effectsOf: { request: [] } },
  },
  {
    name: "a follower at the epoch's start joins the ISR",
    kind,
    input,
    events: [...lateLeader, fetches(3, 3, ofLateTerm)],
    expect: {
      value: leader("pendingExpansion"),
      effectsOf: { request: [proposes([1, [2, null], 3], { leaderEpoch: 2 })] },
    },
  },
  {
    name: "a member of the ISR is not proposed again",
    kind,
    input,
    events: [...leading(1, 2, 3), fetches(3, 0)],
    expect: { value: leader("committed"), effectsOf: { request: [] } },
  },
  {
    name: "a fenced follower does not join the ISR (KIP-841)",
    kind,
    input,
    events: [...leading(1, 2), fenced(3), fetches(3, 0)],
    expect: { value: leader("committed"), effectsOf: { request: [] } },
  },
  {
    name: "a follower whose new process the metadata does not know yet does not join the ISR (KIP-903)",
    kind,
    input,
    events: [...leading(1, 2), fetches(3, 0, { brokerEpoch: 2 })],
    expect: { value: leader("committed"), effectsOf: { request: [] } },
  },
  {
    name: "that another follower is known does not help it",
    kind,
    input,
    events: [...leading(1, 2), fetches(2, 0), fetches(3, 0, { brokerEpoch: 2 })],
    expect: { value: leader("committed"), effectsOf: { request: [] } },
  },
  {
    name: "a fetch that is read again does not make a follower join",
    kind,
    input,
    events: [...leading(1, 2), fetches(3, 0, { again: true })],
    expect: { value: leader("committed"), effectsOf: { request: [] } },
  },
  {
    name: "one change is pending at a time",
    kind,
    input: { ...input, followers: [2, 3, 4] },
    events: [...leading(1, 2), alive(4), fetches(3, 0), fetches(4, 0)],
    expect: {
      value: leader("pendingExpansion"),
      context: { proposedIsr: [1, 2, 3] },
      effectsOf: { request: [] },
    },
  },
];

const shrinks: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "every half of the lag time the leader looks for members that have fallen behind, and drops them all",
    kind,
    input,
    events: [...leading(1, 2, 3), append(1, "a"), lag(2, false), lag(3, false), check],
    expect: {
      value: leader("pendingShrink"),
      context: { isr: [1, 2, 3], proposedIsr: [1] },
      effects: [proposes([1])],
      armed: { "isr-check": 15_000 },
    },
  },
  {
    name: "a member that keeps up stays",
    kind,
    input,
    events: [...leading(1, 2, 3), append(1, "a"), fetches(2, 1), lag(3, false), check],
    expect: { context: { proposedIsr: [1, 2] }, effects: [proposes([1, 2])] },
  },
  {
    name: "a member within the lag time stays, however many records it lacks",
    kind,
    input,
    events: [...leading(1, 2, 3), append(1, "a b c d"), check],
    expect: { value: leader("committed"), effects: [], armed: { "isr-check": 15_000 } },
  },
  {
    name: "a member at the log end stays, however long ago it has fetched",
    kind,
    input,
    events: [...leading(1, 2, 3), fetches(2, 0), fetches(3, 0), lag(2, false), lag(3, false), check],
    expect: { value: leader("committed"), effects: [], armed: { "isr-check": 15_000 } },
  },
  {
    name: "each follower's fetch is told to the machine that watches its own lag",
    kind,
    input,
    events: [...leading(1, 2, 3), append(1, "a"), fetches(3, 1)],
    expect: { effectsOf: { local: [tellsRead("f3", { fetchOffset: 1 }), tellsFetched(3, true, true)] } },
  },
  {
    name: "a replica outside the ISR cannot fall out of it",
    kind,
    input,
    events: [...leading(1, 2), append(1, "a"), lag(3, false), check],
    expect: { value: leader("committed"), effects: [] },
  },
  {
    name: "while a change is pending nobody is dropped, but the leader goes on looking",
    kind,
    input,
    events: [...joining, append(1, "b"), lag(2, false), check],
    expect: {
      value: leader("pendingExpansion"),
      context: { proposedIsr: [1, 2, 3] },
      effects: [],
      armed: { "isr-check": 15_000 },
    },
  },
];

const answers: readonly MachineCase<ReplicaEvent>[] = [
  {
    name: "an expansion that is accepted is committed",
    kind,
    input,
    events: [...joining, answered(null, [1, 2, 3])],
    expect: { value: leader("committed"), context: { isr: [1, 2, 3], proposedIsr: [], partitionEpoch: 1 } },
  },
  {
    name: "a shrink that is accepted is committed",
    kind,
    input,
    events: [...leaving, answered(null, [1, 2])],
    expect: { value: leader("committed"), context: { isr: [1, 2], proposedIsr: [], partitionEpoch: 1 } },
  },
  {
    name: "an answer that finds it so already is accepted, too",
    kind,
    input,
    events: [...leaving, answered(null, [1, 2], { partitionEpoch: 0 })],
    expect: { value: leader("committed"), context: { isr: [1, 2], partitionEpoch: 0 } },
  },
  {
    name: "an expansion that is ineligible is taken back: the controller says that nothing was applied",
    kind,
    input,
    events: [...joining, answered("INELIGIBLE_REPLICA", [1, 2])],
    expect: {
      value: leader("committed"),
      context: { isr: [1, 2], proposedIsr: [], partitionEpoch: 0 },
      effectsOf: { request: [] },
    },
  },
  {
    name: "a shrink that is ineligible is taken back in the same way",
    kind,
    input,
    events: [...leaving, answered("INELIGIBLE_REPLICA", [1, 2, 3])],
    expect: { value: leader("committed"), context: { isr: [1, 2, 3], proposedIsr: [], partitionEpoch: 0 } },
  },
  {
    name: "after an outdated proposal it stays pending until new metadata comes: it may have been applied",
    kind,
    input,
    events: [...joining, answered("INVALID_UPDATE_VERSION", [1], { partitionEpoch: 3 })],
    expect: {
      value: leader("pendingExpansion"),
      context: { isr: [1, 2], proposedIsr: [1, 2, 3], partitionEpoch: 0 },
      effects: [],
    },
  },
  {
    name: "after an invalid proposal, too, it stays pending",
    kind,
    input,
    events: [...leaving, answered("INVALID_REQUEST", [2, 3])],
    expect: { value: leader("pendingShrink"), context: { isr: [1, 2, 3], proposedIsr: [1, 2] }, effects: [] },
  },
  {
    name: "a proposal that is fenced stays pending: the metadata of the new term is on its way",
    kind,
    input,
    events: [...joining, answered("FENCED_LEADER_EPOCH", [2, 3], { leaderEpoch: 1, partitionEpoch: 1 })],
    expect: { value: leader("pendingExpansion"), context: { isr: [1, 2], proposedIsr: [1, 2, 3] }, effects: [] },
  },
  {
    name: "an answer of another term is ignored, even if it accepts",
    kind,
    input,
    events: [...joining, answered(null, [1, 2, 3], { leaderEpoch: 1 })],
    expect: { value: leader("pendingExpansion"), context: { isr: [1, 2], partitionEpoch: 0 }, effects: [] },
  },
  {
    name: "new metadata replaces what is pending",
    kind,
    input,
    events: [...joining, record(1, 0, [1], 4)],
    expect: { value: leader("committed"), context: { isr: [1], proposedIsr: [], partitionEpoch: 4 } },
  },
  {
    name: "metadata that an answer has told already does not replace what has been proposed since",
    kind,
    input,
    events: [...leaving, answered(null, [1, 2]), fetches(3, 1), record(1, 0, [1, 2], 1)],
    expect: { value: leader("pendingExpansion"), context: { isr: [1, 2], proposedIsr: [1, 2, 3], partitionEpoch: 1 } },
  },
  {
    name: "a change that is pending ends with the term in which it was proposed",
    kind,
    input,
    events: [...joining, record(1, 1, [1, 2])],
    expect: { value: leader("committed"), context: { isr: [1, 2], proposedIsr: [], partitionEpoch: 10 } },
  },
  {
    name: "a late answer to a proposal that metadata has replaced is ignored",
    kind,
    input,
    events: [...joining, record(1, 0, [1], 4), answered(null, [1, 2, 3])],
    expect: { value: leader("committed"), context: { isr: [1], partitionEpoch: 4 }, effects: [] },
  },
  {
    name: "a late answer to an earlier proposal does not answer the one that is pending now",
    kind,
    input: minIsrOne,
    events: [...joining, record(1, 0, [1], 4), fetches(3, 1), answered("INELIGIBLE_REPLICA", [1, 2])],
    expect: { value: leader("pendingExpansion"), context: { isr: [1], proposedIsr: [1, 3] }, effects: [] },
  },
  {
    name: "after a refusal the next fetch proposes again",
    kind,
    input,
    events: [...joining, answered("INELIGIBLE_REPLICA", [1, 2]), fetches(3, 1)],
    expect: { value: leader("pendingExpansion"), effectsOf: { request: [proposes([1, 2, 3])] } },
  },
  {
    name: "the next proposal is based on the partition epoch that was answered",
    kind,
    input,
    events: [...leaving, answered(null, [1, 2], { partitionEpoch: 7 }), fetches(3, 1)],
    expect: { effectsOf: { request: [proposes([1, 2, 3], { partitionEpoch: 7 })] } },
  },
];

export const cases: readonly MachineCase<ReplicaEvent>[] = [...expansions, ...shrinks, ...answers];
