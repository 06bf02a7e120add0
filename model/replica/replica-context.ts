/** What one replica of a partition remembers, and the events that it takes. */
import type { BrokerId, LogEntry, ProducerRecord, TopicPartition } from "../../spec/vocabulary.ts";
import type {
  Acks,
  EpochEnd,
  ErrorName,
  FetchPartition,
  FetchResult,
  PartitionMetadata,
  ResponseBody,
} from "../message.ts";
import { emptyLog, type ReplicaLog } from "./replica-log.ts";

/** The leader's view of one follower (core/…/cluster/Replica.scala). */
export interface RemoteReplica {
  readonly broker: BrokerId;
  /** Offset of its last fetch; -1 before the first one in this term. */
  readonly logEnd: number;
  /** The leader's own log end at that fetch; -1 before. */
  readonly leaderEndAtLastFetch: number;
  /** Broker epoch of its last fetch (KIP-903); `null` before. */
  readonly brokerEpoch: number | null;
  /** Was it caught up within `replica.lag.time.max.ms`? Told by its `FollowerLag` machine. */
  readonly withinLagTime: boolean;
}

export interface ReplicaContext {
  readonly broker: BrokerId;
  readonly partition: TopicPartition;
  readonly effectiveMinIsr: number;
  /** Since 3.7: the high watermark stands still while the committed ISR is below min ISR. */
  readonly strictMinIsr: boolean;
  readonly lagTimeMs: number;
  readonly fetchWaitMs: number;
  readonly fetchBackoffMs: number;
  readonly socketTimeoutMs: number;
  readonly checkpointMs: number;
  readonly segmentBytes: number;
  /** From this size on the oldest segments go; -1: they do not go by size. */
  readonly retentionBytes: number;
  /** After so many checks without an append a segment has expired; `null`: none does. */
  readonly retentionChecks: number | null;
  readonly retentionCheckMs: number;
  /** On disk: survives the process. */
  readonly log: ReplicaLog;
  readonly checkpointedHighWatermark: number;
  /** In memory. */
  readonly highWatermark: number;
  readonly brokerEpoch: number;
  readonly leader: BrokerId | null;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  /** Offset at which the leader's own epoch started; `null` for a follower. */
  readonly epochStart: number | null;
  /** Committed ISR, as a leader. */
  readonly isr: readonly BrokerId[];
  /** The ISR proposed to the controller while a change is pending, else empty. */
  readonly proposedIsr: readonly BrokerId[];
  readonly remotes: readonly RemoteReplica[];
  /** Unfenced brokers with their epochs, from the metadata. */
  readonly liveBrokers: readonly { readonly broker: BrokerId; readonly epoch: number }[];
  /** Produce requests that wait until HW reaches `required` (acks=all). */
  readonly waiting: readonly Waiting[];
  /** Fetch requests that are parked here until something changes. */
  readonly watchers: readonly string[];
}

export interface Waiting {
  readonly requester: string;
  readonly baseOffset: number;
  readonly required: number;
  readonly values: readonly string[];
}

export type ReplicaEvent =
  | { readonly type: "process-started"; readonly brokerEpoch: number }
  | { readonly type: "process-died" }
  /** A power loss has left of the log what is below this offset. */
  | { readonly type: "tail-lost"; readonly logEnd: number }
  | { readonly type: "partition-changed"; readonly change: PartitionMetadata }
  | { readonly type: "broker-changed"; readonly broker: BrokerId; readonly epoch: number; readonly fenced: boolean }
  | {
      readonly type: "append";
      readonly requester: string;
      readonly acks: Acks;
      readonly records: readonly ProducerRecord[];
    }
  | { readonly type: "forget"; readonly requester: string }
  | {
      readonly type: "read";
      readonly requester: string;
      readonly at: FetchPartition;
      readonly replica: { readonly broker: BrokerId; readonly brokerEpoch: number } | null;
      readonly consumer: string | null;
      /** A parked fetch that is read again: the follower's progress was counted when it came. */
      readonly again: boolean;
    }
  | {
      readonly type: "list-offsets";
      readonly connection: string;
      readonly at: "earliest" | "latest";
      readonly currentLeaderEpoch: number | null;
      readonly isFollower: boolean;
    }
  | {
      readonly type: "offset-for-leader-epoch";
      readonly connection: string;
      readonly leaderEpoch: number;
      readonly currentLeaderEpoch: number | null;
    }
  | { readonly type: "delete-records"; readonly connection: string; readonly before: number }
  | { readonly type: "lag-changed"; readonly follower: BrokerId; readonly withinLagTime: boolean }
  | ResponseBody
  | { readonly type: "disconnected"; readonly node: string }
  /** Raised by the machine itself. */
  | { readonly type: "evaluate" }
  | { readonly type: "consider-joining"; readonly follower: BrokerId }
  | { readonly type: "isr-check" }
  | { readonly type: "checkpoint" }
  | { readonly type: "retention-check" }
  | { readonly type: "delete-old-segments" };

/** What a replica tells a request that is being served on its broker. */
export type RequesterEvent =
  | {
      readonly type: "appended";
      readonly partition: TopicPartition;
      readonly error: ErrorName | null;
      readonly baseOffset: number | null;
    }
  | { readonly type: "replicated"; readonly partition: TopicPartition; readonly error: ErrorName | null }
  | { readonly type: "read-result"; readonly result: FetchResult }
  | { readonly type: "changed" };

export function readResult(
  at: FetchPartition,
  { highWatermark, log }: ReplicaContext,
  found: { error?: ErrorName; diverging?: EpochEnd; entries?: readonly LogEntry[] },
): FetchResult {
  return {
    partition: at.partition,
    error: found.error ?? null,
    diverging: found.diverging ?? null,
    entries: found.entries ?? [],
    fetchOffset: at.offset,
    highWatermark,
    logStart: log.start,
  };
}

export type ReplicaInput = Pick<
  ReplicaContext,
  | "broker"
  | "partition"
  | "effectiveMinIsr"
  | "strictMinIsr"
  | "lagTimeMs"
  | "fetchWaitMs"
  | "fetchBackoffMs"
  | "socketTimeoutMs"
  | "checkpointMs"
  | "segmentBytes"
  | "retentionBytes"
  | "retentionChecks"
  | "retentionCheckMs"
> & { readonly followers: readonly BrokerId[] };

/** A replica of a process that has not been started yet, with an empty log. */
export function createReplicaContext({ followers, ...settings }: ReplicaInput): ReplicaContext {
  return {
    ...settings,
    log: emptyLog(0),
    checkpointedHighWatermark: 0,
    highWatermark: 0,
    ...emptyMemory(followers),
  };
}

/** What a process knows of a partition before it has heard anything. */
export function emptyMemory(followers: readonly BrokerId[]) {
  return {
    brokerEpoch: -1,
    leader: null,
    leaderEpoch: -1,
    partitionEpoch: -1,
    epochStart: null,
    isr: [],
    proposedIsr: [],
    remotes: followers.map((broker): RemoteReplica => {
      return { broker, logEnd: -1, leaderEndAtLastFetch: -1, brokerEpoch: null, withinLagTime: false };
    }),
    liveBrokers: [],
    waiting: [],
    watchers: [],
  };
}
