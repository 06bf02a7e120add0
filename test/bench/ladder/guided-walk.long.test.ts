/** A guided walk refutes the broken designs where a uniform one is lost, and what it finds shrinks to the shortest. */
import { describe, expect, it } from "vitest";
import { weakIsr } from "../../../bench/ladder/invariants.ts";
import { createLadderSystem } from "../../../bench/ladder/ladder.ts";
import type { LadderState } from "../../../bench/ladder/replication-state.ts";
import { splitLadderState } from "../../../bench/ladder/replication-state.ts";
import { guidedWalk } from "../../../explore/guided-walk.ts";
import { replay } from "../../../explore/replay.ts";
import { shrink } from "../../../explore/shrink.ts";
import { uniformWalk } from "../../../explore/uniform-walk.ts";

const bounds = { replicas: 3, logSize: 1, maxRecords: 1, largestEpoch: 2 };
const invariants = [weakIsr(bounds)];

function breaksWeakIsr(state: LadderState): boolean {
  const parts = splitLadderState(state, bounds);
  return invariants.some(({ checks }) => !checks.every((check) => check((slot) => parts[slot])));
}

/** `choices`: of a shortest counterexample, as the ladder's own test pins them in states. */
const broken = [
  { design: "truncate to HW", choices: 8 },
  { design: "KIP-101", choices: 10 },
  { design: "KIP-279", choices: 10 },
  { design: "KIP-320 first try", choices: 11 },
] as const;

describe.each(broken)("$design, guided", ({ design, choices }) => {
  const system = createLadderSystem(design, bounds);

  it.each([0, 1])("is refuted, and the counterexample is as short as any or one choice longer (seed %d)", (seed) => {
    const { violation, transitions } = guidedWalk(system, { seed, maxTransitions: 100_000, invariants });
    expect(violation?.invariant).toBe("WeakIsr");
    expect(transitions).toBeLessThan(50_000);
    const { labels } = shrink(system, violation?.labels ?? [], { judge: () => breaksWeakIsr });
    expect([choices, choices + 1]).toContain(labels.length);
    const told = replay(system, labels, { mode: "strict" });
    expect([told.outcome, breaksWeakIsr(told.state)]).toEqual(["replayed", true]);
  });
});

describe("a guided walk over KIP-320", () => {
  const smaller = { ...bounds, largestEpoch: 1 };
  const system = createLadderSystem("KIP-320", smaller);
  const options = { seed: 1, invariants: [weakIsr(smaller)] };

  it("ends with the published states, none of which violates", () => {
    const { end, states } = guidedWalk(system, { ...options, maxTransitions: 100_000 });
    expect({ end, states }).toEqual({ end: "complete", states: 6787 });
  });

  it("finds twice as many states as a uniform one in as many steps", () => {
    const uniform = uniformWalk(system, { ...options, maxTransitions: 8000 });
    const guided = guidedWalk(system, { ...options, maxTransitions: 8000 });
    expect(guided.states).toBeGreaterThan(2 * uniform.states);
  });
});
