import { describe, expect, it } from "vitest";
import { compareRuns } from "../../../conformance/differential/compare-runs.ts";
import { type DifferentialRow, differentialPage, unexplained } from "../../../conformance/differential/differential.ts";
import type { HistoryOperation } from "../../../spec/history/format.ts";

type Short = readonly [
  process: string,
  type: "invoke" | "ok" | "fail" | "info",
  f: HistoryOperation["f"],
  value: unknown,
  extra?: object,
];

function history(...operations: readonly Short[]): readonly HistoryOperation[] {
  return operations.map(([process, type, f, value, extra = {}], index) => {
    return { index, time_ns: index, process, type, f, value, ...extra } as HistoryOperation;
  });
}

const sent: Short = ["p", "ok", "send", [{ key: "t-0", value: "a", offset: 0 }]];
const read: Short = ["c", "ok", "poll", { "t-0": [[0, "a"]] }];

describe("two runs of one scenario", () => {
  it("are alike whatever the order between clients, the times and the final reads", () => {
    const model = history(sent, read);
    const real = history(["c", "invoke", "poll", {}], read, sent, ["final-reader", "ok", "poll", {}, { final: true }]);
    expect(compareRuns(model, real)).toEqual({ answers: 2, difference: null });
  });

  it("differ by the first answer that does", () => {
    const other: Short = ["c", "ok", "poll", {}];
    const { difference } = compareRuns(history(sent, read), history(sent, other));
    expect(difference).toBe(
      'c, answer 1: model {"f":"poll","type":"ok","value":{"t-0":[[0,"a"]]},"error":null}, Kafka {"f":"poll","type":"ok","value":{},"error":null}',
    );
  });

  it("differ by an answer that never came, and by an error", () => {
    expect(compareRuns(history(sent), history()).difference).toContain("Kafka null");
    const failed: Short = ["p", "fail", "send", [{ key: "t-0", value: "a" }], { error: "X" }];
    expect(
      compareRuns(history(failed), history(["p", "fail", "send", [{ key: "t-0", value: "a" }], { error: "Y" }]))
        .difference,
    ).toContain('"error":"Y"');
  });

  it("are not compared by what a client does of its own accord", () => {
    const own: Short = ["c/auto-commit", "ok", "commit", { group: "g", offsets: {} }];
    expect(compareRuns(history(sent, own), history(sent))).toEqual({ answers: 1, difference: null });
  });
});

describe("the page of the differential", () => {
  const row: DifferentialRow = {
    file: "scenarios/a/b.yaml",
    model: "passed",
    real: "passed",
    answers: 3,
    difference: null,
    explanation: null,
  };
  const rows: readonly DifferentialRow[] = [
    row,
    { ...row, file: "scenarios/a/c.yaml", real: "failed", difference: "x | y", explanation: "because" },
    { ...row, file: "scenarios/a/d.yaml", real: null, difference: "not played", explanation: "no clock" },
  ];

  it("has every row in one of three tables", () => {
    const page = differentialPage(rows, "4.3.1");
    expect(page).toContain("| a/b | passed | 3 |");
    expect(page).toContain("| a/c | passed | failed | x \\| y | because |");
    expect(page).toContain("| a/d | no clock |");
    expect(page).toContain("3 scenarios: 2 were played on both, 1 of them");
  });

  it("names what nobody explains", () => {
    const open = { ...row, real: "failed", difference: "z", explanation: null };
    expect(unexplained(rows)).toEqual([]);
    expect(unexplained([...rows, open])).toEqual([open]);
  });
});
