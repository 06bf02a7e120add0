/**
 * The face of anything that can be driven: the model, a Kafka cluster over the wire, a program on stdin/stdout.
 * It is asynchronous throughout. A subject reports every operation to the recorder that it is started with, in the
 * form of the history format, and names what it can do and show; a step says which capability it needs.
 */
import type { ClusterConfig } from "./config/cluster-config.ts";
import type { HistoryOperation } from "./history/format.ts";
import type { Partitioners } from "./partitioner.ts";
import type { RequirementVerdict } from "./requirement.ts";
import type { BrokerId, ClientId, Destination, Outcome, ProducerRecord, TopicPartition } from "./vocabulary.ts";

/** What a subject can do (first group) and show (second group), with the words for a skipped step's reason. */
export const capabilities = {
  "virtual-time": "moves its clock by command",
  settle: "can be run until nothing is on its way",
  kill: "can kill and start brokers",
  "power-off": "can cut the power of brokers",
  pause: "can pause and resume brokers",
  cut: "can cut and heal links",
  hold: "can hold and release single messages",
  "crash-client": "can crash and restart clients",
  "delete-records": "can delete records by command",
  "see-leader": "shows leader, leader epoch and ISR",
  "see-high-watermark": "shows the high watermark of every replica",
  "see-log": "shows the log of every replica",
  "see-committed": "shows committed offsets",
  "see-position": "shows consumers' positions",
  "see-states": "judges every state of its run by the requirements",
  "see-producer": "shows batches, requests and acknowledged records of a producer",
} as const;

export type Capability = keyof typeof capabilities;

/** The end of one record that was sent. `pending`: not known yet (a call with `wait: false`). */
export interface SendResult {
  readonly value: string;
  /** Number of the partition, the chosen one where it was sent to a topic; `null` where it is not known. */
  readonly partition: number | null;
  readonly outcome: Outcome | "pending";
  readonly offset: number | null;
  /** Kafka's error name, or `null`. */
  readonly error: string | null;
}

/** The end of any other client call. */
export interface CallResult {
  readonly outcome: Outcome;
  readonly error: string | null;
}

export interface PollResult extends CallResult {
  /** Per partition, in ascending order of partitions: `[offset, value]` in the order of delivery. */
  readonly records: Readonly<Record<TopicPartition, readonly (readonly [number, string])[]>>;
}

export type Fault =
  | { readonly kind: "kill" | "start" | "pause" | "resume"; readonly broker: BrokerId }
  /**
   * As `kill`, and what is not on disk yet is gone too. `keeps`: log ends afterwards, where more has reached the disk
   * than had to; each is brought into the range from what is surely on disk to the log end.
   */
  | { readonly kind: "power-off"; readonly broker: BrokerId; readonly keeps: Readonly<Record<TopicPartition, number>> }
  /** A link between two nodes: a broker's id, `controller`, `coordinator` or a client's name. */
  | { readonly kind: "cut" | "heal"; readonly between: readonly [string, string] }
  | { readonly kind: "heal-all" }
  /** Messages of one kind (`fetch`, `fetch-response`, `produce-response`, …) in one direction wait until released. */
  | { readonly kind: "hold" | "release"; readonly from: string; readonly to: string; readonly message: string };

