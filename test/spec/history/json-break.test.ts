/** The place where JSON breaks is found, and only where it does. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findJsonBreak } from "../../../spec/history/json-break.ts";
import { countLostNames } from "../../../spec/history/lost-names.ts";

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("findJsonBreak", () => {
  it.each([
    ["[1,2", 5, true],
    ["[1,]", 4, false],
    ['{"a":1,}', 8, false],
    ['{"a" 1}', 6, false],
    ["{1:2}", 2, false],
    ['"abc', 5, true],
    ['["a\\', 5, true],
    ['["a\\u00', 8, true],
    ['["a\\x"]', 4, false],
    ['["a\tb"]', 4, false],
    ["[tru", 5, true],
    ["[trux]", 2, false],
    ["[01]", 3, false],
    ["-", 2, true],
    ["[1}", 3, false],
    ["1 2", 3, false],
    ["", 1, true],
  ])("%s breaks at %i", (text, column, atEnd) => {
    expect(findJsonBreak(text)).toEqual({ column, atEnd });
  });

  it("agrees with JSON.parse on JSON with characters changed", () => {
    const change = fc.tuple(
      fc.nat(),
      fc.integer({ min: 0, max: 2 }),
      fc.constantFrom("", ...'{}[],:"\\ 01-.eEtfnu\n\u0001'),
    );
    let broken = 0;
    fc.assert(
      fc.property(fc.json(), fc.array(change, { maxLength: 2 }), (json, changes) => {
        const characters = [...json];
        for (const [at, remove, insert] of changes) characters.splice(at % (characters.length + 1), remove, insert);
        const text = characters.join("");
        const found = findJsonBreak(text);
        expect(found === null).toBe(parses(text));
        if (found === null) return;
        broken++;
        expect(found.column).toBeGreaterThanOrEqual(1);
        expect(found.column).toBeLessThanOrEqual(text.length + 1);
      }),
      { numRuns: 3000, seed: 21 },
    );
    expect(broken).toBeGreaterThan(500);
  });

  it("calls every beginning of a JSON object unfinished, and never wrong", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.nat(), fc.boolean())), fc.nat(), (value, cut) => {
        const text = JSON.stringify(value);
        const beginning = text.slice(0, cut % text.length);
        expect(findJsonBreak(beginning)).toEqual({ column: beginning.length + 1, atEnd: true });
      }),
      { numRuns: 1000, seed: 22 },
    );
  });

  it("bears any depth", () => {
    expect(findJsonBreak("[".repeat(200_000))).toEqual({ column: 200_001, atEnd: true });
  });
});

describe("countLostNames", () => {
  it("finds none where JSON was written from a value, however spaced", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2, "\t"), (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(countLostNames(text, JSON.parse(text))).toBe(0);
      }),
      { numRuns: 1000, seed: 23 },
    );
  });

  it("counts each name that another one hides", () => {
    const text = '{"a":{"b":1,"b" : 2},"c":["x",":",{"b":"\\":"}],"c":[{"d":1}]}';
    expect(countLostNames(text, JSON.parse(text))).toBe(3);
  });
});
