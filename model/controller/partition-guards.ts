/** The decisions of the controller about a partition, by name. */
import { assertEvent } from "xstate";
import type { BrokerId } from "../../spec/vocabulary.ts";
import { isAlive, type PartitionContext, type PartitionEvent } from "./partition-context.ts";

interface Args {
  readonly context: PartitionContext;
  readonly event: PartitionEvent;
}

function concerned(event: PartitionEvent): BrokerId {
  assertEvent(event, ["broker-fenced", "broker-unfenced", "broker-registered"]);
  return event.broker;
}

function isInIsr({ context, event }: Args): boolean {
  return context.isr.includes(concerned(event));
}

function isInElr({ context, event }: Args): boolean {
  return context.elr.includes(concerned(event));
}

function hasNoLeader({ context }: Args): boolean {
  return context.leader === null;
}

// --- proposals by the leader (ReplicationControlManager.validateAlterPartitionData) ------------------------------

function proposalIsOfOldTerm({ context, event }: Args): boolean {
  assertEvent(event, "alter-partition");
  return event.leaderEpoch < context.leaderEpoch;
}

function proposalIsNotByLeader({ context, event }: Args): boolean {
  assertEvent(event, "alter-partition");
  return event.broker !== context.leader;
}

/** Compare-and-set by partition epoch. */
function proposalIsOutdated({ context, event }: Args): boolean {
  assertEvent(event, "alter-partition");
  return event.partitionEpoch < context.partitionEpoch;
}

/** Fenced, or another incarnation than the one that the leader has seen (KIP-841, KIP-903). */
function proposalHasIneligible({ context, event }: Args): boolean {
  assertEvent(event, "alter-partition");
  return event.isr.some(
    (member) =>
      !context.alive.some(
        ({ broker, epoch }) => broker === member.broker && (member.epoch === null || epoch === member.epoch),
      ),
  );
}

function wasProposed({ event }: Args): boolean {
  return event.type === "alter-partition";
}

// --- eligible leader replicas (KIP-966) ------------------------------------------------------------------------

function elrIsOff({ context }: Args): boolean {
  return !context.elrEnabled;
}

function isrMeetsMin({ context }: Args): boolean {
  return context.plannedIsr.length >= context.effectiveMinIsr;
}

function shutdownWasUnclean({ event }: Args): boolean {
  return event.type === "broker-registered";
}

// --- election --------------------------------------------------------------------------------------------------

function isValid(context: PartitionContext, broker: BrokerId): boolean {
  return context.plannedIsr.includes(broker) && isAlive(context, broker);
}

function leaderIsStillValid({ context }: Args): boolean {
  return context.leader !== null && isValid(context, context.leader);
}

function isrHasLiveMember({ context }: Args): boolean {
  return context.replicas.some((broker) => isValid(context, broker));
}

function isrIsEmpty({ context }: Args): boolean {
  return context.plannedIsr.length === 0;
}

function elrIsEmpty({ context }: Args): boolean {
  return context.plannedElr.length === 0;
}

function elrHasLiveMember({ context }: Args): boolean {
  return context.plannedElr.some((broker) => isAlive(context, broker));
}

/** Kafka up to 4.0 elects it though fenced (KAFKA-19522); the rule as meant is modelled. */
function lastKnownLeaderIsAlive({ context }: Args): boolean {
  return context.lastKnownLeader !== null && isAlive(context, context.lastKnownLeader);
}

function uncleanIsAllowed({ context }: Args): boolean {
  return context.uncleanAllowed;
}

function someoneIsAlive({ context }: Args): boolean {
  return context.replicas.some((broker) => isAlive(context, broker));
}

function nothingChanges({ context }: Args): boolean {
  return (
    context.plannedLeader === context.leader &&
    sameMembers(context.plannedIsr, context.isr) &&
    sameMembers(context.plannedElr, context.elr)
  );
}

function sameMembers(one: readonly BrokerId[], other: readonly BrokerId[]): boolean {
  return one.length === other.length && one.every((broker) => other.includes(broker));
}

export const partitionGuards = {
  isInIsr,
  isInElr,
  hasNoLeader,
  proposalIsOfOldTerm,
  proposalIsNotByLeader,
  proposalIsOutdated,
  proposalHasIneligible,
  wasProposed,
  elrIsOff,
  isrMeetsMin,
  shutdownWasUnclean,
  leaderIsStillValid,
  isrHasLiveMember,
  isrIsEmpty,
  elrIsEmpty,
  elrHasLiveMember,
  lastKnownLeaderIsAlive,
  uncleanIsAllowed,
  someoneIsAlive,
  nothingChanges,
};
