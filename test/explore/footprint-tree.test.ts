import { describe, expect, it } from "vitest";
import { type FootprintContext, FootprintTree } from "../../explore/footprint-tree.ts";
import { PartTable } from "../../explore/part-table.ts";
import type { Rule } from "../../explore/rule-run.ts";

const slots = ["a", "b", "c"];

function treeOf(successors: Rule["successors"]) {
  let runs = 0;
  const context: FootprintContext = { slots, parts: new PartTable(slots.length), footprints: 0 };
  const rule: Rule = {
    name: "rule",
    successors(read) {
      runs += 1;
      return successors(read);
    },
  };
  const tree = new FootprintTree(rule, context, (found) => found.map(({ writes }) => writes));
  const at = (...values: readonly number[]) =>
    tree.at(Int32Array.of(-1, ...values.map((value, slot) => context.parts.intern(slot, value))), 1);
  return { at, context, runs: () => runs };
}

describe("the footprints of a rule", () => {
  const { at, context, runs } = treeOf((read) => (read(1) === 0 ? [] : [{ writes: [[2, read(0)]] }]));

  it("are one where the rule reads the same, and it runs once for each", () => {
    const [held, again, zero, nought, other] = [at(4, 1, 0), at(4, 1, 9), at(4, 0, 0), at(5, 0, 3), at(5, 1, 3)];
    expect(again).toBe(held);
    expect(nought).toBe(zero);
    expect([held, zero, other].map(({ number }) => number)).toEqual([0, 1, 2]);
    expect([held, zero, other].map(({ outcomes }) => outcomes)).toEqual([[[[2, 4]]], [], [[[2, 5]]]]);
    expect([runs(), context.footprints]).toEqual([3, 3]);
  });

  it("is a single one for a rule that reads nothing", () => {
    const blind = treeOf(() => []);
    expect(blind.at(1, 2, 3)).toBe(blind.at(4, 5, 6));
    expect(blind.runs()).toBe(1);
  });

  it("are refused if the rule reads other slots, more or fewer than before", () => {
    const reading = (...plans: readonly (readonly number[])[]) => {
      let time = 0;
      return treeOf((read) => {
        for (const slot of plans[time] ?? []) read(slot);
        time += 1;
        return [];
      });
    };
    for (const [first, second] of [
      [
        [0, 1],
        [1, 0],
      ],
      [[0, 1], [0]],
      [
        [0, 1],
        [0, 2],
      ],
      [[0, 1], []],
    ] as const) {
      const { at: find } = reading(first, second);
      find(1, 1, 1);
      expect(() => find(1, 2, 1)).toThrow('"rule" once read other slots than now');
    }
    const longer = reading([0], [0, 1]);
    longer.at(1, 1, 1);
    longer.at(2, 1, 1);
    expect(() => treeOf((read) => [{ writes: [[3, read(0)]] }]).at(1, 1, 1)).toThrow('"rule" writes slot 3');
  });
});
