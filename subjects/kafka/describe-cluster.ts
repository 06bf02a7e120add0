/** Everything that can be looked at on a real cluster: what metadata say, and, where we have its machines, the logs. */
import { assignmentOf, type ClusterConfig, partitionsOf } from "../../spec/config/cluster-config.ts";
import type { Snapshot } from "../../spec/subject.ts";
import { showMetadata } from "../partition-metadata.ts";
import { fetchReplica, listOffsets } from "./apis.ts";
import type { BrokerControl, DiskLog } from "./broker-control.ts";
import { fetchCommitted } from "./group-offsets.ts";
import type { ClusterMetadata, KafkaClient } from "./kafka-client.ts";
import type { RunNames } from "./run-names.ts";
import { WireError } from "./wire-error.ts";

type PartitionSnapshot = NonNullable<Snapshot["partitions"]>[number];

const nothing: DiskLog = { logStart: 0, logEnd: 0, highWatermark: 0, records: [] };

/** A replica that is busy or gone is not waited for. */
const lookMs = 1_000;

/** `control` is `null` where only the wire is there: then logs and high watermarks are not shown. */
export async function describePartitions(
  client: KafkaClient,
  names: RunNames,
  config: ClusterConfig,
  control: BrokerControl | null,
): Promise<readonly PartitionSnapshot[]> {
  const { topics } = await lookAtMetadata(client, Object.keys(config.topics).map(names.topic), control);
  return Promise.all(
    partitionsOf(config).map(async (partition) => {
      const { topic, partition: number } = names.partition(partition);
      const seen = topics.get(topic)?.find((one) => one.partition === number);
      const shown: PartitionSnapshot = seen === undefined ? { partition } : showMetadata(config, partition, seen);
      if (control === null) return shown;
      const replicas = await describeReplicas(client, control, topic, number, assignmentOf(config, partition));
      const leading = replicas.find(({ broker }) => broker === shown.leader);
      return { ...shown, logStart: leading?.logStart ?? 0, highWatermark: leading?.highWatermark ?? null, replicas };
    }),
  );
}

/** As those brokers have it that the controller reaches: the others may be behind. */
async function lookAtMetadata(
  client: KafkaClient,
  topics: readonly string[],
  control: BrokerControl | null,
): Promise<ClusterMetadata> {
  for (const broker of control?.brokers.filter((id) => control.hearsController(id)) ?? []) {
    try {
      return await client.metadata(topics, broker);
    } catch (error) {
      // It may just be starting.
      if (!(error instanceof WireError)) throw error;
    }
  }
  return client.metadata(topics);
}

/** Logs are read off the disks: what a broker has written is in the page cache, and there for everyone. */
async function describeReplicas(
  client: KafkaClient,
  control: BrokerControl,
  topic: string,
  partition: number,
  brokers: readonly number[],
) {
  const all = await Promise.all(
    brokers.map(async (broker) => {
      const live = control.isUp(broker) ? await askReplica(client, broker, topic, partition) : null;
      // A broker that died before it heard of its replica has nothing of it, as one that has heard and got nothing.
      const log = control.diskLog(broker, `${topic}-${partition}`) ?? nothing;
      const { records, ...rest } = { ...log, ...live };
      // A batch lies there as a whole, also where the log starts within it.
      const values = records.filter(([offset]) => offset >= rest.logStart).map(([, value]) => value);
      return { broker, ...rest, values };
    }),
  );
  return all.sort((one, other) => one.broker - other.broker);
}

/** What a live broker knows better than its disk. `null` where it does not answer. */
async function askReplica(
  client: KafkaClient,
  broker: number,
  topic: string,
  partition: number,
): Promise<Pick<DiskLog, "logStart" | "highWatermark"> | null> {
  const call = { timeoutMs: lookMs, purpose: "look" };
  try {
    const place = { partitionIndex: partition, currentLeaderEpoch: -1, timestamp: -2n };
    const { topics } = await client.call(broker, listOffsets, [-2, 0, [{ name: topic, partitions: [place] }]], call);
    const start = topics[0]?.partitions[0];
    if (start === undefined || start.errorCode !== 0) return null;
    const from = { partition, currentLeaderEpoch: -1, fetchOffset: start.offset, lastFetchedEpoch: -1 };
    const asked = [{ topicId: topic, partitions: [{ ...from, partitionMaxBytes: 1 }] }];
    const { responses } = await client.call(broker, fetchReplica, [0, 0, 1, 0, 0, -1, asked, [], ""], call);
    const answer = responses[0]?.partitions[0];
    if (answer === undefined || answer.errorCode !== 0) return null;
    return { logStart: Number(start.offset), highWatermark: Number(answer.highWatermark) };
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

/** What the groups of a run have committed; nothing of a group that has no coordinator now. */
export async function describeCommitted(
  client: KafkaClient,
  names: RunNames,
  config: ClusterConfig,
): Promise<NonNullable<Snapshot["committed"]>> {
  const groups = new Set(Object.values(config.consumers).flatMap((one) => one["group.id"] ?? []));
  const found = await Promise.all(
    [...groups].sort().map(async (group) => {
      try {
        const committed = await fetchCommitted(client, names, names.group(group), partitionsOf(config));
        return [...committed].map(([partition, { offset }]) => ({ group, partition, offset }));
      } catch (error) {
        if (error instanceof WireError) return [];
        throw error;
      }
    }),
  );
  return found.flat();
}
