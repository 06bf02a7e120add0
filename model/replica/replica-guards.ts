/** The decisions of a replica, by name. */
import { assertEvent } from "xstate";
import { fetched, ownEnd } from "./follower-actions.ts";
import { followerIsEligible } from "./leader-actions.ts";
import { maximalIsr, outOfSync, replicatedUpTo } from "./leader-rules.ts";
import type { ReplicaContext, ReplicaEvent } from "./replica-context.ts";
import { endOffsetForEpoch, logEnd } from "./replica-log.ts";

interface Args {
  readonly context: ReplicaContext;
  readonly event: ReplicaEvent;
}

// --- what the metadata says ------------------------------------------------------------------------------------

export function changeIsStale({ context, event }: Args): boolean {
  assertEvent(event, "partition-changed");
  return event.change.partitionEpoch < context.partitionEpoch;
}

export function changeIsOfThisTerm({ context, event }: Args): boolean {
  assertEvent(event, "partition-changed");
  return event.change.leaderEpoch === context.leaderEpoch;
}

export function changeElectsMe({ context, event }: Args): boolean {
  assertEvent(event, "partition-changed");
  return event.change.leader === context.broker;
}

export function changeElectsOther({ event }: Args): boolean {
  assertEvent(event, "partition-changed");
  return event.change.leader !== null;
}

// --- fencing by leader epoch (KIP-320) -------------------------------------------------------------------------

function requestEpoch(event: ReplicaEvent): number {
  assertEvent(event, ["read", "list-offsets", "offset-for-leader-epoch"]);
  return event.type === "read" ? event.at.currentLeaderEpoch : event.currentLeaderEpoch;
}

export function requestEpochIsOlder({ context, event }: Args): boolean {
  return requestEpoch(event) < context.leaderEpoch;
}

export function requestEpochIsNewer({ context, event }: Args): boolean {
  return requestEpoch(event) > context.leaderEpoch;
}

// --- appending and acknowledging -------------------------------------------------------------------------------

export function wantsAllAcks({ event }: Args): boolean {
  assertEvent(event, "append");
  return event.acks === -1;
}

/** Before the append, against the committed ISR. */
export function isrIsTooSmall({ context }: Args): boolean {
  return context.isr.length < context.effectiveMinIsr;
}

/** After the append, against the maximal ISR. */
export function maximalIsrIsTooSmall({ context }: Args): boolean {
  return maximalIsr(context).length < context.effectiveMinIsr;
}

/** Since 3.7 the high watermark stands still while the committed ISR is too small. */
export function meetsMinIsr({ context }: Args): boolean {
  return context.isr.length >= context.effectiveMinIsr;
}

export function replicatedFurther({ context }: Args): boolean {
  return replicatedUpTo(context) > context.highWatermark;
}

// --- reading ---------------------------------------------------------------------------------------------------

export function lastFetchedEpochIsUnknown({ context, event }: Args): boolean {
  assertEvent(event, "read");
  const epoch = event.at.lastFetchedEpoch;
  return epoch !== null && endOffsetForEpoch(context.log, epoch) === null;
}

/** The reader's last epoch ended earlier here than the reader's log does, or is not known here at all (KIP-595). */
export function readerDiverges({ context, event }: Args): boolean {
  assertEvent(event, "read");
  const epoch = event.at.lastFetchedEpoch;
  if (epoch === null) return false;
  const end = endOffsetForEpoch(context.log, epoch);
  return end !== null && (end.epoch < epoch || end.endOffset < event.at.offset);
}

export function offsetIsOutOfRange({ context, event }: Args): boolean {
  assertEvent(event, "read");
  return event.at.offset < context.log.start || event.at.offset > logEnd(context.log);
}

export function comesFromFollower({ event }: Args): boolean {
  assertEvent(event, "read");
  return event.replica !== null;
}

export function isReadAgain({ event }: Args): boolean {
  assertEvent(event, "read");
  return event.again;
}

