import { describe, expect, it } from "vitest";
import { acknowledgedLost, deliveredTwice } from "../../../scenarios/expectations/from-history.ts";
import type { HistoryOperation, PolledRecords } from "../../../spec/history/format.ts";

function numbered(operations: readonly object[]): readonly HistoryOperation[] {
  return operations.map((operation, index) => ({ index, time_ns: index, ...operation }) as HistoryOperation);
}

const poll = (process: string, value: PolledRecords, rest: object = {}) => ({
  process,
  type: "ok",
  f: "poll",
  value,
  ...rest,
});
const send = (type: string, key: string, ...values: string[]) => {
  return { process: "p1", type, f: "send", value: values.map((value) => ({ key, value })) };
};
const final = (value: PolledRecords) => [
  poll("reader", {}, { type: "invoke", final: true }),
  poll("reader", value, { final: true }),
];

describe("what was delivered twice", () => {
  it("stands in the order of the first repetition, each value once", () => {
    const history = numbered([
      poll("c1", {
        "orders-0": [
          [0, "a"],
          [1, "b"],
          [2, "c"],
        ],
      }),
      poll("c1", { "orders-0": [[2, "c"]] }),
      poll("c1/2", {
        "orders-0": [
          [1, "b"],
          [2, "c"],
        ],
      }),
      poll("c1", { "orders-0": [[3, "d"]] }),
    ]);
    expect(deliveredTwice(history, "c1")).toEqual(["c", "b"]);
  });

  it("counts only what this consumer was given, by answered polls, per partition", () => {
    const history = numbered([
      poll("c1", { "orders-0": [[0, "a"]], "orders-1": [[0, "a"]] }),
      poll("c2", { "orders-0": [[0, "a"]] }),
      poll("c1", { "orders-0": [[0, "a"]] }, { type: "info" }),
      ...final({ "orders-0": [[0, "a"]] }),
    ]);
    expect(deliveredTwice(history, "c1")).toEqual([]);
  });
});

describe("what was acknowledged and lost", () => {
  it("is what an ok send told and the final read did not return", () => {
    const history = numbered([
      send("ok", "orders-0", "a", "b"),
      send("info", "orders-0", "c"),
      send("fail", "orders-0", "d"),
      send("ok", "orders-1", "x"),
      ...final({ "orders-0": [[0, "b"]] }),
    ]);
    expect(acknowledgedLost(history, "orders-0", 4)).toEqual(["a"]);
    expect(acknowledgedLost(history, "orders-1", 4)).toEqual(["x"]);
  });

  it("is judged by this final read alone, over what was acknowledged before it", () => {
    const history = numbered([
      send("ok", "orders-0", "a"),
      ...final({ "orders-0": [[0, "a"]] }),
      send("ok", "orders-0", "b"),
      poll("c1", { "orders-0": [[0, "a"]] }),
      ...final({}),
      send("ok", "orders-0", "c"),
    ]);
    expect(acknowledgedLost(history, "orders-0", 1)).toEqual([]);
    expect(acknowledgedLost(history, "orders-0", 5)).toEqual(["a", "b"]);
  });
});
