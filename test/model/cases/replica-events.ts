/** A replica of broker 1, with followers 2 and 3: its inputs, what happens to it, and what it answers. */
import { type Effect, local, observe } from "../../../model/effect.ts";
import type { Acks, EpochEnd, ErrorName, FetchResult, PartitionMetadata, RequestBody } from "../../../model/message.ts";
import type { DiskEvent } from "../../../model/replica/disk-machine.ts";
import type { FollowerLagEvent } from "../../../model/replica/follower-lag-machine.ts";
import type {
  RemoteReplica,
  ReplicaEvent,
  ReplicaInput,
  RequesterEvent,
} from "../../../model/replica/replica-context.ts";
import type { ReplicaLog } from "../../../model/replica/replica-log.ts";
import type { Segment } from "../../../model/replica/segments.ts";
import type { LogEntry } from "../../../spec/vocabulary.ts";
import { log } from "../../spec/cluster-views.ts";

export const partition = "t-0";
const connection = "c1→b1#0";

/** Min ISR 2. */
export const input: ReplicaInput = {
  broker: 1,
  partition,
  effectiveMinIsr: 2,
  strictMinIsr: true,
  lagTimeMs: 30_000,
  fetchWaitMs: 500,
  fetchBackoffMs: 1000,
  socketTimeoutMs: 20_000,
  checkpointMs: 5000,
  segmentBytes: 1_000_000,
  retentionBytes: -1,
  retentionChecks: null,
  retentionCheckMs: 300_000,
  followers: [2, 3],
};
export const minIsrOne: ReplicaInput = { ...input, effectiveMinIsr: 1 };

// --- the process and the metadata ------------------------------------------------------------------------------

export const started: ReplicaEvent = { type: "process-started", brokerEpoch: 1 };
export const died: ReplicaEvent = { type: "process-died" };
export const losesTail = (logEnd: number): ReplicaEvent => ({ type: "tail-lost", logEnd });

export const alive = (broker: number, epoch = 1): ReplicaEvent => ({
  type: "broker-changed",
  broker,
  epoch,
  fenced: false,
});
export const fenced = (broker: number): ReplicaEvent => ({ type: "broker-changed", broker, epoch: 1, fenced: true });

/** The controller's record; its partition epoch is ten times the leader epoch, unless told. */
export function record(
  leader: number | null,
  leaderEpoch: number,
  isr: readonly number[],
  partitionEpoch = 10 * leaderEpoch,
): ReplicaEvent {
  const change: PartitionMetadata = { partition, leader, leaderEpoch, isr, partitionEpoch };
  return { type: "partition-changed", change };
}

const up = [started, alive(1), alive(2), alive(3)] as const;

/** Broker 1 leads from the beginning, in epoch 0 and with an empty log. */
export const leading = (...isr: readonly number[]): readonly ReplicaEvent[] => [...up, record(1, 0, isr)];

/** Broker 1 has followed broker 2 in epoch 1, and fetched this log with this high watermark. */
export const following = (text = "", highWatermark = 0): readonly ReplicaEvent[] => [
  ...up,
  record(2, 1, [1, 2, 3]),
  fetchResponse({ entries: log(text), highWatermark }),
];

// --- as a leader -----------------------------------------------------------------------------------------------

export function append(acks: Acks, text: string, requester = "r1"): ReplicaEvent {
  const records = text.split(" ").map((value) => ({ value, key: null }));
  return { type: "append", requester, acks, records };
}

export const forget = (requester: string): ReplicaEvent => ({ type: "forget", requester });

interface Reading {
  /** The reader's leader epoch: 0. `null`: it does not tell. */
  readonly epoch?: number | null;
  /** Epoch of the follower's last record; that of the term, or none at offset 0. */
  readonly lastEpoch?: number | null;
  /** 1. */
  readonly brokerEpoch?: number;
  readonly again?: boolean;
}

export function fetches(broker: number, offset: number, reading: Reading = {}): ReplicaEvent {
  const { epoch = 0, lastEpoch = offset === 0 ? null : epoch, brokerEpoch = 1, again = false } = reading;
  const at = { partition, offset, currentLeaderEpoch: epoch, lastFetchedEpoch: lastEpoch };
  return { type: "read", requester: `f${broker}`, at, replica: { broker, brokerEpoch }, consumer: null, again };
}

export function reads(offset: number, { epoch = 0, again = false }: Reading = {}): ReplicaEvent {
  const at = { partition, offset, currentLeaderEpoch: epoch, lastFetchedEpoch: null };
  return { type: "read", requester: "c", at, replica: null, consumer: "c1", again };
}

export const asksOffset = (at: "earliest" | "latest", epoch: number | null = 0, isFollower = false): ReplicaEvent => ({
  type: "list-offsets",
  connection,
  at,
  currentLeaderEpoch: epoch,
  isFollower,
});

export const asksEpochEnd = (leaderEpoch: number, epoch: number | null = 0): ReplicaEvent => ({
  type: "offset-for-leader-epoch",
  connection,
  leaderEpoch,
  currentLeaderEpoch: epoch,
});

export const deletes = (before: number): ReplicaEvent => ({ type: "delete-records", connection, before });

export const lag = (follower: number, withinLagTime: boolean): ReplicaEvent => ({
  type: "lag-changed",
  follower,
  withinLagTime,
});