/** A fetch of a process that has been replaced since (KIP-903). */
export function comesFromOldIncarnation({ context, event }: Args): boolean {
  assertEvent(event, "read");
  const { replica } = event;
  return (
    replica !== null &&
    context.liveBrokers.some(({ broker, epoch }) => broker === replica.broker && epoch > replica.brokerEpoch)
  );
}

/** The high watermark is recomputed only if the fetch tells a new log end. */
export function movesFollower({ context, event }: Args): boolean {
  assertEvent(event, "read");
  const { replica, at } = event;
  return context.remotes.some((remote) => remote.broker === replica?.broker && remote.logEnd !== at.offset);
}

export function asksEarliest({ event }: Args): boolean {
  assertEvent(event, "list-offsets");
  return event.at === "earliest";
}

export function asksAsFollower({ event }: Args): boolean {
  assertEvent(event, "list-offsets");
  return event.isFollower;
}

/** A new leader's high watermark may lag: until it reaches the epoch's start, "latest" could go backwards (KIP-207). */
export function latestIsNotKnownYet({ context }: Args): boolean {
  return context.highWatermark < (context.epochStart ?? 0);
}

// --- ISR -------------------------------------------------------------------------------------------------------

function joining({ context, event }: Args) {
  assertEvent(event, "consider-joining");
  return context.remotes.find(({ broker }) => broker === event.follower);
}

export function isOutsideIsr({ context, event }: Args): boolean {
  assertEvent(event, "consider-joining");
  return !context.isr.includes(event.follower);
}

export function mayBeInIsr({ context, event }: Args): boolean {
  assertEvent(event, "consider-joining");
  return followerIsEligible(context, event.follower);
}

export function hasReachedHighWatermark(args: Args): boolean {
  return (joining(args)?.logEnd ?? -1) >= args.context.highWatermark;
}

/** A new leader's high watermark lags, so it alone is not enough (KAFKA-7128). */
export function hasReachedEpochStart(args: Args): boolean {
  return (joining(args)?.logEnd ?? -1) >= (args.context.epochStart ?? 0);
}

export function someoneFellBehind({ context }: Args): boolean {
  return outOfSync(context).length > 0;
}

export function answerIsStale({ context, event }: Args): boolean {
  assertEvent(event, "alter-partition-response");
  return event.leaderEpoch !== context.leaderEpoch || event.basedOn !== context.partitionEpoch;
}

export function answerAccepts({ event }: Args): boolean {
  assertEvent(event, "alter-partition-response");
  return event.error === null;
}

/** Only this error says both that our partition epoch is right and that nothing was applied. */
export function answerRulesOutChange({ event }: Args): boolean {
  assertEvent(event, "alter-partition-response");
  return event.error === "INELIGIBLE_REPLICA";
}

// --- following -------------------------------------------------------------------------------------------------

export function fetchWasFenced({ event }: Args): boolean {
  return fetched(event).error === "FENCED_LEADER_EPOCH";
}

export function fetchWasOutOfRange({ event }: Args): boolean {
  return fetched(event).error === "OFFSET_OUT_OF_RANGE";
}

export function fetchFailed({ event }: Args): boolean {
  return fetched(event).error !== null;
}

export function logsDiverge({ event }: Args): boolean {
  return fetched(event).diverging !== null;
}

export function knowsDivergingEpoch(args: Args): boolean {
  return ownEnd(args)?.epoch === fetched(args.event).diverging?.epoch;
}

export function knowsLowerEpoch(args: Args): boolean {
  return ownEnd(args) !== null;
}

export function askFailed({ event }: Args): boolean {
  assertEvent(event, "list-offsets-response");
  return event.error !== null;
}

export function leaderEndIsBelow({ context, event }: Args): boolean {
  assertEvent(event, "list-offsets-response");
  return event.offset < logEnd(context.log);
}
