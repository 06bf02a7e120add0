/**
 * DUR-1 from outside: is a value that was acknowledged gone? Jepsen's `lost-write` and `unseen`; whether the loss was
 * promised not to happen (acks, min ISR, …) is another question.
 */
import type { TopicPartition } from "../../vocabulary.ts";
import type { HistoryOperation } from "../format.ts";
import { entryOf, mayTakeEffect, partnersOf, polledEntries, sentRecords } from "./calls.ts";
import { finalReads } from "./final-reads.ts";
import { type Finding, type Findings, witness } from "./finding.ts";
import { type Acknowledgement, acknowledgements, type ObservedValue, observedLog, spanOf } from "./observed-log.ts";

type Committed = ReadonlyMap<TopicPartition, ReadonlyMap<string, Acknowledgement>>;

/**
 * A value is *committed* when its send or transaction is `ok`, or when it is part of a transaction of unknown outcome of
 * which an `ok` poll returned another value (readers are taken to be `read_committed`; a plain send's records are
 * written one by one, and one of them proves nothing of the others). A committed value that no poll of anybody returned
 * is
 * - a `lost-write`, if the offset at which it was acknowledged lies at or below the highest offset read: the highest
 *   *first* offset of any value that was read, so that a duplicate far up the log accuses nobody;
 * - otherwise `unseen`, if a final read of its key ended with an empty answer that was asked for after the value was
 *   committed.
 *
 * Conclusive: every key with committed values has such a final read after the last of them. Retention, DeleteRecords
 * and compaction are taken not to have removed anything. Linear.
 */
export function acknowledgedLost(operations: readonly HistoryOperation[]): Findings {
  const log = observedLog(operations);
  const finals = finalReads(operations);
  const violations: Finding[] = [];
  let conclusive = true;
  const committed = committedValues(operations);
  for (const [key, values] of committed) {
    const seen = log.get(key) ?? new Map<string, ObservedValue>();
    const highest = highestRead(seen);
    const final = finals.get(key);
    for (const [value, { invoked, acknowledged }] of values) {
      if (final === undefined || final.invoked < acknowledged) conclusive = false;
      const one = seen.get(value);
      if (one !== undefined && one.readAt !== null) continue;
      const last = spanOf(one)?.last;
      const at = last === undefined ? {} : { offset: last };
      if (last !== undefined && highest !== null && last <= highest.offset) {
        const text = `${key}: ${value} is committed at offset ${last} and was never read, though offset ${highest.offset} was`;
        const operations = witness(invoked, acknowledged, highest.index);
        violations.push({ name: "lost-write", key, value, ...at, text, operations });
      } else if (final !== undefined && acknowledged < final.invoked) {
        const text = `${key}: ${value} is committed and was never read, though the key was read to its end afterwards`;
        const operations = witness(invoked, acknowledged, final.answered);
        violations.push({ name: "unseen", key, value, ...at, text, operations });
      }
    }
  }
  return { violations, pending: [], conclusive, premise: committed.size > 0 };
}

/** The highest first offset of a value that was read, with the index of the first poll that returned it. */
function highestRead(seen: ReadonlyMap<string, ObservedValue>): { offset: number; index: number } | null {
  let highest: { offset: number; index: number } | null = null;
  for (const one of seen.values()) {
    const offset = spanOf(one)?.first;
    if (one.readAt === null || offset === undefined) continue;
    if (highest === null || offset > highest.offset) highest = { offset, index: one.readAt };
  }
  return highest;
}

/** Acknowledged values, then those of transactions that a read has proven; a proof counts from that read on. */
function committedValues(operations: readonly HistoryOperation[]): Committed {
  const all = new Map<TopicPartition, Map<string, Acknowledgement>>();
  for (const [key, values] of acknowledgements(operations)) all.set(key, new Map(values));
  for (const { transaction, invoked, proven } of provenTransactions(operations)) {
    for (const { key, value } of sentRecords(transaction)) {
      const values = entryOf(all, key, () => new Map<string, Acknowledgement>());
      values.set(value, { invoked, acknowledged: proven });
    }
  }
  return all;
}

interface ProvenTransaction {
  readonly transaction: HistoryOperation;
  readonly invoked: number;
  /** Index of the poll that proves it. */
  readonly proven: number;
}

/** The transactions of unknown outcome of which an `ok` poll returned a value. */
function provenTransactions(operations: readonly HistoryOperation[]): readonly ProvenTransaction[] {
  const partners = partnersOf(operations);
  const unknown = new Map<TopicPartition, Map<string, HistoryOperation>>();
  const invokedAt = new Map<HistoryOperation, number>();
  for (const [place, operation] of operations.entries()) {
    const partner = partners[place] ?? null;
    if (operation.f !== "txn" || operation.type === "ok" || !mayTakeEffect(operation, partner)) continue;
    invokedAt.set(operation, partner?.index ?? operation.index);
    for (const { key, value } of sentRecords(operation)) {
      entryOf(unknown, key, () => new Map<string, HistoryOperation>()).set(value, operation);
    }
  }
  const proven: ProvenTransaction[] = [];
  for (const operation of operations) {
    if (operation.type !== "ok") continue;
    for (const [key, records] of polledEntries(operation)) {
      for (const [, value] of records) {
        const transaction = unknown.get(key)?.get(value);
        const invoked = transaction === undefined ? undefined : invokedAt.get(transaction);
        if (transaction === undefined || invoked === undefined) continue;
        invokedAt.delete(transaction);
        proven.push({ transaction, invoked, proven: operation.index });
      }
    }
  }
  return proven;
}
