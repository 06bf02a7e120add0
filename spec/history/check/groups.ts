/** What a consumer group has been given of each key and how far it has committed, while a history is read. */
import type { TopicPartition } from "../../vocabulary.ts";
import type { CommitOperation, HistoryOperation } from "../format.ts";
import { entryOf, isFinalPoll, polledEntries } from "../judge/calls.ts";
import { createOpenFaults } from "../judge/open-faults.ts";
import { never } from "./column.ts";
import type { LogFacts, Reads } from "./log-facts.ts";
import type { Step } from "./step.ts";

export interface Commit {
  readonly offset: number;
  /** Index of its completion; `never` where there is none. */
  readonly completed: number;
  /** Index of the operation to show. */
  readonly shown: number;
  /** The offset that the application named, or `null`; and how far its client had been given the key by then. */
  readonly named: number | null;
  readonly position: number;
}

/** A value that was given to a group behind a commit beyond it. */
interface Late {
  readonly row: number;
  readonly commit: Commit;
  /** Index of the poll that returned it. */
  readonly at: number;
}

/** From this operation on, whatever stands below the offset may have been delivered by a poll that did not show it. */
interface Doubt {
  readonly index: number;
  readonly below: number;
}

/** One group and one key that it consumes. */
export interface Progress {
  readonly group: string;
  readonly key: TopicPartition;
  /** Of the commits so far those that no later one has reached: from early to late, offsets descending. */
  readonly commits: Commit[];
  readonly late: Late[];
  /** Commits of a consumer after a poll that may have delivered what was not recorded. In order when all was taken. */
  doubts: Doubt[];
  /** The group's last poll of the key, if it is known to have found nothing more: invocation and completion. */
  emptyAt: { readonly invoked: number; readonly answered: number; readonly client: string } | null;
  /** The highest offset to which an application has sought, or may have. */
  soughtTo: number;
}

/** A poll of an application that has not been answered yet, and how far its client has committed since. */
interface OpenPoll {
  readonly client: string;
  readonly invoked: number;
  readonly commits: Map<Progress, Doubt>;
  /** The client was started again: what it does from then on owes nothing to this poll. */
  isOver: boolean;
}

export interface Groups {
  take(step: Step, reads: Reads): void;
  /** When all was taken: what each group has done with each key. */
  end(): readonly Progress[];
  /** Has any poll of the group returned the value, final polls apart, whatever its outcome? */
  hasDelivered(group: string, row: number): boolean;
}

