/** Values are unique per partition over a whole file: that is what makes losses and duplicates decidable. */
import type { Problem } from "../problem.ts";
import type { Step } from "./steps.ts";

/** `steps` with their numbers from 0 in the document. */
export function checkValues(steps: readonly { readonly index: number; readonly step: Step }[]): readonly Problem[] {
  const firstSent = new Map<string, number>();
  const problems: Problem[] = [];
  for (const { index, step } of steps) {
    if (step.name !== "send") continue;
    for (const [position, value] of step.args.values.entries()) {
      const key = JSON.stringify([step.args.to, value]);
      const before = firstSent.get(key);
      firstSent.set(key, before ?? index + 1);
      if (before === undefined) continue;
      problems.push({
        code: "E_VALUE_NOT_UNIQUE",
        path: ["steps", index, "send", "values", position],
        on: "value",
        message: `the value \`${value}\` is sent to ${step.args.to} in step ${before} already`,
        hint: "every value of a partition is sent once in a file",
      });
    }
  }
  return problems;
}
