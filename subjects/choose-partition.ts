/** Which partition a record gets that is sent to a topic: by its key's hash, in turn, or by the user's own partitioner. */

import type { ClusterConfig, ProducerConfig } from "../spec/config/cluster-config.ts";
import { roundRobinPartitioner, textbookPartitioner } from "../spec/config/partitioner-class.ts";
import { partitionForKey } from "../spec/murmur2.ts";
import { type Partitioners, partitionBy } from "../spec/partitioner.ts";
import type { ProducerRecord } from "../spec/vocabulary.ts";

export type ChoosePartition = (record: ProducerRecord, partitions: number) => number;

/** With a memory of its own: one for each life of a producer. */
export function createChoosePartition(config: ProducerConfig, partitioners: Partitioners): ChoosePartition {
  const name = config["partitioner.class"];
  const own = name !== null && Object.hasOwn(partitioners, name) ? partitioners[name] : undefined;
  let turn = 0;
  return (record, partitions) => {
    if (own !== undefined) return partitionBy(own, record, partitions);
    if (record.key !== null && !config["partitioner.ignore.keys"]) return partitionForKey(record.key, partitions);
    if (name !== textbookPartitioner) throw new Error("a record without a key needs a partitioner");
    turn += 1;
    return (turn - 1) % partitions;
  };
}

/** Why a cluster's partitioners cannot be had; empty: they can. */
export function lackingPartitioners({ producers }: ClusterConfig): readonly string[] {
  const isAsked = Object.values(producers).some((one) => one["partitioner.class"] === roundRobinPartitioner);
  return isAsked ? [`${roundRobinPartitioner} belongs to Kafka's Java client, not to a broker`] : [];
}
