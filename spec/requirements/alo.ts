/** ALO: at least once. */
import type { AcknowledgedRecord, ClusterView, PartitionView } from "../cluster-view.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import { passedOverItself } from "../history/check/at-least-once.ts";
import { circumstancesOf, whenHistoryHasSafeDisks } from "../history/check/circumstances.ts";
import { groupLosses } from "../history/judge/at-least-once.ts";
import type { Finding } from "../history/judge/finding.ts";
import { withoutWhatMayHaveGone } from "../history/judge/may-have-gone.ts";
import type { Requirement, Scope } from "../requirement.ts";
import { acknowledgementPromised, whenDisksAreSafe } from "../safety.ts";
import type { ClientId } from "../vocabulary.ts";
import { groupOf, hasGroups, membersOf } from "./groups.ts";
import { judgementOf, producerOf } from "./judge-history.ts";
import { takeNotes } from "./notes.ts";
import { leaderInOffice } from "./replica-logs.ts";

/** `scope.consumer` stands for its whole group. */
function promised(config: ClusterConfig, scope: Scope): boolean {
  if (scope.excuse !== undefined || !acknowledgementPromised(config, scope)) return false;
  const consumers = scope.consumer === undefined ? Object.keys(config.consumers) : [scope.consumer];
  return consumers.some((consumer) => {
    const group = groupOf(config, consumer);
    return group !== null && membersOf(config, group).every((member) => readsFromTheStart(config, member));
  });
}

function readsFromTheStart(config: ClusterConfig, consumer: ClientId): boolean {
  return config.consumers[consumer]?.["auto.offset.reset"] === "earliest";
}

const goneUnread = "it had gone from the head of a log before the group read it";

export const alo1: Requirement = {
  id: "ALO-1",
  title: "at least once",
  statement:
    "The committed offset of a group never passes an acknowledged record that was not handed to a member of the group.",
  kind: "always",
  area: "ALO",
  sources: [
    "KafkaConsumer (Javadoc, Offsets and Consumer Position)",
    "ConsumerCoordinator.maybeAutoCommitOffsetsAsync",
    "KAFKA-2942",
  ],
  promisedWhen:
    "the record is under DUR-1, every member of the group has auto.offset.reset=earliest, offsets are committed after processing (the application passes over nothing by seeking or by naming offsets), and retention takes nothing before it is read",
  applies: (config) => hasGroups(config) && Object.keys(config.producers).length > 0,
  promised,
  invariant(view, before) {
    const notes = takeNotes((scope) => promised(view.config, scope));
    if (before !== null && nothingNew(view, before)) return notes.judgement();
    for (const { group, partition, offset: committed } of view.committed) {
      const [consumer] = membersOf(view.config, group);
      if (consumer === undefined) continue;
      const found = view.partitions.find((one) => one.partition === partition);
      const delivered = deliveredTo(view, group, partition);
      for (const record of view.acknowledged) {
        const offset = record.partition === partition ? offsetOf(record, found) : null;
        if (offset === null || offset >= committed) continue;
        const { producer, value } = record;
        const scope = {
          producer,
          consumer,
          partition,
          ...(found === undefined ? {} : whenDisksAreSafe(view.config, found)),
        };
        notes.examined(scope);
        if (record.offset === null ? delivered.values.has(value) : delivered.records.has(`${offset} ${value}`))
          continue;
        const excuse = excuseFor(view, group, partition, offset);
        const text = `group ${group} has committed ${committed} of ${partition} without having been given ${value} of ${producer} at offset ${offset}`;
        notes.violated(text, { ...scope, ...excuse });
      }
    }
    return notes.judgement();
  },
  judge(history, config) {
    const { findings: all, excused } = groupLosses(history, config);
    const findings = withoutWhatMayHaveGone(all, history, config);
    const circumstances = circumstancesOf(history);
    const scopeOf = (finding: Finding): Scope => {
      const consumer = finding.group === undefined ? undefined : membersOf(config, finding.group)[0];
      return {
        ...producerOf(history, finding),
        ...(consumer === undefined ? {} : { consumer }),
        ...whenHistoryHasSafeDisks(circumstances, config, finding),
        ...(excused.has(finding) ? { excuse: passedOverItself } : {}),
      };
    };
    return judgementOf(findings, findings.premise, scopeOf);
  },
};

/** Deliveries only make it better; commits, acknowledgements and, with acks=0, a log that grows may make it worse. */
function nothingNew(view: ClusterView, before: ClusterView): boolean {
  if (view.committed !== before.committed || view.acknowledged !== before.acknowledged) return false;
  return view.partitions === before.partitions || view.acknowledged.every(({ offset }) => offset !== null);
}

/** Where a record stands: as told, or with acks=0 where the leader's log has it. */
function offsetOf({ offset, value }: AcknowledgedRecord, partition: PartitionView | undefined): number | null {
  if (offset !== null || partition === undefined) return offset;
  return leaderInOffice(partition)?.log.find((entry) => entry.value === value)?.offset ?? null;
}

function deliveredTo(view: ClusterView, group: string, partition: string) {
  const records = view.delivered.filter(
    (record) => record.partition === partition && groupOf(view.config, record.consumer) === group,
  );
  return {
    records: new Set(records.map(({ offset, value }) => `${offset} ${value}`)),
    values: new Set(records.map(({ value }) => value)),
  };
}

function excuseFor(view: ClusterView, group: string, partition: string, offset: number): Scope {
  const replicas = view.partitions.find((one) => one.partition === partition)?.replicas ?? [];
  if (replicas.some(({ logStart }) => offset < logStart)) return { excuse: goneUnread };
  return isPassedOver(view, group, partition, offset) ? { excuse: passedOverItself } : {};
}

function isPassedOver(view: ClusterView, group: string, partition: string, offset: number): boolean {
  return view.passedOver.some(
    (range) =>
      range.partition === partition &&
      range.from <= offset &&
      offset < range.to &&
      groupOf(view.config, range.consumer) === group,
  );
}
