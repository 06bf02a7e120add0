import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../explore/canonical-json.ts";
import { ExploreError } from "../../explore/explore-error.ts";

/** Plain JSON data, small enough that equal values come up: few keys, few scalars, all awkward. */
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, 1, -1, 10, 1e21, 5e-324, "", "0", "1", "null", "a", '"', "\\", ",", "\ud800"),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.string({ unit: "binary", maxLength: 3 }),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "", "0", "10", "9", "__proto__", "toJSON"), tie("value"), { maxKeys: 4 }),
  ),
})).value;

/** The same value with its keys in the opposite order of insertion. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

function refusalOf(value: unknown): string {
  try {
    return `accepted: ${canonicalJson(value)}`;
  } catch (error) {
    if (!(error instanceof ExploreError)) throw error;
    expect(error.code).toBe("E_NOT_PLAIN_JSON");
    return error.message;
  }
}

describe("canonicalJson", () => {
  it("sorts keys by code units at every depth, and writes nothing else but the value", () => {
    expect(canonicalJson({ b: 1, a: [{ d: null, c: true }, "x"], "10": 0, "9": -1.5, Z: "ä\n" })).toBe(
      '{"10":0,"9":-1.5,"Z":"ä\\n","a":[{"c":true,"d":null},"x"],"b":1}',
    );
    expect([[], {}, "", 0, 1e21, 5e-324, null].map(canonicalJson)).toEqual([
      "[]",
      "{}",
      '""',
      "0",
      "1e+21",
      "5e-324",
      "null",
    ]);
  });

  it("parses back to an equal value, so two different values never have one text", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toStrictEqual(reversed(value));
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it("gives one text to equal values, in whatever order their keys were set", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
      { numRuns: 1000, seed: 2 },
    );
  });

  it("takes a shared part twice, an object without prototype, and own keys with dangerous names", () => {
    const shared = { x: 1 };
    expect(canonicalJson([shared, shared, { shared }])).toBe('[{"x":1},{"x":1},{"shared":{"x":1}}]');
    expect(canonicalJson(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}');
    expect(canonicalJson(JSON.parse('{"__proto__":{"b":1},"constructor":2}'))).toBe(
      '{"__proto__":{"b":1},"constructor":2}',
    );
    expect(canonicalJson(Object.freeze([Object.freeze({ a: 1 })]))).toBe('[{"a":1}]');
  });

  class Point {
    x = 1;
  }
  class Items extends Array {}
  const cycle: unknown[] = [];
  cycle.push({ back: cycle });

  it.each<[string, unknown, string]>([
    ["a Map", new Map([[1, 2]]), "$.at[1] is an instance of Map."],
    ["a Set", new Set([1]), "$.at[1] is an instance of Set."],
    ["a date", new Date(0), "$.at[1] is an instance of Date."],
    ["a class instance", new Point(), "$.at[1] is an instance of Point."],
    ["a subclass of Array", Items.from([1]), "$.at[1] is an instance of Items."],
    ["a typed array", new Uint8Array(1), "$.at[1] is an instance of Uint8Array."],
    ["a regular expression", /x/, "$.at[1] is an instance of RegExp."],
    ["an error", new Error("x"), "$.at[1] is an instance of Error."],
    ["a boxed string", Object("x"), "$.at[1] is an instance of String."],
    ["an object with a prototype", Object.create({ x: 1 }), "$.at[1] is an object with a prototype."],
    ["undefined", undefined, "$.at[1] is undefined."],
    ["NaN", Number.NaN, "$.at[1] is NaN."],
    ["Infinity", Number.POSITIVE_INFINITY, "$.at[1] is Infinity."],
    ["-Infinity", Number.NEGATIVE_INFINITY, "$.at[1] is -Infinity."],
    ["-0", -0, "$.at[1] is -0."],
    ["a bigint", 1n, "$.at[1] is a bigint."],
    ["a function", () => 1, "$.at[1] is a function."],
    ["a symbol", Symbol("x"), "$.at[1] is a symbol."],
    ["a symbol as key", { [Symbol("x")]: 1 }, "$.at[1] is an object with a symbol as key: Symbol(x)."],
    ["a hidden property", Object.defineProperty({}, "x", { value: 1 }), "$.at[1].x is a hidden property"],
    [
      "a getter",
      Object.defineProperty({}, "x", { get: () => 1, enumerable: true }),
      "$.at[1].x is a getter or setter.",
    ],
    [
      "a setter",
      Object.defineProperty({}, "x", { set: () => {}, enumerable: true }),
      "$.at[1].x is a getter or setter.",
    ],
    ["a sparse array", new Array(2), "$.at[1] is a sparse array: it has no item 0."],
    [
      "an array with a hole at its end",
      Object.assign([1], { length: 2 }),
      "$.at[1] is a sparse array: it has no item 1.",
    ],
    ["an array with a property", Object.assign([1], { x: 1 }), "$.at[1] is an array with further properties."],
    ["a hole and a property", Object.assign(new Array(1), { x: 1 }), "$.at[1] is a sparse array"],
    ["a cycle", cycle, "$.at[1][0].back is a cycle: the value holds itself."],
    ["a strange key on the way", { "a b": undefined }, '$.at[1]["a b"] is undefined.'],
  ])("refuses %s, naming its path", (_, value, words) => {
    const message = refusalOf({ before: [{}], at: [{ x: [1] }, value] });
    expect(message.slice(0, words.length)).toBe(words);
    expect(message).toContain("Only plain JSON data is allowed here");
  });

  it("refuses a forbidden root", () => {
    expect(refusalOf(undefined)).toMatch(/^\$ is undefined\./);
    expect(refusalOf({ x: undefined })).toMatch(/^\$\.x is undefined\./);
  });
});
