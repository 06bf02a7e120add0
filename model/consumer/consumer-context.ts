/** What a consumer remembers, and the events that it takes. */
import type { BrokerId, ClientId, LogEntry, TopicPartition } from "../../spec/vocabulary.ts";
import type { CommittedOffset, ResponseBody } from "../message.ts";

/** What stands between a partition and the next fetch, in the order in which it is cleared away. */
export type PositionState =
  /** The committed offset is to be asked for. */
  | "unknown"
  /** The reset policy decides: nothing is committed, or the position is out of range. */
  | "reset"
  /** The leader has changed: does the log up to here still exist there (KIP-320)? */
  | "validate"
  | "valid";

export interface Position {
  readonly partition: TopicPartition;
  readonly state: PositionState;
  /** Next offset to read; `null` while unknown. */
  readonly offset: number | null;
  /** Leader epoch of the last record read; `null`: none was read yet. */
  readonly leaderEpoch: number | null;
  /** Why the reset policy is asked. */
  readonly resetError: "NO_OFFSET_FOR_PARTITION" | "OFFSET_OUT_OF_RANGE" | null;
  /** Fetched and not yet delivered. */
  readonly fetched: readonly LogEntry[];
  readonly leader: BrokerId | null;
  readonly currentLeaderEpoch: number;
}

export interface ConsumerInput {
  readonly client: ClientId;
  readonly group: string | null;
  readonly brokers: readonly BrokerId[];
  readonly autoCommit: boolean;
  readonly autoCommitIntervalMs: number;
  readonly resetPolicy: "earliest" | "latest" | "none";
  readonly maxPollRecords: number;
  readonly fetchMaxWaitMs: number;
  readonly requestTimeoutMs: number;
  /** How long a commit is tried; `default.api.timeout.ms`. */
  readonly apiTimeoutMs: number;
  readonly retryBackoffMs: number;
  readonly leaders: readonly {
    readonly partition: TopicPartition;
    readonly leader: BrokerId | null;
    readonly leaderEpoch: number;
  }[];
}

export interface ConsumerContext extends ConsumerInput {
  readonly positions: readonly Position[];
  /** Brokers that a fetch is on its way to. */
  readonly fetching: readonly BrokerId[];
  /** The broker, the coordinator or nobody that a single request is on its way to. */
  readonly contact: BrokerId;
  /** What the commit in progress commits. */
  readonly committing: Readonly<Record<TopicPartition, CommittedOffset>>;
}

export type ConsumerEvent =
  | { readonly type: "poll"; readonly timeoutMs: number }
  | { readonly type: "commit"; readonly offsets: Readonly<Record<TopicPartition, number>> | null }
  | { readonly type: "assign"; readonly partitions: readonly TopicPartition[] }
  | { readonly type: "seek"; readonly partition: TopicPartition; readonly offset: number }
  | { readonly type: "crash" }
  | { readonly type: "restart" }
  | (ResponseBody & { readonly from: string })
  | { readonly type: "disconnected"; readonly node: string }
  /** Nothing has come from that broker for `request.timeout.ms`. Told by its `fetch-in-flight` machine. */
  | { readonly type: "fetch-timed-out"; readonly broker: BrokerId }
  | { readonly type: "poll-timeout" };

export function updatePosition(
  context: ConsumerContext,
  partition: TopicPartition,
  change: (position: Position) => Partial<Position>,
): readonly Position[] {
  return context.positions.map((position) =>
    position.partition === partition ? { ...position, ...change(position) } : position,
  );
}

/** The first assigned partition, in order, whose position is in that state. */
export function firstIn(context: ConsumerContext, state: PositionState): Position | undefined {
  return context.positions.find((position) => position.state === state);
}

/** The same among those that have a leader to ask. */
export function firstLedIn(context: ConsumerContext, state: PositionState): Position | undefined {
  return context.positions.find((position) => position.state === state && position.leader !== null);
}

/** Records that `poll` could hand out now. */
export function deliverable(
  context: ConsumerContext,
): readonly { readonly position: Position; readonly entry: LogEntry }[] {
  return context.positions
    .filter(({ state }) => state === "valid")
    .flatMap((position) => position.fetched.map((entry) => ({ position, entry })))
    .slice(0, context.maxPollRecords);
}
