/** A consumer `c1` of two partitions: its inputs, what happens to it, and what it does. */
import type { ConsumerEvent, ConsumerInput, Position } from "../../../model/consumer/consumer-context.ts";
import { type Effect, local, observe } from "../../../model/effect.ts";
import type { CommittedOffset, EpochEnd, ErrorName, FetchResult, PartitionMetadata } from "../../../model/message.ts";
import { log } from "../../spec/cluster-views.ts";
import { type Fire, fire } from "../machine-case.ts";

/** In group `g`, without auto-commit, reset to the earliest offset; broker 1 leads t-0, broker 2 leads t-1. */
export const input: ConsumerInput = {
  client: "c1",
  group: "g",
  brokers: [1, 2],
  autoCommit: false,
  autoCommitIntervalMs: 5000,
  resetPolicy: "earliest",
  maxPollRecords: 3,
  fetchMaxWaitMs: 500,
  requestTimeoutMs: 30_000,
  apiTimeoutMs: 60_000,
  retryBackoffMs: 100,
  leaders: [
    { partition: "t-0", leader: 1, leaderEpoch: 0 },
    { partition: "t-1", leader: 2, leaderEpoch: 0 },
  ],
};
/** Of t-0 alone. */
export const one: ConsumerInput = { ...input, leaders: input.leaders.slice(0, 1) };
export const withoutGroup: ConsumerInput = { ...one, group: null };
export const withoutPolicy: ConsumerInput = { ...one, resetPolicy: "none" };

// --- events ----------------------------------------------------------------------------------------------------

export const poll: ConsumerEvent = { type: "poll", timeoutMs: 1000 };
export const pollOver = fire("poll-timeout");
export const backoff = fire("retryBackoff");
export const requestTimeout = fire("requestTimeout");

export const seek = (offset: number, partition = "t-0"): ConsumerEvent => ({ type: "seek", partition, offset });
export const assign = (...partitions: readonly string[]): ConsumerEvent => ({ type: "assign", partitions });

export const committed = (offsets: Readonly<Record<string, CommittedOffset | null>>): ConsumerEvent => ({
  type: "offset-fetch-response",
  offsets,
  from: "coordinator",
});

export const at = (offset: number, leaderEpoch: number | null = null): CommittedOffset => ({ offset, leaderEpoch });

export const listed = (offset: number, error: ErrorName | null = null, partition = "t-0"): ConsumerEvent => ({
  type: "list-offsets-response",
  partition,
  error,
  offset,
  from: "b1",
});

export const epochEnd = (end: EpochEnd | null, error: ErrorName | null = null, partition = "t-0"): ConsumerEvent => ({
  type: "offset-for-leader-epoch-response",
  partition,
  error,
  end,
  from: "b1",
});

/** The answer of the broker that leads t-0, to a fetch at that offset. */
export const fetched = (fetchOffset: number, text = "", error: ErrorName | null = null): ConsumerEvent =>
  fetchedFrom("b1", { partition: "t-0", fetchOffset, entries: log(text, fetchOffset), error });

export function fetchedFrom(from: string, ...results: readonly Partial<FetchResult>[]): ConsumerEvent {
  const nothing: FetchResult = {
    ...{ partition: "t-0", error: null, diverging: null, entries: [] },
    ...{ fetchOffset: 0, highWatermark: 9, logStart: 0 },
  };
  return { type: "fetch-response", results: results.map((result) => ({ ...nothing, ...result })), from };
}

/** Partition, leader, leader epoch. */
export function metadata(...leaders: readonly (readonly [string, number | null, number])[]): ConsumerEvent {
  const partitions = leaders.map(([partition, leader, leaderEpoch]): PartitionMetadata => {
    return { partition, leader, leaderEpoch, isr: [1, 2, 3], partitionEpoch: 0 };
  });
  return { type: "metadata-response", partitions, from: "b1" };
}

export const disconnected = (node: string): ConsumerEvent => ({ type: "disconnected", node });

