/**
 * DUR: what was acknowledged, and what was read, stays.
 *
 * A record is lost as soon as a leader has taken office whose log lacks it: nothing brings it back. Without a leader it
 * is lost when nobody who may become one has it.
 */
import type { ClusterView, PartitionView, ReplicaView } from "../cluster-view.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import { circumstancesOf, whenHistoryHasSafeDisks } from "../history/check/circumstances.ts";
import { clientOf, type HistoryOperation } from "../history/format.ts";
import { acknowledgedGone } from "../history/judge/acknowledged-lost.ts";
import { sentRecords } from "../history/judge/calls.ts";
import type { Findings } from "../history/judge/finding.ts";
import { withoutWhatMayHaveGone } from "../history/judge/may-have-gone.ts";
import type { Requirement } from "../requirement.ts";
import { acknowledgementPromised, readPromised, whenDisksAreSafe } from "../safety.ts";
import { judgementOf, producerOf } from "./judge-history.ts";
import { takeNotes } from "./notes.ts";
import { hasRecord, keepersOf, letGoBelow, partitionBefore, whatStandsAt } from "./replica-logs.ts";

const sources = [
  "KIP-966 (Eligible Leader Replicas)",
  "KIP-320 (log truncation)",
  "Partition.checkEnoughReplicasReachOffset",
  "PartitionChangeBuilder.electLeader",
];

export const dur1: Requirement = {
  id: "DUR-1",
  title: "acknowledged records are never lost",
  statement: "A record whose success the producer was told is in the log of every later leader, at its offset.",
  kind: "always",
  area: "DUR",
  sources,
  promisedWhen:
    "the producer has acks=all, unclean election is off, followers reconcile by leader epoch (kip-320, kip-595), and disks are safe (none has lost records to a power loss; or eligible leader replicas are on, min ISR is 2 or more, and fewer than min ISR brokers restarted uncleanly in one spell below min ISR); retention, DeleteRecords and compaction apart",
  applies: (config) => Object.keys(config.producers).length > 0,
  promised: acknowledgementPromised,
  invariant(view, before) {
    const notes = takeNotes((scope) => acknowledgementPromised(view.config, scope));
    const asBefore = view.acknowledged === before?.acknowledged && view.travelling === before.travelling;
    for (const [index, partition] of view.partitions.entries()) {
      if (asBefore && partition === partitionBefore(before, index)) continue;
      const keepers = keepersOf(view, partition);
      if (keepers.length === 0) continue;
      const excuse = whenDisksAreSafe(view.config, partition);
      for (const record of view.acknowledged) {
        if (record.partition !== partition.partition) continue;
        const { producer, offset, value } = record;
        if (offset === null && isTravelling(view, partition, value)) continue;
        const scope = { producer, partition: partition.partition, ...excuse };
        notes.examined(scope);
        if (isKept(partition, keepers, offset, value)) continue;
        const told = offset === null ? "sent with acks=0" : `acknowledged at offset ${offset}`;
        notes.violated(`${value} of ${producer}, ${told}: ${whereItLacks(partition, keepers, offset)}`, scope);
      }
    }
    return notes.judgement();
  },
  judge(history, config) {
    const { findings: all, unproven } = acknowledgedGone(history);
    const proven = { ...all, violations: all.violations.filter((finding) => !unproven.has(finding)) };
    const findings = withoutWhatMayHaveGone(proven, history, config);
    const circumstances = circumstancesOf(history);
    return judgementOf(findings, premiseOf(history, config, findings), (finding) => ({
      ...producerOf(history, finding),
      ...whenHistoryHasSafeDisks(circumstances, config, finding),
    }));
  },
};

/** Where anything is promised, only records that are under the promise put it to the test. */
function premiseOf(history: readonly HistoryOperation[], config: ClusterConfig, { premise }: Findings): boolean {
  if (!acknowledgementPromised(config, {})) return premise;
  return history.some((operation) => {
    const producer = clientOf(operation.process);
    return (
      operation.type === "ok" &&
      sentRecords(operation).some(({ key }) => acknowledgementPromised(config, { producer, partition: key }))
    );
  });
}

export const dur2: Requirement = {
  id: "DUR-2",
  title: "what was read stays",
  statement: "A record that a consumer was given is in the log of every later leader, at its offset.",
  kind: "always",
  area: "DUR",
  sources: ["KIP-966 (strict min ISR)", "Partition.maybeIncrementLeaderHW", "PartitionChangeBuilder.electLeader"],
  promisedWhen:
    "unclean election is off, followers reconcile by leader epoch, disks are safe (as for DUR-1), min ISR is 2 or more and so is the number of replicas, and the profile is 3.7 or later; the producer's acks do not matter",
  applies: (config) => Object.keys(config.consumers).length > 0,
  promised: readPromised,
  invariant(view, before) {
    const notes = takeNotes((scope) => readPromised(view.config, scope));
    for (const [index, partition] of view.partitions.entries()) {
      if (view.delivered === before?.delivered && partition === partitionBefore(before, index)) continue;
      const keepers = keepersOf(view, partition);
      if (keepers.length === 0) continue;
      const excuse = whenDisksAreSafe(view.config, partition);
      for (const record of view.delivered) {
        if (record.partition !== partition.partition) continue;
        const { consumer, offset, value } = record;
        const scope = { consumer, partition: partition.partition, ...excuse };
        notes.examined(scope);
        if (isKept(partition, keepers, offset, value)) continue;
        notes.violated(
          `${value}, given to ${consumer} at offset ${offset}: ${whereItLacks(partition, keepers, offset)}`,
          scope,
        );
      }
    }
    return notes.judgement();
  },
};

function isTravelling(view: ClusterView, { partition }: PartitionView, value: string): boolean {
  return view.travelling.some((one) => one.partition === partition && one.value === value);
}

/** Has one of them the record? What some replica has let go is not asked for; without an offset it may have been there. */
function isKept(
  partition: PartitionView,
  keepers: readonly ReplicaView[],
  offset: number | null,
  value: string,
): boolean {
  if (offset !== null && offset < letGoBelow(partition)) return true;
  return keepers.some((keeper) =>
    offset === null
      ? keeper.logStart > 0 || keeper.log.some((entry) => entry.value === value)
      : hasRecord(keeper, offset, value),
  );
}

function whereItLacks(partition: PartitionView, keepers: readonly ReplicaView[], offset: number | null): string {
  const [leader] = keepers;
  if (partition.leader === null || leader === undefined) {
    const brokers = keepers.map(({ broker }) => `${broker}`);
    return `${partition.partition} has no leader, and nobody who may become one has it (${brokers.join(", ")})`;
  }
  const where = `leader ${leader.broker} of ${partition.partition} in epoch ${partition.leaderEpoch}`;
  return offset === null ? `${where} has it nowhere` : `${where} has ${whatStandsAt(leader, offset)}`;
}