/** The controller's answer to a proposal that was based on partition epoch 0, in the term of epoch 0. */
export function answered(
  error: ErrorName | null,
  isr: readonly number[],
  { partitionEpoch = error === null ? 1 : 0, leaderEpoch = 0, basedOn = 0 } = {},
): ReplicaEvent {
  return { type: "alter-partition-response", partition, error, isr, leaderEpoch, partitionEpoch, basedOn };
}

// --- as a follower ---------------------------------------------------------------------------------------------

function result(found: Partial<FetchResult>): FetchResult {
  const nothing = { error: null, diverging: null, entries: [], fetchOffset: 0, highWatermark: 0, logStart: 0 };
  return { partition, ...nothing, ...found };
}

export const fetchResponse = (found: Partial<FetchResult> = {}): ReplicaEvent => ({
  type: "fetch-response",
  results: [result(found)],
});

export const listed = (offset: number, error: ErrorName | null = null): ReplicaEvent => ({
  type: "list-offsets-response",
  partition,
  error,
  offset,
});

export const epochEnds = (end: EpochEnd | null, error: ErrorName | null = null): ReplicaEvent => ({
  type: "offset-for-leader-epoch-response",
  partition,
  error,
  end,
});

export const disconnected: ReplicaEvent = { type: "disconnected", node: "b2" };

// --- effects ---------------------------------------------------------------------------------------------------

const requester = (to: string, event: RequesterEvent): Effect => local<RequesterEvent>(to, event);

export const tellsAppended = (baseOffset: number | null, error: ErrorName | null = null, to = "r1"): Effect =>
  requester(to, { type: "appended", partition, error, baseOffset });

export const tellsReplicated = (error: ErrorName | null = null, to = "r1"): Effect =>
  requester(to, { type: "replicated", partition, error });

export const wakes = (to: string): Effect => requester(to, { type: "changed" });

export const tellsRead = (to: string, found: Partial<FetchResult>): Effect =>
  requester(to, { type: "read-result", result: result(found) });

export const acknowledges = (acks: Acks, baseOffset: number, values: readonly string[], leaderEpoch = 0): Effect =>
  observe({ kind: "answered", broker: 1, partition, leaderEpoch, baseOffset, values, acks });

export const tellsLag = (follower: number, event: FollowerLagEvent): Effect => local(`b1/t-0/lag-${follower}`, event);

export const tellsFetched = (follower: number, reachedEnd: boolean, reachedPreviousEnd: boolean): Effect =>
  tellsLag(follower, { type: "fetched", reachedEnd, reachedPreviousEnd });

/** Members with the broker epochs of their fetches: 1, unless told. */
export function proposes(
  isr: readonly (number | readonly [number, number | null])[],
  { leaderEpoch = 0, partitionEpoch = 10 * leaderEpoch }: { leaderEpoch?: number; partitionEpoch?: number } = {},
): Effect {
  const members = isr.map((member) => {
    const [broker, epoch] = typeof member === "number" ? [member, 1] : member;
    return { broker, epoch };
  });
  const body: RequestBody = {
    type: "alter-partition",
    broker: 1,
    partition,
    leaderEpoch,
    partitionEpoch,
    isr: members,
  };
  return { kind: "request", to: "controller", body };
}

export const repliesOffset = (offset: number, error: ErrorName | null = null): Effect => ({
  kind: "reply",
  connection,
  body: { type: "list-offsets-response", partition, error, offset },
});

export const repliesDeleted = (error: ErrorName | null = null): Effect => ({
  kind: "reply",
  connection,
  body: { type: "delete-records-response", partition, error },
});

export const repliesEpochEnd = (end: EpochEnd | null, error: ErrorName | null = null): Effect => ({
  kind: "reply",
  connection,
  body: { type: "offset-for-leader-epoch-response", partition, error, end },
});

/** The fetch of broker 1 as a follower. */
export function fetchesFrom(
  leader: number,
  offset: number,
  lastFetchedEpoch: number | null,
  leaderEpoch: number | null = 1,
): Effect {
  const at = { partition, offset, currentLeaderEpoch: leaderEpoch, lastFetchedEpoch };
  const replica = { broker: 1, brokerEpoch: 1 };
  const body: RequestBody = { type: "fetch", replica, consumer: null, maxWaitMs: 500, partitions: [at] };
  return { kind: "request", to: `b${leader}`, body };
}

export const closes = (leader: number): Effect => ({ kind: "close", to: `b${leader}` });

/** The log, changed, now ends here: the disk is told. */
export const changesLog = (logEnd: number): Effect => local<DiskEvent>("b1/t-0/disk", { type: "log-changed", logEnd });

export const truncates = (from: number, to: number): Effect =>
  observe({ kind: "truncated", broker: 1, partition, from, to });

// --- context ---------------------------------------------------------------------------------------------------

export const remote = (broker: number, known: Partial<RemoteReplica> = {}): RemoteReplica => ({
  broker,
  logEnd: -1,
  leaderEndAtLastFetch: -1,
  brokerEpoch: null,
  withinLagTime: false,
  ...known,
});

/** Values are one byte each; all of them stand in one segment, unless told. */
export function logOf(
  text: string,
  epochs: readonly (readonly [epoch: number, start: number])[],
  { start = 0, segments = [] as readonly Segment[] } = {},
): ReplicaLog {
  const entries: readonly LogEntry[] = log(text, start);
  const one = entries.length === 0 ? [] : [{ base: start, bytes: entries.length, checks: 0 }];
  return {
    start,
    entries,
    epochs: epochs.map(([epoch, at]) => ({ epoch, start: at })),
    segments: segments.length === 0 ? one : segments,
  };
}
