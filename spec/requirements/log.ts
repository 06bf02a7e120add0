/** LOG: what every replica's log looks like, and how the logs of one partition fit together. */
import type { PartitionView, ReplicaView } from "../cluster-view.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { Requirement, Scope } from "../requirement.ts";
import { comparesEpochs, inSomePartition, safeElections, whenDisksAreSafe } from "../safety.ts";
import { type Notes, takeNotes } from "./notes.ts";
import { entryAt, firstDifference, forChangedPartitions, sameRecord, whatStandsAt } from "./replica-logs.ts";

function notExcused(_config: ClusterConfig, { excuse }: Scope): boolean {
  return excuse === undefined;
}

export const log1: Requirement = {
  id: "LOG-1",
  title: "logs are dense and their epochs never go down",
  statement:
    "In every log offsets rise by one from the log start to the log end, leader epochs never go down and never exceed the partition's, and the high watermark of a running replica lies between log start and log end.",
  kind: "always",
  area: "LOG",
  sources: ["UnifiedLog.append", "LeaderEpochFileCache.assign", "UnifiedLog.updateHighWatermark"],
  promisedWhen:
    "always (gaps by transaction markers and compaction apart); that epochs never go down only where followers reconcile by leader epoch (kip-320, kip-595)",
  applies: () => true,
  promised: notExcused,
  invariant(view, before) {
    const notes = takeNotes((scope) => notExcused(view.config, scope));
    const reconciliation = view.config.server["log.reconciliation"];
    const excuse = comparesEpochs(reconciliation)
      ? {}
      : { excuse: `${reconciliation} lets a follower append to a log that differs from its leader's` };
    forChangedPartitions(view, before, (partition) => {
      for (const replica of partition.replicas) {
        judgeBounds(partition, replica, notes);
        judgeOffsets(partition, replica, notes);
        judgeEpochs(partition, replica, excuse, notes);
      }
    });
    return notes.judgement();
  },
};

function judgeBounds(partition: PartitionView, replica: ReplicaView, notes: Notes): void {
  const { logStart, logEnd, highWatermark, log } = replica;
  const scope = { partition: partition.partition };
  const where = `replica ${replica.broker} of ${partition.partition}`;
  if (log.length > 0) notes.examined(scope);
  if (logStart < 0 || logEnd !== logStart + log.length) {
    notes.violated(`${where} has ${log.length} entries from log start ${logStart} to log end ${logEnd}`, scope);
  }
  // The checkpoint on a dead broker's disk may lag behind a truncation; it is brought into bounds at start.
  if (replica.role === "offline" || (logStart <= highWatermark && highWatermark <= logEnd)) return;
  notes.violated(`${where} has high watermark ${highWatermark} and a log from ${logStart} to ${logEnd}`, scope);
}

function judgeOffsets(partition: PartitionView, { broker, logStart, log }: ReplicaView, notes: Notes): void {
  for (const [index, { offset }] of log.entries()) {
    if (offset === logStart + index) continue;
    const where = `replica ${broker} of ${partition.partition}`;
    notes.violated(`${where} has offset ${offset} where offset ${logStart + index} belongs`, {
      partition: partition.partition,
    });
    return;
  }
}

function judgeEpochs(partition: PartitionView, { broker, log }: ReplicaView, excuse: Scope, notes: Notes): void {
  const where = `replica ${broker} of ${partition.partition}`;
  for (const [index, { offset, epoch }] of log.entries()) {
    const last = log[index - 1]?.epoch ?? 0;
    if (epoch < last) {
      const text = `${where} has epoch ${epoch} at offset ${offset} after epoch ${last}`;
      notes.violated(text, { partition: partition.partition, ...excuse });
    }
    if (epoch > partition.leaderEpoch) {
      const text = `${where} has epoch ${epoch} at offset ${offset}, but the partition is in epoch ${partition.leaderEpoch}`;
      notes.violated(text, { partition: partition.partition });
    }
  }
}

function matchingPromised(config: ClusterConfig, { partition, excuse }: Scope): boolean {
  return excuse === undefined && inSomePartition(config, partition, safeElections);
}

export const log2: Requirement = {
  id: "LOG-2",
  title: "logs match",
  statement:
    "Two replicas that have an entry of the same leader epoch at the same offset have the same record there, and below both their high watermarks they have the same entries.",
  kind: "always",
  area: "LOG",
  sources: ["KIP-101", "KIP-279", "KIP-320", "AbstractFetcherThread.getOffsetTruncationState", "KAFKA-14704"],
  promisedWhen:
    "unclean election is off, followers reconcile by leader epoch; what is committed matches only on safe disks (as for DUR-1)",
  applies: () => true,
  promised: matchingPromised,
  invariant(view, before) {
    const notes = takeNotes((scope) => matchingPromised(view.config, scope));
    forChangedPartitions(view, before, (partition) => {
      for (const [index, one] of partition.replicas.entries()) {
        for (const other of partition.replicas.slice(index + 1)) judgePair(view.config, partition, one, other, notes);
      }
    });
    return notes.judgement();
  },
};

function judgePair(
  config: ClusterConfig,
  partition: PartitionView,
  one: ReplicaView,
  other: ReplicaView,
  notes: Notes,
): void {
  if (one.log.length === 0 || other.log.length === 0) return;
  const scope = { partition: partition.partition };
  notes.examined(scope);
  if (one.log === other.log) return;
  const stands = (offset: number) =>
    `at offset ${offset} of ${partition.partition} replica ${one.broker} has ${whatStandsAt(one, offset)}, replica ${other.broker} has ${whatStandsAt(other, offset)}`;
  for (const entry of one.log) {
    const there = entryAt(other, entry.offset);
    if (there === undefined || there.epoch !== entry.epoch || sameRecord(entry, there)) continue;
    notes.violated(`${stands(entry.offset)}: one epoch, two records`, scope);
    return;
  }
  const committed = Math.min(knownCommitted(one), knownCommitted(other));
  const offset = firstDifference(one, other, committed) ?? firstDifference(other, one, committed);
  if (offset !== null)
    notes.violated(`${stands(offset)}, both below their high watermarks`, {
      ...scope,
      ...whenDisksAreSafe(config, partition),
    });
}

/** A dead broker's checkpoint may be above its log, which a power loss has cut; it is brought into bounds at start. */
function knownCommitted({ role, highWatermark, logEnd }: ReplicaView): number {
  return role === "offline" ? Math.min(highWatermark, logEnd) : highWatermark;
}
