import { describe, expect, it } from "vitest";
import { contradictions } from "../../../conformance/workload/contradictions.ts";
import type { HistoryOperation } from "../../../spec/history/format.ts";

type Short = readonly [process: string, type: "invoke" | "ok" | "fail" | "info", f: "send" | "poll", value: unknown];

function history(...operations: readonly Short[]): readonly HistoryOperation[] {
  return operations.map(([process, type, f, value], index) => {
    return { index, time_ns: index, process, type, f, value } as HistoryOperation;
  });
}

const sent = (value: string, offset?: number) => [{ key: "t-0", value, ...(offset === undefined ? {} : { offset }) }];
const polled = (...records: readonly (readonly [number, string])[]) => ({ "t-0": records });
const namesIn = (...operations: readonly Short[]) =>
  contradictions(history(...operations)).map(({ name, operations: shown }) => [name, shown]);

describe("contradictions of a history", () => {
  it("finds nothing where everything is read where it was acknowledged", () => {
    expect(
      namesIn(
        ["p", "invoke", "send", sent("a")],
        ["p", "ok", "send", sent("a", 0)],
        ["c", "invoke", "poll", {}],
        ["c", "ok", "poll", polled([0, "a"])],
      ),
    ).toEqual([]);
  });

  it("names two values at one offset, by an acknowledgement and a poll", () => {
    expect(
      namesIn(
        ["p", "invoke", "send", sent("a")],
        ["p", "ok", "send", sent("a", 0)],
        ["p", "invoke", "send", sent("b")],
        ["p", "info", "send", sent("b", 0)],
        ["c", "ok", "poll", polled([0, "b"])],
      ),
    ).toEqual([["inconsistent-offsets", [1, 4]]]);
  });

  it("does not believe an offset that stands beside an error", () => {
    expect(
      namesIn(
        ["p", "invoke", "send", sent("a")],
        ["p", "info", "send", sent("a", 5)],
        ["p", "invoke", "send", sent("b")],
        ["p", "ok", "send", sent("b", 5)],
      ),
    ).toEqual([]);
  });

  it("names a value that nobody has sent to that key", () => {
    expect(
      namesIn(["p", "invoke", "send", [{ key: "t-1", value: "a" }]], ["c", "ok", "poll", polled([0, "a"])]),
    ).toEqual([["phantom-read", [1]]]);
  });

  it("names a value whose send had failed, but not one of unknown end", () => {
    const read: Short = ["c", "ok", "poll", polled([0, "a"])];
    expect(namesIn(["p", "invoke", "send", sent("a")], ["p", "fail", "send", sent("a")], read)).toEqual([
      ["G1a", [1, 2]],
    ]);
    expect(namesIn(["p", "invoke", "send", sent("a")], ["p", "info", "send", sent("a")], read)).toEqual([]);
  });

  it("names each once", () => {
    const read: Short = ["c", "ok", "poll", polled([0, "x"])];
    expect(namesIn(read, read, read)).toEqual([["phantom-read", [0]]]);
  });
});
