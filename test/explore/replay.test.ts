import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../explore/canonical-json.ts";
import { replay } from "../../explore/replay.ts";
import type { System } from "../../explore/system.ts";
import { createTraceHash } from "../../explore/trace-hash.ts";
import { ambiguous, counter, fuse, mutex, record } from "./systems.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

/** Replays and hashes what happens. */
function strictly<State, Choice>(system: System<State, Choice>, labels: readonly string[]) {
  const hash = createTraceHash();
  const onStep = (_state: State, _choice: Choice, label: string, next: State) => hash.step(label, canonicalJson(next));
  return { result: replay(system, labels, { mode: "strict", onStep }), hash: hash.digest() };
}

function leniently<State, Choice>(system: System<State, Choice>, labels: readonly string[]) {
  const hash = createTraceHash();
  const onStep = (_state: State, _choice: Choice, label: string, next: State) => hash.step(label, canonicalJson(next));
  return { result: replay(system, labels, { mode: "lenient", onStep }), hash: hash.digest() };
}

/** Is `part` what is left of `whole` after deletions? */
function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let found = 0;
  for (const label of whole) if (found < part.length && part[found] === label) found += 1;
  return found === part.length;
}

describe("strict replay", () => {
  it("of any random walk leads to the same state, by the same steps, with the same hash", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 60 }), (seed, maxSteps) => {
        for (const system of [mutex(), counter(3), fuse(20)] as System<unknown, unknown>[]) {
          const { labels, state, hash } = record(system, seed, maxSteps);
          const again = strictly(system, labels);
          expect(again).toEqual({ result: { outcome: "replayed", state, labels }, hash });
        }
      }),
      { numRuns: 100, seed: 4 },
    );
  });

  it("stops at the first label that is not enabled and says what was", () => {
    const told: string[] = [];
    const labels = [
      "a becomes waiting",
      "b becomes waiting",
      "a becomes critical",
      "b becomes critical",
      "b becomes idle",
    ];
    const result = replay(mutex(), labels, { mode: "strict", onStep: (_s, _c, label) => told.push(label) });
    expect(result).toEqual({
      outcome: "stuck",
      at: 3,
      label: "b becomes critical",
      enabled: ["a becomes idle"],
      state: { a: "critical", b: "waiting" },
    });
    expect(told).toEqual(labels.slice(0, 3));
  });

  it("is stuck at once at a label that nobody knows, and in a deadlock", () => {
    const enabled = ["a becomes waiting", "b becomes waiting"];
    const state = { a: "idle", b: "idle" };
    const unknown = replay(mutex(), ["a becomes rich"], { mode: "strict" });
    expect(unknown).toEqual({ outcome: "stuck", at: 0, label: "a becomes rich", enabled, state });
    const dead = replay(fuse(1), ["burn", "burn"], { mode: "strict" });
    expect(dead).toEqual({ outcome: "stuck", at: 1, label: "burn", enabled: [], state: 0 });
  });

  it("tells onStep of every step: where it began, what was chosen, where it led", () => {
    const told: unknown[] = [];
    const onStep = (...step: unknown[]) => told.push(step);
    replay(counter(2), ["up", "up", "down"], { mode: "strict", onStep });
    const steps = [
      [0, 1, "up", 1],
      [1, 1, "up", 2],
      [2, -1, "down", 1],
    ];
    expect(told).toEqual(steps);
    replay(counter(2), ["down", "up", "up", "up", "down"], { mode: "lenient", onStep });
    expect(told).toEqual([...steps, ...steps]);
  });

  it("of no labels is the initial state", () => {
    expect(replay(fuse(2), [], { mode: "strict" })).toEqual({ outcome: "replayed", state: 2, labels: [] });
  });
});

describe("lenient replay", () => {
  it("skips what is not enabled and says which", () => {
    const labels = ["down", "up", "nonsense", "up", "up", "down"];
    expect(replay(counter(2), labels, { mode: "lenient" })).toEqual({
      outcome: "replayed",
      state: 1,
      labels: ["up", "up", "down"],
      skipped: [0, 2, 4],
    });
  });

  it("of any subsequence of a run never fails, executes a subsequence, and is repeatable strictly", () => {
    const system = mutex();
    let skippedInAll = 0;
    fc.assert(
      fc.property(seeds, fc.infiniteStream(fc.boolean()), (seed, keep) => {
        const run = record(system, seed, 40);
        const part = run.labels.filter(() => keep.next().value);
        const { result, hash } = leniently(system, part);
        expect(isSubsequence(result.labels, part)).toBe(true);
        expect(part.filter((_, index) => !result.skipped.includes(index))).toEqual(result.labels);
        skippedInAll += result.skipped.length;
        const strict = strictly(system, result.labels);
        expect(strict).toEqual({ result: { outcome: "replayed", state: result.state, labels: result.labels }, hash });
      }),
      { numRuns: 300, seed: 5 },
    );
    expect(skippedInAll).toBeGreaterThan(300);
  });

  it("of the whole run is the strict replay", () => {
    const { labels, state } = record(mutex(), 8, 50);
    expect(replay(mutex(), labels, { mode: "lenient" })).toEqual({ outcome: "replayed", state, labels, skipped: [] });
  });
});

describe("the trace hash of a run", () => {
  it("changes when any one choice is left out", () => {
    const run = record(mutex(), 6, 40);
    const hashes = run.labels.map((_, left) => {
      const rest = run.labels.filter((_label, index) => index !== left);
      return leniently(mutex(), rest).hash;
    });
    expect(hashes).not.toContain(run.hash);
  });

  it("changes when two different neighbours change places", () => {
    const run = record(mutex(), 6, 40);
    let swaps = 0;
    for (let index = 1; index < run.labels.length; index += 1) {
      const before = run.labels.slice(0, index - 1);
      const pair = run.labels.slice(index - 1, index + 1).reverse();
      const swapped = [...before, ...pair, ...run.labels.slice(index + 1)];
      // Where the order does not matter to the state, it still matters to the run.
      if (replay(mutex(), swapped, { mode: "strict" }).outcome === "replayed") swaps += 1;
      expect(leniently(mutex(), swapped).hash).not.toBe(run.hash);
    }
    expect(swaps).toBeGreaterThan(5);
  });

  it("changes when a step leads elsewhere under the same label", () => {
    const labels = ["burn", "burn"];
    const other = { ...fuse(2), apply: (left: number) => (left === 2 ? 1 : -1) };
    expect(strictly(fuse(2), labels).hash).not.toBe(strictly(other, labels).hash);
  });
});

describe.each([
  ["strict", strictly],
  ["lenient", leniently],
] as const)("%s replay", (_, run) => {
  it("refuses a state in which two enabled choices have one label, whichever label is asked for", () => {
    expect(run(ambiguous(), ["add 1"]).result.outcome).toBe("replayed");
    for (const label of ["add 1", "add 2", "nonsense"]) {
      const go = () => run(ambiguous(), ["add 1", label]);
      expect(go).toThrow(expect.objectContaining({ name: "ExploreError", code: "E_DUPLICATE_LABEL" }));
      expect(go).toThrow('Two enabled choices have the label "add 1".');
    }
  });

  it("takes a choice that is null", () => {
    const system: System<number, null> = {
      initial: () => 0,
      enabled: (state) => (state < 2 ? [null] : []),
      apply: (state) => state + 1,
      label: () => "tick",
    };
    expect(run(system, ["tick", "tick"]).result.state).toBe(2);
  });
});
