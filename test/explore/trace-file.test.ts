import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkModel, parseTrace, type Trace, writeTrace } from "../../explore/trace-file.ts";

const trace: Trace = {
  highwater: "trace",
  version: 1,
  profile: "4.1",
  model: "0f",
  config: { brokers: 3, acks: "all", topics: { orders: [1, null] } },
  choices: ["deliver fetch b2→b1", 'say "hi"'],
  hash: "e3",
};

const text = `{
  "highwater": "trace",
  "version": 1,
  "profile": "4.1",
  "model": "0f",
  "config": {"acks":"all","brokers":3,"topics":{"orders":[1,null]}},
  "choices": [
    "deliver fetch b2→b1",
    "say \\"hi\\""
  ],
  "hash": "e3"
}
`;

/** The error of a text, or the sentence that there is none. */
function errorOf(broken: string) {
  const result = parseTrace(broken);
  return result.ok ? "no error" : result.error;
}

const fields: fc.Arbitrary<Omit<Trace, "highwater" | "version">> = fc.record({
  profile: fc.string(),
  model: fc.string(),
  config: fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value))),
  choices: fc.array(fc.string({ unit: "binary" }), { maxLength: 5 }),
  hash: fc.string(),
});

describe("writeTrace", () => {
  it("writes one choice a line, fields in a fixed order, and a newline at the end", () => {
    expect(writeTrace(trace)).toBe(text);
  });

  it("writes the same text in whatever order the fields were set", () => {
    const { hash, choices, config, model, profile, version, highwater } = trace;
    expect(writeTrace({ hash, choices, config, model, profile, version, highwater })).toBe(text);
  });

  it("writes a run without choices", () => {
    const empty = { ...trace, choices: [] };
    expect(writeTrace(empty)).toContain('\n  "choices": [],\n');
    expect(parseTrace(writeTrace(empty))).toEqual({ ok: true, trace: empty });
  });

  it("refuses a configuration that the file would not keep", () => {
    const write = () => writeTrace({ ...trace, config: { brokers: undefined } });
    expect(write).toThrow(expect.objectContaining({ code: "E_NOT_PLAIN_JSON" }));
  });
});