/** Of t-0, from offset 0 on, since nothing is committed. */
export const fromStart: readonly ConsumerEvent[] = [poll, committed({ "t-0": null }), listed(0)];
/** It has read two records of epoch 0, and polls for more. */
export const hasReadTwo: readonly ConsumerEvent[] = [...fromStart, fetched(0, "a0 b0"), poll];
/** It has read two records of epoch 0, and has just learnt that broker 2 leads in epoch 3. */
export const hasNewLeader: readonly (ConsumerEvent | Fire)[] = [
  ...hasReadTwo,
  ...[fetched(2, "", "NOT_LEADER_OR_FOLLOWER"), backoff, metadata(["t-0", 2, 3])],
];

// --- effects ---------------------------------------------------------------------------------------------------

export const asksCommitted = (...partitions: readonly string[]): Effect => ({
  kind: "request",
  to: "coordinator",
  body: { type: "offset-fetch", group: "g", partitions },
});

export const asksOffset = (where: "earliest" | "latest", partition = "t-0", leader = 1): Effect => ({
  kind: "request",
  to: `b${leader}`,
  body: { type: "list-offsets", partition, at: where, currentLeaderEpoch: 0, isFollower: false },
});

export const asksEpochEnd = (leader: number, leaderEpoch: number, currentLeaderEpoch: number): Effect => ({
  kind: "request",
  to: `b${leader}`,
  body: { type: "offset-for-leader-epoch", partition: "t-0", leaderEpoch, currentLeaderEpoch },
});

export const asksMetadata = (broker: number): Effect => ({
  kind: "request",
  to: `b${broker}`,
  body: { type: "metadata" },
});

/** Partition, offset, leader epoch known. */
export function fetches(leader: number, ...from: readonly (readonly [string, number, number?])[]): Effect {
  const partitions = from.map(([partition, offset, currentLeaderEpoch = 0]) => {
    return { partition, offset, currentLeaderEpoch, lastFetchedEpoch: null };
  });
  return {
    kind: "request",
    to: `b${leader}`,
    body: { type: "fetch", replica: null, consumer: "c1", maxWaitMs: 500, partitions },
  };
}

/** The time for an answer from that broker runs, and no longer runs. */
export const sent = (broker: number): Effect => local(`c1/fetch-b${broker}`, { type: "sent" });
export const ended = (broker: number): Effect => local(`c1/fetch-b${broker}`, { type: "ended" });

export const closes = (to: string): Effect => ({ kind: "close", to });

type Cause = "committed" | "reset" | "out-of-range" | "seek" | "truncation";

export const positioned = (offset: number, cause: Cause, partition = "t-0"): Effect =>
  observe({
    ...{ kind: "positioned", consumer: "c1", partition, offset, cause },
    committed: cause === "committed" ? offset : null,
  });

export function completes(
  f: "poll" | "commit" | "assign" | "seek",
  outcome: "ok" | "fail" | "unknown" = "ok",
  error: string | null = null,
): Effect {
  return { kind: "complete", completion: { client: "c1", f, outcome, error, records: [] } };
}

/** `poll` hands these records out: values of t-0 from that offset on. */
export function delivers(from: number, values: string, partition = "t-0"): Effect[] {
  const records = [...values].map((value, index) => ({ partition, offset: from + index, value }));
  return [
    ...records.map((record) => observe({ kind: "delivered", consumer: "c1", ...record })),
    { kind: "complete", completion: { client: "c1", f: "poll", outcome: "ok", error: null, records } },
  ];
}

// --- context and state -----------------------------------------------------------------------------------------

export function position(state: Position["state"], offset: number | null, rest: Partial<Position> = {}): Position {
  return {
    ...{ partition: "t-0", state, offset, leaderEpoch: null, resetError: null, fetched: [] },
    ...{ leader: 1, currentLeaderEpoch: 0 },
    ...rest,
  };
}

/** Of a consumer without auto-commit. */
export const calls = (state: unknown) => ({ running: { autoCommit: "off", calls: state } });
export const polling = (state: string) => calls({ polling: state });
