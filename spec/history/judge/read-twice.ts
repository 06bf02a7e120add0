/** Twice where once was meant: delivered twice to one consumer (AMO-1), or twice in the log (DUP-1). */
import type { ClientId, TopicPartition } from "../../vocabulary.ts";
import { clientOf, type HistoryOperation } from "../format.ts";
import { deliveriesKnown, entryOf, isFinalPoll, polledEntries, sentRecords } from "./calls.ts";
import { finalReads } from "./final-reads.ts";
import { type Finding, type Findings, witness } from "./finding.ts";
import { observedLog } from "./observed-log.ts";

/**
 * `read-twice`: an `ok` poll, not a final one, delivers a value of a key to a client to which an `ok` poll has delivered
 * it before; restarts of the client between them do not matter, nor does the offset. Each value is named once a client,
 * in the order of second deliveries (within one poll, keys ascending), with the polls of the first two.
 *
 * Conclusive: no poll's outcome is unknown. Linear.
 */
export function readTwice(operations: readonly HistoryOperation[]): Findings {
  const delivered = new Map<ClientId, Map<TopicPartition, Map<string, number>>>();
  const named = -1;
  const violations: Finding[] = [];
  let premise = false;
  for (const operation of operations) {
    if (operation.type !== "ok" || isFinalPoll(operation)) continue;
    const client = clientOf(operation.process);
    const { index } = operation;
    for (const [key, records] of polledEntries(operation)) {
      const keys = entryOf(delivered, client, () => new Map<TopicPartition, Map<string, number>>());
      const values = entryOf(keys, key, () => new Map<string, number>());
      for (const [offset, value] of records) {
        premise = true;
        const first = values.get(value);
        values.set(value, first === undefined ? index : named);
        if (first === undefined || first === named) continue;
        const text = `${client} was given ${value} of ${key} twice, the second time at offset ${offset}`;
        violations.push({ name: "read-twice", key, value, offset, client, text, operations: witness(first, index) });
      }
    }
  }
  return { violations, pending: [], conclusive: deliveriesKnown(operations), premise };
}

/**
 * `duplicate`: a value of a key was seen at two offsets or more; polls of every outcome and acknowledgements count. Each
 * value is named once, with its second lowest offset and an operation for each of the lowest two.
 *
 * Conclusive: every key to which a send may have written has a final read that was ended after the last completion of
 * such a send. Linear, but for sorting the offsets of a value that has several.
 */
export function duplicates(operations: readonly HistoryOperation[]): Findings {
  const log = observedLog(operations);
  const violations: Finding[] = [];
  for (const [key, values] of log) {
    for (const [value, { offsets }] of values) {
      if (offsets.size < 2) continue;
      const places = [...offsets.keys()].sort((a, b) => a - b);
      const [first = 0, second = 0] = places;
      const more = places.length > 2 ? ` and ${places.length - 2} more` : "";
      const text = `${key}: ${value} stands at the offsets ${first}, ${second}${more}`;
      const operations = witness(offsets.get(first), offsets.get(second));
      violations.push({ name: "duplicate", key, value, offset: second, text, operations });
    }
  }
  return { violations, pending: [], conclusive: readAfterSends(operations), premise: log.size > 0 };
}

function readAfterSends(operations: readonly HistoryOperation[]): boolean {
  const lastSent = new Map<TopicPartition, number>();
  for (const operation of operations) {
    if (operation.type === "fail") continue;
    for (const { key } of sentRecords(operation)) lastSent.set(key, operation.index);
  }
  const finals = finalReads(operations);
  return [...lastSent].every(([key, index]) => index < (finals.get(key)?.invoked ?? -1));
}
