/**
 * DUR-1 from outside: is a value that was acknowledged gone? Jepsen's `lost-write` and `unseen`; whether the loss was
 * promised not to happen (acks, min ISR, …) is another question. The rule stands in `check/lost-writes.ts`.
 */
import { gather } from "../check/gather.ts";
import { findLostWrites } from "../check/lost-writes.ts";
import type { HistoryOperation } from "../format.ts";
import type { Finding, Findings } from "./finding.ts";

/**
 * Conclusive: every key with committed values has a final read after the last of them. Retention, DeleteRecords and
 * compaction are taken not to have removed anything. `unproven`: findings that hold only if readers read everything.
 */
export function acknowledgedGone(operations: readonly HistoryOperation[]): {
  readonly findings: Findings;
  readonly unproven: ReadonlySet<Finding>;
} {
  const { facts, finals, deliveries } = gather(operations);
  const { suspicions, unread, premise } = findLostWrites(facts, finals, [deliveries.within, deliveries.between]);
  const lost = suspicions.filter(({ finding }) => finding.name === "lost-write" || finding.name === "unseen");
  const unproven = new Set(lost.filter((one) => one.unproven !== undefined).map(({ finding }) => finding));
  const violations = lost.map(({ finding }) => finding);
  return { findings: { violations, pending: [], conclusive: unread.length === 0, premise }, unproven };
}

export function acknowledgedLost(operations: readonly HistoryOperation[]): Findings {
  return acknowledgedGone(operations).findings;
}
