import { describe, expect, it } from "vitest";
import type { LadderDesign } from "../../bench/ladder/ladder.ts";
import { createLadderSearch } from "../../bench/ladder/ladder-search.ts";
import { replicaPermutations } from "../../bench/ladder/replica-permutations.ts";
import { type PartPermutation, permuteParts } from "../../explore/part-permutation.ts";
import { replay } from "../../explore/replay.ts";
import { search } from "../../explore/search.ts";
import { counters, fromActions } from "./part-systems.ts";

const names = ["a", "b", "c"];
const keep = (_: number, value: unknown) => value;

/** Every order of three counters. */
const orders: readonly PartPermutation[] = [
  [0, 1, 2],
  [1, 0, 2],
  [0, 2, 1],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
].map((from) => ({ from, rename: keep }));

const sorted = {
  name: "sum",
  checks: [(read: (slot: number) => unknown) => names.some((_, slot) => read(slot) !== 3)],
};
const code = (wanted: string) => expect.objectContaining({ name: "ExploreError", code: wanted });

describe("a search with symmetry", () => {
  it("finds one of every orbit: multisets of three counters, which stand for all", () => {
    const { states, covered, levels, end, deadlock, invariants } = search(counters(names, 4), {
      symmetry: orders,
      invariants: [sorted],
      onViolation: "go on",
    });
    // 5 values, 3 at a time, with repetition: 7 over 3.
    expect([end, states, covered]).toEqual(["complete", 35, 125]);
    expect(levels).toHaveLength(13);
    expect(deadlock).toMatchObject({ state: { a: 4, b: 4, c: 4 } });
    expect(invariants[0]).toMatchObject({ violations: 1, first: { state: { a: 3, b: 3, c: 3 } } });
    expect(search(counters(names, 4)).covered).toBe(125);
  });

  it("is the same forgetful or not, and checked", () => {
    const { bytes, ...found } = search(counters(names, 6), { symmetry: orders });
    expect(bytes.memo).toBeGreaterThan(0);
    expect(search(counters(names, 6), { symmetry: orders, memoBytes: 0 })).toMatchObject(found);
    expect(search(counters(names, 6), { symmetry: orders, checked: true })).toMatchObject(found);
  });

  it.each<[LadderDesign, replicas: number, orbits: number, states: number]>([
    ["truncate to HW", 2, 626, 1251],
    ["KIP-101", 2, 589, 1177],
    ["KIP-279", 2, 589, 1177],
    ["KIP-320 first try", 2, 583, 1165],
    ["KIP-320", 2, 479, 957],
    ["truncate to HW", 3, 1823, 10_681],
    ["KIP-101", 3, 1682, 9841],
    ["KIP-279", 3, 1682, 9841],
    ["KIP-320 first try", 3, 1650, 9661],
    ["KIP-320", 3, 1165, 6787],
  ])("finds the orbits of %s with %d replicas: %d, of %d states in all", (design, replicas, orbits, states) => {
    const size = replicas === 2 ? 2 : 1;
    const bounds = { replicas, logSize: size, maxRecords: size, largestEpoch: 1 };
    const { system, invariants } = createLadderSearch({ design, bounds });
    const options = { invariants, onViolation: "go on" } as const;
    const full = search(system, options);
    const reduced = search(system, { ...options, symmetry: replicaPermutations(bounds) });
    expect([reduced.states, reduced.covered]).toEqual([orbits, states]);
    expect(full.states).toBe(states);
    expect(reduced.levels).toHaveLength(full.levels.length);
    for (const [index, { verdict, first }] of reduced.invariants.entries()) {
      expect(verdict).toBe(full.invariants[index]?.verdict);
      expect(first?.labels.length).toBe(full.invariants[index]?.first?.labels.length);
      if (first === null) continue;
      expect(replay(system, first.labels, { mode: "strict" })).toMatchObject({ state: first.state });
      const parts = system.parts?.split(first.state) ?? [];
      expect(invariants[index]?.checks.every((check) => check((slot) => parts[slot]))).toBe(false);
    }
  });

  it("adds up to the whole of KIP-320 with three replicas and three epochs", () => {
    const bounds = { replicas: 3, logSize: 1, maxRecords: 1, largestEpoch: 2 };
    const { system, invariants } = createLadderSearch({ design: "KIP-320", bounds });
    const { states, covered, end } = search(system, { invariants, symmetry: replicaPermutations(bounds) });
    expect([end, covered]).toEqual(["complete", 97_531]);
    expect(states).toBeLessThan(covered / 5);
  });

  it("refuses permutations that move the initial state", () => {
    const system = counters(names, 2);
    const moved = { ...system, initial: () => ({ a: 1, b: 0, c: 0 }) };
    expect(() => search(moved, { symmetry: orders })).toThrow(code("E_SYMMETRY"));
  });

  it.each([
    [[]],
    [[{ from: [0, 1], rename: keep }]],
    [[{ from: [0, 1, 1], rename: keep }]],
    [[{ from: [1, 2, 3], rename: keep }]],
  ])("refuses what is no permutation: %j", (symmetry) => {
    expect(() => search(counters(names, 2), { symmetry })).toThrow(code("E_SYMMETRY"));
  });

  describe("checked, finds declared permutations that are no symmetry", () => {
    const checked = (change: Partial<Parameters<typeof search>[1]>, limitOf = (_: string) => 3) => {
      const { parts, ...system } = counters(names, 9);
      const actions = parts.actions.map((action, slot) => ({
        ...action,
        successors: (read: (slot: number) => unknown) =>
          (read(slot) as number) < limitOf(names[slot] ?? "") ? action.successors(read) : [],
      }));
      const enabled = (state: Readonly<Record<string, number>>) =>
        names.filter((name) => (state[name] ?? 0) < limitOf(name));
      const searched = { ...system, enabled, parts: { ...parts, actions } };
      return () => search(searched, { checked: true, symmetry: orders, ...change });
    };

    it("none is wrong", () => {
      expect(checked({})().covered).toBe(64);
    });

    it("where an image leads elsewhere", () => {
      expect(checked({}, (name) => (name === "a" ? 2 : 3))).toThrow(code("E_SYMMETRY"));
    });

    it("where an image violates something else", () => {
      const first = { name: "first", checks: [(read: (slot: number) => unknown) => read(0) !== 2] };
      expect(checked({ invariants: [first], onViolation: "go on" })).toThrow(code("E_SYMMETRY"));
    });

    it("that are not closed under products", () => {
      const [identity, swapAB, swapBC] = orders as [PartPermutation, PartPermutation, PartPermutation];
      expect(checked({ symmetry: [identity, swapAB, swapBC] })).toThrow(code("E_SYMMETRY"));
      expect(permuteParts(["x", "y", "z"], swapBC)).toEqual(["x", "z", "y"]);
    });
  });

  it("cannot tell a story of what a state itself cannot do, but only an image of it", () => {
    const values = [1, 2, 3, 4, 5, 6, 7, 8];
    // It is the first counter that is raised, and only a raised second one would lead to 9.
    const system = fromActions(
      [0, 0],
      [
        {
          name: "raise",
          successors: (read) =>
            read(0) === 0 && read(1) === 0
              ? values.map((value, nth) => ({ choice: { action: "raise", nth }, writes: [[0, value]] }))
              : [],
        },
        {
          name: "leap",
          successors: (read) =>
            read(0) === 0 && read(1) !== 0 ? [{ choice: { action: "leap", nth: 0 }, writes: [[0, 9]] }] : [],
        },
      ],
    );
    const never = { name: "never", checks: [(read: (slot: number) => unknown) => read(0) !== 9 && read(1) !== 9] };
    const symmetry = [
      { from: [0, 1], rename: keep },
      { from: [1, 0], rename: keep },
    ];
    expect(search(system, { invariants: [never] }).invariants[0]?.verdict).toBe("holds");
    expect(() => search(system, { invariants: [never], symmetry })).toThrow(code("E_SYMMETRY"));
  });
});
