/**
 * The conditions of the contract that a configuration meets or does not meet.
 *
 * *Safe disks* is not a matter of the configuration alone: it is asked of what has happened so far, of a state
 * (`whenDisksAreSafe`) or of a history (`whenBrokersWereStopped`), and a violation that it does not cover carries an excuse.
 *
 * Source: docs of `unclean.leader.election.enable`; KIP-101, KIP-279, KIP-320, KIP-595 (reconciliation); KIP-966.
 */

import type { PartitionView } from "./cluster-view.ts";
import {
  type ClusterConfig,
  effectiveMinIsr,
  type LogReconciliation,
  partitionsOf,
  topicOf,
} from "./config/cluster-config.ts";
import type { Scope } from "./requirement.ts";
import type { BrokerId, TopicPartition } from "./vocabulary.ts";

/** Do followers compare leader epochs and not only offsets, and are stale leaders and followers fenced? */
export function comparesEpochs(reconciliation: LogReconciliation): boolean {
  return reconciliation === "kip-320" || reconciliation === "kip-595";
}

/** No replica outside the ISR (or the ELR) is ever elected, and followers part from their logs where they should. */
export function safeElections(config: ClusterConfig, partition: TopicPartition): boolean {
  const unclean = topicOf(config, partition)["unclean.leader.election.enable"];
  return !unclean && comparesEpochs(config.server["log.reconciliation"]);
}

/** Is an acknowledged record of this producer promised to stay, on safe disks? Without a producer: of any. */
export function acknowledgementPromised(config: ClusterConfig, { producer, partition, excuse }: Scope): boolean {
  if (excuse !== undefined) return false;
  const producers = producer === undefined ? Object.keys(config.producers) : [producer];
  return (
    producers.some((name) => config.producers[name]?.acks === -1) && inSomePartition(config, partition, safeElections)
  );
}

/** Is a record that a consumer was given promised to stay, on safe disks? */
export function readPromised(config: ClusterConfig, { partition, excuse }: Scope): boolean {
  if (excuse !== undefined) return false;
  return inSomePartition(config, partition, (of, name) => safeElections(of, name) && strictMinIsr(of, name));
}

/**
 * Strict min ISR (since 3.7) with a min ISR that means something: the high watermark stands still while fewer than two
 * replicas have what it would cover. Asked for wherever the promise does not depend on the producer's acks.
 */
export function strictMinIsr(config: ClusterConfig, partition: TopicPartition): boolean {
  return config.profile !== "pre-3.7" && effectiveMinIsr(config, partition) >= 2;
}

/** Eligible leader replicas, and a min ISR that leaves one: some power losses do no harm then (KIP-966). */
function withstandsPowerLoss(config: ClusterConfig, partition: TopicPartition): boolean {
  return eligibleReplicasAreOn(config) && effectiveMinIsr(config, partition) >= 2;
}

function eligibleReplicasAreOn(config: ClusterConfig): boolean {
  return config.server["eligible.leader.replicas.version"] > 0;
}

type Excuse = Pick<Scope, "excuse">;

const diskHasLost: Excuse = { excuse: "a power loss has taken records from a disk" };

/**
 * Whatever lives on after a power loss is promised only on safe disks: none has lost records; or eligible leader replicas
 * are on, min ISR is 2 or more, and fewer than min ISR brokers restarted uncleanly (a kill counts) in one spell below min
 * ISR. Otherwise the excuse that a violation's scope has to carry.
 */
export function whenDisksAreSafe(config: ClusterConfig, { partition, disks }: PartitionView): Excuse {
  if (!disks.lostRecords) return {};
  const protectedUpTo = effectiveMinIsr(config, partition);
  return withstandsPowerLoss(config, partition) && disks.uncleanRestarts < protectedUpTo ? {} : diskHasLost;
}

/** What is said of copies on disks holds only while no disk has lost any. */
export function whileDisksAreWhole({ disks }: PartitionView): Excuse {
  return disks.lostRecords ? diskHasLost : {};
}

/**
 * A dead member of ISR or ELR that has lost its tail: with eligible leader replicas it leaves both at the latest when its
 * broker registers again, so that it takes no office before.
 */
export function cannotTakeOffice(config: ClusterConfig, { disks }: PartitionView, broker: BrokerId): boolean {
  return eligibleReplicasAreOn(config) && disks.withoutTail.includes(broker);
}

/**
 * The same from outside: may a power loss be to blame? `stopped` are the brokers that were killed or lost their power by
 * then. Spells below min ISR do not show in a history, nor what a disk has kept; so every one of them counts.
 */
export function whenBrokersWereStopped(
  config: ClusterConfig,
  key: TopicPartition,
  stopped: { readonly brokers: number; readonly power: boolean },
): Excuse {
  const isProtected = withstandsPowerLoss(config, key) && stopped.brokers < effectiveMinIsr(config, key);
  return isProtected || !stopped.power ? {} : diskHasLost;
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
