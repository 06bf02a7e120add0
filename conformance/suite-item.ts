/** One thing of the suite that was tried: in the form of a played scenario, so that one report holds all kinds. */

import type { ScenarioResult, Status } from "../scenarios/scenario-result.ts";
import type { HistoryOperation, Json } from "../spec/history/format.ts";
import type { Verdict } from "../spec/requirement.ts";

export interface SuiteItem {
  readonly result: ScenarioResult;
  readonly history: readonly HistoryOperation[];
  /** The cluster that the history's contract is. */
  readonly contract: Json;
}

export interface ItemParts {
  /** Where it stands: a scenario's file, or `rules/…`, `workloads/…`. */
  readonly file: string;
  readonly name: string;
  readonly status: Status;
  readonly reason?: string | null;
  readonly requirements?: readonly { readonly id: string; readonly verdict: Verdict }[];
  readonly expected?: Json;
  readonly seen?: Json;
  readonly history?: readonly HistoryOperation[];
  readonly contract?: Json;
}

export function suiteItem(parts: ItemParts): SuiteItem {
  const { file, name, status, reason = null, requirements = [], expected, seen, history = [], contract = {} } = parts;
  const isFailure = expected !== undefined && seen !== undefined;
  return {
    result: {
      file,
      name,
      status,
      reason,
      steps: 0,
      traceHash: null,
      requirements,
      failure: isFailure ? { step: "expect", at: file, expected, seen } : null,
      errors: [],
    },
    history,
    contract,
  };
}