describe("parseTrace", () => {
  it("reads what was written", () => {
    expect(parseTrace(text)).toEqual({ ok: true, trace });
    fc.assert(
      fc.property(fields, (some) => {
        const drawn: Trace = { highwater: "trace", version: 1, ...some };
        expect(parseTrace(writeTrace(drawn))).toStrictEqual({ ok: true, trace: drawn });
      }),
      { numRuns: 500, seed: 7 },
    );
  });

  it("reads the fields in any order and layout", () => {
    const backwards = Object.fromEntries(Object.entries(trace).reverse());
    expect(parseTrace(JSON.stringify(backwards, null, 1))).toEqual({ ok: true, trace });
  });

  it.each(["", " \n\t\r\n"])("refuses the empty text %j", (empty) => {
    expect(errorOf(empty)).toEqual({
      code: "E_TRACE_EMPTY",
      line: null,
      column: null,
      message: "The trace file is empty.",
      hint: "Was it written to its end?",
    });
  });

  it.each<[what: string, from: string | RegExp, to: string, code: string, line: number, column: number, words: string]>(
    [
      ["a missing comma", '"4.1",', '"4.1"', "E_TRACE_JSON", 5, 3, 'not valid JSON: expected "," or "}", found "\\""'],
      [
        "a file that is cut off",
        /,\n {2}"hash[\s\S]*/,
        "",
        "E_TRACE_JSON",
        10,
        4,
        'expected "," or "}", found the end of the text',
      ],
      [
        "a field that stands twice",
        '"hash"',
        '"model"',
        "E_TRACE_JSON",
        11,
        3,
        'the key "model" stands here a second time',
      ],
      ["something behind the end", /$/, "x", "E_TRACE_JSON", 13, 1, 'expected the end of the text, found "x"'],
      ["two traces in one file", /$/, text, "E_TRACE_JSON", 13, 1, 'expected the end of the text, found "{"'],
      ["a list", /[\s\S]*/, " [1]", "E_TRACE_KIND", 1, 2, "The file holds no JSON object."],
      ["a word", /[\s\S]*/, "null", "E_TRACE_KIND", 1, 1, "The file holds no JSON object."],
      ["another JSON file", '"highwater"', '"name"', "E_TRACE_KIND", 1, 1, 'The file has no field "highwater".'],
      ["another kind of file", '"trace"', '"history"', "E_TRACE_KIND", 2, 16, 'The field "highwater" is not "trace".'],
      ["a nested kind", '"trace"', '["trace"]', "E_TRACE_KIND", 2, 16, 'The field "highwater" is not "trace".'],
      ["a newer version", "1,", "2,", "E_TRACE_VERSION", 3, 14, "Trace version 2 is unknown; expected 1."],
      ["a version as text", "1,", '"1",', "E_TRACE_VERSION", 3, 14, 'Trace version "1" is unknown; expected 1.'],
      ["a version as a list", "1,", "[1],", "E_TRACE_VERSION", 3, 14, "Trace version [1] is unknown; expected 1."],
      ["no version", '  "version": 1,\n', "", "E_TRACE_MISSING_FIELD", 1, 1, 'The trace has no field "version".'],
      ["no profile", '  "profile": "4.1",\n', "", "E_TRACE_MISSING_FIELD", 1, 1, 'The trace has no field "profile".'],
      ["no model", '  "model": "0f",\n', "", "E_TRACE_MISSING_FIELD", 1, 1, 'The trace has no field "model".'],
      ["no config", / {2}"config.*\n/, "", "E_TRACE_MISSING_FIELD", 1, 1, 'The trace has no field "config".'],
      ["no choices", / {2}"choices[^\]]*],\n/, "", "E_TRACE_MISSING_FIELD", 1, 1, 'The trace has no field "choices".'],
      ["no hash", ',\n  "hash": "e3"', "", "E_TRACE_MISSING_FIELD", 1, 1, 'The trace has no field "hash".'],
      [
        "an unknown field",
        '"hash"',
        '"seed": 1,\n  "hash"',
        "E_TRACE_UNKNOWN_FIELD",
        11,
        3,
        'A trace has no field "seed".',
      ],
      [
        "a field __proto__",
        '"hash"',
        '"__proto__": 1, "hash"',
        "E_TRACE_UNKNOWN_FIELD",
        11,
        3,
        'A trace has no field "__proto__".',
      ],
      ["a number as profile", '"4.1"', "4.1", "E_TRACE_TYPE", 4, 14, '"profile" is 4.1; expected a string.'],
      ["null as model", '"0f"', "null", "E_TRACE_TYPE", 5, 12, '"model" is null; expected a string.'],
      ["an object as hash", '"e3"', "{}", "E_TRACE_TYPE", 11, 11, '"hash" is an object; expected a string.'],
      [
        "a string as choices",
        /\[\n[^\]]*]/,
        '"x"',
        "E_TRACE_TYPE",
        7,
        14,
        '"choices" is "x"; expected a list of strings.',
      ],
      [
        "an object as choices",
        /\[\n[^\]]*]/,
        "{}",
        "E_TRACE_TYPE",
        7,
        14,
        '"choices" is an object; expected a list of strings.',
      ],
      ["a number as a choice", /"say.*/, "7", "E_TRACE_TYPE", 9, 5, '"choices[1]" is 7; expected a string.'],
      ["a list as a choice", /"say.*/, '["x"]', "E_TRACE_TYPE", 9, 5, '"choices[1]" is an array; expected a string.'],
    ],
  )("refuses %s with code, place, words and a hint", (_, from, to, code, line, column, words) => {
    const broken = text.replace(from, () => to);
    expect(broken).not.toBe(text);
    expect(errorOf(broken)).toEqual({
      code,
      line,
      column,
      message: expect.stringContaining(words),
      hint: expect.stringMatching(/^[A-Z].+[.?]$/),
    });
  });

  it("looks at the version before the fields, which may be others in another version", () => {
    const newer = '{ "highwater": "trace", "version": 2, "steps": [] }';
    expect(errorOf(newer)).toMatchObject({ code: "E_TRACE_VERSION" });
  });

  it("refuses every part of a file that is cut off", () => {
    const whole = text.trimEnd();
    for (let length = 0; length < whole.length; length += 1) {
      const error = errorOf(whole.slice(0, length));
      expect(error).toMatchObject({ code: length === 0 ? "E_TRACE_EMPTY" : "E_TRACE_JSON" });
    }
  });

  it("answers every text with a trace or an error", () => {
    const piece = fc.constantFrom("", '"', "{", "]", ",", "null", "\\", "\n", "1", "-0", "[[[[");
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(40), piece, (at, length, inserted) => {
        const broken = text.slice(0, at) + inserted + text.slice(at + length);
        const result = parseTrace(broken);
        if (result.ok) expect(parseTrace(writeTrace(result.trace))).toEqual(result);
        else expect(result.error.code).toMatch(/^E_TRACE_/);
      }),
      { numRuns: 2000, seed: 8 },
    );
    expect(errorOf(text.replace("[1,null]", "[".repeat(50_000)))).toMatchObject({ code: "E_TRACE_JSON", line: 6 });
  });
});

describe("checkModel", () => {
  it("accepts the model that the trace was recorded with and no other", () => {
    expect(checkModel(trace, "0f")).toBeNull();
    expect(checkModel(trace, "0e")).toEqual({
      code: "E_TRACE_MODEL",
      line: null,
      column: null,
      message: 'The trace was recorded with model "0f"; this is model "0e".',
      hint: "Replay it with the version of highwater that recorded it, or find the run again with this one.",
    });
  });
});
