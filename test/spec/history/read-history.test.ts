/** A history is understood in full or refused at the line that is wrong. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HistoryHeader, HistoryOperation } from "../../../spec/history/format.ts";
import { createHistoryReader, readHistory } from "../../../spec/history/read-history.ts";
import { writeHeader, writeOperation } from "../../../spec/history/write-history.ts";
import { aHistory, assign, both, commit, finalPoll, life, open, poll, send, transaction } from "./a-history.ts";

const header: HistoryHeader = { highwater: "history", version: 1, subject: "model", contract: {}, profile: "4.1" };
const head = writeHeader(header);

function fileOf(operations: readonly HistoryOperation[]): string {
  return [head, ...operations.map(writeOperation)].map((line) => `${line}\n`).join("");
}

const full = aHistory(
  send("p1", "a-0", "x@0 y@1"),
  transaction("p2", { "a-0": "t", "b-1": "u" }, "info"),
  assign("c1", ["a-0"]),
  poll("c1", { "a-0": "0:x 1:y", "b-1": "" }),
  commit("c1", "g", { "a-0": 2 }),
  both({ process: "c1", type: "ok", f: "seek", value: { "a-0": 0 } }),
  both({ process: "nemesis", type: "ok", f: "fault", value: { kind: "kill", target: "1" } }),
  both({ process: "nemesis", type: "ok", f: "heal", value: null }),
  life("c1", "crash"),
  finalPoll("r", { "a-0": "0:x 1:y" }),
  finalPoll("r", { "a-0": "" }),
  open(send("p1", "a-0", "z")),
);

/** An operation's line, with the fields of `change` over those of a first send. */
function line(change: Readonly<Record<string, unknown>> = {}): string {
  const value = [{ key: "a-0", value: "x" }];
  return JSON.stringify({ index: 0, time_ns: 5, process: "p1", type: "invoke", f: "send", value, ...change });
}

/** Lines behind the header, each completed from `line`, numbered. */
function lines(...changes: readonly Readonly<Record<string, unknown>>[]): string {
  return [head, ...changes.map((change, index) => line({ index, ...change }))].join("\n");
}

const got = { type: "ok", value: [{ key: "a-0", value: "x", offset: 0 }] };

