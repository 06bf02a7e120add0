/** ALO-1 from outside: does a consumer group get every acknowledged record before it commits past it? */
import { findGroupLosses, passedOverItself } from "../check/at-least-once.ts";
import { gather } from "../check/gather.ts";
import type { HistoryOperation } from "../format.ts";
import type { Finding, Findings } from "./finding.ts";

/** What the contract says of groups. */
export interface GroupContract {
  readonly consumers?: Readonly<Record<string, { readonly "group.id"?: string | null }>>;
}

/**
 * The rule stands in `check/at-least-once.ts`. Conclusive: nothing is pending. Premise: a group consumes a key that has
 * an acknowledged record. `excused`: findings where the application has passed over the record itself.
 */
export function groupLosses(
  operations: readonly HistoryOperation[],
  contract: GroupContract,
): { readonly findings: Findings; readonly excused: ReadonlySet<Finding> } {
  const groupOf = (client: string) => contract.consumers?.[client]?.["group.id"] ?? null;
  const { facts, groups } = gather(operations, groupOf);
  const { suspicions, pending, premise } = findGroupLosses(facts, groups);
  const isExcused = ({ premises }: (typeof suspicions)[number]) =>
    premises.some((one) => one.kind === "never" && one.because === passedOverItself);
  const excused = new Set(suspicions.filter(isExcused).map(({ finding }) => finding));
  const violations = suspicions.map(({ finding }) => finding);
  return { findings: { violations, pending, conclusive: pending.length === 0, premise }, excused };
}

export function atLeastOnce(operations: readonly HistoryOperation[], contract: GroupContract): Findings {
  return groupLosses(operations, contract).findings;
}
