/** The verdict on the history of one random run of the model, under the contract that it was played with. */
import type { PlantedBug } from "../../model/plants/plant.ts";
import { createHistoryChecker, type HistoryVerdict } from "../../spec/history/check/history-checker.ts";
import { contractOf } from "../../spec/history/check/history-contract.ts";
import type { HistoryOperation } from "../../spec/history/format.ts";
import { polledEntries } from "../../spec/history/judge/calls.ts";
import { recordPlan } from "./record.ts";
import { planOf } from "./run.ts";

export interface JudgedRun extends HistoryVerdict {
  /** What the history has for the verdict to rest on. */
  readonly shown: readonly Shown[];
}

/** A verdict says little of a history without them. */
export const showable = [
  "faults",
  "acknowledged sends",
  "sends of unknown outcome",
  "refused sends",
  "records read before the final reads",
  "records read by the final reads",
  "an acknowledged commit",
] as const;
export type Shown = (typeof showable)[number];

export async function judgeSeed(seed: number, bug: PlantedBug | null): Promise<JudgedRun> {
  const { config, operations } = await recordPlan(planOf(seed), bug);
  const checker = createHistoryChecker(contractOf(config));
  for (const operation of operations) checker.take(operation);
  const met = new Set(operations.map(shownBy));
  return { ...checker.verdict(), shown: showable.filter((one) => met.has(one)) };
}

function shownBy(operation: HistoryOperation): Shown | null {
  const { f, type } = operation;
  if (f === "fault") return "faults";
  if (f === "send") {
    if (type === "ok") return "acknowledged sends";
    if (type === "info") return "sends of unknown outcome";
    return type === "fail" ? "refused sends" : null;
  }
  if (f === "commit") return type === "ok" ? "an acknowledged commit" : null;
  if (f !== "poll" || !polledEntries(operation).some(([, records]) => records.length > 0)) return null;
  return operation.final === true ? "records read by the final reads" : "records read before the final reads";
}
