/**
 * The properties of a cluster, its brokers and its topics that the model has. Defaults and limits are Kafka's where Kafka
 * has them; where the model departs from Kafka, the meaning says so. `client-properties.ts` goes on with producers and
 * consumers, `kafka-property-names.ts` lists the properties that Kafka has besides.
 */
import * as z from "zod";
import {
  type ClusterConfig,
  type LogReconciliation,
  logReconciliations,
  type Profile,
  type ServerConfig,
  type TopicConfig,
} from "./cluster-config.ts";
import { choice, duration, integer, intMax, off, truth, unlimitedOr } from "./domain.ts";
import type { PropertyTable } from "./property.ts";

export type ClusterSettings = Pick<
  ClusterConfig,
  "profile" | "brokers" | "network.delay.ms" | "os.writeback.interval.ms"
>;

/** Of the whole cluster; none of them is a Kafka property. */
export const clusterProperties: PropertyTable<ClusterSettings, unknown> = {
  profile: {
    // YAML reads a bare 4.1 as a number.
    domain: choice<Profile>([
      ["4.1", "4.1"],
      [4.1, "4.1"],
      ["3.7", "3.7"],
      [3.7, "3.7"],
      ["pre-3.7", "pre-3.7"],
    ]),
    default: { value: "4.1" },
    meaning:
      "Which Kafka's behaviour: pre-3.7 is 3.6's; 3.7 brought strict min ISR, 4.1 eligible leader replicas for new clusters.",
    source: "ours",
  },
  brokers: {
    domain: integer(1, 9),
    default: null,
    meaning: "Number of brokers; their ids are 1, 2, 3, …",
    source: "ours",
  },
  "network.delay.ms": {
    // A message that takes no time would let two nodes talk for ever at one moment.
    domain: duration(1),
    default: { value: 1 },
    meaning: "Milliseconds that every message travels, in timed runs.",
    source: "ours",
  },
  "os.writeback.interval.ms": {
    domain: duration(1),
    default: { value: 30_000 },
    meaning:
      "Milliseconds from the first write to a log that is all on disk until the operating system writes the log back; a power loss before that may take what was written.",
    source: "ours; Linux, vm.dirty_expire_centisecs",
  },
};

