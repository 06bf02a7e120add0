/** ISR: what it means to be in the in-sync replica set. */
import type { AcknowledgedRecord, ClusterView, PartitionView, ReplicaView } from "../cluster-view.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { Requirement, Scope } from "../requirement.ts";
import { cannotTakeOffice, inSomePartition, safeElections, whenDisksAreSafe } from "../safety.ts";
import { type Notes, takeNotes } from "./notes.ts";
import {
  firstDifference,
  hasRecord,
  leaderInOffice,
  letGoBelow,
  partitionBefore,
  replicaOn,
  whatStandsAt,
} from "./replica-logs.ts";

function promised(config: ClusterConfig, { partition, excuse }: Scope): boolean {
  return excuse === undefined && inSomePartition(config, partition, safeElections);
}

export const isr1: Requirement = {
  id: "ISR-1",
  title: "an ISR member has every committed record",
  statement:
    "Every member of the ISR has every committed record: below the high watermark of any replica, or acknowledged with acks=all. The leader is in the ISR, and in its own maximal ISR; in office it reckons with every member of the ISR.",
  kind: "always",
  area: "ISR",
  sources: [
    "KIP-497 (AlterPartition, maximal ISR)",
    "KAFKA-7128 (Partition.isFollowerInSync)",
    "Partition.maybeIncrementLeaderHW",
    "PartitionRegistration",
  ],
  promisedWhen: "unclean election is off, followers reconcile by leader epoch, and disks are safe (as for DUR-1)",
  applies: () => true,
  promised,
  invariant(view, before) {
    const notes = takeNotes((scope) => promised(view.config, scope));
    for (const [index, partition] of view.partitions.entries()) {
      if (view.acknowledged === before?.acknowledged && partition === partitionBefore(before, index)) continue;
      judgeMembership(partition, notes);
      for (const broker of partition.isr) {
        const member = replicaOn(partition, broker);
        // Whoever has lost its tail leaves the ISR when its broker registers again.
        if (cannotTakeOffice(view.config, partition, broker)) continue;
        if (member !== undefined) judgeMember(view, partition, member, notes);
      }
    }
    return notes.judgement();
  },
};

/** The first committed record that a member of the ISR lacks. */
function judgeMember(view: ClusterView, partition: PartitionView, member: ReplicaView, notes: Notes): void {
  const scope = { partition: partition.partition, ...whenDisksAreSafe(view.config, partition) };
  const where = `replica ${member.broker} is in the ISR of ${partition.partition}`;
  for (const witness of partition.replicas) {
    if (witness.highWatermark > witness.logStart) notes.examined(scope);
    const offset = firstDifference(witness, member, witness.highWatermark);
    if (offset === null) continue;
    const committed = `${whatStandsAt(witness, offset)} below high watermark ${witness.highWatermark} of replica ${witness.broker}`;
    const text = `${where} and has at offset ${offset} ${whatStandsAt(member, offset)}; committed is ${committed}`;
    notes.violated(text, scope);
    return;
  }
  for (const { offset, value } of fullyAcknowledged(view, partition)) {
    notes.examined(scope);
    if (hasRecord(member, offset, value)) continue;
    const text = `${where} and has at offset ${offset} ${whatStandsAt(member, offset)}; acknowledged with acks=all is ${value}`;
    notes.violated(text, scope);
    return;
  }
}

/**
 * Records that were acknowledged with acks=all, and so are committed whatever any high watermark says by now; without those
 * that some replica has let go.
 */
export function fullyAcknowledged(
  view: ClusterView,
  partition: PartitionView,
): readonly (AcknowledgedRecord & { readonly offset: number })[] {
  const from = letGoBelow(partition);
  return view.acknowledged.flatMap((record) => {
    const { offset } = record;
    const isAsked = record.partition === partition.partition && view.config.producers[record.producer]?.acks === -1;
    return isAsked && offset !== null && offset >= from ? [{ ...record, offset }] : [];
  });
}

/**
 * That the leader counts every member of the controller's ISR is not asked for: for a moment it may not. Metadata of the
 * partition epoch that it has already learnt from an answer replaces a pending expansion (Partition.makeLeader), while
 * the controller may still accept it.
 */
function judgeMembership(partition: PartitionView, notes: Notes): void {
  const { isr, leader } = partition;
  const scope = { partition: partition.partition };
  const strangers = isr.filter((broker) => replicaOn(partition, broker) === undefined);
  if (strangers.length > 0)
    notes.violated(`${strangers.join(", ")} in ISR of ${partition.partition} has no replica`, scope);
  if (leader !== null && !isr.includes(leader)) {
    notes.violated(`leader ${leader} of ${partition.partition} is not in the ISR ${isr.join(", ")}`, scope);
  }
  const inOffice = leaderInOffice(partition);
  const overlooked = isr.filter((broker) => broker !== leader && inOffice?.maximalIsr.includes(broker) === false);
  if (inOffice !== undefined && overlooked.length > 0) {
    const text = `${overlooked.join(", ")} in the ISR of ${partition.partition}, not in the maximal ISR ${inOffice.maximalIsr.join(", ")} that leader ${inOffice.broker} reckons with`;
    notes.violated(text, scope);
  }
  for (const replica of partition.replicas) {
    if (replica.role !== "leader" || replica.maximalIsr.includes(replica.broker)) continue;
    const text = `leader ${replica.broker} of ${partition.partition} is not in its own maximal ISR ${replica.maximalIsr.join(", ")}`;
    notes.violated(text, scope);
  }
}
