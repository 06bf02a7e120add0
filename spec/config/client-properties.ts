/** The properties of producers and consumers that the model has, in the form of `properties.ts`. */
import * as z from "zod";
import type { ConsumerConfig, ProducerConfig, Profile } from "./cluster-config.ts";
import { choice, duration, integer, intMax, off, textOrNull, truth } from "./domain.ts";
import { partitionerClass } from "./partitioner-class.ts";
import type { PropertyTable } from "./property.ts";

interface ProducerGiven {
  readonly profile: Profile;
  readonly settings: Partial<ProducerConfig>;
}

/**
 * The smallest `delivery.timeout.ms` in milliseconds: time to linger and for one request, within Kafka's type INT
 * (KafkaProducer.configureDeliveryTimeout).
 */
export function leastDeliveryTimeout(settings: Partial<ProducerConfig>): number {
  return Math.min((settings["linger.ms"] ?? 0) + (settings["request.timeout.ms"] ?? 0), intMax);
}

export const producerProperties: PropertyTable<ProducerConfig, ProducerGiven> = {
  acks: {
    domain: choice<-1 | 0 | 1>([
      ["all", -1],
      ["-1", -1],
      [-1, -1],
      ["1", 1],
      [1, 1],
      ["0", 0],
      [0, 0],
    ]),
    default: { value: -1 },
    meaning: "Who has to have a batch before it is answered: nobody (0), the leader (1), the whole ISR (all, or -1).",
    source: "ProducerConfig",
  },
  "enable.idempotence": {
    domain: off,
    default: { value: false },
    meaning: "Does the broker drop batches that it has already? Kafka's own default is true.",
    source: "ProducerConfig, KIP-98",
    notYet: { schema: z.literal([true, "true"]), reason: "idempotence is not in the model yet" },
  },
  "batch.size": {
    domain: integer(0, intMax),
    default: { value: 16_384 },
    meaning: "Bytes that are put together into one batch at most; 0: one record a batch.",
    source: "ProducerConfig",
  },
  "linger.ms": {
    domain: duration(0),
    default: {
      rule: "5 in profile 4.1, else 0 (KIP-1030)",
      of: ({ profile }) => (profile === "4.1" ? 5 : 0),
    },
    meaning: "Milliseconds that a batch which is not full waits for more records, at most.",
    source: "ProducerConfig, KIP-1030",
  },
  "max.in.flight.requests.per.connection": {
    domain: integer(1, intMax),
    default: { value: 5 },
    meaning: "Produce requests to one broker that may be unanswered at a time.",
    source: "ProducerConfig",
  },
  retries: {
    domain: integer(0, intMax),
    default: { value: intMax },
    meaning: "How often a batch is sent again after an error that may pass.",
    source: "ProducerConfig",
  },
  "retry.backoff.ms": {
    domain: duration(0),
    default: { value: 100 },
    meaning: "Milliseconds before the first retry; doubled with each further one, up to retry.backoff.max.ms.",
    source: "ProducerConfig, KIP-580",
  },
  "retry.backoff.max.ms": {
    domain: duration(0),
    default: { value: 1000 },
    meaning: "Milliseconds before a retry, at most.",
    source: "ProducerConfig, KIP-580",
  },
  "request.timeout.ms": {
    domain: duration(0),
    default: { value: 30_000 },
    meaning:
      "Milliseconds that a request waits for its answer; with acks=all also how long the leader waits for the ISR.",
    source: "ProducerConfig",
  },
  "delivery.timeout.ms": {
    domain: duration(0),
    default: {
      rule: "120000, or linger.ms + request.timeout.ms if that is more",
      of: ({ settings }) => Math.max(120_000, leastDeliveryTimeout(settings)),
    },
    meaning: "Milliseconds from sending to success or failure; at least linger.ms + request.timeout.ms.",
    source: "ProducerConfig, KafkaProducer.configureDeliveryTimeout",
  },
  "partitioner.class": {
    domain: partitionerClass,
    default: { value: null },
    meaning:
      "Who chooses the partition of a record that is sent to a topic; null: Kafka, by the hash of the key. A module's path is relative to this file; its default export is a function of the record and of the number of partitions.",
    source: "ProducerConfig, RoundRobinPartitioner, KIP-794",
    notYet: {
      schema: z.string().regex(/(?:^|\.)(?:Default|UniformSticky)Partitioner$/),
      reason: "the sticky choice of a partition is not in the model yet",
    },
  },
  "partitioner.ignore.keys": {
    domain: truth,
    default: { value: false },
    meaning: "Does the partition not depend on the key? Counts for null and for TextbookPartitioner.",
    source: "ProducerConfig, KIP-794",
  },
};

export const consumerProperties: PropertyTable<ConsumerConfig, { readonly settings: Partial<ConsumerConfig> }> = {
  "group.id": {
    domain: textOrNull(255),
    default: { value: null },
    meaning: "The group whose committed offsets it uses; null: none.",
    source: "ConsumerConfig",
  },
  "enable.auto.commit": {
    domain: truth,
    default: {
      rule: "true with a group.id, else false",
      of: ({ settings }) => typeof settings["group.id"] === "string",
    },
    meaning: "Does poll commit the positions of the poll before by itself? Needs a group.id.",
    source: "ConsumerConfig.maybeOverrideEnableAutoCommit",
  },
  "auto.commit.interval.ms": {
    domain: duration(0),
    default: { value: 5000 },
    meaning: "Milliseconds between two automatic commits, at least.",
    source: "ConsumerConfig",
  },
  "auto.offset.reset": {
    domain: choice<"latest" | "earliest" | "none">([
      ["latest", "latest"],
      ["earliest", "earliest"],
      ["none", "none"],
    ]),
    default: { value: "latest" },
    meaning: "Where to read without a valid position: at the end, at the beginning, or fail.",
    source: "ConsumerConfig",
    notYet: { schema: z.string().regex(/^by_duration:/), reason: "a reset by duration is not in the model yet" },
  },
  "max.poll.records": {
    domain: integer(1, intMax),
    default: { value: 500 },
    meaning: "Records that one poll hands over, at most.",
    source: "ConsumerConfig",
  },
  "fetch.max.wait.ms": {
    domain: duration(0),
    default: { value: 500 },
    meaning: "Milliseconds that a fetch waits at the leader for data.",
    source: "ConsumerConfig",
  },
  "request.timeout.ms": {
    domain: duration(0),
    default: { value: 30_000 },
    meaning: "Milliseconds that a request waits for its answer.",
    source: "ConsumerConfig",
  },
  "retry.backoff.ms": {
    domain: duration(0),
    default: { value: 100 },
    meaning: "Milliseconds before a failed request is sent again.",
    source: "ConsumerConfig",
  },
  "isolation.level": {
    domain: choice<"read_uncommitted" | "read_committed">([["read_uncommitted", "read_uncommitted"]]),
    default: { value: "read_uncommitted" },
    meaning: "Are records of open and aborted transactions visible?",
    source: "ConsumerConfig, KIP-98",
    notYet: { schema: z.literal("read_committed"), reason: "transactions are not in the model yet" },
  },
};
