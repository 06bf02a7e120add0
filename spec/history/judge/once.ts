/** DUP-1 and ORD-1 from outside: is a value in a log twice, and do a client's records stand in the order of sending? */
import { gather } from "../check/gather.ts";
import { findDuplicates } from "../check/log-anomalies.ts";
import { findSendOrder } from "../check/send-order.ts";
import { versionOrders } from "../check/version-order.ts";
import type { HistoryOperation } from "../format.ts";
import { sentRecords } from "./calls.ts";
import type { Findings } from "./finding.ts";

type Gathered = ReturnType<typeof gather>;

/** The rule stands in `check/log-anomalies.ts`. Conclusive as for `producerOrder`. Premise: anything was seen. */
export function duplicates(operations: readonly HistoryOperation[]): Findings {
  const all = gather(operations);
  const violations = findDuplicates(all.facts, all.finals, [])
    .map(({ finding }) => finding)
    .filter(({ name }) => name === "duplicate");
  const premise = all.facts.valueCount() > 0 && versionOrders(all.facts).some(({ rows }) => rows.length > 0);
  return { violations, pending: [], conclusive: isReadAfterSends(operations, all), premise };
}

/**
 * The rule stands in `check/send-order.ts`. Conclusive: every key to which a send may have written has a final read that
 * was ended after the last completion of such a send. Premise: a client has two records of one key whose places are known.
 */
export function producerOrder(operations: readonly HistoryOperation[]): Findings {
  const all = gather(operations);
  const { suspicions, premise } = findSendOrder(all.facts, all.finals, versionOrders(all.facts));
  const violations = suspicions.map(({ finding }) => finding);
  return { violations, pending: [], conclusive: isReadAfterSends(operations, all), premise };
}

function isReadAfterSends(operations: readonly HistoryOperation[], { finals }: Gathered): boolean {
  const lastSent = new Map<string, number>();
  for (const operation of operations) {
    if (operation.type !== "fail") for (const { key } of sentRecords(operation)) lastSent.set(key, operation.index);
  }
  return [...lastSent].every(([key, index]) => index < (finals.of(key)?.invoked ?? -1));
}