/** Everything that can be looked at; a key that the subject cannot show is absent. Partitions and brokers ascending. */
export interface Snapshot {
  /** Milliseconds since the start. */
  readonly at?: number;
  readonly partitions?: readonly {
    readonly partition: TopicPartition;
    readonly leader?: BrokerId | null;
    readonly leaderEpoch?: number;
    readonly isr?: readonly BrokerId[];
    /** Is the ISR smaller than the set of replicas? */
    readonly underReplicated?: boolean;
    /** Is the ISR smaller than the effective min ISR? */
    readonly underMinIsr?: boolean;
    readonly logStart?: number;
    readonly highWatermark?: number | null;
    readonly replicas?: readonly {
      readonly broker: BrokerId;
      readonly logStart: number;
      readonly logEnd: number;
      readonly highWatermark: number;
      readonly values: readonly string[];
    }[];
  }[];
  readonly committed?: readonly {
    readonly group: string;
    readonly partition: TopicPartition;
    readonly offset: number;
  }[];
  readonly consumers?: readonly {
    readonly consumer: ClientId;
    readonly partition: TopicPartition;
    /**
     * Next offset to read. A consumer that has not polled yet stands at its committed offset; `null` where there is
     * none, or where the consumer has crashed.
     */
    readonly position: number | null;
  }[];
  readonly producers?: readonly {
    readonly producer: ClientId;
    /** Values acknowledged so far, in the order in which the producer learnt of them. */
    readonly acknowledged: readonly string[];
    /** Every batch sent so far (each attempt), in order. */
    readonly batches: readonly (readonly string[])[];
    /** Produce requests sent so far. */
    readonly requests: number;
  }[];
}

export type RecordOperation = (operation: HistoryOperation) => void;

export interface Subject {
  readonly name: string;
  readonly capabilities: ReadonlySet<Capability>;
  /** Why it cannot be such a cluster, each reason in words; empty: it can. May be asked before `start` only. */
  lacks(cluster: ClusterConfig): Promise<readonly string[]>;
  /**
   * Creates the cluster with its topics and clients. Called once, before anything but `lacks`. `partitioners` are the user's own
   * that the cluster asks for. The answer is Kafka's error name if the creation is refused, and then nothing but `close`
   * may be called; otherwise `null`.
   */
  start(cluster: ClusterConfig, record: RecordOperation, partitioners: Partitioners): Promise<string | null>;
  /** Hands records over in one go; with `wait`, returns when the outcome of each is known. */
  send(call: {
    readonly producer: ClientId;
    readonly to: Destination;
    readonly records: readonly ProducerRecord[];
    readonly wait: boolean;
  }): Promise<readonly SendResult[]>;
  /** Sends what lingers and waits for every outstanding record. */
  flush(call: { readonly producer: ClientId }): Promise<CallResult>;
  poll(call: { readonly consumer: ClientId; readonly timeoutMs: number }): Promise<PollResult>;
  /** Commits the current positions, or `offsets`, and waits for the answer. */
  commit(call: {
    readonly consumer: ClientId;
    readonly offsets: Readonly<Record<TopicPartition, number>> | null;
  }): Promise<CallResult>;
  /** `assign` by hand. */
  assign(call: { readonly consumer: ClientId; readonly partitions: readonly TopicPartition[] }): Promise<CallResult>;
  seek(call: {
    readonly consumer: ClientId;
    readonly partition: TopicPartition;
    readonly offset: number;
  }): Promise<CallResult>;
  /** An administrator deletes everything below the offset `before`, and waits for the answer. */
  deleteRecords(call: { readonly partition: TopicPartition; readonly before: number }): Promise<CallResult>;
  crash(client: ClientId): Promise<void>;
  restart(client: ClientId): Promise<void>;
  fault(fault: Fault): Promise<void>;
  /** Lets this much time pass. */
  elapse(ms: number): Promise<void>;
  /**
   * Lets time pass until something has happened, at most this long; returns how long it was. What happens at one
   * moment is then complete.
   */
  advance(limitMs: number): Promise<number>;
  /** Runs until nothing is on its way any more and only timers are left. */
  settle(): Promise<void>;
  /** A fresh reader reads every partition from its beginning to an empty answer; recorded as final polls. */
  finalReads(): Promise<PollResult>;
  describe(): Promise<Snapshot>;
  /** What the states of the run say of each requirement; only the model sees states. */
  verdicts(): Promise<readonly RequirementVerdict[]>;
  /** Hash of everything that happened, where the subject is deterministic; otherwise `null`. */
  traceHash(): Promise<string | null>;
  /**
   * The run as the text of a trace file, where the subject can be replayed; otherwise `null`. `file` is what it was told
   * to do, by name: a replay reads modules relative to it.
   */
  trace(file: string): Promise<string | null>;
  close(): Promise<void>;
}
