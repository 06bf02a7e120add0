/** What a group is told of its committed offsets, against what it has committed; and commits beyond one's position. */
import type { TopicPartition } from "../../vocabulary.ts";
import { entryOf, isFinalPoll } from "../judge/calls.ts";
import { type Finding, witness } from "../judge/finding.ts";
import { never } from "./column.ts";
import type { LogFacts, Reads } from "./log-facts.ts";
import { countBelow } from "./passed-over.ts";
import { isCommittedRead } from "./skips.ts";
import type { Step } from "./step.ts";
import type { Suspicion } from "./suspicion.ts";
import type { VersionOrder } from "./version-order.ts";

/** A commit that is not `fail`. */
interface Commit {
  readonly offset: number;
  readonly invoked: number;
  completed: number;
}

/**
 * Of one group and key: the `ok` commit that was begun last of those that were over when something else began, and every
 * commit that may have taken effect after it. All older ones are of no account any more.
 */
interface Book {
  settled: Commit | null;
  recent: Commit[];
}

/** A commit of a client's own position that may lie beyond what it had been given. */
interface Beyond {
  readonly key: TopicPartition;
  readonly client: string;
  readonly group: string;
  readonly position: number;
  readonly committed: number;
  readonly operations: readonly number[];
}

export interface CommittedOffsets {
  take(step: Step, reads: Reads): void;
  readonly suspicions: readonly Suspicion[];
  /** When all was taken: which commits passed over something. */
  beyondPosition(orders: readonly VersionOrder[]): readonly Suspicion[];
}