export const serverProperties: PropertyTable<ServerConfig, { readonly profile: Profile }> = {
  "num.partitions": {
    domain: integer(1, 16),
    default: { value: 1 },
    meaning: "Partitions of a topic that does not say; the model takes at most 16.",
    source: "ServerLogConfigs, LogConfig",
  },
  "default.replication.factor": {
    domain: integer(1, 32_767),
    default: { value: 1 },
    meaning: "Replicas per partition of a topic that does not say.",
    source: "ReplicationConfigs",
  },
  "min.insync.replicas": {
    domain: integer(1, intMax),
    default: { value: 1 },
    meaning: "Replicas that acks=all needs, for a topic that does not say.",
    source: "ServerLogConfigs, LogConfig",
  },
  "unclean.leader.election.enable": {
    domain: truth,
    default: { value: false },
    meaning: "May a replica outside the ISR become leader as a last resort, for a topic that does not say?",
    source: "ReplicationConfigs, LogConfig",
  },
  "auto.leader.rebalance.enable": {
    domain: off,
    default: { value: false },
    meaning: "Does the controller move leadership back to preferred leaders by itself? Kafka's own default is true.",
    source: "ReplicationConfigs",
    notYet: { schema: z.literal([true, "true"]), reason: "preferred leader election is not in the model yet" },
  },
  "replica.lag.time.max.ms": {
    // Checked every half lag time, so half of it is at least a millisecond.
    domain: duration(2),
    default: { value: 30_000 },
    meaning: "Milliseconds that a follower may be behind the leader's log end before it leaves the ISR.",
    source: "ReplicationConfigs",
  },
  "replica.fetch.wait.max.ms": {
    domain: duration(0),
    default: { value: 500 },
    meaning: "Milliseconds that a follower's fetch waits at the leader for data.",
    source: "ReplicationConfigs",
  },
  "replica.fetch.backoff.ms": {
    domain: duration(0),
    default: { value: 1000 },
    meaning: "Milliseconds that a follower waits after an error of a fetch.",
    source: "ReplicationConfigs",
  },
  "replica.socket.timeout.ms": {
    domain: duration(1),
    default: { value: 30_000 },
    meaning: "Milliseconds that a follower waits for the leader's answer.",
    source: "ReplicationConfigs",
  },
  "replica.high.watermark.checkpoint.interval.ms": {
    domain: duration(1),
    default: { value: 5000 },
    meaning: "Milliseconds between two writes of the high watermark to disk.",
    source: "ReplicationConfigs",
  },
  "log.retention.check.interval.ms": {
    domain: duration(1),
    default: { value: 300_000 },
    meaning: "Milliseconds between two looks for old segments to delete.",
    source: "ServerLogConfigs, LogConfig",
  },
  "broker.session.timeout.ms": {
    domain: duration(1),
    default: { value: 9000 },
    meaning: "Milliseconds without a heartbeat after which the controller fences a broker.",
    source: "KRaftConfigs",
  },
  "broker.heartbeat.interval.ms": {
    domain: duration(1),
    default: { value: 2000 },
    meaning: "Milliseconds between two heartbeats of a broker.",
    source: "KRaftConfigs",
  },
  "eligible.leader.replicas.version": {
    domain: choice<0 | 1>([
      [0, 0],
      [1, 1],
      ["0", 0],
      ["1", 1],
    ]),
    default: { rule: "1 in profile 4.1, else 0", of: ({ profile }) => (profile === "4.1" ? 1 : 0) },
    meaning:
      "Level of the feature by which replicas that left the ISR below min ISR stay eligible as leaders; 0 is off.",
    source: "KIP-966",
  },
  "log.flush.interval.messages": {
    domain: integer(1, intMax),
    default: { value: intMax },
    meaning:
      "Records after which a replica flushes its log to disk (fsync); Kafka's own default, like this one, is never. An acknowledgement does not wait for it otherwise.",
    source: "ServerLogConfigs, UnifiedLog.append",
  },
  "log.reconciliation": {
    domain: choice<LogReconciliation>(logReconciliations.map((one) => [one, one])),
    default: { value: "kip-595" },
    meaning:
      "How a follower finds where its log departs from the leader's: `high-watermark` as before 0.11, `kip-101` from 0.11, `kip-279` from 2.0, `kip-320` from 2.1, `kip-595` from 2.8. The first three lose records. Not Kafka's: there the version decides.",
    source: "ours; KIP-101, KIP-279, KIP-320, KIP-595",
  },
};

export const topicProperties: PropertyTable<TopicConfig, { readonly server: ServerConfig }> = {
  partitions: {
    domain: integer(1, 16),
    default: { rule: "the server's num.partitions", of: ({ server }) => server["num.partitions"] },
    meaning: "Number of partitions; the model takes at most 16.",
    source: "CreateTopics",
  },
  "replication.factor": {
    domain: integer(1, 32_767),
    default: {
      rule: "the server's default.replication.factor",
      of: ({ server }) => server["default.replication.factor"],
    },
    meaning: "Replicas per partition, at most the number of brokers.",
    source: "CreateTopics",
  },
  "min.insync.replicas": {
    domain: integer(1, intMax),
    default: { rule: "the server's min.insync.replicas", of: ({ server }) => server["min.insync.replicas"] },
    meaning: "Replicas that acks=all needs in the ISR; capped by the replication factor since 3.7.",
    source: "TopicConfig, Partition.effectiveMinIsr",
  },
  "unclean.leader.election.enable": {
    domain: truth,
    default: {
      rule: "the server's unclean.leader.election.enable",
      of: ({ server }) => server["unclean.leader.election.enable"],
    },
    meaning: "May a replica outside the ISR become leader as a last resort?",
    source: "TopicConfig",
  },
  "segment.bytes": {
    // Kafka asks for 14 and more, for a mebibyte since 4.0; records are smaller here, without their framing.
    domain: integer(1, intMax),
    default: { value: 1_073_741_824 },
    meaning: "Bytes of a log's segment, at most; what retention deletes, it deletes in whole segments.",
    source: "TopicConfig, LogConfig",
  },
  "retention.bytes": {
    domain: unlimitedOr(integer(0, intMax)),
    default: { value: -1 },
    meaning: "Bytes of a replica's log from which on its oldest segments go; -1: no limit.",
    source: "TopicConfig, LogConfig",
  },
  "retention.ms": {
    domain: unlimitedOr(duration(0)),
    default: { value: 604_800_000 },
    meaning:
      "Milliseconds after its last append from which on a segment goes; -1: no limit. The model's runs are short: a day or more deletes nothing.",
    source: "TopicConfig, LogConfig",
  },
};
