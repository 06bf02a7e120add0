/** The verdict on every history of the corpus, and what makes a history valid or unknown. */
import { describe, expect, it } from "vitest";
import { anomalies } from "../../../../spec/history/check/anomalies.ts";
import { createHistoryChecker } from "../../../../spec/history/check/history-checker.ts";
import { fullPromise, type HistoryContract } from "../../../../spec/history/check/history-contract.ts";
import type { HistoryOperation } from "../../../../spec/history/format.ts";
import { createHistoryReader } from "../../../../spec/history/read-history.ts";
import { writeHeader, writeOperation } from "../../../../spec/history/write-history.ts";
import { corpus } from "../corpus/corpus.ts";
import { historyOf } from "../corpus/notation.ts";

function judge(operations: readonly HistoryOperation[], contract: HistoryContract = fullPromise) {
  const checker = createHistoryChecker(contract);
  for (const operation of operations) checker.take(operation);
  return checker.verdict();
}

const cases = corpus();

describe("the corpus", () => {
  it.each(cases)("$expected: $anomaly, $title", ({ expected, anomaly, operations, contract }) => {
    const { valid, anomalies: found, allowed } = judge(operations, contract);
    const names = found.map(({ name }) => name);
    if (expected === "counts") {
      expect(names).toContain(anomaly);
      expect(valid).toBe(false);
    } else {
      expect(names).not.toContain(anomaly);
      const isAllowed = allowed.some(({ name, because }) => name === anomaly && because !== undefined);
      expect(isAllowed).toBe(expected === "allowed");
    }
    for (const { operations: witness } of [...found, ...allowed]) {
      expect(witness.length).toBeGreaterThan(0);
      expect(witness.filter((index) => operations[index] === undefined)).toEqual([]);
    }
  });

  it.each(anomalies.map(({ name }) => name))("has three histories of %s and as many near misses", (name) => {
    const own = cases.filter(({ anomaly }) => anomaly === name);
    const shown = own.filter(({ expected }) => expected !== "absent");
    expect(shown.length).toBeGreaterThanOrEqual(3);
    expect(own.filter(({ expected }) => expected === "absent").length).toBeGreaterThanOrEqual(3);
  });

  it("names no anomaly that is not in the table", () => {
    const known = anomalies.map(({ name }) => name);
    const found = cases.flatMap(({ operations, contract }) => {
      const { anomalies: counted, allowed } = judge(operations, contract);
      return [...counted, ...allowed].map(({ name }) => name);
    });
    expect([...new Set(found)].filter((name) => !known.includes(name))).toEqual([]);
    expect(cases.map(({ anomaly }) => anomaly).filter((name) => !known.includes(name))).toEqual([]);
  });

  it("is well formed, every history of it", () => {
    for (const { operations, title } of cases) {
      const reader = createHistoryReader();
      reader.push(writeHeader({ highwater: "history", version: 1, subject: "s", contract: {}, profile: "4.1" }));
      for (const operation of operations) expect(reader.push(writeOperation(operation)), title).toBeNull();
    }
  });
});

describe("a verdict", () => {
  it("is valid where everything was read to its end", () => {
    const { valid, reasons, evidence } = judge(historyOf("p1 send a-0 x@0 / r all a-0 0:x"));
    expect({ valid, reasons }).toEqual({ valid: true, reasons: [] });
    expect(evidence).toEqual({
      operations: 6,
      finalReads: 1,
      unreadKeys: [],
      unknownOutcomes: 0,
      faults: 0,
      unproven: 0,
      undelivered: 0,
    });
  });

  it("is unknown without a final read, with the keys that want it", () => {
    expect(judge(historyOf("p1 send a-0 x@0 / p1 send b-0 y@0 / r all a-0 0:x"))).toMatchObject({
      valid: "unknown",
      reasons: ["not read to the end after the last write: b-0"],
      evidence: { finalReads: 1, unreadKeys: ["b-0"] },
    });
  });

  it("is valid where final polls have reached every offset that was told, as Jepsen's do", () => {
    expect(judge(historyOf("p1 send a-0 x@0 y@1 / r final a-0 0:x 1:y")).valid).toBe(true);
    expect(judge(historyOf("p1 send a-0 x@0 y@1 / r final a-0 0:x")).valid).toBe("unknown");
  });

  it("is unknown where nothing was sent, and where a loss is not proven", () => {
    expect(judge([])).toMatchObject({ valid: "unknown", reasons: [expect.stringMatching(/nothing was written/)] });
    const half = judge(historyOf("p1 send a-0 x@0 y@1 / c1 poll a-0 1:y"));
    expect(half).toMatchObject({ valid: "unknown", evidence: { unproven: 1 } });
  });

  it("lets a proven anomaly beat evidence that is missing", () => {
    expect(judge(historyOf("p1 send a-0 x !fail / p1 send b-0 y@0 / c1 poll a-0 0:x"))).toMatchObject({
      valid: false,
      reasons: [],
    });
  });

  it("counts unknown outcomes, calls without an end among them, and faults", () => {
    const line = "p1 send a-0 x !info / <p2 send a-0 y / nemesis fault kill 1 / r all a-0";
    expect(judge(historyOf(line)).evidence).toMatchObject({ unknownOutcomes: 2, faults: 1 });
  });
});
