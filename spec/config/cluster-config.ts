/**
 * What a cluster and its clients are set to, complete: every default is filled in and every value has one normal form.
 * Names of properties are Kafka's own, in quotes; `parse-cluster.ts` makes a `ClusterConfig` from what a user wrote, and
 * `properties.ts` says what each property means, in which unit, with which limits and by which source.
 */
import { type BrokerId, parseTopicPartition, type TopicPartition } from "../vocabulary.ts";

/** Which Kafka: `pre-3.7` is 3.6, `3.7` brought strict min ISR, `4.1` eligible leader replicas for new clusters. */
export type Profile = "pre-3.7" | "3.7" | "4.1";

/** How a follower finds out where its log departs from the leader's, newest first; all but the first two lose records. */
export const logReconciliations = ["kip-595", "kip-320", "kip-279", "kip-101", "high-watermark"] as const;
export type LogReconciliation = (typeof logReconciliations)[number];

/** Brokers and controller: the names of `server.properties`, the same for every broker. Times are milliseconds. */
export interface ServerConfig {
  readonly "num.partitions": number;
  readonly "default.replication.factor": number;
  readonly "min.insync.replicas": number;
  readonly "unclean.leader.election.enable": boolean;
  readonly "auto.leader.rebalance.enable": boolean;
  readonly "replica.lag.time.max.ms": number;
  readonly "replica.fetch.wait.max.ms": number;
  readonly "replica.fetch.backoff.ms": number;
  readonly "replica.socket.timeout.ms": number;
  readonly "replica.high.watermark.checkpoint.interval.ms": number;
  readonly "log.retention.check.interval.ms": number;
  readonly "broker.session.timeout.ms": number;
  readonly "broker.heartbeat.interval.ms": number;
  readonly "eligible.leader.replicas.version": 0 | 1;
  readonly "log.flush.interval.messages": number;
  /** Ours, not Kafka's: a broker's version decides it there. */
  readonly "log.reconciliation": LogReconciliation;
}

/** One topic; what was left out comes from the server's settings. */
export interface TopicConfig {
  readonly partitions: number;
  readonly "replication.factor": number;
  /** As configured; what counts is `effectiveMinIsr`. */
  readonly "min.insync.replicas": number;
  readonly "unclean.leader.election.enable": boolean;
  /** Bytes as `sizeOf` counts them. */
  readonly "segment.bytes": number;
  /** -1: no limit. */
  readonly "retention.bytes": number;
  /** -1: no limit. */
  readonly "retention.ms": number;
}

/** One producer. `batch.size` is bytes, times are milliseconds. */
export interface ProducerConfig {
  /** `all` is -1. */
  readonly acks: -1 | 0 | 1;
  readonly "enable.idempotence": boolean;
  readonly "batch.size": number;
  readonly "linger.ms": number;
  readonly "max.in.flight.requests.per.connection": number;
  readonly retries: number;
  readonly "retry.backoff.ms": number;
  readonly "retry.backoff.max.ms": number;
  readonly "request.timeout.ms": number;
  readonly "delivery.timeout.ms": number;
  /** `null`: Kafka's own choice. Otherwise one that we have by name, or the path of a module (see `partitioner-class.ts`). */
  readonly "partitioner.class": string | null;
  readonly "partitioner.ignore.keys": boolean;
}

/** One consumer. Times are milliseconds. */
export interface ConsumerConfig {
  /** `null`: no group, nothing can be committed. */
  readonly "group.id": string | null;
  readonly "enable.auto.commit": boolean;
  readonly "auto.commit.interval.ms": number;
  readonly "auto.offset.reset": "latest" | "earliest" | "none";
  readonly "max.poll.records": number;
  readonly "fetch.max.wait.ms": number;
  readonly "request.timeout.ms": number;
  readonly "retry.backoff.ms": number;
  readonly "isolation.level": "read_uncommitted" | "read_committed";
}

