import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { replay } from "../../explore/replay.ts";
import { search } from "../../explore/search.ts";
import type { SearchOptions, SearchProgress } from "../../explore/search-options.ts";
import type { System } from "../../explore/system.ts";
import { naiveSearch } from "./naive-search.ts";
import { counters, philosophers, pingPong } from "./part-systems.ts";
import { invariantsOf, randomSystem, systemOf } from "./random-system.ts";
import { ambiguous, fuse, mutex } from "./systems.ts";

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** The system as if it had no parts. */
function plain<State, Choice>({ initial, enabled, apply, label }: System<State, Choice>): System<State, Choice> {
  return { initial, enabled, apply, label };
}

/** No counter may stand at `value` while another does. */
const apart = (slots: number, value: number) => ({
  name: "apart",
  checks: Array.from({ length: slots - 1 }, (_, slot) => (read: (slot: number) => unknown) => {
    return read(slot) !== value || read(slot + 1) !== value;
  }),
});

describe("search", () => {
  it("finds every state of three counters", () => {
    const { end, states, transitions, levels, queued, deadlocks, deadlock, invariants } = search(
      counters(["a", "b", "c"], 4),
    );
    expect([end, states, transitions, queued, deadlocks]).toEqual(["complete", 125, 300, 0, 1]);
    // The coefficients of (1 + x + x^2 + x^3 + x^4)^3.
    expect(levels).toEqual([1, 3, 6, 10, 15, 18, 19, 18, 15, 10, 6, 3, 1]);
    expect(deadlock?.state).toEqual({ a: 4, b: 4, c: 4 });
    expect(deadlock?.labels).toHaveLength(12);
    expect(invariants).toEqual([]);
  });

  it.each([
    [2, 6],
    [3, 14],
    [5, 82],
    [8, 1154],
  ])("finds the tables of %d philosophers, whose numbers are the Pell-Lucas numbers", (count, states) => {
    const result = search(philosophers(count));
    expect([result.end, result.states, result.deadlocks]).toEqual(["complete", states, 1]);
    expect(result.deadlock?.labels).toHaveLength(count);
    expect(result.deadlock?.state.philosophers).toEqual(Array(count).fill("hungry"));
  });

  it("counts, level by level, what a naive search counts", () => {
    const equal = (system: System<unknown, unknown>) => {
      const { levels, transitions, deadlocks, states } = search(system);
      const naive = naiveSearch(system);
      expect({ levels, transitions, deadlocks }).toEqual({
        levels: naive.levels,
        transitions: naive.transitions,
        deadlocks: naive.deadlocks,
      });
      expect(states).toBe(sum(naive.levels));
    };
    equal(pingPong(3, 2));
    equal(philosophers(6));
    equal(mutex());
    equal(fuse(40));
    equal(plain(pingPong(2, 2)));
  });

  it("agrees with a naive search on random systems, with parts and without, checked and unchecked, forgetful or not", () => {
    fc.assert(
      fc.property(
        randomSystem,
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom(0, 2 ** 29),
        (random, withParts, checked, memoBytes) => {
          const system = systemOf(random);
          const checks = invariantsOf(random);
          const naive = naiveSearch(
            system,
            checks.map((invariant) => (state) => invariant.checks.every((check) => check((slot) => state[slot]))),
          );
          const invariants = withParts ? checks : checks.map(ofWholeState);
          const found = search(withParts ? system : plain(system), {
            invariants,
            onViolation: "go on",
            checked,
            memoBytes,
          });
          expect(found.levels).toEqual(naive.levels);
          expect([found.end, found.transitions, found.deadlocks]).toEqual([
            "complete",
            naive.transitions,
            naive.deadlocks,
          ]);
          expect(found.deadlock?.labels.length ?? -1).toBe(naive.toDeadlock);
          for (const [index, { count, nearest }] of naive.violations.entries()) {
            const { verdict, violations, first } = found.invariants[index] ?? {};
            expect([verdict, violations]).toEqual([count > 0 ? "violated" : "holds", count]);
            expect(first?.labels.length ?? -1).toBe(nearest);
            if (first === null || first === undefined) continue;
            expect(replay(system, first.labels, { mode: "strict" })).toMatchObject({ state: first.state });
            expect(checks[index]?.checks.every((check) => check((slot) => first.state[slot]))).toBe(false);
          }
        },
      ),
      { numRuns: 400, seed: 4 },
    );
  });

  it("keeps its counts when its tables grow many times", () => {
    const system = counters(["a", "b"], 299);
    const { states, transitions, levels, invariants } = search(system, { invariants: [apart(2, 250)] });
    expect([states, invariants[0]?.verdict]).not.toEqual([90_000, "holds"]);
    const all = search(system, { invariants: [apart(2, 250)], onViolation: "go on" });
    expect([all.states, all.transitions, all.levels.length]).toEqual([90_000, 2 * 299 * 300, 599]);
    expect(all.invariants[0]).toMatchObject({
      verdict: "violated",
      violations: 1,
      first: { state: { a: 250, b: 250 } },
    });
    expect(levels).toHaveLength(501);
    expect(transitions).toBeLessThan(all.transitions);
  });

  it("forgets, and finds the same in the same order", () => {
    const system = plain(counters(["a", "b"], 149));
    const { bytes, ...found } = search(system);
    const { bytes: little, ...again } = search(system, { memoBytes: 400_000 });
    expect(again).toEqual(found);
    expect(found.states).toBe(22_500);
    expect(bytes.memo).toBeGreaterThan(4_000_000);
    // A batch is at most 2048 states; then it is time to forget.
    expect(little.memo).toBeLessThan(2_000_000);
  });

  describe("ends", () => {
    const system = counters(["a", "b", "c"], 4);

    it("at the first violation, with a shortest story, and says nothing of what it did not see", () => {
      const never = { name: "never", checks: [() => false] };
      const late = { name: "late", checks: [(read: (slot: number) => unknown) => read(0) !== 4 || read(1) === 0] };
      const { end, invariants, levels, states, queued } = search(system, { invariants: [apart(3, 2), late] });
      expect(end).toBe("violation");
      expect(invariants[0]).toMatchObject({ verdict: "violated", violations: 1 });
      expect(invariants[0]?.first?.labels).toHaveLength(4);
      expect(invariants[1]).toEqual({ name: "late", verdict: "inconclusive", violations: 0, first: null });
      expect(levels.slice(0, 4)).toEqual([1, 3, 6, 10]);
      expect(sum(levels)).toBe(states);
      expect(queued).toBeGreaterThan(0);
      const atOnce = search(system, { invariants: [never] });
      expect(atOnce).toMatchObject({ end: "violation", states: 1, transitions: 0, queued: 1 });
      expect(atOnce.invariants[0]?.first).toEqual({ labels: [], state: { a: 0, b: 0, c: 0 } });
    });

    it("at a number of states", () => {
      for (const maxStates of [1, 2, 10, 60, 124]) {
        const { end, states, levels, queued } = search(system, { maxStates, invariants: [apart(3, 9)] });
        expect([end, states, sum(levels)]).toEqual(["maxStates", maxStates, maxStates]);
        expect(queued).toBeGreaterThan(0);
      }
      expect(search(system, { maxStates: 125 })).toMatchObject({ end: "complete", states: 125, queued: 0 });
      const invariants = [apart(3, 9)];
      expect(search(system, { maxStates: 124, invariants }).invariants[0]?.verdict).toBe("inconclusive");
      expect(search(system, { maxStates: 125, invariants }).invariants[0]?.verdict).toBe("holds");
    });

    it("at a depth, with the states there checked", () => {
      const { end, levels, transitions, queued, invariants } = search(system, {
        maxDepth: 4,
        invariants: [apart(3, 2)],
        onViolation: "go on",
      });
      expect([end, levels, queued]).toEqual(["maxDepth", [1, 3, 6, 10, 15], 15]);
      expect(transitions).toBe(3 * (1 + 3 + 6 + 10));
      expect(invariants[0]).toMatchObject({ verdict: "violated", violations: 2 });
      expect(search(system, { maxDepth: 0 })).toMatchObject({ end: "maxDepth", states: 1 });
      expect(search(system, { maxDepth: 13 }).end).toBe("complete");
      // What follows the last level was not looked at, so nobody knows that nothing does.
      expect(search(system, { maxDepth: 12 }).end).toBe("maxDepth");
    });

    it("when memory would run out", () => {
      const large = counters(["a", "b"], 999);
      const { end, states, bytes } = search(large, { maxBytes: 3_000_000 });
      expect(end).toBe("maxBytes");
      expect(states).toBeGreaterThan(10_000);
      expect(bytes.states + bytes.queue + bytes.memo).toBeLessThan(3_000_000);
      expect(search(large, { maxBytes: 0 })).toMatchObject({ end: "maxBytes", states: 1 });
      expect(search(system, { maxBytes: 3_000_000 }).end).toBe("complete");
    });

    it("when it is told to, and tells how far it is", () => {
      const told: SearchProgress[] = [];
      const stopAt = (count: number): SearchOptions => ({
        onProgress(progress) {
          told.push(progress);
          return told.length === count ? "stop" : undefined;
        },
      });
      const { end, states, queued, transitions } = search(counters(["a", "b"], 999), stopAt(40));
      expect(end).toBe("stopped");
      expect(told).toHaveLength(40);
      expect(told.at(-1)).toMatchObject({ states, queued, transitions });
      expect(told[0]).toMatchObject({ states: 1, transitions: 0, depth: 0, queued: 1 });
      expect(told.map((progress) => progress.states)).toEqual(
        told.map((progress) => progress.states).toSorted((a, b) => a - b),
      );
      expect(search(system, stopAt(-1)).end).toBe("complete");
    });
  });

  it("gives the same result every time, and the same story", () => {
    const once = () => search(pingPong(3, 2), { invariants: [apart(4, 2)], onViolation: "go on" });
    expect(once()).toEqual(once());
    expect(once().invariants[0]?.first).not.toBeNull();
  });

  it("takes few bytes a state and states the odds of a collision", () => {
    const { bytes, states, collisionOdds } = search(counters(["a", "b", "c"], 69));
    expect(states).toBe(343_000);
    expect(bytes.states / states).toBeLessThan(40);
    expect(collisionOdds).toBeCloseTo((343_000 * 342_999) / 2 ** 65, 12);
  });

  it("tells a story to a system with ambiguous labels only if it can", () => {
    expect(search(ambiguous(), { maxStates: 5 }).states).toBe(5);
    const invariants = [{ name: "small", checks: [(read: (slot: number) => unknown) => (read(0) as number) < 4] }];
    expect(() => search(ambiguous(), { invariants })).toThrow(expect.objectContaining({ code: "E_DUPLICATE_LABEL" }));
  });

  it.each<SearchOptions>([{ maxStates: 0 }, { maxStates: 1.5 }, { maxDepth: -1 }, { maxBytes: Number.NaN }])(
    "refuses the limit %j",
    (limit) => {
      expect(() => search(fuse(3), limit)).toThrow(expect.objectContaining({ code: "E_NUMBER" }));
      expect(() => search(fuse(3), limit)).toThrow(Object.keys(limit)[0]);
    },
  );
});

/** An invariant over slots as one over the single slot of a system without parts. */
function ofWholeState({ name, checks }: ReturnType<typeof invariantsOf>[number]) {
  return {
    name,
    checks: checks.map((check) => (read: (slot: number) => unknown) => {
      const state = read(0) as readonly unknown[];
      return check((slot) => state[slot]);
    }),
  };
}
