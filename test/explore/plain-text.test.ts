import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../explore/canonical-json.ts";
import { plainText } from "../../explore/plain-text.ts";

describe("plainText", () => {
  it("is the canonical text or nothing", () => {
    let texts = 0;
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as unknown;
        const text = plainText(plain);
        if (text !== null) expect(text).toBe(canonicalJson(plain));
        texts += text === null ? 0 : 1;
      }),
      { numRuns: 1000, seed: 5 },
    );
    expect(texts).toBeGreaterThan(500);
  });

  it("knows what states are made of", () => {
    const value = { b: [1, -2.5, "x\n", null], a: { leader: null, isr: [] }, "min.isr": true, c: { d: false } };
    expect(plainText(value)).toBe(canonicalJson(value));
    expect(plainText(Object.freeze([3, {}]))).toBe("[3,{}]");
  });

  it("sorts keys, however many there are", () => {
    for (const count of [2, 16, 17, 40]) {
      const keys = Array.from({ length: count }, (_, index) => `k${(index * 7) % count}`);
      const value = Object.fromEntries(keys.map((key, index) => [key, index]));
      expect(plainText(value)).toBe(canonicalJson(value));
    }
  });

  const cycle: unknown[] = [];
  cycle.push(cycle);
  it.each<[what: string, value: unknown]>([
    ["undefined", [undefined]],
    ["NaN", { at: Number.NaN }],
    ["infinity", Number.POSITIVE_INFINITY],
    ["-0", [-0]],
    ["a function", () => 0],
    ["a Map", new Map()],
    ["a class instance", new (class Point {})()],
    ["a Date", new Date(0)],
    ["a sparse array", new Array(1)],
    ["an array with a further property", Object.assign([1], { more: 2 })],
    ["a subclass of Array", new (class List extends Array {})()],
    ["a symbol as key", { [Symbol("a")]: 1 }],
    ["a cycle", cycle],
    ["a key with a quote", { 'a"': 1 }],
  ])("leaves %s to canonicalJson", (_, value) => {
    expect(plainText(value)).toBeNull();
  });
});
