/** The verdict on the history of one random run of the model, under the contract that it was played with. */
import type { PlantedBug } from "../../model/plants/plant.ts";
import { createHistoryChecker, type HistoryVerdict } from "../../spec/history/check/history-checker.ts";
import { contractOf } from "../../spec/history/check/history-contract.ts";
import { recordPlan } from "./record.ts";
import { planOf } from "./run.ts";

export async function judgeSeed(seed: number, bug: PlantedBug | null): Promise<HistoryVerdict> {
  const { config, operations } = await recordPlan(planOf(seed), bug);
  const checker = createHistoryChecker(contractOf(config));
  for (const operation of operations) checker.take(operation);
  return checker.verdict();
}
