/** Both random searches: what they find is there, and what a guided one has finished is all that there is. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { guidedWalk } from "../../explore/guided-walk.ts";
import { replay } from "../../explore/replay.ts";
import { search } from "../../explore/search.ts";
import type { System } from "../../explore/system.ts";
import { uniformWalk } from "../../explore/uniform-walk.ts";
import { counters, philosophers, pingPong } from "./part-systems.ts";
import { invariantsOf, randomSystem, systemOf } from "./random-system.ts";
import { fuse } from "./systems.ts";

const walks = [
  { name: "guidedWalk", walk: guidedWalk },
  { name: "uniformWalk", walk: uniformWalk },
] as const;

/** The system as if it had no parts. */
function plain<State, Choice>({ initial, enabled, apply, label }: System<State, Choice>): System<State, Choice> {
  return { initial, enabled, apply, label };
}

/** Counts up, or starts a new line, forever: no state comes twice. */
const endless: System<{ line: number; column: number }, "on" | "down"> = {
  initial: () => ({ line: 0, column: 0 }),
  enabled: () => ["on", "down"],
  apply: ({ line, column }, choice) => (choice === "on" ? { line, column: column + 1 } : { line: line + 1, column: 0 }),
  label: (choice) => choice,
};

const never = { name: "never", checks: [() => false] };
/** The first counter stays below 4. */
const low = { name: "low", checks: [(read: (slot: number) => unknown) => read(0) !== 4] };

describe.each(walks)("$name", ({ walk }) => {
  it("tells a violation by labels that lead to it, with the invariant's name", () => {
    const system = counters(["a", "b", "c"], 4);
    for (let seed = 0; seed < 20; seed += 1) {
      const late = { name: "late", checks: [() => true, (read: (slot: number) => unknown) => read(1) !== 3] };
      const { end, transitions, states, violation } = walk(system, {
        seed,
        maxTransitions: 10_000,
        invariants: [{ name: "true", checks: [() => true] }, late],
      });
      expect(end).toBe("violation");
      expect(violation?.invariant).toBe("late");
      expect(violation?.labels.filter((label) => label === "raise b")).toHaveLength(3);
      expect(violation?.labels.at(-1)).toBe("raise b");
      expect(replay(system, violation?.labels ?? [], { mode: "strict" })).toMatchObject({
        outcome: "replayed",
        state: violation?.state ?? null,
      });
      expect(transitions).toBeGreaterThanOrEqual(violation?.labels.length ?? 0);
      expect(states).toBeLessThanOrEqual(transitions + 1);
    }
  });

  it("judges the initial state before any step", () => {
    expect(walk(counters(["a"], 3), { seed: 1, maxTransitions: 0, invariants: [never] })).toEqual({
      end: "violation",
      transitions: 0,
      states: 1,
      violation: { invariant: "never", labels: [], state: { a: 0 } },
    });
  });

  it("names the first invariant of several that fail together", () => {
    const invariants = [
      { ...low, name: "first" },
      { ...low, name: "second" },
    ];
    const { violation } = walk(counters(["a"], 4), { seed: 1, maxTransitions: 100, invariants });
    expect(violation).toEqual({ invariant: "first", labels: Array(4).fill("raise a"), state: { a: 4 } });
  });

  it("ends at its limit, when it is told to, and where nothing is enabled at all", () => {
    const system = philosophers(4);
    for (const maxTransitions of [0, 1, 17])
      expect(walk(system, { seed: 3, maxTransitions })).toMatchObject({
        end: "maxTransitions",
        transitions: maxTransitions,
      });
    let asked = 0;
    const shouldStop = () => {
      asked += 1;
      return asked > 9;
    };
    expect(walk(system, { seed: 3, maxTransitions: 99, shouldStop })).toMatchObject({ end: "stopped", transitions: 9 });
    expect(walk(fuse(0), { seed: 3, maxTransitions: 99 })).toEqual({
      end: "complete",
      transitions: 0,
      states: 1,
      violation: null,
    });
  });

  it("goes on where nothing ever repeats, in more than one run", () => {
    const { states, end } = walk(endless, { seed: 8, maxTransitions: 2000 });
    expect(end).toBe("maxTransitions");
    expect(states).toBeGreaterThan(200);
  });

  it("does the same for the same seed, and other things for another", () => {
    const told = (seed: number) =>
      walk(pingPong(9, 3), {
        seed,
        maxTransitions: 5000,
        invariants: [{ name: "low", checks: [(read) => read(2) !== 5] }],
      });
    expect(told(4)).toEqual(told(4));
    expect(new Set([1, 2, 3, 4].map((seed) => JSON.stringify(told(seed)))).size).toBe(4);
  });

  it("finds nothing but what an exhaustive search finds, with parts and without", () => {
    fc.assert(
      fc.property(randomSystem, fc.nat(0xffff), (random, seed) => {
        const invariants = invariantsOf(random);
        for (const system of [systemOf(random), plain(systemOf(random))]) {
          const own = "parts" in system ? invariants : [];
          const all = search(system, { invariants: own });
          const { end, violation, states } = walk(system, { seed, maxTransitions: 3000, invariants: own });
          expect(states).toBeLessThanOrEqual(search(system).states);
          if (end === "violation") expect(all.end).toBe("violation");
          const shortest = Math.min(
            ...all.invariants.map(({ first }) => first?.labels.length ?? Number.POSITIVE_INFINITY),
          );
          expect(violation?.labels.length ?? shortest).toBeGreaterThanOrEqual(shortest);
          const violated = own.find(({ name }) => name === violation?.invariant);
          const parts = violation?.state as readonly unknown[];
          expect(violated?.checks.every((check) => check((slot) => parts[slot])) ?? false).toBe(false);
        }
      }),
      { numRuns: 150, seed: 21 },
    );
  });

  it.each([{ seed: -1 }, { seed: 0.5 }, { seed: 2 ** 32 }])("refuses seed $seed", ({ seed }) => {
    expect(() => walk(fuse(1), { seed, maxTransitions: 1 })).toThrow("The seed is");
  });

  it.each([-1, 0.5, Number.NaN])("refuses a limit of %d", (maxTransitions) => {
    expect(() => walk(fuse(1), { seed: 1, maxTransitions })).toThrow(
      `maxTransitions is ${maxTransitions}; it must be a whole number from 0 on.`,
    );
  });
});

