/** Where consumers go on that were started again, against what their group had committed: `resumed-elsewhere`. */
import type { TopicPartition } from "../../vocabulary.ts";
import { entryOf, isFinalPoll } from "../judge/calls.ts";
import { type Finding, witness } from "../judge/finding.ts";
import type { LogFacts, Reads } from "./log-facts.ts";
import { countBelow } from "./passed-over.ts";
import { isCommittedRead } from "./skips.ts";
import type { Step } from "./step.ts";
import type { Premise, Suspicion } from "./suspicion.ts";
import type { VersionOrder } from "./version-order.ts";

/** What may be committed of one group and key, as far as commits that are over tell it. */
interface Committed {
  low: number;
  high: number;
  /** Index of the last operation about it. */
  touched: number;
}

/** Of one group: its keys, and the commits that are under way, or of which nobody knows what they named. */
interface Book {
  readonly keys: Map<TopicPartition, Committed>;
  /** By process; was no other one under way at any time? */
  readonly open: Map<string, { isAlone: boolean }>;
  isUnknown: boolean;
}

interface Restart {
  readonly index: number;
  /** Keys of which the client was given records since, or whose position was set otherwise. */
  readonly settled: Set<TopicPartition>;
}

interface Beyond {
  readonly key: TopicPartition;
  readonly client: string;
  readonly group: string;
  readonly committed: number;
  readonly offset: number;
  readonly operations: readonly number[];
}

export interface Resumptions {
  take(step: Step, reads: Reads): void;
  /** When all was taken. */
  end(orders: readonly VersionOrder[]): readonly Suspicion[];
}

/**
 * Looked at is the first record of a key that a client is given after its `restart`. It is not judged where a commit of its
 * group and key has come since, or was under way, where the position was set otherwise, or where a poll may have delivered
 * what it does not show. `groupOf`: the group of a client by the contract, `null` where it names none; then the client's
 * own commits name it.
 */
export function createResumptions(facts: LogFacts, groupOf: (client: string) => string | null): Resumptions {
  const books = new Map<string, Book>();
  const named = new Map<string, string>();
  const restarts = new Map<string, Restart>();
  const below: Beyond[] = [];
  const above: Beyond[] = [];

  const bookOf = (group: string) =>
    entryOf(books, group, (): Book => ({ keys: new Map(), open: new Map(), isUnknown: false }));

  function commit({ operation, client }: Step): void {
    if (operation.f !== "commit") return;
    const { group, offsets } = operation.value;
    named.set(client, group);
    const book = bookOf(group);
    if (operation.type === "invoke") {
      for (const other of book.open.values()) other.isAlone = false;
      book.open.set(operation.process, { isAlone: book.open.size === 0 });
      return;
    }
    const isAlone = book.open.get(operation.process)?.isAlone === true;
    book.open.delete(operation.process);
    const isNameless = Object.keys(offsets).length === 0;
    if (operation.type === "info" && isNameless) book.isUnknown = true;
    if (operation.type === "fail") return;
    for (const [key, offset] of Object.entries(offsets)) {
      const known = book.keys.get(key);
      // One of unknown outcome may take effect at any time; and of two at once, nobody knows which was the last.
      const replaces = operation.type === "ok" && isAlone && !book.isUnknown;
      if (known === undefined) {
        if (operation.type === "ok") book.keys.set(key, { low: offset, high: offset, touched: operation.index });
        else book.isUnknown = true;
        continue;
      }
      known.low = replaces ? offset : Math.min(known.low, offset);
      known.high = replaces ? offset : Math.max(known.high, offset);
      known.touched = operation.index;
      if (operation.type === "info") book.isUnknown = true;
    }
  }

  function poll({ operation, invocation, client }: Step, reads: Reads): void {
    const restart = restarts.get(client);
    if (restart === undefined || operation.type === "invoke" || isFinalPoll(operation)) return;
    if (operation.type !== "ok" || invocation === null || invocation.index < restart.index) {
      restarts.delete(client);
      return;
    }
    const group = groupOf(client) ?? named.get(client);
    const book = group === undefined ? undefined : books.get(group);
    for (const [at, row] of reads.rows.entries()) {
      const key = facts.keys.nameOf(facts.keyOf.get(row));
      if (restart.settled.has(key)) continue;
      restart.settled.add(key);
      const committed = book?.keys.get(key);
      if (group === undefined || book === undefined || committed === undefined) continue;
      if (book.open.size > 0 || book.isUnknown || committed.touched > restart.index) continue;
      const offset = reads.offsets[at] ?? 0;
      const found = {
        key,
        client,
        group,
        offset,
        operations: witness(committed.touched, restart.index, operation.index),
      };
      if (offset < committed.low) below.push({ ...found, committed: committed.low });
      else if (offset > committed.high) above.push({ ...found, committed: committed.high });
    }
  }

  return {
    take(step, reads) {
      const { operation, client } = step;
      const { f, type, index } = operation;
      if (f === "send") return;
      if (f === "poll" || f === "txn") poll(step, reads);
      else if (f === "commit") commit(step);
      else if (f === "crash") restarts.delete(client);
      else if (f === "restart" && type !== "invoke") {
        if (type === "ok") restarts.set(client, { index, settled: new Set() });
        else restarts.delete(client);
      } else if (operation.f === "seek") {
        for (const key of Object.keys(operation.value)) restarts.get(client)?.settled.add(key);
      }
    },
    end: (orders) => [
      ...below.map((one) => suspicion(one, `at offset ${one.offset}`, [])),
      ...above.flatMap((one) => {
        const skipped = firstRead(facts, orders, one);
        return skipped === null ? [] : [suspicion(one, `at offset ${one.offset}, past ${skipped}`, mayHaveGone)];
      }),
    ],
  };
}

/** What was skipped may be gone; what was given again is not. */
const mayHaveGone: readonly Premise[] = [{ kind: "nothing-gone" }];

function suspicion({ key, client, group, committed, operations }: Beyond, where: string, more: readonly Premise[]) {
  const text = `${client} was started again and went on with ${key} ${where}; ${group} had committed ${committed}`;
  const finding: Finding = { name: "resumed-elsewhere", key, client, group, text, operations };
  const premises: readonly Premise[] = [{ kind: "commits-stay" }, { kind: "clean" }, { kind: "commits-shown", group }];
  return { finding, premises: [...premises, ...more] };
}

/** The first value between what was committed and what was read that somebody was given. */
function firstRead(facts: LogFacts, orders: readonly VersionOrder[], one: Beyond): string | null {
  const order = orders[facts.keys.find(one.key) ?? -1];
  if (order === undefined) return null;
  for (let place = countBelow(order.offsets, one.committed); place < order.offsets.length; place++) {
    const [offset, row] = [order.offsets[place] ?? 0, order.rows[place] ?? 0];
    if (offset >= one.offset) return null;
    if (isCommittedRead(facts, row, offset)) return facts.nameOf(row);
  }
  return null;
}
