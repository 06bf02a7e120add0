/** ELE: elections. */
import type { ClusterView, Observation, PartitionView, ReplicaView } from "../cluster-view.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { Requirement, Scope } from "../requirement.ts";
import { cannotTakeOffice, inSomePartition, safeElections, whenDisksAreSafe } from "../safety.ts";
import { fullyAcknowledged } from "./isr.ts";
import { type Notes, takeNotes } from "./notes.ts";
import { firstDifference, hasRecord, partitionBefore, replicaOn, whatStandsAt } from "./replica-logs.ts";

type Election = Extract<Observation, { kind: "elected" }>;

function electionsOf(view: ClusterView, { partition }: PartitionView): readonly Election[] {
  return view.observed.filter((seen): seen is Election => seen.kind === "elected" && seen.partition === partition);
}

export const ele1: Requirement = {
  id: "ELE-1",
  title: "at most one leader per epoch",
  statement:
    "In one leader epoch at most one replica leads, the one that the controller elected. Leader epochs only grow, at the controller and at every replica, and every election starts a new one.",
  kind: "always",
  perStep: true,
  area: "ELE",
  sources: ["PartitionRegistration.merge", "Partition.makeLeader", "Partition.makeFollower", "KIP-101"],
  promisedWhen: "always",
  applies: () => true,
  promised: () => true,
  invariant(view, before) {
    const notes = takeNotes(() => true);
    for (const [index, partition] of view.partitions.entries()) {
      const earlier = partitionBefore(before, index);
      const elections = electionsOf(view, partition);
      if (partition === earlier && elections.length === 0) continue;
      if (earlier === null || !hasSameLeaders(partition, earlier)) judgeLeaders(partition, notes);
      judgeElections(partition, earlier, elections, notes);
      if (earlier !== null) judgeEpochs(partition, earlier, notes);
    }
    return notes.judgement();
  },
};

/** Nothing that `judgeLeaders` looks at is another than before. */
function hasSameLeaders(partition: PartitionView, earlier: PartitionView): boolean {
  if (partition.leader !== earlier.leader || partition.leaderEpoch !== earlier.leaderEpoch) return false;
  return partition.replicas.every((now, index) => {
    const old = earlier.replicas[index];
    return now === old || (now.role === old?.role && now.leaderEpoch === old.leaderEpoch);
  });
}

function judgeLeaders(partition: PartitionView, notes: Notes): void {
  const scope = { partition: partition.partition };
  const leaders = partition.replicas.filter(({ role }) => role === "leader");
  if (leaders.length > 0) notes.examined(scope);
  for (const [index, { broker, leaderEpoch }] of leaders.entries()) {
    const rival = leaders.slice(index + 1).find((other) => other.leaderEpoch === leaderEpoch);
    if (rival !== undefined) {
      const text = `brokers ${broker} and ${rival.broker} both lead ${partition.partition} in epoch ${leaderEpoch}`;
      notes.violated(text, scope);
    }
    if (leaderEpoch === partition.leaderEpoch && broker !== partition.leader) {
      const text = `broker ${broker} leads ${partition.partition} in epoch ${leaderEpoch}, in which the controller has ${partition.leader ?? "no"} leader`;
      notes.violated(text, scope);
    }
  }
  for (const { broker, leaderEpoch } of partition.replicas) {
    if (leaderEpoch <= partition.leaderEpoch) continue;
    const text = `replica ${broker} of ${partition.partition} is in epoch ${leaderEpoch}, the controller in epoch ${partition.leaderEpoch}`;
    notes.violated(text, scope);
  }
}

function judgeElections(
  partition: PartitionView,
  earlier: PartitionView | null,
  elections: readonly Election[],
  notes: Notes,
): void {
  const scope = { partition: partition.partition };
  let epoch = earlier?.leaderEpoch ?? -1;
  for (const { leader, leaderEpoch } of elections) {
    if (leaderEpoch <= epoch) {
      const text = `broker ${leader} was elected leader of ${partition.partition} in epoch ${leaderEpoch} after epoch ${epoch}`;
      notes.violated(text, scope);
    }
    epoch = leaderEpoch;
  }
  if (epoch > partition.leaderEpoch) {
    const text = `the controller is in epoch ${partition.leaderEpoch} of ${partition.partition} after epoch ${epoch}`;
    notes.violated(text, scope);
  }
}