/** What is written, the code, its line, its column. */
const refusals: readonly (readonly [string, string, string, number, number | null])[] = [
  ["an empty file", "", "E_HISTORY_EMPTY", 1, null],
  ["binary junk", "\u0000\u0007\u{1F4A9}", "E_HISTORY_JSON", 1, 1],
  ["a header that breaks off", head.slice(0, 20), "E_HISTORY_TRUNCATED", 1, 21],
  ["a header that is a number", "5", "E_HISTORY_VALUE", 1, null],
  ["no header", line(), "E_HISTORY_HEADER", 1, null],
  ["another header", '{"highwater":"trace"}', "E_HISTORY_HEADER", 1, null],
  ["version 2", head.replace('"version":1', '"version":2'), "E_HISTORY_VERSION", 1, null],
  ["a text as version", head.replace('"version":1', '"version":"1"'), "E_HISTORY_VERSION", 1, null],
  ["a header without profile", head.replace('"profile"', '"profil"'), "E_HISTORY_UNKNOWN_FIELD", 1, null],
  ["a list as contract", head.replace("{}", "[]"), "E_HISTORY_VALUE", 1, null],
  ["a name twice in the contract", head.replace("{}", '{"a":1,"a":2}'), "E_HISTORY_NAME_TWICE", 1, null],
  [
    "an abyss as contract",
    head.replace("{}", `{"a":${"[".repeat(9e4)}${"]".repeat(9e4)}}`),
    "E_HISTORY_VALUE",
    1,
    null,
  ],
  ["a second header", `${head}\n${head}\n`, "E_HISTORY_UNKNOWN_F", 2, null],
  ["an empty line", `${head}\n\n${line()}\n`, "E_HISTORY_JSON", 2, 1],
  ["broken JSON", `${head}\n${line().replace('"f":', '"f";')}\n`, "E_HISTORY_JSON", 2, line().indexOf('"f":') + 4],
  ["two objects on a line", `${head}\n${line()}${line()}`, "E_HISTORY_JSON", 2, line().length + 1],
  ["a last line that breaks off", `${lines({})}\n${line().slice(0, 30)}`, "E_HISTORY_TRUNCATED", 3, 31],
  [
    "a key twice in a poll",
    `${head}\n${line({ f: "poll", value: 0 }).replace('"value":0', '"value":{"a-0":[],"a-0":[]}')}`,
    "E_HISTORY_NAME_TWICE",
    2,
    null,
  ],
  [
    "__proto__ as a key",
    `${head}\n${line({ f: "poll", value: 0 }).replace('"value":0', '"value":{"__proto__":[]}')}`,
    "E_HISTORY_NAME_TWICE",
    2,
    null,
  ],
  ["an unknown field", lines({ note: 1 }), "E_HISTORY_UNKNOWN_FIELD", 2, null],
  [
    "an unknown field of a record",
    lines({ value: [{ key: "a-0", value: "x", at: 1 }] }),
    "E_HISTORY_UNKNOWN_FIELD",
    2,
    null,
  ],
  ["final where nothing is polled", lines({ final: true }), "E_HISTORY_UNKNOWN_FIELD", 2, null],
  ["an unknown f", lines({ f: "produce" }), "E_HISTORY_UNKNOWN_F", 2, null],
  ["an f that every object has", lines({ f: "constructor" }), "E_HISTORY_UNKNOWN_F", 2, null],
  ["an unknown type", lines({ type: "okay" }), "E_HISTORY_UNKNOWN_TYPE", 2, null],
  ["a number as value of a record", lines({ value: [{ key: "a-0", value: 7 }] }), "E_HISTORY_VALUE", 2, null],
  ["no value", lines({ value: undefined }), "E_HISTORY_VALUE", 2, null],
  ["half a time", lines({ time_ns: 0.5 }), "E_HISTORY_VALUE", 2, null],
  ["a time beyond 2^53", lines({ time_ns: 2 ** 53 }), "E_HISTORY_VALUE", 2, null],
  [
    "a negative offset",
    lines({}, { ...got, value: [{ key: "a-0", value: "x", offset: -1 }] }),
    "E_HISTORY_VALUE",
    3,
    null,
  ],
  ["a process without client", lines({ process: "/2" }), "E_HISTORY_VALUE", 2, null],
  ["a polled record of one part", lines({ f: "poll", value: { "a-0": [[1]] } }), "E_HISTORY_VALUE", 2, null],
  ["a step of a transaction that is none", lines({ f: "txn", value: [{ read: {} }] }), "E_HISTORY_VALUE", 2, null],
  ["a topic as key", lines({ value: [{ key: "orders", value: "x" }] }), "E_HISTORY_KEY", 2, null],
  ["a polled topic", lines({ f: "poll", value: { orders: [] } }), "E_HISTORY_KEY", 2, null],
  ["a partition 01", lines({ f: "assign", value: { keys: ["orders-01"] } }), "E_HISTORY_KEY", 2, null],
  [
    "a key in a transaction",
    lines({ f: "txn", value: [{ send: [{ key: "a", value: "x" }] }] }),
    "E_HISTORY_KEY",
    2,
    null,
  ],
  ["a first index of 1", lines({ index: 1 }), "E_HISTORY_INDEX", 2, null],
  ["an index left out", lines({}, { ...got, index: 2 }), "E_HISTORY_INDEX", 3, null],
  ["an index twice", lines({}, { ...got, index: 0 }), "E_HISTORY_INDEX", 3, null],
  ["time going back", lines({}, { ...got, time_ns: 4 }), "E_HISTORY_TIME", 3, null],
  ["two open invocations", lines({}, { value: [] }), "E_HISTORY_TWO_OPEN", 3, null],
  ["a completion alone", lines(got), "E_HISTORY_NO_INVOCATION", 2, null],
  ["a completion of another's call", lines({}, { ...got, process: "p2" }), "E_HISTORY_NO_INVOCATION", 3, null],
  [
    "a completion of something else after one",
    lines({}, got, { type: "ok", f: "poll", value: {} }),
    "E_HISTORY_NO_INVOCATION",
    4,
    null,
  ],
  ["a duplicate completion", lines({}, got, got), "E_HISTORY_DUPLICATE_COMPLETION", 4, null],
  ["a completion with another f", lines({}, { type: "ok", f: "poll", value: {} }), "E_HISTORY_OTHER_F", 3, null],
  [
    "a completion with another value",
    lines({}, { ...got, value: [{ key: "a-0", value: "z" }] }),
    "E_HISTORY_OTHER_RECORDS",
    3,
    null,
  ],
  [
    "a completion with another key",
    lines({}, { ...got, value: [{ key: "a-1", value: "x" }] }),
    "E_HISTORY_OTHER_RECORDS",
    3,
    null,
  ],
  ["a completion that lacks a record", lines({}, { ...got, value: [] }), "E_HISTORY_OTHER_RECORDS", 3, null],
  ["a completion that has a record more", lines({ value: [] }, got), "E_HISTORY_OTHER_RECORDS", 3, null],
  [
    "a transaction with its steps moved",
    lines(
      { f: "txn", value: [{ send: [] }, { poll: {} }] },
      { f: "txn", type: "ok", value: [{ poll: {} }, { send: [] }] },
    ),
    "E_HISTORY_OTHER_RECORDS",
    3,
    null,
  ],
  [
    "a final answer to a plain poll",
    lines({ f: "poll", value: {} }, { f: "poll", type: "ok", value: {}, final: true }),
    "E_HISTORY_OTHER_FINAL",
    3,
    null,
  ],
  [
    "a value twice in a send",
    lines({
      value: [
        { key: "a-0", value: "x" },
        { key: "a-0", value: "x" },
      ],
    }),
    "E_HISTORY_NOT_UNIQUE",
    2,
    null,
  ],
  ["a value twice, even after a failure", lines({}, { type: "fail" }, {}), "E_HISTORY_NOT_UNIQUE", 4, null],
  [
    "a value twice, in a transaction",
    lines({}, got, { f: "txn", value: [{ send: [{ key: "a-0", value: "x" }] }] }),
    "E_HISTORY_NOT_UNIQUE",
    4,
    null,
  ],
  ["an error at an invocation", lines({ error: "TIMEOUT" }), "E_HISTORY_INVOCATION", 2, null],
  [
    "an offset at an invocation",
    lines({ value: [{ key: "a-0", value: "x", offset: 0 }] }),
    "E_HISTORY_INVOCATION",
    2,
    null,
  ],
  [
    "records at a poll's invocation",
    lines({ f: "poll", value: { "a-0": [[0, "x"]] } }),
    "E_HISTORY_INVOCATION",
    2,
    null,
  ],
  [
    "an answer at a question",
    lines({ f: "committed", value: { group: "g", offsets: { "a-0": 1 } } }),
    "E_HISTORY_INVOCATION",
    2,
    null,
  ],
  ["a latest offset at the question", lines({ f: "latest", value: { "a-0": 1 } }), "E_HISTORY_INVOCATION", 2, null],
  ["an ok with an error", lines({}, { ...got, error: "TIMEOUT" }), "E_HISTORY_OK_WITH_ERROR", 3, null],
];

