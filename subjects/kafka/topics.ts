/** The topics of a run: made at its beginning as the cluster asks for them, and removed at its end. */
import { setTimeout as sleep } from "node:timers/promises";
import { assignmentOf, type ClusterConfig, type TopicConfig } from "../../spec/config/cluster-config.ts";
import { createTopics, deleteGroups, deleteTopics, listOffsets } from "./apis.ts";
import { type ClusterMetadata, createKafkaClient, type KafkaClient, type KafkaClientOptions } from "./kafka-client.ts";
import { protocolErrorName } from "./protocol-error.ts";
import { ownPrefix, type RunNames } from "./run-names.ts";
import { WireError } from "./wire-error.ts";

const createMsMax = 20_000;
const removeMsMax = 5_000;

/** Kafka's defaults, which are not sent. */
const usual = { "segment.bytes": 1_073_741_824, "retention.bytes": -1, "retention.ms": 604_800_000 } as const;

/**
 * Kafka's error name if a topic is refused, otherwise `null`: every partition then has its leader and a full ISR.
 * `isPlaced`: replicas are put on the brokers that the configuration means, rather than where the cluster likes.
 */
export async function makeTopics(
  client: KafkaClient,
  names: RunNames,
  config: ClusterConfig,
  isPlaced: boolean,
): Promise<string | null> {
  const topics = Object.entries(config.topics).map(([name, topic]) => {
    const canPlace = isPlaced && topic["replication.factor"] <= config.brokers;
    const assignments = Array.from({ length: canPlace ? topic.partitions : 0 }, (_, partitionIndex) => ({
      partitionIndex,
      brokerIds: [...assignmentOf(config, `${name}-${partitionIndex}`)],
    }));
    const [numPartitions, replicationFactor] = canPlace ? [-1, -1] : [topic.partitions, topic["replication.factor"]];
    return {
      name: names.topic(name),
      numPartitions,
      replicationFactor,
      assignments,
      configs: settingsOf(config, topic),
    };
  });
  const answer = await client.call("any", createTopics, [topics, 10_000, false], { timeoutMs: 15_000 });
  if (answer.topics.length !== topics.length) throw new WireError("nonsense", "the cluster", "no word of the topics");
  const refused = answer.topics.find(({ errorCode }) => errorCode !== 0);
  if (refused !== undefined) return protocolErrorName(refused.errorCode);
  await awaitTopics(client, names, config);
  return null;
}

function settingsOf({ server }: ClusterConfig, topic: TopicConfig) {
  const flush = server["log.flush.interval.messages"];
  const settings = {
    "min.insync.replicas": topic["min.insync.replicas"],
    "unclean.leader.election.enable": topic["unclean.leader.election.enable"],
    ...Object.fromEntries(
      Object.entries(usual).flatMap(([name, value]) => {
        const wanted = topic[name as keyof typeof usual];
        return wanted === value ? [] : [[name, wanted]];
      }),
    ),
    ...(flush === 2 ** 31 - 1 ? {} : { "flush.messages": flush }),
  };
  return Object.entries(settings).map(([name, value]) => ({ name, value: String(value) }));
}

async function awaitTopics(client: KafkaClient, names: RunNames, config: ClusterConfig): Promise<void> {
  const deadline = performance.now() + createMsMax;
  const wanted = Object.entries(config.topics).map(([name, topic]) => ({ name: names.topic(name), topic }));
  for (;;) {
    const seen = await client.metadata(wanted.map(({ name }) => name)).catch(() => null);
    const isThere = wanted.every(({ name, topic }) => {
      const partitions = seen?.topics.get(name) ?? [];
      const isWhole = partitions.every(
        ({ leader, isr }) => leader !== null && isr.length === topic["replication.factor"],
      );
      return partitions.length === topic.partitions && isWhole;
    });
    if (
      isThere &&
      seen !== null &&
      (await isServed(
        client,
        seen,
        wanted.map(({ name }) => name),
      ))
    )
      return;
    if (performance.now() > deadline) throw new WireError("timeout", "the cluster", "new topics have no leaders");
    await sleep(50);
  }
}

/** A leader hears of its partition a moment after the metadata tell of it. */
async function isServed(client: KafkaClient, seen: ClusterMetadata, topics: readonly string[]): Promise<boolean> {
  for (const name of topics) {
    for (const { partition, leader } of seen.topics.get(name) ?? []) {
      const asked = { partitionIndex: partition, currentLeaderEpoch: -1, timestamp: -1n };
      const answer = await client.call(leader ?? "any", listOffsets, [-1, 0, [{ name, partitions: [asked] }]]);
      if (answer.topics[0]?.partitions[0]?.errorCode !== 0) return false;
    }
  }
  return true;
}

/** Everything of a run that a cluster keeps. */
export interface Made {
  readonly topics: readonly string[];
  readonly groups: readonly string[];
}

export interface Removed {
  /** What is left behind: it could not be removed now. */
  readonly left: readonly string[];
  readonly contacted: readonly string[];
}

const isGone = /^(NONE|UNKNOWN_TOPIC_OR_PARTITION|GROUP_ID_NOT_FOUND)$/;

/**
 * Over connections of its own: whoever made it has hung up before, so that nothing is made again behind our back. What is
 * not there was never made.
 */
export async function removeOwn(options: KafkaClientOptions, { topics, groups }: Made): Promise<Removed> {
  const strangers = [...topics, ...groups].filter((name) => !name.startsWith(ownPrefix));
  if (strangers.length > 0) throw new RangeError(`${strangers.join(", ")} is not ours to remove`);
  if (topics.length + groups.length === 0) return { left: [], contacted: [] };
  const client = createKafkaClient(options);
  const left: string[] = [];
  try {
    const named = topics.map((name) => ({ name }));
    const { responses } = await client.call("any", deleteTopics, [named, removeMsMax], { timeoutMs: removeMsMax });
    const gone = responses.filter(({ errorCode }) => isGone.test(protocolErrorName(errorCode))).map(({ name }) => name);
    left.push(...topics.filter((name) => !gone.includes(name)).map((name) => `topic ${name}`));
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    left.push(...topics.map((name) => `topic ${name}`));
  }
  for (const group of groups) {
    try {
      const { results } = await client.call(await client.coordinatorOf(group), deleteGroups, [[group]], {
        timeoutMs: removeMsMax,
      });
      const [result] = results;
      if (result === undefined || !isGone.test(protocolErrorName(result.errorCode))) left.push(`group ${group}`);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      left.push(`group ${group}`);
    }
  }
  client.close();
  return { left, contacted: client.contacted() };
}
