import { describe, expect, it } from "vitest";
import { lostCommits } from "../../../conformance/workload/lost-commits.ts";
import type { HistoryOperation } from "../../../spec/history/format.ts";

type Short = readonly [type: "ok" | "info" | "fail", f: HistoryOperation["f"], value: unknown];

function found(...operations: readonly Short[]) {
  const history = operations.map(([type, f, value], index) => {
    return { index, time_ns: index, process: "c", type, f, value } as HistoryOperation;
  });
  return lostCommits(history).map(({ name, offset, operations: shown }) => [name, offset, shown]);
}

const commit = (offset: number): Short => ["ok", "commit", { group: "g", offsets: { "t-0": offset } }];
const restart: Short = ["ok", "restart", null];
const read = (offset: number): Short => ["ok", "poll", { "t-0": [[offset, "v"]] }];

describe("lost commits", () => {
  it("are seen where reading begins before what was committed last", () => {
    expect(found(commit(2), commit(4), restart, read(2))).toEqual([["lost-commit", 2, [1, 3]]]);
  });

  it.each([
    ["it goes on where it was committed", [commit(4), restart, read(4)]],
    ["what lay there is gone", [commit(4), restart, read(9)]],
    ["it was not started again", [commit(4), read(0)]],
    ["its position was moved", [commit(4), restart, ["ok", "seek", { "t-0": 0 }] as const, read(0)]],
    ["it was assigned anew", [commit(4), restart, ["ok", "assign", { keys: ["t-0"] }] as const, read(0)]],
    [
      "a later commit may have gone back",
      [commit(4), ["info", "commit", { group: "g", offsets: { "t-0": 0 } }] as const, restart, read(0)],
    ],
    ["the commit had failed", [["fail", "commit", { group: "g", offsets: { "t-0": 4 } }] as const, restart, read(0)]],
    ["it had read on before", [commit(4), restart, read(4), read(0)]],
  ])("are none where %s", (_, operations) => {
    expect(found(...operations)).toEqual([]);
  });
});
