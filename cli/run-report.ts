/** The report of `run`, as `--json` prints it. */
import type { ScenarioResult, Status } from "../scenarios/scenario-result.ts";
import { exitCode } from "./exit-code.ts";

export interface TimedResult extends ScenarioResult {
  /** How long it took; the one field that may differ between two equal runs. */
  readonly seconds: number;
}

export type Counts = Readonly<Record<Status, number>>;

export interface RunReport extends Counts {
  readonly version: string;
  readonly subject: string;
  readonly scenarios: readonly TimedResult[];
}

export function runReport(version: string, subject: string, scenarios: readonly TimedResult[]): RunReport {
  const count = (status: Status) => scenarios.filter((one) => one.status === status).length;
  return {
    version,
    subject,
    scenarios,
    passed: count("passed"),
    failed: count("failed"),
    skipped: count("skipped"),
    inconclusive: count("inconclusive"),
    invalid: count("invalid"),
  };
}

/** Skipped scenarios beside passed ones are no fault; if everything was skipped, nothing was found out. */
export function exitCodeOf(report: RunReport): number {
  if (report.invalid > 0) return exitCode.badInput;
  if (report.failed > 0) return exitCode.violated;
  return report.inconclusive > 0 || report.passed === 0 ? exitCode.inconclusive : exitCode.ok;
}
