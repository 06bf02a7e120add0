/** HW: the high watermark, the first offset that is not committed. */

import type { ClusterView, PartitionView, ReplicaView } from "../cluster-view.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import { effectiveMinIsr } from "../config/cluster-config.ts";
import type { Requirement, Scope } from "../requirement.ts";
import { inSomePartition, safeElections, strictMinIsr, whenDisksAreSafe, whileDisksAreWhole } from "../safety.ts";
import { type Notes, takeNotes } from "./notes.ts";
import {
  electable,
  firstDifference,
  forChangedPartitions,
  partitionBefore,
  replicaOn,
  whatStandsAt,
} from "./replica-logs.ts";

function strictlyCommitted(config: ClusterConfig, { partition, excuse }: Scope): boolean {
  if (excuse !== undefined) return false;
  return inSomePartition(config, partition, (of, name) => safeElections(of, name) && strictMinIsr(of, name));
}

export const hw1: Requirement = {
  id: "HW-1",
  title: "the high watermark never goes back within a term",
  statement: "While one process leads a partition in one leader epoch, its high watermark only rises.",
  kind: "always",
  perStep: true,
  area: "HW",
  sources: ["Partition.maybeIncrementLeaderHW", "UnifiedLog.maybeIncrementHighWatermark"],
  promisedWhen: "always",
  applies: () => true,
  promised: () => true,
  invariant(view, before) {
    const notes = takeNotes(() => true);
    for (const [index, partition] of view.partitions.entries()) {
      const earlier = partitionBefore(before, index);
      if (earlier === null || earlier === partition) continue;
      for (const old of earlier.replicas) {
        const now = replicaOn(partition, old.broker);
        if (now === undefined || now === old || !sameTerm(old, now) || old.highWatermark === old.logStart) continue;
        const scope = { partition: partition.partition };
        notes.examined(scope);
        if (now.highWatermark >= old.highWatermark) continue;
        const where = `leader ${now.broker} of ${partition.partition} in epoch ${now.leaderEpoch}`;
        notes.violated(`high watermark of ${where} went from ${old.highWatermark} to ${now.highWatermark}`, scope);
      }
    }
    return notes.judgement();
  },
};

/** A restart shows as a state in which the process is dead, so that two living states are the same process. */
function sameTerm(old: ReplicaView, now: ReplicaView): boolean {
  const bothLead = old.role === "leader" && now.role === "leader";
  return bothLead && old.alive && now.alive && old.leaderEpoch === now.leaderEpoch;
}

/**
 * Every leader is looked at, deposed ones that do not know it too (as StrongIsr of the published TLA+ ladder does): the
 * members of its ISR had fetched up to its high watermark while they followed it, its successor was one of them, and
 * who joined later joined with at least the successor's log at its election. A dead member counts with its disk, since
 * it may come back and be elected.
 */
export const hw2: Requirement = {
  id: "HW-2",
  title: "the high watermark covers only what is safe",
  statement:
    "Below the high watermark of a leader, deposed ones included, every replica that may be elected (ISR and ELR) has the same entries, and at least min ISR replicas have them on their disks.",
  kind: "always",
  area: "HW",
  sources: [
    "Partition.maybeIncrementLeaderHW",
    "KIP-497 (maximal ISR)",
    "KIP-966 (strict min ISR)",
    "hachikuji/kafka-specification (StrongIsr)",
  ],
  promisedWhen: "as DUR-2; the number of copies only while no disk has lost any",
  applies: () => true,
  promised: strictlyCommitted,
  invariant(view, before) {
    const notes = takeNotes((scope) => strictlyCommitted(view.config, scope));
    forChangedPartitions(view, before, (partition) => {
      for (const leader of partition.replicas) {
        if (leader.role !== "leader" || leader.highWatermark === leader.logStart) continue;
        notes.examined({ partition: partition.partition, ...whenDisksAreSafe(view.config, partition) });
        judgeMembers(view.config, partition, leader, notes);
        judgeCopies(view, partition, leader, notes);
      }
    });
    return notes.judgement();
  },
};

function judgeMembers(config: ClusterConfig, partition: PartitionView, leader: ReplicaView, notes: Notes): void {
  for (const member of electable(config, partition)) {
    const offset = firstDifference(leader, member, leader.highWatermark);
    if (offset === null) continue;
    notes.violated(
      `leader ${leader.broker} (epoch ${leader.leaderEpoch}) of ${partition.partition} has high watermark ${leader.highWatermark} and at offset ${offset} ${whatStandsAt(leader, offset)}; replica ${member.broker}, which may be elected, has ${whatStandsAt(member, offset)}`,
      { partition: partition.partition, ...whenDisksAreSafe(config, partition) },
    );
  }
}

function judgeCopies(view: ClusterView, partition: PartitionView, leader: ReplicaView, notes: Notes): void {
  const needed = effectiveMinIsr(view.config, partition.partition);
  const copies = partition.replicas.filter(
    (replica) => firstDifference(leader, replica, leader.highWatermark) === null,
  ).length;
  if (copies >= needed) return;
  notes.violated(
    `leader ${leader.broker} (epoch ${leader.leaderEpoch}) of ${partition.partition} has high watermark ${leader.highWatermark}, but only ${copies} of its replicas have everything below it; min ISR is ${needed}`,
    { partition: partition.partition, ...whileDisksAreWhole(partition) },
  );
}

export const hw3: Requirement = {
  id: "HW-3",
  title: "consumers see only what is committed",
  statement: "A consumer is served nothing at or above the high watermark of the leader that serves it.",
  kind: "always",
  perStep: true,
  area: "HW",
  sources: ["Partition.fetchRecords", "UnifiedLog.read (FetchIsolation.HIGH_WATERMARK)", "KAFKA-9835"],
  promisedWhen: "always",
  applies: (config) => Object.keys(config.consumers).length > 0,
  promised: () => true,
  invariant(view, before) {
    const notes = takeNotes(() => true);
    for (const seen of view.observed) {
      if (seen.kind !== "served" || seen.to <= seen.from) continue;
      const { partition, consumer, broker, from, to } = seen;
      const scope = { partition, consumer };
      notes.examined(scope);
      const own = ownHighWatermark(view, before, partition, broker);
      const limit = own === null ? seen.highWatermark : Math.min(own, seen.highWatermark);
      if (to <= limit) continue;
      notes.violated(
        `broker ${broker} served ${consumer} the offsets ${from} to ${to - 1} of ${partition} with high watermark ${limit}`,
        scope,
      );
    }
    return notes.judgement();
  },
};

/** The higher of its high watermarks before and after the step: within the step either may have been the moment. */
function ownHighWatermark(view: ClusterView, before: ClusterView | null, partition: string, broker: number) {
  const all = [view, before].flatMap((at) => {
    const found = at?.partitions.find((one) => one.partition === partition);
    const replica = found === undefined ? undefined : replicaOn(found, broker);
    return replica === undefined ? [] : [replica.highWatermark];
  });
  return all.length === 0 ? null : Math.max(...all);
}
