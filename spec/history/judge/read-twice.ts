/** Delivered twice to one consumer (AMO-1). */
import type { ClientId, TopicPartition } from "../../vocabulary.ts";
import { clientOf, type HistoryOperation } from "../format.ts";
import { deliveriesKnown, entryOf, isFinalPoll, polledEntries } from "./calls.ts";
import { type Finding, type Findings, witness } from "./finding.ts";

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
