/** RET: what goes because it is old, or because somebody asked for it. */
import type { PartitionView, ReplicaView } from "../cluster-view.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { Requirement, Scope } from "../requirement.ts";
import { safeElections, whenDisksAreSafe } from "../safety.ts";
import { type Notes, takeNotes } from "./notes.ts";
import { entryAt, partitionBefore, replicaOn } from "./replica-logs.ts";

function notExcused(_config: ClusterConfig, { excuse }: Scope): boolean {
  return excuse === undefined;
}

/**
 * What the other requirements say of lost records ends at the log start: what lay below it was let go. So it is for this
 * one to say that nothing is let go but what may be.
 */
export const ret1: Requirement = {
  id: "RET-1",
  title: "only committed records are let go, from the head",
  statement:
    "The log start of a replica is never beyond its high watermark and never goes back, restarts included, and every offset from there to the high watermark is there.",
  kind: "always",
  perStep: true,
  area: "RET",
  sources: ["UnifiedLog.maybeIncrementLogStartOffset", "UnifiedLog.deletableSegments", "LogLoader.load"],
  promisedWhen:
    "always; without safe elections or safe disks (as for DUR-1) a truncation below the log start may take it back (gaps by transaction markers and compaction apart)",
  applies: () => true,
  promised: notExcused,
  invariant(view, before) {
    const notes = takeNotes((scope) => notExcused(view.config, scope));
    for (const [index, partition] of view.partitions.entries()) {
      const earlier = partitionBefore(before, index);
      if (partition === earlier) continue;
      for (const replica of partition.replicas) {
        const old = earlier === null ? undefined : replicaOn(earlier, replica.broker);
        if (old === replica) continue;
        if (replica.logStart > 0) notes.examined({ partition: partition.partition });
        judgeBounds(partition, replica, notes);
        if (old !== undefined) judgeMove(view.config, partition, old, replica, notes);
      }
    }
    return notes.judgement();
  },
};

/** What a dead broker's disk shows as its high watermark is a checkpoint, which lags. */
function judgeBounds(partition: PartitionView, replica: ReplicaView, notes: Notes): void {
  const { broker, role, logStart, highWatermark } = replica;
  if (role === "offline") return;
  const where = `replica ${broker} of ${partition.partition}`;
  const scope = { partition: partition.partition };
  if (logStart > highWatermark) {
    notes.violated(`${where} has log start ${logStart} and high watermark ${highWatermark}`, scope);
  }
  for (let offset = logStart; offset < highWatermark; offset += 1) {
    if (entryAt(replica, offset) !== undefined) continue;
    const text = `${where} has nothing at offset ${offset}, between log start ${logStart} and high watermark ${highWatermark}`;
    notes.violated(text, scope);
    return;
  }
}

function judgeMove(
  config: ClusterConfig,
  partition: PartitionView,
  old: ReplicaView,
  now: ReplicaView,
  notes: Notes,
): void {
  if (now.logStart >= old.logStart) return;
  const excuse = now.logEnd < old.logStart ? whenItMayBeTruncatedAway(config, partition) : {};
  const text = `the log start of replica ${now.broker} of ${partition.partition} went from ${old.logStart} to ${now.logStart}`;
  notes.violated(text, { partition: partition.partition, ...excuse });
}

function whenItMayBeTruncatedAway(config: ClusterConfig, partition: PartitionView): Pick<Scope, "excuse"> {
  return safeElections(config, partition.partition)
    ? whenDisksAreSafe(config, partition)
    : { excuse: "without safe elections a replica may have to truncate below its log start" };
}
