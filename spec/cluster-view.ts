/**
 * The face of a whole cluster that the requirements look at: what an all-seeing observer would know at one moment.
 * The model implements it; a predicate in `spec/requirements/` is a function of it and of nothing else.
 */
import type { ClusterConfig } from "./config/cluster-config.ts";
import type { BrokerId, ClientId, Destination, LogEntry, Outcome, TopicPartition } from "./vocabulary.ts";

/** One replica: what is on its disk and what it believes. A dead broker's replica is seen as its disk shows it. */
export interface ReplicaView {
  readonly broker: BrokerId;
  /** Is the broker's process alive (running or paused)? */
  readonly alive: boolean;
  readonly role: "leader" | "follower" | "offline";
  /** Leader epoch that the replica has last heard of; -1 before the first. */
  readonly leaderEpoch: number;
  /** The ISR it believes in, as a leader; empty otherwise. */
  readonly isr: readonly BrokerId[];
  /** Maximal ISR (KIP-497), as a leader; empty otherwise. */
  readonly maximalIsr: readonly BrokerId[];
  readonly logStart: number;
  readonly logEnd: number;
  readonly highWatermark: number;
  readonly log: readonly LogEntry[];
}

/** What has become of the disks under one partition, as far as promises hang on it. */
export interface DisksView {
  /** Has a power loss ever taken records from one of its replicas? */
  readonly lostRecords: boolean;
  /** Brokers of its replicas that a power loss has taken records from, and that have not been registered again since. */
  readonly withoutTail: readonly BrokerId[];
  /**
   * How many brokers of its replicas in one spell below min ISR were registered again after an unclean shutdown, or lay
   * dead without their tail: the most in any spell so far.
   */
  readonly uncleanRestarts: number;
}

/** One partition, as the controller has it, with its replicas in assignment order. */
export interface PartitionView {
  readonly partition: TopicPartition;
  readonly topic: string;
  /** `null`: offline, no leader. */
  readonly leader: BrokerId | null;
  readonly leaderEpoch: number;
  readonly isr: readonly BrokerId[];
  /** Eligible leader replicas (KIP-966); empty where they are off. */
  readonly elr: readonly BrokerId[];
  readonly replicas: readonly ReplicaView[];
  readonly disks: DisksView;
}

/** A record whose success was told to the producer. */
export interface AcknowledgedRecord {
  readonly producer: ClientId;
  readonly partition: TopicPartition;
  readonly value: string;
  /** `null` with `acks=0`: the producer never learns it. */
  readonly offset: number | null;
}

/** A record that `poll` has handed to an application. */
export interface DeliveredRecord {
  readonly consumer: ClientId;
  readonly partition: TopicPartition;
  readonly offset: number;
  readonly value: string;
}