/** `groupOf`: the group of a client by the contract, `null` where it names none. */
export function createGroups(facts: LogFacts, groupOf: (client: string) => string | null): Groups {
  const faults = createOpenFaults();
  const calmAtInvocation = new Map<string, boolean>();
  const doubtful = new Set<string>();
  const named = new Map<string, string>();
  const all = new Map<string, Map<TopicPartition, Progress>>();
  const delivered = new Map<string, Bits>();
  const polls = new Map<string, OpenPoll>();
  const commits = new Map<string, OpenCommit>();
  const placings = new Map<string, Step>();
  /** Index of the last operation that placed a member of a group anew: what was found empty before does not count. */
  const placedAt = new Map<string, number>();
  const given = new Map<string, Map<TopicPartition, number>>();

  function progressOf(group: string, key: TopicPartition): Progress {
    const keys = entryOf(all, group, () => new Map<TopicPartition, Progress>());
    return entryOf(keys, key, () => {
      return { group, key, commits: [], late: [], doubts: [], emptyAt: null, soughtTo: -1 };
    });
  }

  /** Its own operations name the group of a client that the contract does not. */
  function learnGroup({ operation, client }: Step): string | null {
    const known = groupOf(client);
    if (known !== null) return known;
    const { f, value } = operation;
    const names = f === "commit" || f === "subscribe" || f === "assign" || f === "assignment";
    if (names && value.group !== undefined) named.set(client, value.group);
    return named.get(client) ?? null;
  }

  function takeCommit({ operation, invocation, client }: Step): void {
    if (operation.f !== "commit") return;
    const { type, index, process } = operation;
    if (type === "invoke") {
      const sofar = given.get(client);
      const asked = Object.keys(operation.value.offsets);
      commits.set(process, {
        operation,
        positions: new Map(asked.map((key) => [key, sofar?.get(key) ?? 0])),
        isDoubtful: doubtful.has(client),
      });
      return;
    }
    const asked = commits.get(process);
    commits.delete(process);
    if (type === "fail") return;
    for (const [key, offset] of committedBy(operation, invocation)) {
      const progress = progressOf(operation.value.group, key);
      const position = asked?.positions.get(key) ?? 0;
      const own = asked?.operation.value.offsets[key] ?? null;
      addCommit(progress, { offset, completed: index, shown: index, named: own, position });
      if (doubtful.has(client) && (progress.doubts.at(-1)?.below ?? -1) < offset) {
        progress.doubts.push({ index, below: offset });
      }
      for (const open of polls.values()) {
        if (open.client !== client || open.isOver) continue;
        const known = open.commits.get(progress);
        if (known === undefined || known.below < offset) open.commits.set(progress, { index, below: offset });
      }
    }
  }

  function takePoll({ operation, invocation, client }: Step, reads: Reads, group: string | null): void {
    const { type, process, index } = operation;
    if (isFinalPoll(operation) || !hasPoll(operation)) return;
    if (type === "invoke") {
      polls.set(process, { client, invoked: index, commits: new Map(), isOver: false });
      return;
    }
    polls.delete(process);
    if (type === "info") doubtful.add(client);
    const positions = entryOf(given, client, () => new Map<TopicPartition, number>());
    for (const [at, row] of reads.rows.entries()) {
      const key = facts.keys.nameOf(facts.keyOf.get(row));
      positions.set(key, Math.max((reads.offsets[at] ?? 0) + 1, positions.get(key) ?? 0));
    }
    if (group === null) return;
    const calm = calmAtInvocation.get(process) === true && !faults.any() && !doubtful.has(client);
    for (const [key, isEmpty] of polledKeys(operation)) {
      const progress = progressOf(group, key);
      const isAnswer = isEmpty && type === "ok" && calm && invocation !== null;
      progress.emptyAt = isAnswer ? { invoked: invocation.index, answered: index, client } : null;
    }
    const values = entryOf(delivered, group, createBits);
    for (const row of reads.rows) if (values.add(row)) deliverFirst(group, row, index);
  }

  /** A commit beyond a value that is given only now is suspect; where it is known to stand may still change. */
  function deliverFirst(group: string, row: number, at: number): void {
    const progress = progressOf(group, facts.keys.nameOf(facts.keyOf.get(row)));
    const acknowledged = facts.completed.get(facts.callOf.get(row));
    const commit = highestCommitAfter(progress, acknowledged);
    if (commit === undefined || commit.offset <= facts.last.get(row)) return;
    progress.late.push({ row, commit, at });
  }

  function takePlacing(step: Step, group: string | null): void {
    const { operation, client } = step;
    const { f, type, process } = operation;
    if (!["subscribe", "assign", "assignment", "seek", "crash", "restart"].includes(f)) return;
    if (type === "invoke") {
      placings.set(process, step);
      return;
    }
    placings.delete(process);
    if (type === "fail") return;
    if ((f === "crash" || f === "restart") && type === "ok") {
      doubtful.delete(client);
      for (const open of polls.values()) if (open.client === client) open.isOver = true;
    }
    if (group !== null) placeAnew(operation, group);
  }

  function placeAnew({ f, type, value, index, process }: HistoryOperation, group: string): void {
    // What the reset policy chooses is not what the application wants to pass over.
    if (f === "seek" && !process.endsWith("/reset")) {
      for (const [key, target] of Object.entries(value)) {
        const progress = progressOf(group, key);
        if (type !== "invoke") progress.soughtTo = Math.max(progress.soughtTo, target);
      }
    }
    if (f === "subscribe" || f === "assign" || f === "assignment") for (const key of value.keys) progressOf(group, key);
    placedAt.set(group, Math.max(index, placedAt.get(group) ?? -1));
  }

  return {
    take(step, reads) {
      const { operation } = step;
      faults.take(operation);
      if (operation.type === "invoke") calmAtInvocation.set(operation.process, !faults.any());
      if (operation.f === "send") return;
      const group = learnGroup(step);
      takeCommit(step);
      takePlacing(step, group);
      takePoll(step, reads, group);
    },
    end() {
      for (const { operation, positions, isDoubtful } of commits.values()) {
        for (const [key, offset] of Object.entries(operation.value.offsets)) {
          const progress = progressOf(operation.value.group, key);
          const late = { completed: never, shown: operation.index, named: offset, position: positions.get(key) ?? 0 };
          addCommit(progress, { offset, ...late });
          if (isDoubtful) progress.doubts.push({ index: operation.index, below: offset });
        }
      }
      commits.clear();
      for (const { operation, client } of placings.values()) {
        const group = groupOf(client) ?? named.get(client);
        if (group !== undefined) placeAnew(operation, group);
      }
      placings.clear();
      const lastOpen = new Map<string, number>();
      for (const open of polls.values()) {
        for (const [progress, doubt] of open.commits) progress.doubts.push(doubt);
        if (!open.isOver) lastOpen.set(open.client, Math.min(open.invoked, lastOpen.get(open.client) ?? never));
      }
      for (const progress of [...all.values()].flatMap((keys) => [...keys.values()])) {
        const { emptyAt, group, doubts } = progress;
        progress.doubts = rising(doubts);
        if (emptyAt === null) continue;
        const since = Math.min(lastOpen.get(emptyAt.client) ?? never, emptyAt.answered);
        if (since < emptyAt.answered || (placedAt.get(group) ?? -1) > emptyAt.answered) progress.emptyAt = null;
      }
      return [...all.values()].flatMap((keys) => [...keys.values()]);
    },
    hasDelivered: (group, row) => delivered.get(group)?.has(row) === true,
  };
}

