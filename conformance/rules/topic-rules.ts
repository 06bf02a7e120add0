/** Topics: what can be made, and what a cluster says of it. */
import { createTopics, deleteTopics, describeTopicPartitions } from "../../subjects/kafka/apis.ts";
import { protocolErrorName } from "../../subjects/kafka/protocol-error.ts";
import type { ProtocolRule } from "./protocol-rule.ts";
import type { RuleContext } from "./rule-context.ts";

async function create(
  context: RuleContext,
  name: string,
  numPartitions: number,
  replicationFactor: number,
): Promise<string> {
  const asked = { name, numPartitions, replicationFactor, assignments: [], configs: [] };
  const answer = await context.client.call("any", createTopics, [[asked], 10_000, false], { timeoutMs: 15_000 });
  return protocolErrorName(answer.topics[0]?.errorCode ?? 0);
}

export const topicRules: readonly ProtocolRule[] = [
  {
    id: "topics/factor-above-brokers",
    title: "More replicas than there are brokers are refused",
    requirement: "AVA-1",
    source: "ReplicationControlManager.createTopic",
    expected: { error: "INVALID_REPLICATION_FACTOR" },
    ask: async (context) => ({ error: await create(context, context.topicName(), 1, 1000) }),
  },
  {
    id: "topics/no-partitions",
    title: "A topic has at least one partition",
    requirement: "PAR-1",
    source: "ReplicationControlManager.createTopic",
    expected: { error: "INVALID_PARTITIONS" },
    ask: async (context) => ({ error: await create(context, context.topicName(), 0, 1) }),
  },
  {
    id: "topics/same-name",
    title: "A topic's name is taken once",
    requirement: "PAR-1",
    source: "ReplicationControlManager.createTopics",
    expected: { error: "TOPIC_ALREADY_EXISTS" },
    ask: async (context) => ({ error: await create(context, (await context.topic()).name, 1, 1) }),
  },
  {
    id: "topics/delete-unknown",
    title: "What is not there cannot be deleted",
    requirement: "RET-1",
    source: "ReplicationControlManager.deleteTopics",
    expected: { error: "UNKNOWN_TOPIC_OR_PARTITION" },
    async ask(context) {
      const name = `${(await context.topic()).name}-not-there`;
      const answer = await context.client.call("any", deleteTopics, [[{ name }], 5_000]);
      return { error: protocolErrorName(answer.responses[0]?.errorCode ?? 0) };
    },
  },
  {
    id: "topics/leader-and-isr",
    title: "A new partition has a leader, and all of its replicas are in sync",
    requirement: "ISR-1",
    source: "ReplicationControlManager.createTopic",
    expected: { leaderInIsr: true, allInSync: true, epochAtLeast0: true },
    async ask(context) {
      const topic = await context.topic({ partitions: 3 });
      const partitions = (await context.client.metadata([topic.name])).topics.get(topic.name) ?? [];
      return {
        leaderInIsr: partitions.every(({ leader, isr }) => leader !== null && isr.includes(leader)),
        allInSync: partitions.length === 3 && partitions.every(({ isr, replicas }) => isr.length === replicas.length),
        epochAtLeast0: partitions.every(({ leaderEpoch }) => leaderEpoch >= 0),
      };
    },
  },
  {
    id: "topics/eligible-leader-replicas",
    title: "A new partition needs no eligible leader replicas outside of its ISR",
    requirement: "ELE-2",
    source: "KIP-966, PartitionChangeBuilder",
    expected: { elr: [], lastKnownElr: [], sameIsr: true },
    async ask(context) {
      const topic = await context.topic();
      const [place] = (await context.client.metadata([topic.name])).topics.get(topic.name) ?? [];
      const answer = await context.client.call("any", describeTopicPartitions, [[{ name: topic.name }], 100]);
      const told = answer.topics[0]?.partitions[0];
      const isr = [...(told?.isrNodes ?? [])].sort((one, other) => one - other);
      return {
        elr: told?.eligibleLeaderReplicas ?? [],
        lastKnownElr: told?.lastKnownElr ?? [],
        sameIsr: isr.join() === place?.isr.join(),
      };
    },
  },
];
