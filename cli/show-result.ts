/** Results of scenarios for people: a line each, and under it what went wrong. */
import type { ScenarioResult, Status } from "../scenarios/scenario-result.ts";
import type { Environment } from "./environment.ts";
import { quoted } from "./quoted.ts";
import type { Counts } from "./run-report.ts";
import { showError } from "./show-error.ts";

const marks = {
  passed: ["✓", "green"],
  failed: ["✗", "red"],
  skipped: ["–", "yellow"],
  inconclusive: ["–", "yellow"],
  invalid: ["!", "red"],
} as const;

/** `text` is the file's, for pointing at errors. */
export function showResult(result: ScenarioResult, text: string | null, style: Environment["style"]): string {
  const { status, file, name, reason, failure, errors } = result;
  const [mark, colour] = marks[status];
  const kind = status === "passed" || status === "failed" ? "" : `${status}: `;
  const lines = [`${style(colour, mark)} ${kind}${name ?? file} ${style("dim", `(${file})`)}`];
  if (failure !== null) {
    const step = failure.step === "expect" ? "at the end" : `step ${failure.step}`;
    lines.push(
      `    ${step}, ${failure.at}`,
      style("red", `    - expected ${JSON.stringify(failure.expected)}`),
      style("green", `    + seen     ${JSON.stringify(failure.seen)}`),
    );
  }
  if (reason !== null) lines.push(`    ${reason}`);
  for (const error of errors) lines.push(indented(showError(error, text, style)));
  return lines.join("\n");
}

export function showCounts(counts: Counts): string {
  const order: readonly Status[] = ["passed", "failed", "skipped", "inconclusive", "invalid"];
  return order.map((status) => `${counts[status]} ${status}`).join(", ");
}

/** The one command that plays these files again. */
export function showRepeat(files: readonly string[], plant: string | undefined): string {
  return `repeat: npx highwater run${plant === undefined ? "" : ` --plant ${plant}`} ${files.map(quoted).join(" ")}`;
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}
