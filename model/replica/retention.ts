/**
 * How old records go: every so often each replica looks at its oldest segment, and deletes it if it is committed as a
 * whole and either the log is too large without need of it, or its last append is too long ago. The last segment goes,
 * too, where all of it may; the next append begins a new one.
 *
 * The age of a segment is counted in checks, as machines read no clock: a segment that is older than `retention.ms` goes
 * at the next check, and so nothing between two checks needs to be known. It is as exact as Kafka's where `retention.ms`
 * is a multiple of the interval, otherwise a segment stays up to one interval longer.
 *
 * An administrator may move the leader's log start up as well, to any offset that is committed (DeleteRecords).
 *
 * Source: core/…/log/UnifiedLog.scala (deleteOldSegments, deletableSegments), LogManager.scala (cleanupLogs),
 * core/…/cluster/Partition.scala (deleteRecordsOnLeader).
 */
import { assertEvent } from "xstate";
import { type Effects, effects } from "../effect.ts";
import type { ErrorName } from "../message.ts";
import type { ReplicaContext, ReplicaEvent } from "./replica-context.ts";
import { dropOldestSegment, oldestEnd, raiseStart } from "./replica-log.ts";

interface Args {
  readonly context: ReplicaContext;
  readonly event: ReplicaEvent;
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

function deletesBeyondHighWatermark({ context, event }: Args): boolean {
  assertEvent(event, "delete-records");
  return event.before > context.highWatermark;
}

export const retentionGuards = {
  deletesRecords,
  oldestIsCommitted,
  sizeIsBreached,
  oldestHasExpired,
  deletesBeyondHighWatermark,
};

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

/** What lies below already is no error: there is nothing to do. */
export function deleteRecords({ context, event }: Args): Partial<ReplicaContext> {
  assertEvent(event, "delete-records");
  return { log: raiseStart(context.log, event.before) };
}

export const answerDelete =
  (error: ErrorName | null) =>
  ({ context, event }: Args): Effects => {
    assertEvent(event, "delete-records");
    const body = { type: "delete-records-response", partition: context.partition, error } as const;
    return effects({ kind: "reply", connection: event.connection, body });
  };
