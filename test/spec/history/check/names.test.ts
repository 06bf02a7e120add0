/** Names get numbers as from a `Map`, whatever they are made of. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { createNames } from "../../../../spec/history/check/names.ts";

it("numbers names within their scopes as a map of texts does, and gives them back", () => {
  const name = fc.oneof(
    fc.string({ unit: "binary", maxLength: 6 }),
    fc.nat(300).map((number) => `v${number}`),
    fc.constantFrom("", "\ud800", "\udc00", "\u0000", "é", "e\u0301"),
    fc.nat(12_000).map((length) => "long".repeat(length / 4)),
  );
  const calls = fc.array(fc.tuple(name, fc.nat(2)), { maxLength: 400, size: "max" });
  fc.assert(
    fc.property(calls, (asked) => {
      const names = createNames();
      const known = new Map<string, number>();
      for (const [text, scope] of asked) {
        const key = `${scope} ${text}`;
        expect(names.find(text, scope)).toBe(known.get(key));
        if (!known.has(key)) known.set(key, known.size);
        const number = names.numberOf(text, scope);
        expect(number).toBe(known.get(key));
        expect(names.nameOf(number)).toBe(text);
      }
      expect(names.count()).toBe(known.size);
      for (const [key, number] of known) expect(names.nameOf(number)).toBe(key.slice(2));
    }),
    { numRuns: 200, seed: 67 },
  );
});

it("numbers a hundred thousand names, and finds each again", () => {
  const names = createNames();
  for (let number = 0; number < 100_000; number++) expect(names.numberOf(`value ${number}`)).toBe(number);
  for (let number = 0; number < 100_000; number++) {
    expect(names.find(`value ${number}`)).toBe(number);
    expect(names.nameOf(number)).toBe(`value ${number}`);
  }
  expect(names.find("value 100000")).toBeUndefined();
  expect(names.nameOf(100_000)).toBe("");
});
