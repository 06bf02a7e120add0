/**
 * The conditions of the contract that a configuration meets or does not meet.
 *
 * *Safe disks* is the third one. None of today's faults takes anything from a disk: a kill leaves the page cache and so
 * the log. Every disk is therefore safe, and `promised` need not ask for it. Power loss will change that: the condition
 * (profile 4.1, min ISR of 2 or more, fewer than min ISR unclean restarts in one spell below min ISR) then belongs here.
 *
 * Source: docs of `unclean.leader.election.enable`; KIP-101, KIP-279, KIP-320, KIP-595 (reconciliation); KIP-966.
 */
import {
  type ClusterConfig,
  effectiveMinIsr,
  type LogReconciliation,
  partitionsOf,
  topicOf,
} from "./config/cluster-config.ts";
import type { TopicPartition } from "./vocabulary.ts";

/** Do followers compare leader epochs and not only offsets, and are stale leaders and followers fenced? */
export function comparesEpochs(reconciliation: LogReconciliation): boolean {
  return reconciliation === "kip-320" || reconciliation === "kip-595";
}

/** No replica outside the ISR (or the ELR) is ever elected, and followers part from their logs where they should. */
export function safeElections(config: ClusterConfig, partition: TopicPartition): boolean {
  const unclean = topicOf(config, partition)["unclean.leader.election.enable"];
  return !unclean && comparesEpochs(config.server["log.reconciliation"]);
}

/**
 * Strict min ISR (since 3.7) with a min ISR that means something: the high watermark stands still while fewer than two
 * replicas have what it would cover. Asked for wherever the promise does not depend on the producer's acks.
 */
export function strictMinIsr(config: ClusterConfig, partition: TopicPartition): boolean {
  return config.profile !== "pre-3.7" && effectiveMinIsr(topicOf(config, partition)) >= 2;
}

/** Is it so for the partition in question or, where none is named, for any? */
export function inSomePartition(
  config: ClusterConfig,
  partition: TopicPartition | undefined,
  condition: (config: ClusterConfig, partition: TopicPartition) => boolean,
): boolean {
  const candidates = partition === undefined ? partitionsOf(config) : [partition];
  return candidates.some((candidate) => condition(config, candidate));
}
