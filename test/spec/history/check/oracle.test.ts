/** The checker against the oracle, on random small histories and on valid ones that were spoilt. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHistoryChecker, type Found } from "../../../../spec/history/check/history-checker.ts";
import { fullPromise } from "../../../../spec/history/check/history-contract.ts";
import type { HistoryOperation } from "../../../../spec/history/format.ts";
import { createHistoryReader, readHistory } from "../../../../spec/history/read-history.ts";
import { writeHeader, writeOperation } from "../../../../spec/history/write-history.ts";
import { historyOf } from "../corpus/notation.ts";
import { smallHistories } from "../judge/small-histories.ts";
import { askOracle } from "./oracle.ts";

/** What the oracle speaks of; the other anomalies have tests of their own. */
const spoken = [
  ...["inconsistent-offsets", "duplicate", "acknowledged-offset-differs", "phantom-read", "corrupted-read", "G1a"],
  ...["lost-write", "unseen", "lost-after-read", "torn-transaction", "precommitted-read"],
  ...["int-nonmonotonic-poll", "nonmonotonic-poll", "G1c-realtime"],
];

function judge(operations: readonly HistoryOperation[]) {
  const checker = createHistoryChecker(fullPromise);
  for (const operation of operations) checker.take(operation);
  return checker.verdict();
}

function inOraclesWords(history: readonly HistoryOperation[], found: Found): string {
  const { name, key, value, offset, operations } = found;
  if (name === "inconsistent-offsets") return `${name} ${key} ${offset}`;
  if (name === "torn-transaction")
    return `${name} ${operations.find((at) => history[at]?.f === "txn" && history[at].type === "invoke")}`;
  if (name.endsWith("nonmonotonic-poll")) return `${name} ${operations.at(-1)} ${key}`;
  return `${name} ${key} ${value}`;
}

/** Two consumers and a final reader read what two producers sent: all of it is legal. */
const validHistories: fc.Arbitrary<readonly HistoryOperation[]> = fc
  .record({
    sends: fc.array(fc.record({ producer: fc.nat(1), key: fc.nat(1), count: fc.integer({ min: 1, max: 3 }) }), {
      minLength: 1,
      maxLength: 6,
    }),
    polls: fc.array(fc.record({ consumer: fc.nat(1), after: fc.nat(6), upTo: fc.nat(6) }), { maxLength: 5 }),
  })
  .map(({ sends, polls }) => {
    const log: string[][] = [[], []];
    const position = new Map<string, number>();
    const steps: string[] = [];
    sends.forEach(({ producer, key, count }, number) => {
      const values = Array.from({ length: count }, (_, place) => `v${number}${"abc"[place]}`);
      const told = values.map((value, place) => `${value}@${(log[key]?.length ?? 0) + place}`);
      log[key]?.push(...values);
      steps.push(`p${producer} send k-${key} ${told.join(" ")}`);
      for (const { consumer, upTo } of polls.filter(({ after }) => after === number)) {
        const place = `${consumer} ${key}`;
        const from = position.get(place) ?? 0;
        const seen = (log[key] ?? []).slice(from, from + upTo).map((value, at) => `${from + at}:${value}`);
        position.set(place, from + seen.length);
        steps.push(`c${consumer} poll k-${key} ${seen.join(" ")}`.trim());
      }
    });
    const all = log.map((values, key) => `k-${key} ${values.map((value, at) => `${at}:${value}`).join(" ")}`.trim());
    return historyOf([...steps, `r all ${all.join(", ")}`].join(" / "));
  });

