/**
 * Names of one run on a cluster that may have others: topics and groups carry a prefix of their own, so that nothing of
 * anybody else's is touched. Inside a scenario and its history they are called as the scenario calls them.
 */
import { randomBytes } from "node:crypto";
import { parseTopicPartition, type TopicPartition } from "../../spec/vocabulary.ts";

/** Every topic and every group that we make begins with it. */
export const ownPrefix = "highwater-";

export interface RunNames {
  topic(name: string): string;
  group(name: string): string;
  /** Topic and number of a partition, as the cluster calls it. Throws `RangeError` for what is no partition. */
  partition(name: TopicPartition): { readonly topic: string; readonly partition: number };
  /** The scenario's name of a partition of the cluster. */
  back(topic: string, partition: number): TopicPartition;
}

export function createRunNames(): RunNames {
  const prefix = `${ownPrefix}${randomBytes(5).toString("hex")}-`;
  return {
    topic: (name) => prefix + name,
    group: (name) => prefix + name,
    partition(name) {
      const parsed = parseTopicPartition(name);
      if (parsed === null) throw new RangeError(`${name} is no partition`);
      return { topic: prefix + parsed.topic, partition: parsed.partition };
    },
    back: (topic, partition) => `${topic.slice(prefix.length)}-${partition}`,
  };
}