export function createCommittedOffsets(facts: LogFacts): CommittedOffsets {
  const suspicions: Suspicion[] = [];
  const books = new Map<string, Book>();
  const open = new Map<string, Map<string, Commit>>();
  const asked = new Map<string, Map<string, { readonly settled: Commit | null; readonly floor: number }>>();
  const positions = new Map<string, Map<TopicPartition, { next: number; index: number }>>();
  const beyond: Beyond[] = [];
  /** How far commits of unknown outcome went, by client and key: such a one may take effect much later. */
  const unknown = new Map<string, number>();
  /** Polls that are open, by client: within one, a position may already be further than what was handed over. */
  const polling = new Map<string, number>();
  const bookOf = (group: string, key: string) =>
    entryOf(books, JSON.stringify([group, key]), (): Book => ({ settled: null, recent: [] }));

  /** A commit whose invocation does not name its offsets is known by its completion only; until then it may be any. */
  function commit({ operation, invocation, client }: Step): void {
    if (operation.f !== "commit") return;
    const { group, offsets } = operation.value;
    if (operation.type === "invoke") {
      const begun = new Map<string, Commit>();
      for (const [key, offset] of Object.entries(offsets)) {
        const one: Commit = { offset, invoked: operation.index, completed: never };
        begun.set(key, one);
        bookOf(group, key).recent.push(one);
      }
      open.set(operation.process, begun);
      return;
    }
    const begun = open.get(operation.process);
    open.delete(operation.process);
    if (operation.type === "fail") {
      for (const [key, one] of begun ?? []) {
        const book = bookOf(group, key);
        book.recent = book.recent.filter((other) => other !== one);
      }
      return;
    }
    for (const [key, offset] of Object.entries(offsets)) {
      const book = bookOf(group, key);
      const known = begun?.get(key);
      const one = known ?? { offset, invoked: invocation?.index ?? operation.index, completed: never };
      if (known === undefined) book.recent.push(one);
      if (operation.type === "ok") settle(book, one, operation.index);
      const late = JSON.stringify([client, group, key]);
      if (operation.type === "info") unknown.set(late, Math.max(offset, unknown.get(late) ?? 0));
      // What a client does by itself may have been begun long before it was noted: only its application's calls count.
      else if (known === undefined && operation.process === client && offset > (unknown.get(late) ?? -1)) {
        notePosition({ client, group, key, committed: offset }, invocation?.index ?? -1, operation.index);
      }
    }
  }

  function settle(book: Book, one: Commit, index: number): void {
    one.completed = index;
    if (book.settled === null || one.invoked > book.settled.invoked) book.settled = one;
    const { invoked } = book.settled;
    book.recent = book.recent.filter(({ completed }) => completed > invoked);
  }

  function notePosition(commit: Omit<Beyond, "position" | "operations">, invoked: number, index: number): void {
    const { client, key, committed } = commit;
    const position = positions.get(client)?.get(key);
    if (position === undefined || position.index > invoked || (polling.get(client) ?? 0) > 0) return;
    if (committed <= position.next) return;
    beyond.push({ ...commit, position: position.next, operations: witness(position.index, index) });
  }

  function question({ operation, invocation }: Step): void {
    if (operation.f !== "committed") return;
    const { group, offsets } = operation.value;
    if (operation.type === "invoke") {
      const then = Object.keys(offsets).map((key) => {
        const { settled, recent } = bookOf(group, key);
        const floor = recent.reduce((lowest, { offset }) => Math.min(lowest, offset), settled?.offset ?? 0);
        return [key, { settled, floor: settled === null ? 0 : floor }] as const;
      });
      asked.set(operation.process, new Map(then));
      return;
    }
    const then = asked.get(operation.process);
    asked.delete(operation.process);
    if (operation.type !== "ok" || invocation === null) return;
    for (const [key, answer] of Object.entries(offsets)) {
      const { settled, floor } = then?.get(key) ?? { settled: null, floor: 0 };
      if (settled === null) continue;
      const lately = bookOf(group, key).recent.reduce((lowest, { offset }) => Math.min(lowest, offset), floor);
      if (answer !== null && answer >= lately) continue;
      const name = answer === null ? "committed-offset-lost" : "committed-offset-regressed";
      const told = answer === null ? "it has committed none" : `it stands at ${answer}`;
      const text = `${group} had committed ${settled.offset} for ${key}, and was told that ${told}`;
      const operations = witness(settled.invoked, settled.completed, invocation.index, operation.index);
      const finding: Finding = { name, key, group, text, operations };
      const shown = answer === null ? [] : [{ kind: "commits-shown", group } as const];
      suspicions.push({ finding, premises: [{ kind: "commits-stay" }, ...shown] });
    }
  }

  /** Where a client stands, as far as it is certain: behind its last record, or where it has sought to. */
  function move({ operation, client }: Step, reads: Reads): void {
    const { f, type, index } = operation;
    if (f === "send" || f === "commit" || f === "committed" || f === "latest" || isFinalPoll(operation)) return;
    const own = entryOf(positions, client, () => new Map<TopicPartition, { next: number; index: number }>());
    if (f === "poll" || f === "txn") {
      polling.set(client, Math.max(0, (polling.get(client) ?? 0) + (type === "invoke" ? 1 : -1)));
      if (type === "info" || (type === "fail" && reads.rows.length > 0)) own.clear();
      if (type !== "ok") return;
      for (const [at, row] of reads.rows.entries()) {
        const next = (reads.offsets[at] ?? 0) + 1;
        own.set(facts.keys.nameOf(facts.keyOf.get(row)), { next, index });
      }
      return;
    }
    if (type === "fail") return;
    if (operation.f === "seek") {
      for (const [key, next] of Object.entries(operation.value)) {
        if (type === "ok") own.set(key, { next, index });
        else own.delete(key);
      }
    } else if (["subscribe", "assign", "assignment", "crash", "restart"].includes(f)) own.clear();
  }

  return {
    take(step, reads) {
      move(step, reads);
      commit(step);
      question(step);
    },
    suspicions,
    beyondPosition: (orders) => beyond.flatMap((one) => passedOver(facts, orders, one)),
  };
}

/** A record that somebody was given lies between a client's position and what it committed as such. */
function passedOver(facts: LogFacts, orders: readonly VersionOrder[], one: Beyond): readonly Suspicion[] {
  const { key, client, group, position, committed, operations } = one;
  const order = orders[facts.keys.find(key) ?? -1];
  if (order === undefined) return [];
  const place = countBelow(order.offsets, position);
  const [offset, row] = [order.offsets[place], order.rows[place]];
  if (offset === undefined || row === undefined || offset >= committed) return [];
  if (!isCommittedRead(facts, row, offset)) return [];
  const value = facts.nameOf(row);
  const text = `${client} committed ${committed} for ${key} as its position, and had not been given ${value} at offset ${offset}`;
  const finding: Finding = {
    name: "commit-beyond-position",
    key,
    value,
    offset,
    client,
    group,
    text,
    operations: witness(...operations, facts.readOkAt.get(row)),
  };
  return [{ finding, premises: [{ kind: "clean" }, { kind: "nothing-gone" }] }];
}
