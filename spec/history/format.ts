/**
 * The history format, version 1: what clients asked of a broker and what they were told, as JSON lines.
 *
 * The first line is the header, every further line one operation. A call gives two operations: its `invoke` and its
 * completion, `ok` (it happened), `fail` (it certainly did not) or `info` (unknown). An invocation without a
 * completion counts as `info`. Operations are numbered from 0; `time_ns` never goes back. Unknown fields are refused.
 *
 * The names and meanings are those of Jepsen's `kafka` workload where Jepsen has them.
 */
import type { TopicPartition } from "../vocabulary.ts";

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export interface HistoryHeader {
  readonly highwater: "history";
  readonly version: 1;
  /** Which broker or model this was recorded from, in words. */
  readonly subject: string;
  /** The cluster as given (topics, producers and consumers with Kafka's properties): what was promised. */
  readonly contract: { readonly [name: string]: Json };
  /** The profile of Kafka's behaviour that the subject is held to: `4.1`. */
  readonly profile: string;
}

export type OperationType = "invoke" | "ok" | "fail" | "info";

/**
 * One record of a send. Values are unique per key over the whole history: that is what makes it decidable.
 * `offset` is given by a completion, and left out where it is unknown. Where a partitioner chooses, `key` is what it chose
 * (a producer's client knows that before it sends), and the invocation's `partitionKey` is the record's own key, of which
 * it made its choice; `null` is no key. Left out is "not recorded", or the application named the partition itself.
 */
export interface SentRecord {
  readonly key: TopicPartition;
  readonly value: string;
  readonly offset?: number;
  readonly partitionKey?: string | null;
}

/** `leaderEpoch` (that of the record's batch) is given where the client knows it. */
export type PolledRecord = readonly [offset: number, value: string, leaderEpoch?: number];

/**
 * Per key, `[offset, value]` in the order of delivery. A key with an empty list was asked for, and the broker answered
 * that there is nothing more; a key left out says nothing.
 */
export type PolledRecords = Readonly<Record<TopicPartition, readonly PolledRecord[]>>;

/** Per key the offset; `null` where the question is asked (`invoke`), and in an answer: there is none. */
type AskedOffsets = Readonly<Record<TopicPartition, number | null>>;

/** One step of a transaction: what a send or a poll has as its value. */
export type TransactionStep = { readonly send: readonly SentRecord[] } | { readonly poll: PolledRecords };

export interface FaultValue {
  /** `kill`, `start`, `pause`, `resume`, `cut`, … */
  readonly kind: string;
  /** What it hits, in words: `1`, `1-2`, `all`. */
  readonly target: string;
}

interface Operation<F extends string, Value> {
  /** 0, 1, 2, … without gaps. */
  readonly index: number;
  /** Nanoseconds since any fixed moment, not below 0. A JSON number is exact up to 2^53 - 1: about 104 days. */
  readonly time_ns: number;
  /**
   * Who calls. A process has at most one open invocation. A client that does not wait for its calls, or does something
   * within another call (a rebalance or an auto-commit within `poll`), is several processes: `p1`, `p1/2`,
   * `c1/rebalance`. What stands before the slash is the client (see `clientOf`).
   */
  readonly process: string;
  readonly type: OperationType;
  readonly f: F;
  readonly value: Value;
  /** Name of the error, Kafka's where it has one; with `fail` and `info` only. */
  readonly error?: string;
}

/**
 * Records are handed over in the order of the list. `ok`: all are acknowledged (with `acks=0`: sent); `fail`: none
 * was written; anything else is `info`. The completion repeats the invocation's keys and values in the same order.
 * An offset in an `info` completion is a hint and proves nothing: a broker may name one beside an error.
 */
type SendOperation = Operation<"send", readonly SentRecord[]>;

/** An invocation's value is `{}`. What a `fail` or `info` poll has seen may be recorded too. */
interface PollOperation extends Operation<"poll", PolledRecords> {
  /**
   * A final read: after everything was healed, a fresh reader polls from the beginning until an empty answer. Stands
   * at the invocation and at its completion. The empty answer names its keys (`{ "orders-0": [] }`), or it is wholly
   * empty, `{}`, and the reader has recorded the `assign` of its keys.
   */
  readonly final?: true;
}

/** A transaction: `ok` is committed, `fail` aborted. An invocation's polls are `{}`. */
type TransactionOperation = Operation<"txn", readonly TransactionStep[]>;

/**
 * A consumer commits: `offsets` are the next ones to read. `generation` (or member epoch) where it is known. An invocation
 * names the offsets that the application has named, and none where the client commits its positions; the completion tells
 * what was committed.
 */
export type CommitOperation = Operation<
  "commit",
  {
    readonly group: string;
    readonly generation?: number;
    readonly offsets: Readonly<Record<TopicPartition, number>>;
  }
>;

/** Committed offsets are asked for. */
type CommittedOperation = Operation<
  "committed",
  { readonly group: string; readonly generation?: number; readonly offsets: AskedOffsets }
>;

/** A consumer subscribes to the topics of `keys`; which of them it gets is told by `assignment`. */
type SubscribeOperation = Operation<
  "subscribe",
  { readonly group: string; readonly generation?: number; readonly keys: readonly TopicPartition[] }
>;

/** A consumer takes exactly `keys` by hand; its position starts at the committed offset or by the reset policy. */
type AssignOperation = Operation<
  "assign",
  { readonly group?: string; readonly generation?: number; readonly keys: readonly TopicPartition[] }
>;

/**
 * A rebalance gives a subscribed consumer exactly `keys` in this generation (or member epoch). It is complete before
 * the poll in which it came about is.
 */
type AssignmentOperation = Operation<
  "assignment",
  { readonly group: string; readonly generation: number; readonly keys: readonly TopicPartition[] }
>;

/**
 * A consumer moves its position: per key the next offset to read. What a client does by itself, by its reset policy or
 * because its log was truncated, is the process `c1/reset`; any other process is the application's.
 */
type SeekOperation = Operation<"seek", Readonly<Record<TopicPartition, number>>>;

/** An administrator deletes: per key, everything below the offset. */
type DeleteRecordsOperation = Operation<"delete-records", Readonly<Record<TopicPartition, number>>>;

/** The latest offset (exclusive) that a consumer may read is asked for. */
type LatestOperation = Operation<"latest", AskedOffsets>;

/** The process's client is killed, or started again with nothing but what the broker keeps for it. */
type ClientLifeOperation = Operation<"crash" | "restart", null>;

/** Something is broken on purpose; the process is `nemesis`. */
type FaultOperation = Operation<"fault", FaultValue>;

/** It is mended; `null`: everything is. The process is `nemesis`. */
type HealOperation = Operation<"heal", FaultValue | null>;

export type HistoryOperation =
  | SendOperation
  | PollOperation
  | TransactionOperation
  | CommitOperation
  | CommittedOperation
  | SubscribeOperation
  | AssignOperation
  | AssignmentOperation
  | SeekOperation
  | DeleteRecordsOperation
  | LatestOperation
  | ClientLifeOperation
  | FaultOperation
  | HealOperation;

/** The client that a process belongs to: `p1` for `p1` and for `p1/2`. */
export function clientOf(name: string): string {
  const slash = name.indexOf("/");
  return slash === -1 ? name : name.slice(0, slash);
}
