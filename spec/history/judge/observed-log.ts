/** The log of each key as it shows from outside: what polls returned and what acknowledgements told. */
import type { TopicPartition } from "../../vocabulary.ts";
import type { HistoryOperation } from "../format.ts";
import { entryOf, partnersOf, polledEntries, sentRecords } from "./calls.ts";

export interface ObservedValue {
  /**
   * Where the value was seen: offset, and index of the first operation that says so. Polls of every outcome count (what
   * was polled was there, whatever became of the call), sends only where they are `ok`.
   */
  readonly offsets: Map<number, number>;
  /** Index of the first poll that returned it; `null`: none did. */
  readAt: number | null;
}

export type ObservedLog = ReadonlyMap<TopicPartition, ReadonlyMap<string, ObservedValue>>;

/** Per key and value, in the order of first sight. */
export function observedLog(operations: readonly HistoryOperation[]): ObservedLog {
  const log = new Map<TopicPartition, Map<string, ObservedValue>>();
  const see = (key: TopicPartition, value: string, offset: number | undefined, index: number) => {
    const values = entryOf(log, key, () => new Map<string, ObservedValue>());
    const seen = entryOf(values, value, () => ({ offsets: new Map<number, number>(), readAt: null }));
    if (offset !== undefined && !seen.offsets.has(offset)) seen.offsets.set(offset, index);
    return seen;
  };
  for (const operation of operations) {
    for (const [key, records] of polledEntries(operation)) {
      for (const [offset, value] of records) see(key, value, offset, operation.index).readAt ??= operation.index;
    }
    if (operation.type !== "ok") continue;
    for (const { key, value, offset } of sentRecords(operation)) see(key, value, offset, operation.index);
  }
  return log;
}

/** The lowest and the highest offset at which a value was seen; `null` if it was seen at none. */
export function spanOf(seen: ObservedValue | undefined): { readonly first: number; readonly last: number } | null {
  if (seen === undefined || seen.offsets.size === 0) return null;
  let first = Number.POSITIVE_INFINITY;
  let last = -1;
  for (const offset of seen.offsets.keys()) {
    first = Math.min(first, offset);
    last = Math.max(last, offset);
  }
  return { first, last };
}

/** When a value's send was begun and when it was known to be written: indices of operations. */
export interface Acknowledgement {
  readonly invoked: number;
  readonly acknowledged: number;
}

export type Acknowledgements = ReadonlyMap<TopicPartition, ReadonlyMap<string, Acknowledgement>>;

/** Per key and value, in the order of acknowledgement: the sends and transactions that are `ok`. */
export function acknowledgements(operations: readonly HistoryOperation[]): Acknowledgements {
  const partners = partnersOf(operations);
  const all = new Map<TopicPartition, Map<string, Acknowledgement>>();
  for (const [place, operation] of operations.entries()) {
    if (operation.type !== "ok") continue;
    const { index } = operation;
    for (const { key, value } of sentRecords(operation)) {
      const invoked = partners[place]?.index ?? index;
      entryOf(all, key, () => new Map<string, Acknowledgement>()).set(value, { invoked, acknowledged: index });
    }
  }
  return all;
}
