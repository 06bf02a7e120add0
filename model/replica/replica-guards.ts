/** The decisions of a replica, by name. */
import { assertEvent } from "xstate";
import { fetched, leaderEnd, ownEnd } from "./follower-actions.ts";
import { followerIsEligible } from "./leader-actions.ts";
import { maximalIsr, outOfSync, replicatedUpTo } from "./leader-rules.ts";
import type { ReplicaContext, ReplicaEvent } from "./replica-context.ts";
import { endOffsetForEpoch, latestEpoch, logEnd } from "./replica-log.ts";

interface Args {
  readonly context: ReplicaContext;
  readonly event: ReplicaEvent;
}

// --- what the metadata says ------------------------------------------------------------------------------------

function changeIsStale({ context, event }: Args): boolean {
  assertEvent(event, "partition-changed");
  return event.change.partitionEpoch < context.partitionEpoch;
}

/**
 * The leader has learnt of it by the answer to its own proposal. It may have proposed the next change since; Kafka's
 * leader forgets that one (Partition.makeLeader takes an equal partition epoch for news), and its high watermark may
 * then pass a replica that the controller is about to take into the ISR.
 */
function changeIsKnown({ context, event }: Args): boolean {
  assertEvent(event, "partition-changed");
  return event.change.partitionEpoch === context.partitionEpoch;
}

function changeIsOfThisTerm({ context, event }: Args): boolean {
  assertEvent(event, "partition-changed");
  return event.change.leaderEpoch === context.leaderEpoch;
}

function changeElectsMe({ context, event }: Args): boolean {
  assertEvent(event, "partition-changed");
  return event.change.leader === context.broker;
}

function changeElectsOther({ event }: Args): boolean {
  assertEvent(event, "partition-changed");
  return event.change.leader !== null;
}

// --- fencing by leader epoch (KIP-320) -------------------------------------------------------------------------

/** `null`: the sender does not tell any, and is not fenced (followers before KIP-320). */
function requestEpoch(event: ReplicaEvent): number | null {
  assertEvent(event, ["read", "list-offsets", "offset-for-leader-epoch"]);
  return event.type === "read" ? event.at.currentLeaderEpoch : event.currentLeaderEpoch;
}

function requestEpochIsOlder({ context, event }: Args): boolean {
  const epoch = requestEpoch(event);
  return epoch !== null && epoch < context.leaderEpoch;
}

function requestEpochIsNewer({ context, event }: Args): boolean {
  const epoch = requestEpoch(event);
  return epoch !== null && epoch > context.leaderEpoch;
}

// --- appending and acknowledging -------------------------------------------------------------------------------

function wantsAllAcks({ event }: Args): boolean {
  assertEvent(event, "append");
  return event.acks === -1;
}

/** Before the append, against the committed ISR. */
function isrIsTooSmall({ context }: Args): boolean {
  return context.isr.length < context.effectiveMinIsr;
}

/** After the append, against the maximal ISR. */
function maximalIsrIsTooSmall({ context }: Args): boolean {
  return maximalIsr(context).length < context.effectiveMinIsr;
}

/** Since 3.7 the high watermark stands still while the committed ISR is too small. */
function meetsMinIsr({ context }: Args): boolean {
  return !context.strictMinIsr || context.isr.length >= context.effectiveMinIsr;
}

function replicatedFurther({ context }: Args): boolean {
  return replicatedUpTo(context) > context.highWatermark;
}

// --- reading ---------------------------------------------------------------------------------------------------

function lastFetchedEpochIsUnknown({ context, event }: Args): boolean {
  assertEvent(event, "read");
  const epoch = event.at.lastFetchedEpoch;
  return epoch !== null && endOffsetForEpoch(context.log, epoch) === null;
}

/** The reader's last epoch ended earlier here than the reader's log does, or is not known here at all (KIP-595). */
function readerDiverges({ context, event }: Args): boolean {
  assertEvent(event, "read");
  const epoch = event.at.lastFetchedEpoch;
  if (epoch === null) return false;
  const end = endOffsetForEpoch(context.log, epoch);
  return end !== null && (end.epoch < epoch || end.endOffset < event.at.offset);
}

/** Whether the logs diverge or not: what has gone at the head is not compared. */
function offsetIsBelowLogStart({ context, event }: Args): boolean {
  assertEvent(event, "read");
  return event.at.offset < context.log.start;
}

function offsetIsBeyondLogEnd({ context, event }: Args): boolean {
  assertEvent(event, "read");
  return event.at.offset > logEnd(context.log);
}

function comesFromFollower({ event }: Args): boolean {
  assertEvent(event, "read");
  return event.replica !== null;
}

function isReadAgain({ event }: Args): boolean {
  assertEvent(event, "read");
  return event.again;
}

/** A fetch of a process that has been replaced since (KIP-903). */
function comesFromOldIncarnation({ context, event }: Args): boolean {
  assertEvent(event, "read");
  const { replica } = event;
  return (
    replica !== null &&
    context.liveBrokers.some(({ broker, epoch }) => broker === replica.broker && epoch > replica.brokerEpoch)
  );
}

/** The high watermark is recomputed only if the fetch tells a new log end. */
function movesFollower({ context, event }: Args): boolean {
  assertEvent(event, "read");
  const { replica, at } = event;
  return context.remotes.some((remote) => remote.broker === replica?.broker && remote.logEnd !== at.offset);
}

