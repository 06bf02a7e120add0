/** Turns the schema library's issues into our problems: a code, what was expected and found, and a hint. */
import type * as z from "zod";
import { shown } from "../../spec/config/config-problem.ts";
import { nearestName } from "../../spec/config/nearest-name.ts";
import { didYouMean } from "../../spec/config/read-settings.ts";
import type { Path } from "../json.ts";
import type { Problem } from "../problem.ts";

type Issue = z.core.$ZodIssue;

/** Problems of `raw`, which stands at `base` in the document. */
export function problemsOf(error: z.ZodError, raw: unknown, base: Path): Problem[] {
  const problems = error.issues.flatMap((issue) => toProblems(issue, raw, base));
  // A misspelt key is both unknown and missing; the hint at the misspelling says it all.
  const inMap = (one: Problem, hint: string | null) => JSON.stringify([one.path.slice(0, -1), hint]);
  const hinted = new Set(problems.filter((one) => one.on === "key").map((one) => inMap(one, one.hint)));
  return problems.filter(
    (one) => one.code !== "E_MISSING_KEY" || !hinted.has(inMap(one, didYouMean(String(one.path.at(-1))))),
  );
}

function toProblems(issue: Issue, raw: unknown, base: Path): Problem[] {
  const path: Path = [...base, ...issue.path.map((part) => (typeof part === "symbol" ? String(part) : part))];
  const found = valueAt(raw, issue.path);
  const problem = (code: string, message: string, hint: string | null = null): Problem => {
    return { code, path, on: "value", message, hint };
  };
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = issue.message.split("\n");
      return issue.keys.map((key) => ({
        code: "E_UNKNOWN_KEY",
        path: [...path, key],
        on: "key",
        message: `unknown key \`${key}\`, expected one of ${known.join(", ")}`,
        hint: didYouMean(nearestName(key, known)),
      }));
    }
    case "invalid_type": {
      const expected = expectedBy(issue);
      if (found === undefined)
        return [problem("E_MISSING_KEY", `missing \`${String(issue.path.at(-1))}\`, expected ${expected}`)];
      return [typeProblem(problem, expected, found)];
    }
    case "invalid_union": {
      // Of several forms, the one is meant whose kind (text, list, map) the value has.
      const meant = issue.errors.filter((branch) => !branch.some(isWrongKind));
      const [branch] = meant.length > 0 ? meant : [];
      if (branch !== undefined) return branch.flatMap((inner) => toProblems(inner, found, path));
      // Without branches there is a name for each form, and this is none of them.
      const expected = issue.errors.length === 0 ? [issue.message] : issue.errors.flat().map(expectedBy);
      if (found === undefined)
        return [problem("E_MISSING_KEY", `missing \`${String(issue.path.at(-1))}\`, expected ${either(expected)}`)];
      return [typeProblem(problem, either(expected), found)];
    }
    case "invalid_value": {
      const allowed = issue.values.map(String);
      if (found === undefined)
        return [problem("E_MISSING_KEY", `missing \`${String(issue.path.at(-1))}\`, expected ${either(allowed)}`)];
      return [
        problem(
          "E_VALUE",
          `expected ${either(allowed)}, found ${shown(found)}`,
          didYouMean(nearestName(String(found), allowed)),
        ),
      ];
    }
    case "too_small":
      return [
        problem(
          "E_VALUE",
          `expected at least ${issue.minimum}${unit(issue.origin, issue.minimum)}, found ${size(found)}`,
        ),
      ];
    case "too_big":
      return [
        problem(
          "E_VALUE",
          `expected at most ${issue.maximum}${unit(issue.origin, issue.maximum)}, found ${size(found)}`,
        ),
      ];
    case "custom": {
      const { hint } = issue.params ?? {};
      return [problem("E_VALUE", issue.message, typeof hint === "string" ? hint : null)];
    }
    default:
      return [problem("E_VALUE", issue.message)];
  }
}

function typeProblem(
  problem: (code: string, message: string, hint: string | null) => Problem,
  expected: string,
  found: unknown,
): Problem {
  const quote = expected.includes("text") && (typeof found === "number" || typeof found === "boolean");
  return problem("E_TYPE", `expected ${expected}, found ${shown(found)}`, quote ? `quote it: "${found}"` : null);
}

/** What an issue about a value's kind had expected: the schema's own words, if it has some, or else the kind. */
function expectedBy(issue: Issue): string {
  if (issue.code === "invalid_type") {
    return issue.message.startsWith("Invalid input") ? (kinds[issue.expected] ?? issue.expected) : issue.message;
  }
  return issue.code === "invalid_value" ? either(issue.values.map(String)) : issue.message;
}

function isWrongKind(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value");
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let value = raw;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  number: "a whole number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "a map",
  record: "a map",
  null: "nothing",
};

function either(options: readonly string[]): string {
  const all = [...new Set(options)];
  return all.length > 4 ? `one of ${all.join(", ")}` : all.join(" or ");
}

function unit(origin: string, count: number | bigint): string {
  const units: Readonly<Record<string, string>> = { array: "item", string: "character", object: "key" };
  const word = units[origin];
  return word === undefined ? "" : ` ${word}${Number(count) === 1 ? "" : "s"}`;
}

function size(value: unknown): string {
  if (Array.isArray(value)) return String(value.length);
  if (typeof value === "object" && value !== null) return String(Object.keys(value).length);
  return typeof value === "string" ? String(value.length) : String(value);
}
