/** Who leads the partitions of a run, as the cluster's metadata had it when they were last asked for. */
import type { KafkaClient, PartitionMetadata } from "./kafka-client.ts";

export interface Leaders {
  /** `null` where it is not known or there is none. */
  of(topic: string, partition: number): { readonly node: number; readonly epoch: number } | null;
  /** Asks anew. Throws a `WireError` where nobody answers. */
  refresh(): Promise<void>;
}

export function createLeaders(client: KafkaClient, topics: readonly string[]): Leaders {
  let known: ReadonlyMap<string, readonly PartitionMetadata[]> = new Map();
  let asking: Promise<void> | null = null;

  /** A broker that is behind tells of a leader before the one that is known (KIP-320). */
  function newer(topic: string, told: PartitionMetadata): PartitionMetadata {
    const before = known.get(topic)?.find((one) => one.partition === told.partition);
    return before !== undefined && before.leaderEpoch > told.leaderEpoch ? before : told;
  }

  return {
    of(topic, partition) {
      const found = known.get(topic)?.find((one) => one.partition === partition);
      return found === undefined || found.leader === null ? null : { node: found.leader, epoch: found.leaderEpoch };
    },
    refresh() {
      asking ??= client
        .metadata(topics)
        .then((seen) => {
          known = new Map(
            [...seen.topics].map(([topic, partitions]) => [topic, partitions.map((one) => newer(topic, one))]),
          );
        })
        .finally(() => {
          asking = null;
        });
      return asking;
    },
  };
}
