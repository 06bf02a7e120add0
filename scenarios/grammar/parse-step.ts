/** One step: dispatch on its single key, then validation by that key's schema alone, so that messages are useful. */
import { shown } from "../../spec/config/config-problem.ts";
import { nearestName } from "../../spec/config/nearest-name.ts";
import { didYouMean } from "../../spec/config/read-settings.ts";
import type { Path } from "../json.ts";
import type { Problem } from "../problem.ts";
import { isStepName, plannedSteps, type Step, type StepName, stepSchemas } from "./steps.ts";
import { problemsOf } from "./zod-problems.ts";

export type ParsedStep =
  | { readonly ok: true; readonly step: Step }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** `raw` stands at `path` in the document. */
export function parseStep(raw: unknown, path: Path): ParsedStep {
  const refuse = (problem: Omit<Problem, "hint"> & { hint?: string | null }): ParsedStep => {
    return { ok: false, problems: [{ hint: null, ...problem }] };
  };
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    const hint = typeof raw === "string" && isStepName(raw) ? `write \`${raw}:\`, with a colon` : null;
    return refuse({
      code: "E_TYPE",
      path,
      on: "value",
      message: `expected a step, a map with one key, found ${shown(raw)}`,
      hint,
    });
  }
  const entries: [string, unknown][] = Object.entries(raw);
  const [entry, second] = entries;
  if (entry === undefined) {
    return refuse({
      code: "E_STEP",
      path,
      on: "value",
      message: "expected a step, a map with one key, found an empty map",
    });
  }
  if (second !== undefined) {
    const message = `expected a step, a map with one key, found ${entries.map(([key]) => `\`${key}\``).join(" and ")}`;
    return refuse({
      code: "E_STEP",
      path: [...path, second[0]],
      on: "key",
      message,
      hint: "begin each step with its own dash",
    });
  }
  const [word, args] = entry;
  const at = [...path, word];
  if (plannedSteps.includes(word)) {
    return refuse({
      code: "E_UNSUPPORTED_STEP",
      path: at,
      on: "key",
      message: `the step \`${word}\` is not there yet`,
    });
  }
  if (!isStepName(word)) {
    const hint = didYouMean(nearestName(word, [...Object.keys(stepSchemas), ...plannedSteps]));
    return refuse({ code: "E_UNKNOWN_STEP", path: at, on: "key", message: `unknown step \`${word}\``, hint });
  }
  return validate(word, args, at);
}

function validate<Name extends StepName>(name: Name, raw: unknown, path: Path): ParsedStep {
  const parsed = stepSchemas[name].safeParse(raw);
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error, raw, path) };
  // The schema was picked by the name, so that the pair is one of the union's members.
  return { ok: true, step: { name, args: parsed.data } as Step };
}
