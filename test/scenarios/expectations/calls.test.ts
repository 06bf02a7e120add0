import { describe, expect, it } from "vitest";
import { compareCall, comparePoll, compareSend } from "../../../scenarios/expectations/calls.ts";
import type { PollExpectation } from "../../../scenarios/grammar/call-expectations.ts";
import type { PollResult, SendResult } from "../../../spec/subject.ts";

const refused: SendResult = {
  value: "b",
  partition: null,
  outcome: "fail",
  offset: null,
  error: "NOT_ENOUGH_REPLICAS",
};
const sent: SendResult = { value: "a", partition: 2, outcome: "ok", offset: 0, error: null };
const polled: PollResult = { outcome: "ok", error: null, records: { "orders-0": [[0, "a"]], "orders-1": [[4, "x"]] } };

describe("a call", () => {
  const failed = { outcome: "fail", error: "ILLEGAL_GENERATION" } as const;
  it("is compared in what is named", () => {
    expect(compareCall({}, failed)).toEqual([]);
    expect(compareCall({ outcome: "fail" }, failed)).toEqual([]);
    expect(compareCall({ error: "ILLEGAL_GENERATION" }, failed)).toEqual([]);
    expect(compareCall({ outcome: "ok", error: null }, failed)).toEqual([
      { path: ["outcome"], expected: "ok", seen: "fail" },
      { path: ["error"], expected: null, seen: "ILLEGAL_GENERATION" },
    ]);
  });
});

describe("a send", () => {
  it("is compared record by record", () => {
    expect(compareSend({ outcome: "ok", error: null, offsets: [0] }, [sent])).toEqual([]);
    expect(compareSend({ outcome: "fail", error: "NOT_ENOUGH_REPLICAS", offsets: [null] }, [refused])).toEqual([]);
    expect(compareSend({ outcome: "unknown" }, [refused, refused])).toEqual([
      { path: ["outcome"], expected: "unknown", seen: "fail" },
    ]);
    expect(compareSend({ outcome: "ok" }, [sent, refused])).toEqual([
      { path: ["outcome"], expected: "ok", seen: ["ok", "fail"] },
    ]);
    expect(compareSend({ error: null }, [sent, refused])).toEqual([
      { path: ["error"], expected: null, seen: [null, "NOT_ENOUGH_REPLICAS"] },
    ]);
    expect(compareSend({ offsets: [0, 1] }, [sent, refused])).toEqual([
      { path: ["offsets"], expected: [0, 1], seen: [0, null] },
    ]);
    expect(compareSend({ partitions: [2, null] }, [sent, refused])).toEqual([]);
    expect(compareSend({ partitions: [1] }, [sent])).toEqual([{ path: ["partitions"], expected: [1], seen: [2] }]);
  });
});

describe("a poll", () => {
  const record = (offset: number, value: string): [number, string][] => [[offset, value]];
  const right = { "orders-0": record(0, "a"), "orders-1": record(4, "x") };
  const expecting = (expected: Partial<PollExpectation>, seen: PollResult) =>
    comparePoll({ outcome: undefined, error: undefined, records: {}, ...expected }, seen);

  it("is exact over all partitions", () => {
    expect(expecting({ records: right }, polled)).toEqual([]);
    expect(expecting({ records: { "orders-0": right["orders-0"] } }, polled)).toEqual([
      { path: ["orders-1"], expected: [], seen: [[4, "x"]] },
    ]);
    expect(expecting({}, polled).map(({ path }) => path)).toEqual([["orders-0"], ["orders-1"]]);
    expect(expecting({ records: { ...right, "orders-0": record(1, "a") } }, polled)).toEqual([
      { path: ["orders-0"], expected: [[1, "a"]], seen: [[0, "a"]] },
    ]);
    expect(expecting({ records: { ...right, "orders-2": record(0, "z") } }, polled)).toEqual([
      { path: ["orders-2"], expected: [[0, "z"]], seen: [] },
    ]);
    expect(expecting({ records: { ...right, "orders-2": [] } }, polled)).toEqual([]);
    expect(expecting({ outcome: "ok", records: { "orders-0": [] } }, polled).map(({ path }) => path)).toEqual([
      ["orders-0"],
      ["orders-1"],
    ]);
  });

  it("that brings nothing must have succeeded, unless the step says otherwise", () => {
    const failed: PollResult = { outcome: "fail", error: "OFFSET_OUT_OF_RANGE", records: {} };
    expect(expecting({}, { ...polled, records: {} })).toEqual([]);
    expect(expecting({}, failed).map(({ path }) => path)).toEqual([["outcome"], ["error"]]);
    expect(expecting({ error: "OFFSET_OUT_OF_RANGE" }, failed)).toEqual([]);
    expect(expecting({ outcome: "ok" }, polled)).toEqual([]);
    expect(expecting({ outcome: "fail" }, polled)).toEqual([{ path: ["outcome"], expected: "fail", seen: "ok" }]);
  });
});
