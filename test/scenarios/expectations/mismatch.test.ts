import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compare, matches, nested } from "../../../scenarios/expectations/mismatch.ts";
import type { Json } from "../../../spec/history/format.ts";

const json = fc.jsonValue({ maxDepth: 3 }).map((value): Json => JSON.parse(JSON.stringify(value)));

describe("matching", () => {
  it.each<[Json, Json, boolean]>([
    [1, 1, true],
    [1, 2, false],
    [1, "1", false],
    [null, null, true],
    [null, 0, false],
    [0, null, false],
    [[], [], true],
    [[], {}, false],
    [["a", "b"], ["a", "b"], true],
    [["a", "b"], ["b", "a"], false],
    [["a"], ["a", "b"], false],
    [["a", "b"], ["a"], false],
    [[["a"], ["b"]], [["a"], ["b"]], true],
    [[["a", "b"]], [["a"], ["b"]], false],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: 1, b: null }, { a: 1, c: null }, false],
    [{ includes: ["b", "a"] }, ["a", "x", "b"], true],
    [{ includes: ["a", "c"] }, ["a", "b"], false],
    [{ includes: ["a", "a"] }, ["a", "b"], false],
    [{ includes: ["a", "a"] }, ["a", "a"], true],
    [{ includes: [["a", "b"]] }, [["c"], ["a", "b"]], true],
    [{ includes: ["a"] }, null, false],
  ])("%j and %j: %s", (expected, seen, same) => {
    expect(matches(expected, seen)).toBe(same);
    expect(compare(["x"], expected, seen)).toEqual(same ? [] : [{ path: ["x"], expected, seen }]);
  });

  it("agrees with equality of the written form", () => {
    const asWritten = (value: Json) => JSON.stringify(value, (_, part) => sorted(part));
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(matches(a, a)).toBe(true);
        fc.pre(!JSON.stringify(a).includes("includes"));
        expect(matches(a, b)).toBe(asWritten(a) === asWritten(b));
      }),
      { numRuns: 500, seed: 42 },
    );
  });
});

function sorted(part: unknown): unknown {
  if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
  return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe("showing mismatches together", () => {
  it("gives them back the form of the file", () => {
    const mismatches = [
      { path: ["high-watermark", "orders-0"], expected: 3, seen: 2 },
      { path: ["high-watermark", "2/orders-0"], expected: 1, seen: null },
      { path: ["at"], expected: "3ms", seen: "2ms" },
    ];
    expect(nested(mismatches, "expected")).toEqual({ "high-watermark": { "orders-0": 3, "2/orders-0": 1 }, at: "3ms" });
    expect(nested(mismatches, "seen")).toEqual({ "high-watermark": { "orders-0": 2, "2/orders-0": null }, at: "2ms" });
    expect(nested([], "seen")).toEqual({});
  });
});