/** What happened in the last step, for requirements about moments rather than states. */
export type Observation =
  /** A leader answers a produce request with success. `baseOffset` is that of the first value. */
  | {
      readonly kind: "answered";
      readonly broker: BrokerId;
      readonly partition: TopicPartition;
      readonly leaderEpoch: number;
      readonly acks: 0 | 1 | -1;
      readonly baseOffset: number;
      readonly values: readonly string[];
    }
  /** A producer learns the end of a batch. `baseOffset` is `null` where unknown, `attempts` counts requests sent. */
  | {
      readonly kind: "outcome";
      readonly producer: ClientId;
      readonly partition: TopicPartition;
      readonly values: readonly string[];
      readonly outcome: Outcome;
      readonly error: string | null;
      readonly baseOffset: number | null;
      readonly attempts: number;
    }
  /** A producer hands a record to its accumulator. Where it was sent to a topic, the partitioner has chosen the partition. */
  | {
      readonly kind: "accepted";
      readonly producer: ClientId;
      readonly to: Destination;
      readonly partition: TopicPartition;
      readonly key: string | null;
      readonly value: string;
    }
  /** A producer sends a produce request; the batches in it are observed as `sent`. */
  | { readonly kind: "requested"; readonly producer: ClientId; readonly broker: BrokerId }
  /** A producer sends a batch in a request. */
  | {
      readonly kind: "sent";
      readonly producer: ClientId;
      readonly partition: TopicPartition;
      readonly broker: BrokerId;
      readonly values: readonly string[];
      readonly bytes: number;
      readonly attempt: number;
    }
  /** A leader answers a consumer's fetch with the offsets `from` (inclusive) to `to` (exclusive). */
  | {
      readonly kind: "served";
      readonly broker: BrokerId;
      readonly partition: TopicPartition;
      readonly consumer: ClientId;
      readonly from: number;
      readonly to: number;
      readonly highWatermark: number;
    }
  /** `poll` hands one record to the application. */
  | {
      readonly kind: "delivered";
      readonly consumer: ClientId;
      readonly partition: TopicPartition;
      readonly offset: number;
      readonly value: string;
    }
  /**
   * A consumer's position is set otherwise than by reading on. `committed`: to the committed offset. `reset`: by the
   * reset policy, because nothing is committed. `out-of-range`: by the reset policy, because the position is no longer
   * in the log. `committed` is what the coordinator had answered, `null` for none or where it was not asked.
   */
  | {
      readonly kind: "positioned";
      readonly consumer: ClientId;
      readonly partition: TopicPartition;
      readonly offset: number;
      readonly cause: "committed" | "reset" | "out-of-range" | "seek" | "truncation";
      readonly committed: number | null;
    }
  /** A consumer sets out to commit its position, on its own or because it was called without offsets. */
  | {
      readonly kind: "committing";
      readonly consumer: ClientId;
      readonly partition: TopicPartition;
      readonly offset: number;
    }
  /** The coordinator has taken a commit. */
  | {
      readonly kind: "committed";
      readonly group: string;
      readonly partition: TopicPartition;
      readonly offset: number;
    }
  /** A client's process ends, and with it all that it kept in memory: records not sent, positions. */
  | { readonly kind: "crashed"; readonly client: ClientId }
  | {
      readonly kind: "elected";
      readonly partition: TopicPartition;
      readonly leader: BrokerId;
      readonly leaderEpoch: number;
      readonly unclean: boolean;
    }
  | { readonly kind: "isr"; readonly partition: TopicPartition; readonly isr: readonly BrokerId[] }
  | {
      readonly kind: "truncated";
      readonly broker: BrokerId;
      readonly partition: TopicPartition;
      readonly from: number;
      readonly to: number;
    }
  /** A power loss has taken the offsets `to` (inclusive) to `from` (exclusive) from a replica's disk. */
  | {
      readonly kind: "tail-lost";
      readonly broker: BrokerId;
      readonly partition: TopicPartition;
      readonly from: number;
      readonly to: number;
    }
  /** The controller has registered a broker again after an unclean shutdown: a kill or a power loss. */
  | { readonly kind: "restarted"; readonly broker: BrokerId };

export interface ClusterView {
  readonly config: ClusterConfig;
  /** Virtual milliseconds; `null` where the model runs without time. */
  readonly time: number | null;
  /** Set where the schedule is bent, so that what is due may come late: nothing can be said of time limits then. */
  readonly bent?: true;
  readonly partitions: readonly PartitionView[];
  readonly acknowledged: readonly AcknowledgedRecord[];
  /** Records that a producer has taken and whose end it has not learnt. */
  readonly pending: readonly {
    readonly producer: ClientId;
    readonly partition: TopicPartition;
    readonly value: string;
  }[];
  /** Whom each producer takes for the leader; `null`: it knows none. */
  readonly knownLeaders: readonly {
    readonly producer: ClientId;
    readonly partition: TopicPartition;
    readonly leader: BrokerId | null;
  }[];
  /** The next offset to read, as each consumer has it; `null` where it has none. */
  readonly positions: readonly {
    readonly consumer: ClientId;
    readonly partition: TopicPartition;
    readonly offset: number | null;
  }[];
  /** Values that are still on their way to a leader: in a channel or in a broker's request queue. */
  readonly travelling: readonly { readonly partition: TopicPartition; readonly value: string }[];
  /** Everything that was delivered so far, as a set. */
  readonly delivered: readonly DeliveredRecord[];
  /**
   * Offsets `from` (inclusive) to `to` (exclusive) that an application has passed over by its own will: by a seek beyond
   * its position, or by committing an offset that it named beyond its position.
   */
  readonly passedOver: readonly {
    readonly consumer: ClientId;
    readonly partition: TopicPartition;
    readonly from: number;
    readonly to: number;
  }[];
  /** Committed offsets: group, partition, next offset to read. */
  readonly committed: readonly {
    readonly group: string;
    readonly partition: TopicPartition;
    readonly offset: number;
  }[];
  /** What the step that led here did; empty in the initial state. */
  readonly observed: readonly Observation[];
}
