/** ACK: what a leader's answer to a producer says. */

import type { ClusterView, Observation, PartitionView, ReplicaView } from "../cluster-view.ts";
import { type ClusterConfig, effectiveMinIsr } from "../config/cluster-config.ts";
import type { Requirement, Scope } from "../requirement.ts";
import { safeElections, whileDisksAreWhole } from "../safety.ts";
import { type Notes, takeNotes } from "./notes.ts";
import { hasRecord, replicaOn } from "./replica-logs.ts";

type Answer = Extract<Observation, { kind: "answered" }>;

function notExcused(_config: ClusterConfig, { excuse }: Scope): boolean {
  return excuse === undefined;
}

/**
 * Copies are counted on disks, dead brokers' disks too: the leader counts what was fetched from it, and a member that
 * died after its fetch has the record.
 */
export const ack1: Requirement = {
  id: "ACK-1",
  title: "acks=all is answered only with min ISR copies",
  statement:
    "When a leader answers a produce request of acks=all with success, its high watermark is past the records, and at least min ISR replicas have them on their disks.",
  kind: "always",
  perStep: true,
  area: "ACK",
  sources: ["Partition.checkEnoughReplicasReachOffset", "Partition.appendRecordsToLeader", "DelayedProduce"],
  promisedWhen:
    "always; the number of copies only while no follower loses what it had fetched: unclean election off, reconciliation by leader epoch, no records lost to a power loss",
  applies: (config) => Object.values(config.producers).some(({ acks }) => acks === -1),
  promised: notExcused,
  invariant(view) {
    const notes = takeNotes((scope) => notExcused(view.config, scope));
    for (const seen of view.observed) {
      if (seen.kind !== "answered" || seen.acks !== -1) continue;
      const partition = view.partitions.find((one) => one.partition === seen.partition);
      const leader = partition === undefined ? undefined : replicaOn(partition, seen.broker);
      if (partition === undefined || leader === undefined) continue;
      notes.examined({ partition: seen.partition });
      judgeHighWatermark(seen, leader, notes);
      judgeCopies(view, partition, seen, notes);
    }
    return notes.judgement();
  },
};

function judgeHighWatermark(answer: Answer, { highWatermark }: ReplicaView, notes: Notes): void {
  const end = answer.baseOffset + answer.values.length;
  if (highWatermark >= end) return;
  const text = `broker ${answer.broker} answered for the offsets ${answer.baseOffset} to ${end - 1} of ${answer.partition} with high watermark ${highWatermark}`;
  notes.violated(text, { partition: answer.partition });
}

function judgeCopies(view: ClusterView, partition: PartitionView, answer: Answer, notes: Notes): void {
  const { values, baseOffset } = answer;
  const needed = effectiveMinIsr(view.config, answer.partition);
  const copies = partition.replicas
    .filter((replica) => values.every((value, index) => hasRecord(replica, baseOffset + index, value)))
    .map(({ broker }) => broker);
  if (copies.length >= needed) return;
  const excuse = safeElections(view.config, answer.partition)
    ? whileDisksAreWhole(partition)
    : { excuse: "without safe elections a replica may truncate what the leader has counted as its copy" };
  const where = copies.length === 0 ? "nowhere" : `on ${copies.join(", ")} only`;
  const text = `broker ${answer.broker} answered for ${values.join(", ")} of ${answer.partition}, which stands ${where}; min ISR is ${needed}`;
  notes.violated(text, { partition: answer.partition, ...excuse });
}
