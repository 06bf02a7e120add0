/** What metadata say of a partition, as a snapshot of any subject shows it. */
import { type ClusterConfig, effectiveMinIsr } from "../spec/config/cluster-config.ts";
import type { BrokerId, TopicPartition } from "../spec/vocabulary.ts";

/** What a cluster's metadata say of a partition. */
interface PartitionMetadata {
  readonly leader: BrokerId | null;
  readonly leaderEpoch: number;
  readonly isr: readonly BrokerId[];
  readonly replicas: readonly unknown[];
}

/** With what follows from it: is it under-replicated, is it below min ISR? */
export function showMetadata(config: ClusterConfig, partition: TopicPartition, metadata: PartitionMetadata) {
  const { leader, leaderEpoch, isr, replicas } = metadata;
  return {
    partition,
    leader,
    leaderEpoch,
    isr,
    underReplicated: isr.length < replicas.length,
    underMinIsr: isr.length < effectiveMinIsr(config, partition),
  };
}