describe("reading a history", () => {
  it.each(refusals)("refuses %s", (_, text, code, atLine, column) => {
    const result = readHistory(text);
    expect(result).toMatchObject({ ok: false, errors: [{ code, line: atLine, column }] });
    expect(result.ok ? "" : result.errors[0]?.message).not.toBe("");
  });

  it("takes what is whole, with open calls, and gives it back", () => {
    expect(readHistory(fileOf(full))).toEqual({ ok: true, header, operations: full });
    expect(readHistory(head)).toEqual({ ok: true, header, operations: [] });
  });

  it("does without the last line end, but not without the end of the last line", () => {
    const text = fileOf(full).trimEnd();
    expect(readHistory(text)).toEqual({ ok: true, header, operations: full });
    expect(readHistory(text.slice(0, -1))).toMatchObject({
      errors: [{ code: "E_HISTORY_TRUNCATED", line: full.length + 1 }],
    });
  });

  it("takes the line ends of Windows", () => {
    expect(readHistory(fileOf(full).replaceAll("\n", "\r\n"))).toEqual({ ok: true, header, operations: full });
  });

  it("keeps names apart that a text's content only looks like", () => {
    const tricky = aHistory(send("p1", "a-0", '":{"key":"\\u0022,"'));
    expect(readHistory(fileOf(tricky))).toMatchObject({ ok: true, operations: tricky });
  });

  it("takes the same value for two keys, and a process's next call after info", () => {
    const operations = aHistory(send("p1", "a-0", "x", "info"), send("p1", "b-0", "x"), send("p1/2", "a-0", "y"));
    expect(readHistory(fileOf(operations))).toMatchObject({ ok: true, operations });
  });

  it("suggests the name that was meant", () => {
    const hints: readonly [string, string][] = [
      [lines({ f: "sned" }), "did you mean send?"],
      [lines({ type: "OK" }), "did you mean ok?"],
      [lines({ tmie_ns: 1 }), "did you mean time_ns?"],
    ];
    for (const [text, hint] of hints) expect(readHistory(text)).toMatchObject({ errors: [{ hint }] });
  });

  it("says what was expected and what was found, by place", () => {
    const text = lines({ f: "txn", value: [{ send: [{ key: "a-0", value: 3 }] }] });
    expect(readHistory(text)).toMatchObject({
      errors: [{ message: "value[0].send[0].value: expected a text, found 3" }],
    });
  });

  it("reads line by line, gives operations out once, and stays at its first error", () => {
    const reader = createHistoryReader();
    expect(reader.header()).toBe(null);
    expect(reader.push(head)).toBe(null);
    expect(reader.header()).toEqual(header);
    expect(reader.push(line())).toBe(null);
    expect(reader.take()).toHaveLength(1);
    expect(reader.take()).toEqual([]);
    const error = reader.push("{");
    expect(error).toMatchObject({ code: "E_HISTORY_TRUNCATED", line: 3 });
    expect(reader.push(line({ index: 1, ...got }))).toBe(error);
    expect(reader.end()).toBe(error);
    expect(reader.take()).toEqual([]);
  });

  it("never throws on a valid file with bytes changed, and a refusal names a line of it", () => {
    const bytes = new TextEncoder().encode(fileOf(full));
    const count = full.length + 1;
    const change = fc.record({
      at: fc.nat({ max: bytes.length - 1 }),
      remove: fc.integer({ min: 0, max: 3 }),
      insert: fc.uint8Array({ maxLength: 3 }),
    });
    let refused = 0;
    let taken = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const mutated = [...bytes];
        for (const { at, remove, insert } of changes) mutated.splice(at, remove, ...insert);
        const result = readHistory(new TextDecoder().decode(new Uint8Array(mutated)));
        if (result.ok) taken++;
        else {
          refused++;
          expect(result.errors).toHaveLength(1);
          // Each change can insert three line feeds.
          expect(result.errors[0]?.line).toBeGreaterThanOrEqual(1);
          expect(result.errors[0]?.line).toBeLessThanOrEqual(count + 9);
        }
      }),
      { numRuns: 1500, seed: 20 },
    );
    expect(refused).toBeGreaterThan(500);
    expect(taken).toBeGreaterThan(20);
  });
});
