/**
 * Quantities that a leader's guards and actions share. Each is a definition of Kafka's, without a decision of its own.
 *
 * Source: core/…/cluster/Partition.scala.
 */
import type { BrokerId } from "../../spec/vocabulary.ts";
import type { RemoteReplica, ReplicaContext } from "./replica-context.ts";
import { logEnd } from "./replica-log.ts";

/** ISR plus the candidate while an expansion is pending; the old ISR while a shrink is (KIP-497). */
export function maximalIsr(context: ReplicaContext): readonly BrokerId[] {
  return [...new Set([...context.isr, ...context.proposedIsr])];
}

/** May this broker be in an ISR? Unfenced, and its last fetch came from its current incarnation (KIP-903). */
export function isEligible(context: ReplicaContext, remote: RemoteReplica): boolean {
  return context.liveBrokers.some(({ broker, epoch }) => broker === remote.broker && epoch === remote.brokerEpoch);
}

/** At the leader's log end now, or within the lag time. */
function isCaughtUp(context: ReplicaContext, remote: RemoteReplica): boolean {
  return remote.logEnd === logEnd(context.log) || remote.withinLagTime;
}

/** ISR members that are no longer caught up. */
export function outOfSync(context: ReplicaContext): readonly BrokerId[] {
  return context.remotes
    .filter((remote) => context.isr.includes(remote.broker) && !isCaughtUp(context, remote))
    .map(({ broker }) => broker);
}

/**
 * The smallest log end among the leader, the maximal ISR and every replica that is caught up and eligible to join:
 * waiting for the latter lets a follower catch up with a busy leader.
 */
export function replicatedUpTo(context: ReplicaContext): number {
  const maximal = maximalIsr(context);
  const counted = context.remotes.filter(
    (remote) => maximal.includes(remote.broker) || (isCaughtUp(context, remote) && isEligible(context, remote)),
  );
  return Math.min(logEnd(context.log), ...counted.map((remote) => remote.logEnd));
}
