/** Every scenario that differs from a given one in a single expectation: each of them has to fail. */
import { parse, stringify } from "yaml";

export interface Mutant {
  /** Where and what: `steps.2.poll.expect.orders-0.0.1: "a" to "a'"`. */
  readonly change: string;
  readonly text: string;
}

type Path = readonly string[];

/** Callers expect these to be wrong ends of a call; anything else of the kind would do. */
const outcomes: Readonly<Record<string, string>> = { ok: "fail", fail: "ok", unknown: "ok", pending: "ok" };

/** `text` is that of a scenario that passes. */
export function mutantsOf(text: string): readonly Mutant[] {
  const scenario: unknown = parse(text);
  return expectationsIn(scenario).flatMap((path) => mutateAt(scenario, path));
}

function mutateAt(scenario: unknown, path: Path): readonly Mutant[] {
  const value = at(scenario, path);
  const mutant = (to: unknown): Mutant => ({
    change: `${path.join(".")}: ${JSON.stringify(value)} to ${JSON.stringify(to)}`,
    text: stringify(replaced(scenario, path, to)),
  });
  if (Array.isArray(value)) {
    const inside = value.flatMap((_, index) => mutateAt(scenario, [...path, String(index)]));
    // A part of a part is still a part; and a pair of offset and value has two of them.
    const partial = path.at(-1) === "includes";
    const pair = /^\d+$/.test(path.at(-1) ?? "") && typeof value[0] === "number";
    const shorter = partial || pair || value.length === 0 ? [] : [mutant(value.slice(0, -1))];
    const longer = partial || pair ? [] : [mutant([...value, value.at(-1) ?? oneMore(path)])];
    return [...inside, ...shorter, ...longer];
  }
  if (typeof value === "object" && value !== null) {
    const keys = Object.keys(value);
    if (keys.length === 0) return [mutant({ [firstPartition(scenario)]: [[7, "mutant"]] })];
    return keys.flatMap((key) => mutateAt(scenario, [...path, key]));
  }
  return [mutant(changed(value, path))];
}

function changed(value: unknown, path: Path): unknown {
  if (path.includes("at") && typeof value === "string") return `${Number.parseInt(value, 10) + 1_000_000}ms`;
  if (path.at(-1) === "outcome") return outcomes[String(value)];
  if (path.at(-1) === "error") return value === null ? "NO_SUCH_ERROR" : `${value}_NOT`;
  if (typeof value === "number") return value + 1;
  return value === null ? 7 : `${value}'`;
}

/** Something for an empty list, of the kind that the list holds. */
function oneMore(path: Path): unknown {
  if (path.includes("isr") || path.includes("offsets")) return 7;
  if (path.includes("batches")) return path.at(-2) === "batches" ? ["mutant"] : "mutant";
  const offsets = path.includes("poll") || path.includes("final-read");
  return offsets ? [7, "mutant"] : "mutant";
}

/** Paths of what is expected; `holds` and `loses` are no values that are compared. */
function expectationsIn(scenario: unknown): readonly Path[] {
  const steps = at(scenario, ["steps"]);
  const ofSteps = (Array.isArray(steps) ? steps : []).flatMap((step: unknown, index) =>
    keysAt(step, []).flatMap((name): Path[] => {
      const path = ["steps", String(index), name];
      if (name === "expect") return [path];
      if (name === "await")
        return keysAt(scenario, path).flatMap((look) => (look === "within" ? [] : [[...path, look]]));
      return at(scenario, [...path, "expect"]) === undefined ? [] : [[...path, "expect"]];
    }),
  );
  const atEnd = keysAt(scenario, ["expect"]).filter((name) => name !== "holds" && name !== "loses");
  return [...ofSteps, ...atEnd.map((name) => ["expect", name])];
}

function firstPartition(scenario: unknown): string {
  return `${keysAt(scenario, ["cluster", "topics"])[0]}-0`;
}

function keysAt(value: unknown, path: Path): readonly string[] {
  const found = at(value, path);
  return typeof found === "object" && found !== null ? Object.keys(found) : [];
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((found, key) => {
    return typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined;
  }, value);
}

function replaced(value: unknown, path: Path, to: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return to;
  if (Array.isArray(value)) return value.map((one, index) => (String(index) === key ? replaced(one, rest, to) : one));
  return { ...Object(value), [key]: replaced(at(value, [key]), rest, to) };
}
