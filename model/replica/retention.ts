/**
 * How old records go: every so often each replica looks at its oldest segment, and deletes it if it is committed as a
 * whole and either the log is too large without need of it, or its last append is too long ago. The last segment goes,
 * too, where all of it may; the next append begins a new one.
 *
 * The age of a segment is counted in checks, as machines read no clock: a segment that is older than `retention.ms` goes
 * at the next check, and so nothing between two checks needs to be known. It is as exact as Kafka's where `retention.ms`
 * is a multiple of the interval, otherwise a segment stays up to one interval longer.
 *
 * Source: core/…/log/UnifiedLog.scala (deleteOldSegments, deletableSegments), LogManager.scala (cleanupLogs).
 */
import type { ReplicaContext } from "./replica-context.ts";
import { dropOldestSegment, oldestEnd } from "./replica-log.ts";

interface Args {
  readonly context: ReplicaContext;
}

/** Does it delete anything, ever? */
function deletesRecords({ context }: Args): boolean {
  return context.retentionBytes !== -1 || context.retentionChecks !== null;
}

/** There is a segment, and all of it is below the high watermark: the log start never goes beyond that. */
function oldestIsCommitted({ context }: Args): boolean {
  return context.log.segments.length > 0 && oldestEnd(context.log) <= context.highWatermark;
}

/** Without its oldest segment the log is still as large as it is to be. */
function sizeIsBreached({ context: { log, retentionBytes } }: Args): boolean {
  const rest = log.segments.slice(1).reduce((sum, { bytes }) => sum + bytes, 0);
  return retentionBytes !== -1 && rest >= retentionBytes;
}

function oldestHasExpired({ context: { log, retentionChecks } }: Args): boolean {
  return retentionChecks !== null && (log.segments[0]?.checks ?? 0) >= retentionChecks;
}

export const retentionGuards = { deletesRecords, oldestIsCommitted, sizeIsBreached, oldestHasExpired };

/** One more check since the last append to each segment. Where nothing expires nothing is counted. */
export function ageSegments({ context: { log, retentionChecks } }: Args): Partial<ReplicaContext> {
  if (retentionChecks === null) return {};
  const segments = log.segments.map((segment) => ({
    ...segment,
    checks: Math.min(segment.checks + 1, retentionChecks),
  }));
  return { log: { ...log, segments } };
}

export function deleteOldestSegment({ context }: Args): Partial<ReplicaContext> {
  return { log: dropOldestSegment(context.log) };
}
