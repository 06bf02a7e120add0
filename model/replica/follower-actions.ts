/** What a follower does: fetch, append, truncate. Wired in the machine. */
import { assertEvent } from "xstate";
import { type Effects, effects, observe } from "../effect.ts";
import type { EpochEnd, FetchResult, RequestBody } from "../message.ts";
import type { ReplicaContext, ReplicaEvent } from "./replica-context.ts";
import {
  appendEntries,
  emptyLog,
  endOffsetForEpoch,
  latestEpoch,
  logEnd,
  raiseStart,
  truncate,
} from "./replica-log.ts";

interface Args {
  readonly context: ReplicaContext;
  readonly event: ReplicaEvent;
}
type Update = Partial<ReplicaContext>;

/** The result for this replica's partition in a fetch response. */
export function fetched(event: ReplicaEvent): FetchResult {
  assertEvent(event, "fetch-response");
  const [result] = event.results;
  if (result === undefined) throw new Error("a follower's fetch is answered for exactly one partition");
  return result;
}

/** What a request tells of epochs; `null`: nothing. */
type ToldEpoch = (context: ReplicaContext) => number | null;

/** A leader of another epoch refuses the request (KIP-320). */
export const ownLeaderEpoch: ToldEpoch = ({ leaderEpoch }) => leaderEpoch;

/** The epoch of the last record, so that the leader sees whether the logs agree (KIP-595). */
export const lastFetchedEpoch: ToldEpoch = ({ log }) => (latestEpoch(log) < 0 ? null : latestEpoch(log));

export const sendFetch =
  (current: ToldEpoch, lastFetched: ToldEpoch) =>
  ({ context }: Args): Effects => {
    const { broker, brokerEpoch, partition, fetchWaitMs: maxWaitMs } = context;
    const offset = logEnd(context.log);
    const at = { partition, offset, currentLeaderEpoch: current(context), lastFetchedEpoch: lastFetched(context) };
    const replica = { broker, brokerEpoch };
    return request(context, { type: "fetch", replica, consumer: null, maxWaitMs, partitions: [at] });
  };

function request({ leader }: ReplicaContext, body: RequestBody): Effects {
  return effects({ kind: "request", to: `b${leader}`, body });
}

/** Gives up on the leader that it fetches from; what is still on its way from there no longer counts. */
export function closeFetch({ context }: Args): Effects {
  return context.leader === null ? effects() : effects({ kind: "close", to: `b${context.leader}` });
}

export function appendFetched({ context, event }: Args): Update {
  return { log: appendEntries(context.log, fetched(event).entries, context.segmentBytes) };
}

/**
 * The leader's high watermark of the answer, at most the own log end; it may go down, but not below the own log start.
 * Runs after the append.
 */
export function adoptHighWatermark({ context, event }: Args): Update {
  const highWatermark = Math.min(fetched(event).highWatermark, logEnd(context.log));
  return { highWatermark: Math.max(highWatermark, context.log.start) };
}

/**
 * What the leader has let go, the follower lets go. That never reaches beyond the high watermark that it has just
 * adopted: the leader's log start is above neither the leader's high watermark nor the offset that was fetched.
 */
export function adoptLogStart({ context, event }: Args): Update {
  return { log: raiseStart(context.log, fetched(event).logStart) };
}

export const askOffset =
  (at: "earliest" | "latest", current: ToldEpoch) =>
  ({ context }: Args): Effects => {
    const { partition } = context;
    const currentLeaderEpoch = current(context);
    return request(context, { type: "list-offsets", partition, at, currentLeaderEpoch, isFollower: true });
  };

/** Where does the last epoch of the own log end at the leader? */
export const askEpochEnd =
  (current: ToldEpoch) =>
  ({ context }: Args): Effects => {
    const { partition, log } = context;
    const currentLeaderEpoch = current(context);
    const leaderEpoch = latestEpoch(log);
    return request(context, { type: "offset-for-leader-epoch", partition, leaderEpoch, currentLeaderEpoch });
  };

/** All that the log holds has gone at the leader: it is dropped, the leader epochs too, and nothing is left to compare. */
export function startAfresh({ event }: Args): Update {
  assertEvent(event, "list-offsets-response");
  return { log: emptyLog(event.offset), highWatermark: event.offset };
}

// --- where to truncate to (AbstractFetcherThread.getOffsetTruncationState) --------------------------------------

/** An epoch and where it ends at the leader, by a fetch that diverges or as the answer to the question; `null`: none. */
export function leaderEnd(event: ReplicaEvent): EpochEnd | null {
  return event.type === "offset-for-leader-epoch-response" ? event.end : fetched(event).diverging;
}

/** Own end of the epoch that the leader named; `null` if the epoch is above all that the log knows. */
export function ownEnd({ context, event }: Args): EpochEnd | null {
  return endOffsetForEpoch(context.log, namedEnd(event).epoch);
}

function namedEnd(event: ReplicaEvent): EpochEnd {
  const end = leaderEnd(event);
  if (end === null) throw new Error("the leader has named no epoch");
  return end;
}

/** Both know the epoch: the smaller of both ends. */
export function truncateToCommonEnd({ context, event }: Args): Update {
  return truncateTo(context, Math.min(ownEnd({ context, event })?.endOffset ?? 0, namedEnd(event).endOffset));
}

/** The follower does not know the leader's epoch: its own end of the largest lower one; then it asks again. */
export function truncateToOwnEnd({ context, event }: Args): Update {
  return truncateTo(context, ownEnd({ context, event })?.endOffset ?? 0);
}

/** The leader's epoch is above all that the follower knows, or the follower knows none. */
export function truncateToLeaderEnd({ context, event }: Args): Update {
  return truncateTo(context, namedEnd(event).endOffset);
}

/** No epoch to go by. What is above the own high watermark may be committed all the same: this is how records are lost. */
export function truncateToHighWatermark({ context }: Args): Update {
  return truncateTo(context, context.highWatermark);
}

/** Out of range: the leader's log end, without comparing epochs. */
export function truncateToListed({ context, event }: Args): Update {
  assertEvent(event, "list-offsets-response");
  return truncateTo(context, event.offset);
}

function truncateTo(context: ReplicaContext, offset: number): Update {
  const to = Math.min(offset, logEnd(context.log));
  return { log: truncate(context.log, to), highWatermark: Math.min(context.highWatermark, to) };
}

/** Runs before the truncation, with the update that it will make. */
export const observeTruncation =
  (plan: (args: Args) => Update) =>
  (args: Args): Effects => {
    const { broker, partition } = args.context;
    const from = logEnd(args.context.log);
    const to = logEnd(plan(args).log ?? args.context.log);
    return to < from ? effects(observe({ kind: "truncated", broker, partition, from, to })) : effects();
  };
