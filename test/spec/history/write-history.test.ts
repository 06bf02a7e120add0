/** What is written is read again, and equal histories are equal bytes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HistoryHeader, HistoryOperation } from "../../../spec/history/format.ts";
import { readHistory } from "../../../spec/history/read-history.ts";
import { operationSchemas } from "../../../spec/history/schema.ts";
import { writeHeader, writeOperation } from "../../../spec/history/write-history.ts";
import { aHistory, type Step } from "./a-history.ts";

const text = fc.string({ unit: "binary", maxLength: 4 });
const offset = fc.oneof(fc.nat(9), fc.constant(Number.MAX_SAFE_INTEGER));
const key = fc.constantFrom("a-0", "b-1", "constructor-2", "-.-3", "_-10");
const offsets = fc.dictionary(key, offset, { noNullPrototype: true });
const asked = fc.dictionary(key, fc.option(offset), { noNullPrototype: true });
const unasked = fc.dictionary(key, fc.constant(null), { noNullPrototype: true });
const polled = fc.dictionary(key, fc.array(fc.tuple(offset, text), { maxLength: 2 }), { noNullPrototype: true });
const group = fc.record(
  { group: text, generation: fc.integer({ min: -1, max: 3 }) },
  { requiredKeys: ["group"], noNullPrototype: true },
);
const fault = fc.record({ kind: text, target: text }, { noNullPrototype: true });
const nth = fc.record(
  { key, offset: fc.option(offset, { nil: undefined }), partitionKey: fc.option(text) },
  { noNullPrototype: true },
);

interface Draft {
  readonly f: HistoryOperation["f"];
  readonly value: fc.Arbitrary<readonly [asked: unknown, told: unknown]>;
}

/** A value is unique by the number that `fresh` gives it. */
function drafts(fresh: () => string): readonly Draft[] {
  const told = fc.array(nth, { maxLength: 3 }).map((records) =>
    records.map(({ key, offset, partitionKey }) => ({
      key,
      value: fresh(),
      ...(offset === undefined ? {} : { offset }),
      ...(partitionKey === null ? {} : { partitionKey }),
    })),
  );
  const sent = told.map((records) => [records.map(({ offset: _, ...record }) => record), records] as const);
  const steps = fc.array(
    fc.oneof(
      sent.map(([before, after]) => [{ send: before }, { send: after }] as const),
      polled.map((records) => [{ poll: {} }, { poll: records }] as const),
    ),
    { maxLength: 3 },
  );
  const same = <T>(arbitrary: fc.Arbitrary<T>) => arbitrary.map((value) => [value, value] as const);
  const keys = fc.array(key, { maxLength: 2 });
  return [
    { f: "send", value: sent },
    { f: "poll", value: polled.map((records) => [{}, records] as const) },
    {
      f: "txn",
      value: steps.map((pairs) => [pairs.map(([before]) => before), pairs.map(([, after]) => after)] as const),
    },
    { f: "commit", value: same(fc.tuple(group, offsets).map(([of, next]) => ({ ...of, offsets: next }))) },
    {
      f: "committed",
      value: fc.tuple(group, unasked, asked).map(
        ([of, ask, next]) =>
          [
            { ...of, offsets: ask },
            { ...of, offsets: next },
          ] as const,
      ),
    },
    { f: "subscribe", value: same(fc.tuple(group, keys).map(([of, list]) => ({ ...of, keys: list }))) },
    { f: "assign", value: same(keys.map((list) => ({ keys: list }))) },
    {
      f: "assignment",
      value: same(fc.tuple(text, keys).map(([name, list]) => ({ group: name, generation: 4, keys: list }))),
    },
    { f: "seek", value: same(offsets) },
    { f: "delete-records", value: same(offsets) },
    { f: "latest", value: fc.tuple(unasked, asked) },
    { f: "crash", value: same(fc.constant(null)) },
    { f: "restart", value: same(fc.constant(null)) },
    { f: "fault", value: same(fault) },
    { f: "heal", value: same(fc.option(fault)) },
  ];
}

/** Calls of every kind, one after the other, as any program may have built them. */
function calls(): fc.Arbitrary<HistoryOperation[]> {
  let count = 0;
  const fresh = () => `v${count++}`;
  const call = fc.oneof(
    ...drafts(fresh).map(({ f, value }) =>
      fc
        .tuple(value, fc.constantFrom("ok", "fail", "info"), fc.boolean(), fc.option(text, { nil: undefined }))
        .map(([[before, after], type, final, error]) => {
          const common = { process: "p1", f, ...(f === "poll" && final ? { final: true } : {}) };
          const failed = type === "ok" || error === undefined ? {} : { error };
          // The parts fit together by `f`, which the type of a union of drafts cannot say.
          return [
            { ...common, type: "invoke", value: before },
            { ...common, type, value: after, ...failed },
          ] as unknown as Step[];
        }),
    ),
  );
  return fc.array(call, { maxLength: 8 }).map((list) => aHistory(...list));
}

const header: HistoryHeader = {
  highwater: "history",
  version: 1,
  subject: "a broker",
  contract: { topics: { z: { partitions: 2 }, a: null }, "10": [true, 1.5] },
  profile: "4.1",
};

function fileOf(operations: readonly HistoryOperation[]): string {
  return [writeHeader(header), ...operations.map(writeOperation)].map((line) => `${line}\n`).join("");
}

/** The same value with the fields of its objects in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, part]) => [name, reversed(part)]),
  );
}

describe("writing a history", () => {
  it("can be read again: every operation, every type, every field", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(calls(), (operations) => {
        for (const { f, type } of operations) seen.add(`${f} ${type}`);
        const written = fileOf(operations);
        expect(readHistory(written)).toEqual({ ok: true, header, operations });
        const result = readHistory(written);
        expect(result.ok ? fileOf(result.operations) : "").toBe(written);
      }),
      { numRuns: 400, seed: 24 },
    );
    expect(seen.size).toBe(operationSchemas.size * 4);
  });

  it("writes the same bytes however the objects were built", () => {
    fc.assert(
      fc.property(calls(), (operations) => {
        const other = reversed(operations) as HistoryOperation[];
        expect(other.map(writeOperation)).toEqual(operations.map(writeOperation));
      }),
      { numRuns: 200, seed: 25 },
    );
  });

  it("writes one line each, in the order of the format", () => {
    const operation: HistoryOperation = {
      final: true,
      f: "poll",
      value: { "b-0": [], "a-0": [[3, "line\nend"]] },
      type: "info",
      error: "TIMEOUT",
      process: "r",
      time_ns: 9,
      index: 7,
    };
    expect(writeOperation(operation)).toBe(
      '{"index":7,"time_ns":9,"process":"r","type":"info","f":"poll","value":{"a-0":[[3,"line\\nend"]],"b-0":[]},"error":"TIMEOUT","final":true}',
    );
    expect(writeHeader(header)).toBe(
      '{"highwater":"history","version":1,"subject":"a broker","contract":{"10":[true,1.5],"topics":{"z":{"partitions":2},"a":null}},"profile":"4.1"}',
    );
  });
});
