/**
 * What a property's value may be. Kafka's own files hold text, so a number or a truth value may be written as text too;
 * each domain has one normal form.
 */
import * as z from "zod";
import { durationPattern, parseDuration } from "./duration.ts";

export interface Domain<Value> {
  /** Accepts exactly the inputs that have a normal form. It transforms nothing, so that it has a JSON schema. */
  readonly schema: z.ZodType;
  /** What is expected, for messages: "a whole number from 1 to 9". */
  readonly expected: string;
  /** Every text that stands for a value, to suggest the nearest; empty where there are too many. */
  readonly words: readonly string[];
  /** The normal form of an input that `schema` accepts. */
  readonly normalize: (input: unknown) => Value;
}

/** The largest value of Kafka's type INT. Its LONG properties are bounded by it too: as milliseconds 24 days. */
export const intMax = 2_147_483_647;

/** A whole number from `min` to `max`, both included. */
export function integer(min: number, max: number): Domain<number> {
  return bounded(`a whole number from ${min} to ${max}`, /^[0-9]{1,16}$/, toNumber, min, max);
}

/** A duration in whole milliseconds, at least `min`. */
export function duration(min: number): Domain<number> {
  return bounded(`a duration from ${min} to ${intMax} ms`, durationPattern, parseDuration, min, intMax);
}

/** -1 for "no limit", or what `limit` takes. */
export function unlimitedOr(limit: Domain<number>): Domain<number> {
  const isUnlimited = (input: unknown) => input === -1 || input === "-1";
  return {
    schema: z.union([z.literal([-1, "-1"]), limit.schema]),
    expected: `-1 or ${limit.expected}`,
    words: [],
    normalize: (input) => (isUnlimited(input) ? -1 : limit.normalize(input)),
  };
}

/** One of a few values; each may have several spellings. */
export function choice<Value>(spellings: readonly (readonly [string | number | boolean, Value])[]): Domain<Value> {
  const values = new Map<unknown, Value>(spellings);
  const first = spellings.filter(([, value], index) => spellings.findIndex(([, other]) => other === value) === index);
  return {
    schema: z.literal(spellings.map(([spelling]) => spelling)),
    expected: first.map(([spelling]) => String(spelling)).join(" or "),
    words: spellings.flatMap(([spelling]) => (typeof spelling === "string" ? [spelling] : [])),
    normalize: (input) => {
      const value = values.get(input);
      if (value === undefined) throw new TypeError("normalize: the input is not in the domain");
      return value;
    },
  };
}

export const truth: Domain<boolean> = choice([
  [true, true],
  [false, false],
  ["true", true],
  ["false", false],
]);

/** For a switch that can only be off. */
export const off: Domain<boolean> = choice([
  [false, false],
  ["false", false],
]);

/** Text of 1 to `max` characters, or `null` for none. */
export function textOrNull(max: number): Domain<string | null> {
  return {
    schema: z.union([z.string().min(1).max(max), z.null()]),
    expected: `text of 1 to ${max} characters`,
    words: [],
    normalize: (input) => (input === null ? null : String(input)),
  };
}

function bounded(
  expected: string,
  pattern: RegExp,
  parse: (input: unknown) => number | null,
  min: number,
  max: number,
): Domain<number> {
  const inBounds = (input: unknown) => {
    const value = parse(input);
    return value !== null && value >= min && value <= max;
  };
  return {
    schema: z.union([z.int().min(min).max(max), z.string().regex(pattern)]).refine(inBounds),
    expected,
    words: [],
    normalize: (input) => parse(input) ?? min,
  };
}

/** Adding 0 makes -0 a 0: they would be equal in JSON and different elsewhere. */
function toNumber(input: unknown): number | null {
  return typeof input === "number" || typeof input === "string" ? Number(input) + 0 : null;
}
