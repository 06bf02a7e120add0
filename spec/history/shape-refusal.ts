/** Turns what the schema library says about a line into a refusal: what was expected, what was found, and a hint. */
import type * as z from "zod";
import { nearestName } from "../config/nearest-name.ts";
import type { HistoryErrorCode, Refusal } from "./history-error.ts";
import { notAKey } from "./schema.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

const kinds: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number up to 2^53 - 1",
  array: "a list",
  tuple: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};

/** The first thing that is wrong with the shape of `raw`; `known` are the names of its own fields. */
export function shapeRefusal(error: z.ZodError, raw: unknown, known: readonly string[]): Refusal {
  // A misspelt field is missing and unknown; the unknown one is the better story.
  const issue = error.issues.find((one) => one.code === "unrecognized_keys") ?? error.issues[0];
  if (issue === undefined)
    return { code: "E_HISTORY_VALUE", message: "the line has not the expected shape", hint: null };
  return fromIssue(issue, raw, [], known);
}

/** A refusal for a name that is none of `known`. */
export function unknownName(code: HistoryErrorCode, field: string, found: unknown, known: readonly string[]): Refusal {
  const nearest = typeof found === "string" ? nearestName(found, known) : null;
  return {
    code,
    message: `${field}: expected ${known.join(", ")}; found ${shown(found)}`,
    hint: nearest === null ? null : `did you mean ${nearest}?`,
  };
}

function fromIssue(issue: Issue, raw: unknown, base: Path, known: readonly string[]): Refusal {
  const path = [...base, ...issue.path];
  const found = valueAt(raw, path);
  const expected = (what: string, code: HistoryErrorCode = "E_HISTORY_VALUE"): Refusal => {
    return { code, message: `${place(path)}: expected ${what}, found ${shown(found)}`, hint: null };
  };
  switch (issue.code) {
    case "unrecognized_keys": {
      const name = issue.keys[0] ?? "";
      const nearest = path.length === 0 ? nearestName(name, known) : null;
      // A field that other operations have is not misspelt.
      const misspelt = nearest !== null && nearest !== name;
      const hint = misspelt ? `did you mean ${nearest}?` : "unknown fields are refused, so that none is overlooked";
      return { code: "E_HISTORY_UNKNOWN_FIELD", message: `unknown field ${place([...path, name])}`, hint };
    }
    case "invalid_union": {
      // Of two forms the one is meant that fits deeper.
      const depth = (branch: readonly Issue[]) => Math.max(0, ...branch.map((one) => one.path.length));
      const meant = issue.errors.toSorted((a, b) => depth(b) - depth(a))[0]?.[0];
      const isForm = typeof found === "object" && found !== null && ("send" in found || "poll" in found);
      return meant === undefined || !isForm
        ? expected('{"send": …} or {"poll": …}')
        : fromIssue(meant, raw, path, known);
    }
    case "invalid_key":
      return notTopicPartition(path.slice(0, -1), String(path.at(-1)));
    case "invalid_type":
      return expected(kinds[issue.expected] ?? issue.expected);
    case "invalid_value":
      return expected(issue.values.map((value) => JSON.stringify(value)).join(", "));
    case "too_small":
      return expected(issue.origin === "array" ? "[offset, value]" : `at least ${issue.minimum}`);
    case "too_big":
      return expected(issue.origin === "array" ? "[offset, value]" : "a whole number up to 2^53 - 1");
    case "custom":
      return issue.params?.["problem"] === notAKey ? notTopicPartition(path, String(found)) : expected(issue.message);
    default:
      return expected(issue.message);
  }
}

function notTopicPartition(path: Path, found: string): Refusal {
  return {
    code: "E_HISTORY_KEY",
    message: `${place(path)}: expected a topic-partition such as orders-0, found ${shown(found)}`,
    hint: "a key is a topic, a hyphen and the number of a partition",
  };
}

function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

/** `value[0].offset`; the line itself is `the line`. */
function place(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (/^[A-Za-z_]+$/.test(String(part))) text += text === "" ? String(part) : `.${String(part)}`;
    else text += `[${JSON.stringify(String(part))}]`;
  }
  return text === "" ? "the line" : text;
}

/** A found value, cut where it is long. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}
