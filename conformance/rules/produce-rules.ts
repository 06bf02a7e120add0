/** Producing: who takes records, what is refused, and what an answer says. */

import type { ProtocolRule } from "./protocol-rule.ts";
import { corruptedProduce } from "./rule-context.ts";

export const produceRules: readonly ProtocolRule[] = [
  {
    id: "produce/dense-offsets",
    title: "Batches get dense offsets, and the answer tells the first one",
    requirement: "LOG-1",
    source: "UnifiedLog.append",
    expected: { offsets: [0, 3, 4], end: 6 },
    async ask(context) {
      const topic = await context.topic();
      const sizes = [3, 1, 2];
      const offsets: number[] = [];
      for (const size of sizes) {
        const records = Array.from({ length: size }, (_, index) => ({ value: `r${index}` }));
        offsets.push((await context.produce(topic, records)).offset);
      }
      return { offsets, end: (await context.offset(topic, "latest")).offset };
    },
  },
  {
    id: "produce/not-the-leader",
    title: "A broker that does not lead the partition refuses records",
    requirement: "ELE-1",
    source: "ReplicaManager.getPartitionOrException",
    needs: "two brokers",
    expected: { error: "NOT_LEADER_OR_FOLLOWER", end: 0 },
    async ask(context) {
      const topic = await context.topic();
      const { brokers } = await context.client.metadata([]);
      const node = brokers.find((id) => id !== topic.leader) ?? topic.leader;
      const { error } = await context.produce(topic, [{ value: "a" }], { node });
      return { error, end: (await context.offset(topic, "latest")).offset };
    },
  },
  {
    id: "produce/unknown-partition",
    title: "A partition that does not exist is not written to",
    requirement: "LOG-1",
    source: "KafkaApis.handleProduceRequest",
    expected: { error: "UNKNOWN_TOPIC_OR_PARTITION" },
    async ask(context) {
      const topic = await context.topic();
      const { error } = await context.produce(topic, [{ value: "a" }], { partition: 7 });
      return { error };
    },
  },
  {
    id: "produce/acks-2",
    title: "acks is 0, 1 or all, and nothing else",
    requirement: "ACK-1",
    source: "ReplicaManager.isValidRequiredAcks",
    expected: { error: "INVALID_REQUIRED_ACKS", end: 0 },
    async ask(context) {
      const topic = await context.topic();
      const { error } = await context.produce(topic, [{ value: "a" }], { acks: 2 });
      return { error, end: (await context.offset(topic, "latest")).offset };
    },
  },
  {
    id: "produce/too-large",
    title: "A batch larger than max.message.bytes is refused, and nothing is written",
    requirement: "BAT-1",
    source: "UnifiedLog.append",
    expected: { error: "MESSAGE_TOO_LARGE", end: 0 },
    async ask(context) {
      const topic = await context.topic({ configs: { "max.message.bytes": "1000" } });
      const { error } = await context.produce(topic, [{ value: "x".repeat(2000) }]);
      return { error, end: (await context.offset(topic, "latest")).offset };
    },
  },
  {
    id: "produce/corrupt",
    title: "A batch whose checksum does not fit is refused, and nothing is written",
    requirement: "LOG-2",
    source: "UnifiedLog.analyzeAndValidateRecords",
    expected: { error: "CORRUPT_MESSAGE", end: 0 },
    async ask(context) {
      const topic = await context.topic();
      const { error } = await context.produce(topic, [{ value: "corrupt-me" }], { api: corruptedProduce });
      return { error, end: (await context.offset(topic, "latest")).offset };
    },
  },
  {
    id: "produce/min-isr-above-factor",
    title: "min.insync.replicas counts only up to the number of replicas",
    requirement: "ACK-1",
    source: "Partition.effectiveMinIsr (3.7)",
    expected: { error: "NONE", offset: 0 },
    async ask(context) {
      const topic = await context.topic({ factor: 1, configs: { "min.insync.replicas": "2" } });
      return await context.produce(topic, [{ value: "a" }]);
    },
  },
];