/** A replica that has heard of no epoch has just started. */
function judgeEpochs(partition: PartitionView, earlier: PartitionView, notes: Notes): void {
  const scope = { partition: partition.partition };
  const isNew = partition.leader !== null && partition.leader !== earlier.leader;
  if (isNew && partition.leaderEpoch <= earlier.leaderEpoch) {
    const text = `the leader of ${partition.partition} went from ${earlier.leader ?? "none"} to ${partition.leader}, the epoch from ${earlier.leaderEpoch} to ${partition.leaderEpoch}`;
    notes.violated(text, scope);
  }
  for (const old of earlier.replicas) {
    const now = replicaOn(partition, old.broker);
    if (now === undefined || now === old || !old.alive || !now.alive || now.leaderEpoch === -1) continue;
    if (now.leaderEpoch >= old.leaderEpoch) continue;
    const text = `replica ${now.broker} of ${partition.partition} went from epoch ${old.leaderEpoch} to ${now.leaderEpoch}`;
    notes.violated(text, scope);
  }
}

function completenessPromised(config: ClusterConfig, { partition, excuse }: Scope): boolean {
  return excuse === undefined && inSomePartition(config, partition, safeElections);
}

export const ele2: Requirement = {
  id: "ELE-2",
  title: "every elected leader has every committed record",
  statement:
    "At its election a leader has on its disk every record that was acknowledged with acks=all, and every record below the high watermark of any replica.",
  kind: "always",
  perStep: true,
  area: "ELE",
  sources: ["PartitionChangeBuilder.electLeader", "KIP-966", "KAFKA-7128"],
  promisedWhen: "unclean election is off, followers reconcile by leader epoch, and disks are safe (as for DUR-1)",
  applies: () => true,
  promised: completenessPromised,
  invariant(view, before) {
    const notes = takeNotes((scope) => completenessPromised(view.config, scope));
    for (const [index, partition] of view.partitions.entries()) {
      const earlier = partitionBefore(before, index);
      if (before === null || earlier === null) continue;
      const excuse = whenDisksAreSafe(view.config, partition);
      for (const election of electionsOf(view, partition)) {
        // The controller may not know yet that it is dead; it is replaced before it takes office.
        if (cannotTakeOffice(view.config, earlier, election.leader)) continue;
        judgeElected(before, earlier, election, excuse, notes);
      }
    }
    return notes.judgement();
  },
};

/** An election touches no log, so that the state before it shows what was committed and what the elected one has. */
function judgeElected(
  before: ClusterView,
  partition: PartitionView,
  { leader, ...how }: Election,
  excuse: Pick<Scope, "excuse">,
  notes: Notes,
) {
  const scope = { partition: partition.partition, ...excuse };
  const elected = replicaOn(partition, leader);
  const where = `broker ${leader}, elected leader of ${partition.partition} in epoch ${how.leaderEpoch},`;
  if (elected === undefined) {
    notes.violated(`${where} has no replica`, scope);
    return;
  }
  for (const witness of partition.replicas) {
    if (witness.highWatermark > witness.logStart) notes.examined(scope);
    const offset = firstDifference(witness, elected, witness.highWatermark);
    if (offset === null) continue;
    notes.violated(`${where} has ${lacks(elected, offset)}; ${belowHighWatermark(witness, offset)}`, scope);
    return;
  }
  for (const { offset, value, producer } of fullyAcknowledged(before, partition)) {
    notes.examined(scope);
    if (hasRecord(elected, offset, value)) continue;
    notes.violated(`${where} has ${lacks(elected, offset)}; ${value} was acknowledged to ${producer}`, scope);
    return;
  }
}

function lacks(elected: ReplicaView, offset: number): string {
  return `at offset ${offset} ${whatStandsAt(elected, offset)}`;
}

function belowHighWatermark(witness: ReplicaView, offset: number): string {
  return `replica ${witness.broker} has ${whatStandsAt(witness, offset)} below its high watermark ${witness.highWatermark}`;
}
