/** What predicates ask of replicas and their logs: who leads, who may lead next, where two logs differ. */

import type { ClusterView, PartitionView, ReplicaView } from "../cluster-view.ts";
import { type ClusterConfig, topicOf } from "../config/cluster-config.ts";
import { cannotTakeOffice } from "../safety.ts";
import type { BrokerId, LogEntry } from "../vocabulary.ts";

export function replicaOn(partition: PartitionView, broker: BrokerId): ReplicaView | undefined {
  return partition.replicas.find((replica) => replica.broker === broker);
}

/** The partition in the state before. Views list partitions in one order, so that the place is the same. */
export function partitionBefore(before: ClusterView | null, index: number): PartitionView | null {
  return before?.partitions[index] ?? null;
}

/** Calls back for every partition that is not the same, as an object, as in the state before. */
export function forChangedPartitions(
  view: ClusterView,
  before: ClusterView | null,
  visit: (partition: PartitionView) => void,
): void {
  for (const [index, partition] of view.partitions.entries()) {
    if (partition !== partitionBefore(before, index)) visit(partition);
  }
}

/** The controller's leader, once it knows that it leads and in which epoch, and while it lives. */
export function leaderInOffice(partition: PartitionView): ReplicaView | undefined {
  return partition.replicas.find(
    ({ broker, alive, role, leaderEpoch }) =>
      broker === partition.leader && alive && role === "leader" && leaderEpoch === partition.leaderEpoch,
  );
}

/**
 * Replicas that a clean election can make leader, dead ones included: they may come back with their disks. Not so those
 * that will be passed over because they have lost their tails.
 */
export function electable(config: ClusterConfig, partition: PartitionView): readonly ReplicaView[] {
  const { isr, elr, replicas } = partition;
  return replicas.filter(
    ({ broker }) => (isr.includes(broker) || elr.includes(broker)) && !cannotTakeOffice(config, partition, broker),
  );
}

/**
 * The replicas of which at least one must have a record, or it is lost: the leader in office; without a leader those
 * that may become one (with ISR and ELR empty the last known leader may be anyone); none to ask while a leader has yet
 * to take office or lies dead.
 */
export function keepersOf(view: ClusterView, partition: PartitionView): readonly ReplicaView[] {
  if (partition.leader !== null) {
    const leader = leaderInOffice(partition);
    return leader === undefined ? [] : [leader];
  }
  const candidates = electable(view.config, partition);
  const anyone = topicOf(view.config, partition.partition)["unclean.leader.election.enable"] || candidates.length === 0;
  return anyone ? partition.replicas : candidates;
}

/** The entry at an offset. Logs are dense (LOG-1), so that its place is known; if they are not, it is looked for. */
export function entryAt(replica: ReplicaView, offset: number): LogEntry | undefined {
  const entry = replica.log[offset - replica.logStart];
  return entry?.offset === offset ? entry : replica.log.find((other) => other.offset === offset);
}

/** Has it the value at that offset? What has gone at the head of its log has gone by retention, and is not missed. */
export function hasRecord(replica: ReplicaView, offset: number, value: string): boolean {
  return offset < replica.logStart || entryAt(replica, offset)?.value === value;
}

/**
 * Below this offset nothing is promised any more: some replica has let it go, which it may do with old committed records
 * only (RET-1). Another replica may still have something there, even something else: of an epoch that it has let go, a
 * leader only knows that it ended before its own log begins (LeaderEpochFileCache.endOffsetFor), so a follower keeps what
 * it has of that epoch up to there.
 */
export function letGoBelow({ replicas }: PartitionView): number {
  return Math.max(0, ...replicas.map(({ logStart }) => logStart));
}

export function sameRecord(one: LogEntry, other: LogEntry): boolean {
  return one === other || (one.value === other.value && one.key === other.key);
}

function sameEntry(one: LogEntry | undefined, other: LogEntry | undefined): boolean {
  if (one === other) return true;
  return one !== undefined && other !== undefined && one.epoch === other.epoch && sameRecord(one, other);
}

/**
 * The first offset below `end` at which `replica` does not have what `model` has (offset, epoch, key and value), `null`
 * if there is none. What `model` does not have itself, and what either has let go at its head, is not compared.
 */
export function firstDifference(model: ReplicaView, replica: ReplicaView, end: number): number | null {
  if (model.log === replica.log) return null;
  const from = Math.max(model.logStart, replica.logStart);
  for (let offset = from; offset < end; offset += 1) {
    const expected = entryAt(model, offset);
    if (expected !== undefined && !sameEntry(expected, entryAt(replica, offset))) return offset;
  }
  return null;
}

/** What stands at an offset, in words: `a (epoch 1)`, or `nothing: its log ends at 3`. */
export function whatStandsAt(replica: ReplicaView, offset: number): string {
  const entry = entryAt(replica, offset);
  return entry === undefined ? `nothing: its log ends at ${replica.logEnd}` : `${entry.value} (epoch ${entry.epoch})`;
}
