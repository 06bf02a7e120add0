import { describe, expect, it } from "vitest";
import { DecisionForest } from "../../explore/decision-forest.ts";
import { MoveTable } from "../../explore/move-table.ts";
import { OutcomeBuffer } from "../../explore/outcome-buffer.ts";
import { PartTable } from "../../explore/part-table.ts";
import type { Rule } from "../../explore/rule-run.ts";

/** A forest over `slots` slots of numbers, with what its rules lead to from a state: moves and values. */
function forestOf(slots: number, rules: readonly Rule[]) {
  const parts = new PartTable(slots);
  const names = Array.from({ length: slots }, (_, slot) => `slot ${slot}`);
  const forest = new DecisionForest(rules, names, parts, new MoveTable());
  const evaluate = (values: readonly number[]) => {
    const vector = Int32Array.from(values, (value, slot) => parts.intern(slot, value));
    const hash = (of: Int32Array): [low: number, high: number] => {
      let [low, high] = [0, 0];
      for (const part of of) {
        low ^= Number(parts.hashes[2 * part]);
        high ^= Number(parts.hashes[2 * part + 1]);
      }
      return [low, high];
    };
    const [low, high] = hash(vector);
    const out = new OutcomeBuffer();
    forest.evaluate(vector, 0, low, high, out);
    return Array.from({ length: out.count }, (_, index) => {
      const record = Number(out.records[index]);
      const next = vector.slice();
      forest.write(record, next, 0);
      expect([out.lows[index], out.highs[index]]).toEqual(hash(next));
      const { rule, nth } = forest.moveAt(record);
      return [rules[rule]?.name, nth, ...Array.from(next, (part) => parts.value(part))];
    });
  };
  return { forest, evaluate };
}

/** Raises `slot` if `guard` holds 1. */
function raise(name: string, guard: number, slot: number): Rule {
  return {
    name,
    successors: (read) => (read(guard) === 1 ? [{ writes: [[slot, (read(slot) as number) + 1]] }] : []),
  };
}

describe("DecisionForest", () => {
  it("runs a rule once for everything that it can read", () => {
    const { forest, evaluate } = forestOf(3, [raise("a", 0, 1)]);
    expect(evaluate([0, 5, 0])).toEqual([]);
    expect(evaluate([0, 6, 1])).toEqual([]);
    expect(forest.runs).toBe(1);
    expect(evaluate([1, 5, 0])).toEqual([["a", 0, 1, 6, 0]]);
    expect(evaluate([1, 5, 9])).toEqual([["a", 0, 1, 6, 9]]);
    expect(forest.runs).toBe(2);
    expect(evaluate([1, 6, 0])).toEqual([["a", 0, 1, 7, 0]]);
    expect(forest.runs).toBe(3);
  });

  it("runs rules that have read the same so far one by one only where they part", () => {
    const { forest, evaluate } = forestOf(3, [raise("a", 0, 1), raise("b", 0, 2), raise("c", 0, 1)]);
    evaluate([1, 1, 1]);
    expect(forest.runs).toBe(3);
    expect(evaluate([1, 1, 2]).toSorted()).toEqual([
      ["a", 0, 1, 2, 2],
      ["b", 0, 1, 1, 3],
      ["c", 0, 1, 2, 2],
    ]);
    expect(forest.runs).toBe(4);
    evaluate([1, 2, 2]);
    expect(forest.runs).toBe(6);
    evaluate([2, 7, 7]);
    expect(forest.runs).toBe(9);
  });

  it("keeps thousands of edges at a node, and nodes that move while others stand below them", () => {
    const { forest, evaluate } = forestOf(2, [raise("a", 0, 1), raise("b", 1, 0)]);
    for (let round = 0; round < 2; round += 1) {
      for (let n = 0; n < 3000; n += 1) expect(evaluate([1, n])).toContainEqual(["a", 0, 1, n + 1]);
      for (let n = 0; n < 3000; n += 1) expect(evaluate([n, 1])).toContainEqual(["b", 0, n + 1, 1]);
    }
    // a: 1 with every n, and every n that is not 1. b likewise.
    expect(forest.runs).toBe(2 * (3000 + 2999));
  });

  it("takes writes to slots that were not read, the last of several to one slot, and rules that read nothing", () => {
    const { evaluate } = forestOf(3, [
      {
        name: "resets",
        successors: () => [
          {
            writes: [
              [2, 0],
              [1, 0],
            ],
          },
          { writes: [] },
        ],
      },
      {
        name: "twice",
        successors: (read) => [
          {
            writes: [
              [0, read(0)],
              [1, 3],
              [1, 4],
              [2, 8],
            ],
          },
        ],
      },
      { name: "never", successors: () => [] },
    ]);
    for (const [a, b, c] of [
      [1, 1, 1],
      [2, 0, 0],
      [2, 4, 0],
      [1, 4, 8],
    ] as const) {
      expect(evaluate([a, b, c])).toEqual([
        ["resets", 0, a, 0, 0],
        ["resets", 1, a, b, c],
        ["twice", 0, a, 4, 8],
      ]);
    }
  });

  it("gives the outcomes of a state in one order, whatever it knew before", () => {
    const rules = [raise("a", 0, 1), raise("b", 1, 2), raise("c", 0, 2), raise("d", 2, 0)];
    const [fresh, old] = [forestOf(3, rules), forestOf(3, rules)];
    for (let n = 0; n < 27; n += 1) old.evaluate([n % 3, ((n / 3) % 3) | 0, (n / 9) | 0]);
    expect(old.evaluate([1, 1, 1])).toEqual(fresh.evaluate([1, 1, 1]));
    expect(old.evaluate([1, 1, 1])).toHaveLength(4);
  });

  it("has room for a state with any number of outcomes, and reads of any number of slots", () => {
    const many: Rule = {
      name: "many",
      successors: () => Array.from({ length: 20_000 }, (_, n) => ({ writes: [[0, n]] as const })),
    };
    const { evaluate } = forestOf(100, [
      many,
      ...Array.from({ length: 99 }, (_, slot) => raise(`${slot}`, slot, slot + 1)),
    ]);
    const outcomes = evaluate(Array(100).fill(1));
    expect(outcomes).toHaveLength(20_099);
    expect(outcomes[19_999]?.slice(0, 4)).toEqual(["many", 19_999, 19_999, 1]);
  });
});