interface OpenCommit {
  readonly operation: CommitOperation;
  /** How far its client had been given the keys that it names. */
  readonly positions: ReadonlyMap<TopicPartition, number>;
  readonly isDoubtful: boolean;
}

/** Below which offset a value that was not given before this operation may have been delivered all the same. */
export function doubtfulBelow({ doubts }: Progress, before: number): number {
  let low = 0;
  let high = doubts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((doubts[middle]?.index ?? 0) < before) low = middle + 1;
    else high = middle;
  }
  return doubts[low - 1]?.below ?? 0;
}

/** In order, each with the highest offset of those up to it. */
function rising(doubts: readonly Doubt[]): Doubt[] {
  let highest = 0;
  return [...doubts]
    .sort((a, b) => a.index - b.index)
    .map(({ index, below }) => {
      highest = Math.max(highest, below);
      return { index, below: highest };
    });
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

/** The offsets that a completed commit tells; where its outcome is unknown, those that it asked for as well. */
function committedBy(commit: CommitOperation, invocation: HistoryOperation | null) {
  const asked = commit.type === "info" && invocation?.f === "commit" ? invocation.value.offsets : {};
  return Object.entries({ ...asked, ...commit.value.offsets });
}

function hasPoll(operation: HistoryOperation): boolean {
  return operation.f === "poll" || (operation.f === "txn" && operation.value.some((step) => "poll" in step));
}

/** The keys that an answer names, each with whether it names them with nothing. */
function polledKeys(operation: HistoryOperation): readonly (readonly [TopicPartition, boolean])[] {
  return polledEntries(operation).map(([key, records]) => [key, records?.length === 0] as const);
}

interface Bits {
  /** Was it not there before? */
  add(row: number): boolean;
  has(row: number): boolean;
}

function createBits(): Bits {
  let bytes = new Uint8Array(64);
  const has = (row: number) => ((bytes[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
  return {
    has,
    add(row) {
      if (has(row)) return false;
      if (row >> 3 >= bytes.length) {
        const more = new Uint8Array(Math.max((row >> 3) + 1, bytes.length * 2));
        more.set(bytes);
        bytes = more;
      }
      bytes[row >> 3] = (bytes[row >> 3] ?? 0) | (1 << (row & 7));
      return true;
    },
  };
}
