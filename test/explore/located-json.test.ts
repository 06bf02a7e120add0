import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LocatedJson, lineAndColumn, locate, plainJson, readLocatedJson } from "../../explore/located-json.ts";

/** Texts that are JSON or nearly so: a document with a piece put in, taken out or doubled. */
const nearlyJson = fc
  .tuple(
    fc.json({ maxDepth: 3 }),
    fc.nat(),
    fc.nat(3),
    fc.constantFrom(
      "",
      "",
      ",",
      ":",
      "[",
      "]",
      "{",
      "}",
      '"',
      "\\",
      "0",
      "-",
      ".",
      "e",
      "1E+2",
      "true",
      "nul",
      " ",
      "\n",
      "\t",
      "\\u00e4",
      "\\x",
      "\u0007",
      "\u00a0",
      "\ufeff",
      "/**/",
      "'",
    ),
  )
  .map(([text, at, length, piece]) => {
    const start = at % (text.length + 1);
    return text.slice(0, start) + piece + text.slice(start + length);
  });

function parsed(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

/** Every value of a document with the text that begins at its place. */
function places(text: string, located: LocatedJson): unknown[] {
  const rest = text.slice(located.at);
  if (located.kind === "scalar") return [rest.startsWith(JSON.stringify(located.value))];
  if (located.kind === "array") return [rest[0], ...located.items.flatMap((item) => places(text, item))];
  return [
    rest[0],
    ...located.members.flatMap(({ key, at, value }) => [
      text.startsWith(JSON.stringify(key), at),
      ...places(text, value),
    ]),
  ];
}

describe("readLocatedJson", () => {
  it("takes and refuses what JSON.parse takes and refuses, with the same value", () => {
    let taken = 0;
    let refused = 0;
    fc.assert(
      fc.property(nearlyJson, (text) => {
        const result = readLocatedJson(text);
        const expected = parsed(text);
        if (result.ok) {
          taken += 1;
          expect({ value: plainJson(result.root) }).toStrictEqual(expected);
        } else if (!/a second time|too large|read as -0/.test(result.message)) {
          refused += 1;
          expect(expected).toBeNull();
        }
      }),
      { numRuns: 6000, seed: 6 },
    );
    expect(Math.min(taken, refused)).toBeGreaterThan(1000);
  });

  it("knows where every key and value begins", () => {
    const text = JSON.stringify({ a: [1, "x", { b: null }], "": { c: true } }, null, 2);
    const result = readLocatedJson(text);
    if (!result.ok) throw new Error(result.message);
    expect(places(text, result.root)).toEqual(["{", true, "[", true, true, "{", true, true, true, "{", true, true]);
  });

  it("keeps a key named __proto__ a key", () => {
    const result = readLocatedJson('{"__proto__": [1]}');
    if (!result.ok) throw new Error(result.message);
    expect(Object.entries(plainJson(result.root) as object)).toEqual([["__proto__", [1]]]);
  });

  it.each([
    ["", 0, "expected a value, found the end of the text"],
    ["  nope", 2, 'expected a value, found "n"'],
    ['{"a": 1 "b": 2}', 8, 'expected "," or "}", found "\\""'],
    ['{"a" 1}', 5, 'expected ":", found "1"'],
    ["{a: 1}", 1, 'expected a key in double quotes, found "a"'],
    ['{"a": 1,}', 8, 'expected a key in double quotes, found "}"'],
    ["[1, 2", 5, 'expected "," or "]", found the end of the text'],
    ["[1,]", 3, 'expected a value, found "]"'],
    ['["open', 6, "expected the closing quote of a string, found the end of the text"],
    ['["open\n"]', 6, 'expected the closing quote of a string, found "\\n"'],
    ['["a\tb"]', 3, 'expected an escape sequence for this control character, found "\\t"'],
    ['["a\\x"]', 3, 'expected an escape sequence such as \\" \\\\ \\n \\u0041, found "\\\\"'],
    ['["\\u123"]', 2, 'expected an escape sequence such as \\" \\\\ \\n \\u0041, found "\\\\"'],
    ['["\\u12g4"]', 2, 'expected an escape sequence such as \\" \\\\ \\n \\u0041, found "\\\\"'],
    ["[1e]", 2, 'expected "," or "]", found "e"'],
    ["[1.]", 2, 'expected "," or "]", found "."'],
    ["[1]\u00a0", 3, 'expected the end of the text, found "\u00a0"'],
    ["[-]", 1, 'expected a number, found "-"'],
    ["01", 1, 'expected the end of the text, found "1"'],
    ["{} 😀", 3, 'expected the end of the text, found "😀"'],
    ['{"a": 1, "a": 1}', 9, 'the key "a" stands here a second time'],
    ["[1e999]", 1, "the number 1e999 is too large"],
    ["[-0.0]", 1, "the number -0.0 would be read as -0; write 0"],
    ["[".repeat(100_000), 201, "more than 200 values lie within each other"],
  ])("refuses %j with its place", (text, at, message) => {
    expect(readLocatedJson(text)).toEqual({ ok: false, at, message });
  });

  it("takes all four kinds of whitespace, everywhere", () => {
    const space = " \t\r\n";
    const text = ["", "{", '"a"', ":", "[", "1", ",", "{", "}", ",", "[", "]", "]", "}", ""].join(space);
    const result = readLocatedJson(text);
    expect(result.ok && plainJson(result.root)).toEqual({ a: [1, {}, []] });
  });

  it("takes nesting up to its limit", () => {
    expect(readLocatedJson("[".repeat(201) + "]".repeat(201)).ok).toBe(true);
    expect(readLocatedJson("[".repeat(202) + "]".repeat(202)).ok).toBe(false);
  });
});

describe("lineAndColumn", () => {
  it("counts both from 1", () => {
    const text = "ab\n\r\nc";
    const seen = Array.from({ length: text.length + 1 }, (_, at) => Object.values(lineAndColumn(text, at)));
    expect(seen).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 1],
      [2, 2],
      [3, 1],
      [3, 2],
    ]);
  });
});

describe("locate", () => {
  const text = '{"a": [1, {"b": 2}], "c": "x"}';
  const read = readLocatedJson(text);

  it.each([
    [[], 0],
    [["a"], 6],
    [["a", 0], 7],
    [["a", 1, "b"], 16],
    [["c"], 26],
    [["nowhere"], 0],
    [["a", 7, "b"], 6],
    [["c", "deeper"], 26],
  ])("finds %j, or the last value on the way there", (path, at) => {
    expect(read.ok && locate(read.root, path)).toBe(at);
  });
});
