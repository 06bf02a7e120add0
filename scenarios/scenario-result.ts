/** What came of one scenario: the form in which `run --json` prints it, but for `seconds`, which only `cli/` can measure. */
import type { Json } from "../spec/history/format.ts";
import type { Verdict } from "../spec/requirement.ts";
import type { ScenarioError } from "./problem.ts";

/**
 * `skipped`: the subject cannot play it, or can see none of what is expected. `inconclusive`: a requirement that must hold
 * never met its premise. `invalid`: the file could not be read or has errors.
 */
export type Status = "passed" | "failed" | "skipped" | "inconclusive" | "invalid";

export interface Failure {
  /** Number of the step, from 1; `"expect"` is what is expected at the end. */
  readonly step: number | "expect";
  /** `file:line:col` of the first thing that was not as expected. */
  readonly at: string;
  /** Only what differs, under the keys of the file; `seen` has the same form. */
  readonly expected: Json;
  readonly seen: Json;
}

export interface ScenarioResult {
  readonly file: string;
  /** `null` where the file does not say. */
  readonly name: string | null;
  readonly status: Status;
  /** Why it was skipped or is inconclusive, or which expectations were left out; `null` otherwise. */
  readonly reason: string | null;
  /** Steps played, the failing one included. */
  readonly steps: number;
  readonly traceHash: string | null;
  readonly requirements: readonly { readonly id: string; readonly verdict: Verdict }[];
  readonly failure: Failure | null;
  readonly errors: readonly ScenarioError[];
}
