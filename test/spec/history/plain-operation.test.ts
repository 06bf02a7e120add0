/** The short way to read a line against the long one: what it takes, the schema takes and reads alike. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countLostNames } from "../../../spec/history/lost-names.ts";
import { plainOperation } from "../../../spec/history/plain-operation.ts";
import { operationSchemas } from "../../../spec/history/schema.ts";

type Raw = Readonly<Record<string, unknown>>;

/** What `read-history.ts` makes of a line where there is no short way; `null`: it is refused. */
function byTheSchema(line: string, raw: Raw): unknown {
  const { f } = raw;
  const parsed = typeof f === "string" ? operationSchemas.get(f)?.safeParse(raw) : undefined;
  return parsed?.success === true && countLostNames(line, parsed.data) === 0 ? parsed.data : null;
}

function objectIn(line: string): Raw | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Raw) : null;
  } catch {
    return null;
  }
}

const whole = fc.oneof(fc.nat(9), fc.nat(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER));
const key = fc.constantFrom("orders-0", "orders-12", "a.b_c-d-7", "x-2147483647");
const value = fc.constantFrom("v1", "", "a b", "ä€", "k-0", "{}", "null");
const common = {
  index: whole,
  time_ns: whole,
  process: fc.constantFrom("p1", "c1", "nemesis", "a b"),
  type: fc.constantFrom("invoke", "ok", "fail", "info"),
};
const error = { error: fc.constantFrom("REQUEST_TIMED_OUT", "") };
const required = [...Object.keys(common), "f", "value"] as ("index" | "f" | "value")[];

const send = fc.record(
  {
    ...common,
    f: fc.constant("send"),
    value: fc.array(fc.record({ key, value, offset: whole }, { requiredKeys: ["key", "value"] }), { maxLength: 3 }),
    ...error,
  },
  { requiredKeys: required },
);
const poll = fc.record(
  {
    ...common,
    f: fc.constant("poll"),
    value: fc.dictionary(key, fc.array(fc.tuple(whole, value), { maxLength: 3 }), {
      maxKeys: 2,
      noNullPrototype: true,
    }),
    final: fc.constant(true),
    ...error,
  },
  { requiredKeys: required },
);
const plain: fc.Arbitrary<Raw> = fc.oneof(send, poll);

/** What does not belong somewhere, or belongs there only to the schema. */
const odd = fc.constantFrom<unknown>(
  ...[":", ":", "c1/2", "c1/2"],
  ...[-1, -0, 1.5, 1e300, 2 ** 53, null, true, false, "", "p1/2", "/", "a", "a-01", "a--1", "-0", ".-0", "..-1"],
  ...["a-2147483648", "a-99999999999", `${"t".repeat(249)}-0`, `${"t".repeat(250)}-0`, "a b-0", "ä-0", "a-0\n"],
  ...[[], {}, [[]], [0], [0, "v"], [0, "v", 3], [0, "v", 3, 4], { key: "a-0", value: "v" }, "send", "poll", "commit"],
);
const names = ["key", "value", "offset", "partitionKey", "final", "error", "f", "orders-0", "a-01", "x", "__proto__"];

type Change = readonly [number, "replace" | "remove" | "add" | "rename", string, unknown];
const change: fc.Arbitrary<Change> = fc.tuple(
  fc.nat(60),
  fc.constantFrom("replace" as const, "remove" as const, "add" as const, "rename" as const),
  fc.constantFrom(...names),
  odd,
);

/** Every place within a JSON value, as the lists and objects that hold something with the name it has there. */
function placesIn(one: unknown): readonly (readonly [Record<string, unknown>, string])[] {
  if (typeof one !== "object" || one === null) return [];
  const holder = one as Record<string, unknown>;
  return Object.keys(holder).flatMap((name) => [[holder, name] as const, ...placesIn(holder[name])]);
}