describe("the checker", () => {
  it("finds what the oracle finds, and nothing else", () => {
    const counts = new Map<string, number>();
    fc.assert(
      fc.property(smallHistories, (operations) => {
        const { anomalies, allowed, evidence } = judge(operations);
        // A loss that is not proven is the oracle's too: the checker keeps it apart.
        const checker = new Set(
          [...anomalies, ...allowed]
            .filter(({ name, value }) => spoken.includes(name) && (name !== "G1c-realtime" || value !== undefined))
            .map((one) => inOraclesWords(operations, one)),
        );
        const oracle = askOracle(operations);
        const unproven = (one: string) => evidence.unproven > 0 && /^(?:lost-write|torn-transaction)/.test(one);
        const missing = oracle.filter((one) => !checker.has(one) && !unproven(one));
        const surplus = [...checker].filter((one) => !oracle.includes(one));
        expect({ missing, surplus }).toEqual({ missing: [], surplus: [] });
        for (const one of oracle) {
          const [name = ""] = one.split(" ");
          counts.set(name, (counts.get(name) ?? 0) + 1);
        }
      }),
      { numRuns: 2000, seed: 61 },
    );
    const rare = spoken.filter((name) => (counts.get(name) ?? 0) < 5);
    expect(rare).toEqual(["precommitted-read"]);
  });

  it("finds nothing in histories that are right", () => {
    fc.assert(
      fc.property(validHistories, (operations) => {
        expect(judge(operations)).toMatchObject({ valid: true, anomalies: [] });
      }),
      { numRuns: 500, seed: 62 },
    );
  });

  it("never calls a spoilt history valid that the oracle finds fault with, and never crashes", () => {
    let faulty = 0;
    const spoilt = fc.tuple(
      validHistories,
      fc.array(fc.tuple(fc.nat(), fc.nat(4), fc.nat(9)), { minLength: 1, maxLength: 3 }),
    );
    fc.assert(
      fc.property(spoilt, ([operations, changes]) => {
        const changed = changes.reduce(spoil, operations);
        const { valid } = judge(changed);
        if (askOracle(changed).length === 0) return;
        faulty += 1;
        expect(valid).toBe(false);
      }),
      { numRuns: 2000, seed: 63 },
    );
    expect(faulty).toBeGreaterThan(500);
  });

  it("is never reached by a file that was spoilt beyond its format: the reader refuses it or reads it", () => {
    const header = writeHeader({ highwater: "history", version: 1, subject: "s", contract: {}, profile: "4.1" });
    const edits = fc.array(fc.tuple(fc.nat(), fc.constantFrom("", "\n", "{", '"', "9", "k-0", "null", "\u0000")), {
      minLength: 1,
      maxLength: 4,
    });
    let refused = 0;
    fc.assert(
      fc.property(validHistories, edits, (operations, changes) => {
        let text = [header, ...operations.map(writeOperation)].join("\n");
        for (const [at, put] of changes) {
          const place = at % text.length;
          text = text.slice(0, place) + put + text.slice(place + 1);
        }
        const read = readHistory(text);
        if (!read.ok) {
          refused += 1;
          expect(read.errors[0]?.line).toBeGreaterThan(0);
        } else if (askOracle(read.operations).length > 0) expect(judge(read.operations).valid).not.toBe(true);
      }),
      { numRuns: 1000, seed: 64 },
    );
    expect(refused).toBeGreaterThan(300);
    expect(createHistoryReader().push("\u0000\u0001")).not.toBeNull();
  });
});

/** One completion is made to say something else. */
function spoil(operations: readonly HistoryOperation[], [at, kind, amount]: readonly [number, number, number]) {
  const places = operations.flatMap(({ type, f }, place) =>
    type === "ok" && (f === "poll" || f === "send") ? [place] : [],
  );
  const target = places[at % places.length];
  return operations.map((operation, place): HistoryOperation => {
    if (place !== target) return operation;
    if (operation.f === "send") {
      if (kind === 0) return { ...operation, type: "fail" };
      return { ...operation, value: operation.value.map((record) => ({ ...record, offset: amount })) };
    }
    if (operation.f !== "poll") return operation;
    const value = Object.fromEntries(
      Object.entries(operation.value).map(([key, records]) => {
        const changed = records.flatMap((record, number) => {
          if (number !== amount % records.length) return [record];
          if (kind === 1) return [];
          if (kind === 2) return [record, record];
          if (kind === 3) return [[record[0], "vx"] as const];
          return [[amount, record[1]] as const];
        });
        return [key, changed];
      }),
    );
    return { ...operation, value };
  });
}
