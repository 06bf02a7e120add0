/** PAR: which partition a record goes to. */
import type { ClusterConfig } from "../config/cluster-config.ts";
import { textbookPartitioner } from "../config/partitioner-class.ts";
import { clientOf } from "../history/format.ts";
import { sentRecords } from "../history/judge/calls.ts";
import type { Requirement, Scope } from "../requirement.ts";
import { type ClientId, parseTopicPartition, type TopicPartition } from "../vocabulary.ts";
import { takeNotes } from "./notes.ts";

/** A record whose partition was chosen by a partitioner. */
interface Chosen {
  readonly producer: ClientId;
  readonly topic: string;
  readonly partition: TopicPartition;
  readonly key: string;
  readonly value: string;
}

/**
 * A topic keeps its number of partitions here. What a user's own partitioner looks at is not known, so nothing is promised
 * of it; its producer is judged all the same.
 */
export const par1: Requirement = {
  id: "PAR-1",
  title: "same key, same partition",
  statement:
    "Records of one topic that have the same key go to the same partition, whoever sends them. An empty key is a key. Records whose partition the application names itself are not meant.",
  kind: "always",
  area: "PAR",
  sources: ["BuiltInPartitioner.partitionForKey", "KafkaProducer.partition", "Utils.murmur2"],
  promisedWhen:
    "the number of partitions does not change, and the partitioner goes by the key: Kafka's own choice or TextbookPartitioner, partitioner.ignore.keys off",
  applies: (config) => Object.keys(config.producers).length > 0,
  promised,
  watch(config) {
    const keys = createKeyMemory(config);
    return ({ observed }) => {
      const notes = takeNotes((scope) => promised(config, scope));
      for (const seen of observed) {
        if (seen.kind !== "accepted" || seen.to === seen.partition || seen.key === null) continue;
        const { producer, to: topic, partition, key, value } = seen;
        keys.judge({ producer, topic, partition, key, value }, notes);
      }
      return notes.judgement();
    };
  },
  judge(history, config) {
    const keys = createKeyMemory(config);
    const notes = takeNotes((scope) => promised(config, scope));
    for (const operation of history) {
      if (operation.type !== "invoke") continue;
      const producer = clientOf(operation.process);
      for (const { key: partition, value, partitionKey: key } of sentRecords(operation)) {
        const topic = parseTopicPartition(partition)?.topic;
        if (key === undefined || key === null || topic === undefined) continue;
        keys.judge({ producer, topic, partition, key, value }, notes);
      }
    }
    return notes.judgement();
  },
};

function promised(config: ClusterConfig, { producer }: Scope): boolean {
  const names = producer === undefined ? Object.keys(config.producers) : [producer];
  return names.some((name) => goesByKey(config, name));
}

function goesByKey({ producers }: ClusterConfig, producer: ClientId): boolean {
  const settings = producers[producer];
  if (settings === undefined || settings["partitioner.ignore.keys"]) return false;
  return [null, textbookPartitioner].includes(settings["partitioner.class"]);
}

/** Remembers where each key went first. Those who go by the key go by the same hash; everyone else has ways of his own. */
function createKeyMemory(config: ClusterConfig) {
  const firsts = new Map<string, Chosen>();
  return {
    judge(chosen: Chosen, notes: ReturnType<typeof takeNotes>): void {
      const { producer, topic, partition, key, value } = chosen;
      const place = JSON.stringify([goesByKey(config, producer) ? null : producer, topic, key]);
      const first = firsts.get(place);
      if (first === undefined) {
        firsts.set(place, chosen);
        return;
      }
      notes.examined({ producer, partition });
      if (first.partition === partition) return;
      const text = `${producer} sent ${value} with the key ${JSON.stringify(key)} to ${partition}; ${first.producer} had sent ${first.value} with the same key to ${first.partition}`;
      notes.violated(text, { producer, partition });
    },
  };
}