function spoil(raw: Raw, [at, how, name, by]: Change): Raw {
  const copy: Raw = structuredClone(raw);
  const places = placesIn(copy);
  const [holder, own] = places[at % places.length] ?? [{}, ""];
  if (how === "replace") holder[own] = by;
  else if (how === "add") Array.isArray(holder) ? holder.push(by) : Object.defineProperty(holder, name, itself(by));
  else if (Array.isArray(holder)) holder.splice(Number(own), 1);
  else {
    if (how === "rename") Object.defineProperty(holder, name, itself(holder[own]));
    if (how === "remove" || own !== name) Reflect.deleteProperty(holder, own);
  }
  return copy;
}

const itself = (one: unknown) => ({ value: one, enumerable: true, configurable: true, writable: true });

const pieces = ['"', ":", ",", "{", "}", "[", "]", " ", "\\", "\\u0041", "\t", "0", "-", ".5", "e1", '"key":"a-0",'];
const edits = fc.array(
  fc.tuple(fc.nat(200), fc.nat(2), fc.constantFrom("", ...pieces, '"final":true,', '"f":"send",')),
  {
    minLength: 1,
    maxLength: 3,
  },
);

function edited(line: string, changes: readonly (readonly [number, number, string])[]): string {
  return changes.reduce((text, [at, gone, piece]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + piece + text.slice(place + gone);
  }, line);
}

/** How many lines were read by both, by the schema alone, and by neither. */
function compared() {
  const counts = { both: 0, schema: 0, neither: 0 };
  return {
    counts,
    compare(line: string): void {
      const raw = objectIn(line);
      if (raw === null) return;
      const short = plainOperation(line, raw);
      const long = byTheSchema(line, raw);
      if (short !== null) expect(short, line).toStrictEqual(long);
      counts[short !== null ? "both" : long !== null ? "schema" : "neither"] += 1;
    },
  };
}

describe("the short way to read an operation", () => {
  it("takes every plain send and poll as it is written, and reads what the schema reads", () => {
    const { compare, counts } = compared();
    fc.assert(
      fc.property(plain, (raw) => compare(JSON.stringify(raw))),
      { numRuns: 1000, seed: 64 },
    );
    expect(counts).toEqual({ both: 1000, schema: 0, neither: 0 });
  });

  it("takes nothing that the schema refuses, of values that were spoilt", () => {
    const { compare, counts } = compared();
    const spoilt = fc.tuple(plain, fc.array(change, { minLength: 1, maxLength: 3 }));
    fc.assert(
      fc.property(spoilt, ([raw, changes]) => compare(JSON.stringify(changes.reduce(spoil, raw)))),
      { numRuns: 10_000, seed: 65 },
    );
    for (const [name, count] of Object.entries(counts)) expect(count, name).toBeGreaterThan(25);
  });

  it("takes nothing that the schema refuses, of texts that were spoilt", () => {
    const { compare, counts } = compared();
    fc.assert(
      fc.property(plain, edits, (raw, changes) => compare(edited(JSON.stringify(raw), changes))),
      { numRuns: 10_000, seed: 66 },
    );
    for (const [name, count] of Object.entries(counts)) expect(count, name).toBeGreaterThan(25);
  });

  it.each([
    ["a name twice in a record", '[{"key":"a-0","key":"b-0","value":"v"}]'],
    ["a name twice, once as an escape", '[{"key":"a-0","value":"v","\\u006bey":"b-0"}]'],
    ["a key twice in a poll", '{"a-0":[[0,"x"]],"a-0":[]}'],
    ["the name __proto__", '{"__proto__":[]}'],
    ["a blank before the colon", '{"a-0" :[[0,"x"]],"a-0":[]}'],
  ])("leaves %s to the schema, which refuses it", (_, text) => {
    const f = text.startsWith("[") ? "send" : "poll";
    const line = `{"index":0,"time_ns":0,"process":"p1","type":"ok","f":"${f}","value":${text}}`;
    const raw = objectIn(line) ?? {};
    expect([plainOperation(line, raw), byTheSchema(line, raw)]).toEqual([null, null]);
  });
});
