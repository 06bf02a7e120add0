/**
 * The messages between nodes, reduced to the fields that carry a delivery guarantee. Names follow Kafka's protocol
 * (clients/src/main/resources/common/message).
 */
import type { BrokerId, LogEntry, ProducerRecord, TopicPartition } from "../spec/vocabulary.ts";

/** Kafka's error names, as far as the model answers with them. */
export type ErrorName =
  | "NOT_LEADER_OR_FOLLOWER"
  | "NOT_ENOUGH_REPLICAS"
  | "NOT_ENOUGH_REPLICAS_AFTER_APPEND"
  | "REQUEST_TIMED_OUT"
  | "OFFSET_OUT_OF_RANGE"
  | "OFFSET_NOT_AVAILABLE"
  | "FENCED_LEADER_EPOCH"
  | "UNKNOWN_LEADER_EPOCH"
  | "INVALID_UPDATE_VERSION"
  | "INVALID_REQUEST"
  | "INELIGIBLE_REPLICA"
  | "STALE_BROKER_EPOCH"
  | "DUPLICATE_BROKER_REGISTRATION"
  | "NETWORK_EXCEPTION"
  | "TIMEOUT";

/** `acks` in its normal form: -1 is `all`. */
export type Acks = 0 | 1 | -1;

/** Where a reader stands. */
export interface FetchPartition {
  readonly partition: TopicPartition;
  readonly offset: number;
  /** The leader epoch that the sender knows, as in other requests; `null`: it does not tell, and is not fenced by it. */
  readonly currentLeaderEpoch: number | null;
  /** Sent by followers only (KIP-595); `null`: there is none, or it is not told. */
  readonly lastFetchedEpoch: number | null;
}

export interface EpochEnd {
  readonly epoch: number;
  readonly endOffset: number;
}

export interface PartitionMetadata {
  readonly partition: TopicPartition;
  /** `null`: no leader. */
  readonly leader: BrokerId | null;
  readonly leaderEpoch: number;
  readonly isr: readonly BrokerId[];
  readonly partitionEpoch: number;
}

/** A broker as the controller has it registered. */
export interface BrokerMetadata {
  readonly broker: BrokerId;
  readonly epoch: number;
  readonly fenced: boolean;
}

export interface ProducePartition {
  readonly partition: TopicPartition;
  readonly records: readonly ProducerRecord[];
}

export type RequestBody =
  | {
      readonly type: "produce";
      readonly acks: Acks;
      readonly timeoutMs: number;
      readonly partitions: readonly ProducePartition[];
    }
  | {
      readonly type: "fetch";
      /** The follower with its broker epoch (KIP-903), or `null` for a consumer. */
      readonly replica: { readonly broker: BrokerId; readonly brokerEpoch: number } | null;
      /** A consumer's name; `null` for a follower. */
      readonly consumer: string | null;
      readonly maxWaitMs: number;
      readonly partitions: readonly FetchPartition[];
    }
  | {
      readonly type: "list-offsets";
      readonly partition: TopicPartition;
      readonly at: "earliest" | "latest";
      readonly currentLeaderEpoch: number | null;
      /** Followers ask for the log end offset, consumers for the high watermark. */
      readonly isFollower: boolean;
    }
  | {
      readonly type: "offset-for-leader-epoch";
      readonly partition: TopicPartition;
      readonly leaderEpoch: number;
      readonly currentLeaderEpoch: number | null;
    }
  /** Everything below the offset `before` is to go. */
  | { readonly type: "delete-records"; readonly partition: TopicPartition; readonly before: number }
  | { readonly type: "metadata" }
  | { readonly type: "offset-fetch"; readonly group: string; readonly partitions: readonly TopicPartition[] }
  | {
      readonly type: "offset-commit";
      readonly group: string;
      readonly offsets: Readonly<Record<TopicPartition, CommittedOffset>>;
      /** Sent by auto-commit: nobody waits for the answer. */
      readonly auto: boolean;
    }
  | { readonly type: "register"; readonly broker: BrokerId; readonly incarnation: number }
  | { readonly type: "heartbeat"; readonly broker: BrokerId; readonly epoch: number }
  | {
      readonly type: "alter-partition";
      readonly broker: BrokerId;
      readonly partition: TopicPartition;
      readonly leaderEpoch: number;
      readonly partitionEpoch: number;
      /** Members with the broker epoch of their last fetch; `null`: not known, not checked. */
      readonly isr: readonly { readonly broker: BrokerId; readonly epoch: number | null }[];
    }
  /** Pushed by the controller, in the order of its log; there is no answer. */
  | { readonly type: "partition-change"; readonly change: PartitionMetadata }
  | { readonly type: "broker-change"; readonly change: BrokerMetadata };

export interface CommittedOffset {
  readonly offset: number;
  /** Leader epoch of the last record read, to detect truncation (KIP-320); `null`: none was read. */
  readonly leaderEpoch: number | null;
}

export type ResponseBody =
  | {
      readonly type: "produce-response";
      readonly results: readonly {
        readonly partition: TopicPartition;
        readonly error: ErrorName | null;
        readonly baseOffset: number | null;
      }[];
    }
  | {
      readonly type: "fetch-response";
      readonly results: readonly FetchResult[];
    }
  | {
      readonly type: "list-offsets-response";
      readonly partition: TopicPartition;
      readonly error: ErrorName | null;
      readonly offset: number;
    }
  | {
      readonly type: "offset-for-leader-epoch-response";
      readonly partition: TopicPartition;
      readonly error: ErrorName | null;
      /** `null`: the leader does not know the epoch nor any lower one. */
      readonly end: EpochEnd | null;
    }
  | {
      readonly type: "delete-records-response";
      readonly partition: TopicPartition;
      readonly error: ErrorName | null;
    }
  | { readonly type: "metadata-response"; readonly partitions: readonly PartitionMetadata[] }
  | {
      readonly type: "offset-fetch-response";
      readonly offsets: Readonly<Record<TopicPartition, CommittedOffset | null>>;
    }
  | { readonly type: "offset-commit-response"; readonly auto: boolean }
  | {
      readonly type: "register-response";
      readonly error: ErrorName | null;
      readonly epoch: number;
    }
  | { readonly type: "heartbeat-response"; readonly error: ErrorName | null }
  | {
      readonly type: "alter-partition-response";
      readonly partition: TopicPartition;
      readonly error: ErrorName | null;
      readonly isr: readonly BrokerId[];
      readonly leaderEpoch: number;
      readonly partitionEpoch: number;
      /** Partition epoch of the request: it tells a late answer from the one that is awaited. */
      readonly basedOn: number;
    };

export interface FetchResult {
  readonly partition: TopicPartition;
  readonly error: ErrorName | null;
  readonly diverging: EpochEnd | null;
  readonly entries: readonly LogEntry[];
  /** The offset that was asked for. */
  readonly fetchOffset: number;
  readonly highWatermark: number;
  readonly logStart: number;
}
