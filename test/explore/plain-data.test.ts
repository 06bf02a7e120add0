import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../explore/canonical-json.ts";
import { isSamePlainData, PlainDataHash } from "../../explore/plain-data.ts";

const plain = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);

/** The same content, its keys in another order. */
function turned(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(turned);
  const members = Object.entries(value).reverse();
  return Object.fromEntries(members.map(([key, member]) => [key, turned(member)]));
}

describe("plain data", () => {
  it("is the same if its canonical text is, and has the same hash then", () => {
    const hash = new PlainDataHash();
    fc.assert(
      fc.property(plain, plain, (one, other) => {
        expect(isSamePlainData(one, other)).toBe(canonicalJson(one) === canonicalJson(other));
        expect(isSamePlainData(turned(one), one)).toBe(true);
        expect(hash.of(turned(one))).toBe(hash.of(one));
      }),
      { numRuns: 1000, seed: 7 },
    );
  });

  it("has hashes that tell values apart", () => {
    const hash = new PlainDataHash();
    const values = [
      0,
      1,
      -1,
      1.5,
      2 ** 40,
      "",
      "0",
      "a",
      true,
      false,
      null,
      [],
      {},
      [0],
      [0, 0],
      [[]],
      { a: 0 },
      { b: 0 },
    ];
    const more = Array.from({ length: 5000 }, (_, n) => ({ at: n % 50, offset: Math.floor(n / 50), isr: [n % 3] }));
    const hashes = [...values, ...more].map((value) => hash.of(value));
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it("knows again what it has remembered, by the object itself", () => {
    const hash = new PlainDataHash();
    const value = { a: [1, 2] };
    const before = hash.of({ deep: value });
    hash.remember(value);
    expect(hash.of({ deep: value })).toBe(before);
    expect(hash.of({ deep: { a: [1, 2] } })).toBe(before);
  });

  it.each<[what: string, value: unknown, plain: unknown]>([
    ["undefined", [undefined], [null]],
    ["an absent member", { a: undefined }, {}],
    ["-0", -0, 0],
    ["a Map", new Map(), {}],
    ["a class instance", new (class Point {})(), {}],
    ["a sparse array", new Array(1), [null]],
    ["an array for an object", [], {}],
    ["an object without a prototype", Object.create(null), {}],
  ])("is not %s", (_, value, other) => {
    expect(isSamePlainData(value, other)).toBe(false);
  });
});