describe("a guided walk that nobody stops", () => {
  it("takes every step of every state once", () => {
    const equal = (system: System<unknown, unknown>, seed: number) => {
      const { states, transitions } = search(system);
      const found = guidedWalk(system, { seed, maxTransitions: 100_000 });
      expect(found).toEqual({ end: "complete", states, transitions, violation: null });
    };
    equal(counters(["a", "b", "c"], 4) as System<unknown, unknown>, 1);
    equal(philosophers(6) as System<unknown, unknown>, 2);
    equal(plain(philosophers(5)) as System<unknown, unknown>, 3);
    fc.assert(
      fc.property(randomSystem, fc.nat(0xffff), (random, seed) =>
        equal(systemOf(random) as System<unknown, unknown>, seed),
      ),
      { numRuns: 150, seed: 22 },
    );
  });

  it("comes upon a violation if there is one", () => {
    fc.assert(
      fc.property(randomSystem, fc.nat(0xffff), (random, seed) => {
        const invariants = invariantsOf(random);
        const { end } = search(systemOf(random), { invariants });
        expect(guidedWalk(systemOf(random), { seed, maxTransitions: 100_000, invariants }).end).toBe(end);
      }),
      { numRuns: 150, seed: 23 },
    );
  });
});

it("a uniform walk begins anew after a hundred steps", () => {
  const deep = { name: "deep", checks: [(read: (slot: number) => unknown) => (read(0) as number) > 0] };
  const at = (length: number) => uniformWalk(fuse(length), { seed: 1, maxTransitions: 1000, invariants: [deep] });
  expect(at(100)).toMatchObject({ end: "violation", transitions: 100 });
  expect(at(101)).toMatchObject({ end: "maxTransitions", states: 101 });
});