function asksEarliest({ event }: Args): boolean {
  assertEvent(event, "list-offsets");
  return event.at === "earliest";
}

function asksAsFollower({ event }: Args): boolean {
  assertEvent(event, "list-offsets");
  return event.isFollower;
}

/** A new leader's high watermark may lag: until it reaches the epoch's start, "latest" could go backwards (KIP-207). */
function latestIsNotKnownYet({ context }: Args): boolean {
  return context.highWatermark < (context.epochStart ?? 0);
}

// --- ISR -------------------------------------------------------------------------------------------------------

function joining({ context, event }: Args) {
  assertEvent(event, "consider-joining");
  return context.remotes.find(({ broker }) => broker === event.follower);
}

function isOutsideIsr({ context, event }: Args): boolean {
  assertEvent(event, "consider-joining");
  return !context.isr.includes(event.follower);
}

function mayBeInIsr({ context, event }: Args): boolean {
  assertEvent(event, "consider-joining");
  return followerIsEligible(context, event.follower);
}

function hasReachedHighWatermark(args: Args): boolean {
  return (joining(args)?.logEnd ?? -1) >= args.context.highWatermark;
}

/** A new leader's high watermark lags, so it alone is not enough (KAFKA-7128). */
function hasReachedEpochStart(args: Args): boolean {
  return (joining(args)?.logEnd ?? -1) >= (args.context.epochStart ?? 0);
}

function someoneFellBehind({ context }: Args): boolean {
  return outOfSync(context).length > 0;
}

function answerIsStale({ context, event }: Args): boolean {
  assertEvent(event, "alter-partition-response");
  return event.leaderEpoch !== context.leaderEpoch || event.basedOn !== context.partitionEpoch;
}

function answerAccepts({ event }: Args): boolean {
  assertEvent(event, "alter-partition-response");
  return event.error === null;
}

/** Only this error says both that our partition epoch is right and that nothing was applied. */
function answerRulesOutChange({ event }: Args): boolean {
  assertEvent(event, "alter-partition-response");
  return event.error === "INELIGIBLE_REPLICA";
}

// --- following -------------------------------------------------------------------------------------------------

function fetchWasFenced({ event }: Args): boolean {
  return fetched(event).error === "FENCED_LEADER_EPOCH";
}

function fetchWasOutOfRange({ event }: Args): boolean {
  return fetched(event).error === "OFFSET_OUT_OF_RANGE";
}

function fetchFailed({ event }: Args): boolean {
  return fetched(event).error !== null;
}

function nothingIsNew({ event }: Args): boolean {
  return fetched(event).entries.length === 0;
}

function logsDiverge({ event }: Args): boolean {
  return fetched(event).diverging !== null;
}

function knowsDivergingEpoch(args: Args): boolean {
  return ownEnd(args)?.epoch === leaderEnd(args.event)?.epoch;
}

function knowsLowerEpoch(args: Args): boolean {
  return ownEnd(args) !== null;
}

function askWasFenced({ event }: Args): boolean {
  assertEvent(event, ["list-offsets-response", "offset-for-leader-epoch-response"]);
  return event.error === "FENCED_LEADER_EPOCH";
}

function askFailed({ event }: Args): boolean {
  assertEvent(event, ["list-offsets-response", "offset-for-leader-epoch-response"]);
  return event.error !== null;
}

/** Since KIP-595 the first fetch tells whether there is anything to truncate. */
function truncatesOnFetch(): boolean {
  return true;
}

/** An empty log; or epochs are not compared at all. */
function hasNoEpochToAsk({ context }: Args): boolean {
  return latestEpoch(context.log) < 0;
}

/** The leader knows nothing of the epoch, nor of a later one. */
function epochEndIsUnknown({ event }: Args): boolean {
  return leaderEnd(event) === null;
}

function leaderEndIsBelow({ context, event }: Args): boolean {
  assertEvent(event, "list-offsets-response");
  return event.offset < logEnd(context.log);
}

/** Nothing of the follower's log is left at the leader. */
function leaderStartIsAbove({ context, event }: Args): boolean {
  assertEvent(event, "list-offsets-response");
  return event.offset > logEnd(context.log);
}

export const replicaGuards = {
  changeIsStale,
  changeIsKnown,
  changeIsOfThisTerm,
  changeElectsMe,
  changeElectsOther,
  requestEpochIsOlder,
  requestEpochIsNewer,
  wantsAllAcks,
  isrIsTooSmall,
  maximalIsrIsTooSmall,
  meetsMinIsr,
  replicatedFurther,
  lastFetchedEpochIsUnknown,
  readerDiverges,
  offsetIsBelowLogStart,
  offsetIsBeyondLogEnd,
  comesFromFollower,
  isReadAgain,
  comesFromOldIncarnation,
  movesFollower,
  asksEarliest,
  asksAsFollower,
  latestIsNotKnownYet,
  isOutsideIsr,
  mayBeInIsr,
  hasReachedHighWatermark,
  hasReachedEpochStart,
  someoneFellBehind,
  answerIsStale,
  answerAccepts,
  answerRulesOutChange,
  fetchWasFenced,
  fetchWasOutOfRange,
  fetchFailed,
  nothingIsNew,
  logsDiverge,
  knowsDivergingEpoch,
  knowsLowerEpoch,
  askWasFenced,
  askFailed,
  truncatesOnFetch,
  hasNoEpochToAsk,
  epochEndIsUnknown,
  leaderEndIsBelow,
  leaderStartIsAbove,
};
