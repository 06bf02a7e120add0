/** ALO: at least once. */
import type { AcknowledgedRecord, ClusterView, PartitionView } from "../cluster-view.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { HistoryOperation } from "../history/format.ts";
import { clientOf } from "../history/format.ts";
import { atLeastOnce } from "../history/judge/at-least-once.ts";
import { isFinalPoll, partnersOf, polledEntries } from "../history/judge/calls.ts";
import type { Finding } from "../history/judge/finding.ts";
import { withoutWhatMayHaveGone } from "../history/judge/may-have-gone.ts";
import type { Requirement, Scope } from "../requirement.ts";
import { whenDisksAreSafe, whenHistoryHasSafeDisks } from "../safety.ts";
import type { ClientId } from "../vocabulary.ts";
import { acknowledgementPromised } from "./dur.ts";
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

const passedOverItself = "the application has passed over it itself, by a seek or by an offset that it named";

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
    const findings = withoutWhatMayHaveGone(atLeastOnce(history, config), history, config);
    const scopeOf = (finding: Finding): Scope => {
      const consumer = finding.group === undefined ? undefined : membersOf(config, finding.group)[0];
      const passedOver = hasSoughtBeyond(history, config, finding) || hasNamedBeyond(history, finding);
      return {
        ...producerOf(history, finding),
        ...(consumer === undefined ? {} : { consumer }),
        ...whenHistoryHasSafeDisks(history, config, finding),
        ...(passedOver ? { excuse: passedOverItself } : {}),
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

/** Has a member of the group moved its position by hand beyond the record, wherever that may stand? */
function hasSoughtBeyond(history: readonly HistoryOperation[], config: ClusterConfig, finding: Finding): boolean {
  return history.some(({ f, type, value, process: caller }) => {
    if (f !== "seek" || (type !== "ok" && type !== "info")) return false;
    if (groupOf(config, clientOf(caller)) !== finding.group) return false;
    const target = value[finding.key];
    return target !== undefined && target > (finding.offset ?? -1);
  });
}

/**
 * Did the application itself name the offset of the commit that passed the record, beyond all that its polls had given it?
 * Commit after processing then falls, and with it the promise. An invocation names offsets only where the application
 * does; what a client commits by itself is an invocation without any. A record that was skipped between others, and so
 * lies below what was delivered, is no case of this.
 */
function hasNamedBeyond(history: readonly HistoryOperation[], { key, offset, operations }: Finding): boolean {
  const partners = partnersOf(history);
  return history.some((operation, place) => {
    if (operation.f !== "commit" || !operations.includes(operation.index)) return false;
    const asked = operation.type === "invoke" ? operation : partners[place];
    if (asked?.f !== "commit" || offset === undefined) return false;
    return (asked.value.offsets[key] ?? 0) > offset && offset >= positionBefore(history, asked, key);
  });
}

/** The next offset after the highest that the caller's polls had been given of a key. */
function positionBefore(history: readonly HistoryOperation[], call: HistoryOperation, key: string): number {
  const given = history.flatMap((operation) => {
    const isOwn = clientOf(operation.process) === clientOf(call.process) && operation.index < call.index;
    if (!isOwn || isFinalPoll(operation)) return [];
    return polledEntries(operation).flatMap(([of, records]) => (of === key ? records.map(([at]) => at + 1) : []));
  });
  return Math.max(0, ...given);
}
