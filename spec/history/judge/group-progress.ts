/** What a consumer group has been given of each key and how far it has committed, while a history is read. */
import type { ClientId, TopicPartition } from "../../vocabulary.ts";
import { type CommitOperation, clientOf, type HistoryOperation } from "../format.ts";
import { entryOf, isFinalPoll, mayTakeEffect, partnersOf, polledEntries } from "./calls.ts";
import { createOpenFaults } from "./open-faults.ts";

/** What the contract says of groups. */
export interface GroupContract {
  readonly consumers?: Readonly<Record<ClientId, { readonly "group.id"?: string | null }>>;
}

interface Commit {
  readonly offset: number;
  /** Index of its completion; infinite where there is none. */
  readonly completed: number;
  /** Index of the operation to show. */
  readonly shown: number;
}

/** One group and one key that it consumes. */
export interface Progress {
  readonly group: string;
  readonly key: TopicPartition;
  /** Of the commits so far those that no later one has reached: from early to late, offsets descending. */
  readonly commits: Commit[];
  /** Values that polls of the group returned, final polls apart, whatever the outcome. */
  readonly delivered: Set<string>;
  /** Below this offset a consumer has committed after a poll that may have delivered what was not recorded. */
  doubtfulBelow: number;
  /** The group's last poll of the key, if it is known to have found nothing more: invocation and completion. */
  emptyAt: { readonly invoked: number; readonly answered: number } | null;
}

/** Calls `onDelivery` before the first delivery of a value to a group; returns the progress at the end, by group. */
export function followGroups(
  operations: readonly HistoryOperation[],
  contract: GroupContract,
  onDelivery: (progress: Progress, value: string) => void,
): readonly Progress[] {
  const partners = partnersOf(operations);
  const groups = groupsOf(operations, contract);
  const faults = createOpenFaults();
  const calmAtInvocation = new Map<string, boolean>();
  const doubtful = new Set<ClientId>();
  const all = new Map<string, Map<TopicPartition, Progress>>();
  const progressOf = (group: string, key: TopicPartition): Progress => {
    const keys = entryOf(all, group, () => new Map<TopicPartition, Progress>());
    const none = { commits: [], delivered: new Set<string>(), doubtfulBelow: 0, emptyAt: null };
    return entryOf(keys, key, () => ({ group, key, ...none }));
  };
  const unanswered: CommitOperation[] = [];
  for (const [place, operation] of operations.entries()) {
    const { type, index, process: caller } = operation;
    const partner = partners[place] ?? null;
    const client = clientOf(caller);
    faults.take(operation);
    if (type === "invoke") calmAtInvocation.set(caller, !faults.any());
    if ((operation.f === "crash" || operation.f === "restart") && type === "ok") doubtful.delete(client);
    if (isUnknownPoll(operation, partner)) doubtful.add(client);
    if (operation.f === "commit" && mayTakeEffect(operation, partner)) {
      if (type === "invoke") unanswered.push(operation);
      for (const [key, offset] of committedBy(operation, partner)) {
        const progress = progressOf(operation.value.group, key);
        if (type !== "invoke") addCommit(progress, { offset, completed: index, shown: index });
        if (doubtful.has(client)) progress.doubtfulBelow = Math.max(progress.doubtfulBelow, offset);
      }
    }
    const group = groups.get(client);
    if (group === undefined || isFinalPoll(operation)) continue;
    if (isPlacing(operation) && mayTakeEffect(operation, partner)) {
      for (const key of placedKeys(operation)) progressOf(group, key);
      for (const progress of all.get(group)?.values() ?? []) progress.emptyAt = null;
    }
    const calm = calmAtInvocation.get(caller) === true && !faults.any() && !doubtful.has(client);
    for (const [key, records] of polledEntries(operation)) {
      const progress = progressOf(group, key);
      const empty = records.length === 0 && type === "ok" && calm && partner !== null;
      progress.emptyAt = empty ? { invoked: partner.index, answered: index } : null;
      for (const [, value] of records) {
        if (!progress.delivered.has(value)) onDelivery(progress, value);
        progress.delivered.add(value);
      }
    }
  }
  for (const commit of unanswered) {
    const late = { completed: Number.POSITIVE_INFINITY, shown: commit.index };
    for (const [key, offset] of committedBy(commit, null)) {
      addCommit(progressOf(commit.value.group, key), { offset, ...late });
    }
  }
  return [...all.values()].flatMap((keys) => [...keys.values()]);
}

/** The highest of the commits so far that were completed after `index`; of equal ones the last. */
export function highestCommitAfter({ commits }: Progress, index: number): Commit | undefined {
  let low = 0;
  let high = commits.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((commits[middle]?.completed ?? 0) > index) high = middle;
    else low = middle + 1;
  }
  return commits[low];
}

function addCommit({ commits }: Progress, commit: Commit): void {
  while ((commits.at(-1)?.offset ?? Number.POSITIVE_INFINITY) <= commit.offset) commits.pop();
  commits.push(commit);
}

/** The group of each consumer: as the contract says, otherwise as its own operations name it. */
function groupsOf(operations: readonly HistoryOperation[], contract: GroupContract): ReadonlyMap<ClientId, string> {
  const groups = new Map<ClientId, string>();
  for (const { process: caller, f, value } of operations) {
    if (f !== "commit" && f !== "subscribe" && f !== "assign" && f !== "assignment") continue;
    if (value.group !== undefined) groups.set(clientOf(caller), value.group);
  }
  for (const [client, consumer] of Object.entries(contract.consumers ?? {})) {
    const group = consumer["group.id"];
    if (group !== undefined && group !== null) groups.set(client, group);
  }
  return groups;
}

/** The offsets that a completed commit tells; where its outcome is unknown, those that it asked for as well. */
function committedBy(commit: CommitOperation, partner: HistoryOperation | null): readonly [TopicPartition, number][] {
  const asked = commit.type === "info" && partner?.f === "commit" ? partner.value.offsets : {};
  return Object.entries({ ...asked, ...commit.value.offsets });
}

/** A poll of an application that may have delivered more than is recorded. */
function isUnknownPoll(operation: HistoryOperation, partner: HistoryOperation | null): boolean {
  if (isFinalPoll(operation) || operation.type === "ok" || !mayTakeEffect(operation, partner)) return false;
  return operation.f === "poll" || (operation.f === "txn" && operation.value.some((step) => "poll" in step));
}

function isPlacing({ f }: HistoryOperation): boolean {
  return ["subscribe", "assign", "assignment", "seek", "crash", "restart"].includes(f);
}

function placedKeys({ f, value }: HistoryOperation): readonly TopicPartition[] {
  return f === "subscribe" || f === "assign" || f === "assignment" ? value.keys : [];
}
