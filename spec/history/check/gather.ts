/** Everything that the judges of logs and deliveries look at, gathered from a whole history. */
import type { HistoryOperation } from "../format.ts";
import { createDeliveries } from "./delivery.ts";
import { createFinalReads } from "./final-reads.ts";
import { createGroups } from "./groups.ts";
import { createLogFacts } from "./log-facts.ts";
import { createSteps } from "./step.ts";

export function gather(
  operations: readonly HistoryOperation[],
  groupOf: (client: string) => string | null = () => null,
) {
  const [steps, facts, finals] = [createSteps(), createLogFacts(), createFinalReads()];
  const deliveries = createDeliveries(facts);
  const groups = createGroups(facts, groupOf);
  for (const operation of operations) {
    const step = steps.take(operation);
    const reads = facts.take(step);
    finals.take(step);
    deliveries.take(step, reads);
    groups.take(step, reads);
  }
  return { facts, finals, deliveries, groups };
}
