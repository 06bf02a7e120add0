import { describe, expect, it } from "vitest";
import { partAction, systemFromParts } from "../../explore/system-from-parts.ts";

/** Two counters; one action moves from the left to the right, the other adds to either. */
function pots(left: number) {
  return systemFromParts<readonly [number, number]>(() => [left, 0], {
    slots: ["left", "right"],
    split: (state) => state,
    join: ([one, other]) => [Number(one), Number(other)],
    actions: [
      partAction("move", (read) => {
        const there = Number(read(0));
        if (there === 0) return [];
        const right = Number(read(1));
        return [{ label: "move one", writes: [[0, there - 1] as const, [1, right + 1] as const] }];
      }),
      partAction("add", (read) => [
        { label: "add left", writes: [[0, Number(read(0)) + 1] as const] },
        { label: "add right", writes: [[1, Number(read(1)) + 1] as const] },
      ]),
    ],
  });
}

describe("systemFromParts", () => {
  it("enables the successors of all actions, in their order", () => {
    const system = pots(1);
    expect(system.enabled([1, 0]).map(system.label)).toEqual(["move one", "add left", "add right"]);
    expect(system.enabled([0, 7]).map(system.label)).toEqual(["add left", "add right"]);
    expect(system.enabled([1, 0])[0]).toEqual({ action: "move", label: "move one" });
  });

  it("applies all writes of the chosen successor and leaves the state as it was", () => {
    const system = pots(1);
    const state = Object.freeze([1, 0] as const);
    expect(system.enabled(state).map((choice) => system.apply(state, choice))).toEqual([
      [0, 1],
      [2, 0],
      [1, 1],
    ]);
    expect(state).toEqual([1, 0]);
  });

  it.each([
    ["that its action does not offer", { action: "move", label: "move one" }],
    ["of an unknown action", { action: "take", label: "take one" }],
    ["with a label of another action", { action: "move", label: "add left" }],
  ])("refuses a choice %s", (_, choice) => {
    expect(() => pots(0).apply([0, 0], choice)).toThrow(expect.objectContaining({ code: "E_CHOICE_NOT_ENABLED" }));
  });
});
