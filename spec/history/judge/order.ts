/** CON-1 from outside: order within a key, as it is delivered to a consumer. The rule stands in `check/delivery.ts`. */
import { gather } from "../check/gather.ts";
import type { HistoryOperation } from "../format.ts";
import { deliveriesKnown } from "./calls.ts";
import type { Findings } from "./finding.ts";

const ofOrder = ["int-nonmonotonic-poll", "nonmonotonic-poll"];

/**
 * A client that subscribes is not held to the order until an `assignment` shows that its rebalances are recorded: each
 * may take it back to the committed offset.
 *
 * Conclusive: no poll's outcome is unknown. Premise: two records of one session could be compared. Linear.
 */
export function deliveredOrder(operations: readonly HistoryOperation[]): Findings {
  const { deliveries } = gather(operations);
  const violations = deliveries.suspicions
    .filter(({ finding, premises }) => ofOrder.includes(finding.name) && premises.every(({ kind }) => kind !== "never"))
    .map(({ finding }) => finding);
  return { violations, pending: [], conclusive: deliveriesKnown(operations), premise: deliveries.premise() };
}