/** Topics and clients are in ascending order of their names. */
export interface ClusterConfig {
  readonly profile: Profile;
  /** Brokers 1, 2, …, `brokers`. */
  readonly brokers: number;
  /** Ours, not Kafka's: how long every message travels in timed runs. */
  readonly "network.delay.ms": number;
  /** Ours, not Kafka's: how long the operating system keeps what was written in memory before it is on disk. */
  readonly "os.writeback.interval.ms": number;
  readonly server: ServerConfig;
  readonly topics: Readonly<Record<string, TopicConfig>>;
  readonly producers: Readonly<Record<string, ProducerConfig>>;
  readonly consumers: Readonly<Record<string, ConsumerConfig>>;
}

/** Every partition of the cluster: topics in ascending order of name, then by partition number. */
export function partitionsOf(config: ClusterConfig): readonly TopicPartition[] {
  const known = partitions.get(config);
  if (known !== undefined) return known;
  const all = Object.keys(config.topics)
    .sort((a, b) => (a < b ? -1 : 1))
    .flatMap((topic) => Array.from({ length: partitionCount(config, topic) }, (_, index) => `${topic}-${index}`));
  partitions.set(config, all);
  return all;
}

/** Asked for at every step. */
const partitions = new WeakMap<ClusterConfig, readonly TopicPartition[]>();

/** Is it a topic of the cluster, rather than a partition? */
export function isTopic(config: ClusterConfig, name: string): boolean {
  return Object.hasOwn(config.topics, name);
}

/** The topic of a partition. Throws `RangeError` when the cluster has no such partition. */
export function topicOf(config: ClusterConfig, partition: TopicPartition): TopicConfig {
  return locate(config, partition).topic;
}

/**
 * The brokers that hold a partition, in assignment order; the first is the preferred leader. Replica j of partition i is
 * on broker (i + j) mod brokers + 1: Kafka's striping (StripedReplicaPlacer) without its random start. Throws
 * `RangeError` when the cluster has no such partition.
 */
export function assignmentOf(config: ClusterConfig, partition: TopicPartition): readonly BrokerId[] {
  const { topic, number } = locate(config, partition);
  return Array.from({ length: topic["replication.factor"] }, (_, replica) => ((number + replica) % config.brokers) + 1);
}

/**
 * The ISR size that `acks=all` and, since 3.7, the high watermark need. Since 3.7 it is capped by the number of replicas
 * (Partition.effectiveMinIsr, KAFKA-15583); before, a topic that asks for more takes no `acks=all` at all.
 */
export function effectiveMinIsr(config: ClusterConfig, partition: TopicPartition): number {
  const topic = topicOf(config, partition);
  const minIsr = topic["min.insync.replicas"];
  return config.profile === "pre-3.7" ? minIsr : Math.min(minIsr, topic["replication.factor"]);
}

/** Beyond all runs of the model: `retention.ms` of so much or more, Kafka's default among them, deletes nothing. */
const agelessMs = 86_400_000;

/** Do records go by age? */
export function deletesByTime(topic: TopicConfig): boolean {
  return topic["retention.ms"] !== -1 && topic["retention.ms"] < agelessMs;
}

/** Does retention ever delete anything of this topic, by age or by size? */
export function deletesRecords(topic: TopicConfig): boolean {
  return topic["retention.bytes"] !== -1 || deletesByTime(topic);
}

function partitionCount(config: ClusterConfig, topic: string): number {
  return config.topics[topic]?.partitions ?? 0;
}

function locate(config: ClusterConfig, partition: TopicPartition): { topic: TopicConfig; number: number } {
  const parsed = parseTopicPartition(partition);
  // `hasOwn`: a topic may be called `constructor`.
  const topic = parsed !== null && Object.hasOwn(config.topics, parsed.topic) ? config.topics[parsed.topic] : undefined;
  if (parsed === null || topic === undefined || parsed.partition >= topic.partitions) {
    throw new RangeError(`the cluster has no partition ${partition}`);
  }
  return { topic, number: parsed.partition };
}
