/** Replicas are interchangeable: the renamed graph is the graph, and one state of each orbit is enough. */
import { describe, expect, it } from "vitest";
import { strongIsr, weakIsr } from "../../../bench/ladder/invariants.ts";
import { createLadderSystem, ladderDesigns } from "../../../bench/ladder/ladder.ts";
import { replicaPermutations } from "../../../bench/ladder/replica-permutations.ts";
import type { LadderBounds, LadderState } from "../../../bench/ladder/replication-state.ts";
import { joinLadderState, splitLadderState } from "../../../bench/ladder/replication-state.ts";
import { permuteParts } from "../../../explore/part-permutation.ts";
import { breadthFirst } from "./breadth-first.ts";

const two = { replicas: 2, logSize: 2, maxRecords: 2, largestEpoch: 1 };
const three = { replicas: 3, logSize: 1, maxRecords: 1, largestEpoch: 1 };
const permutations = new Map([two, three].map((bounds) => [bounds, replicaPermutations(bounds)]));

/** The state under every renaming, the state itself first. */
function images(state: LadderState, bounds: LadderBounds): readonly LadderState[] {
  const parts = splitLadderState(state, bounds);
  return (permutations.get(bounds) ?? []).map((permutation) =>
    joinLadderState(permuteParts(parts, permutation), bounds),
  );
}

function canonical(state: LadderState, bounds: LadderBounds): LadderState {
  const text =
    images(state, bounds)
      .map((image) => JSON.stringify(image))
      .sort()[0] ?? "";
  return JSON.parse(text) as LadderState;
}

describe("replicaPermutations", () => {
  it("is every order of the replicas, the identity first", () => {
    const state = createLadderSystem("KIP-320", three).initial();
    const marked = { ...state, quorum: { leaderEpoch: 0, leader: 1, isr: [1, 2] }, requests: [] };
    const quorums = images(marked, three).map(({ quorum }) => `${quorum.leader} of ${quorum.isr}`);
    expect(quorums).toEqual(["1 of 1,2", "1 of 1,3", "2 of 1,2", "2 of 2,3", "3 of 1,3", "3 of 2,3"]);
  });

  it.each(ladderDesigns)("maps the steps of %s onto its steps", (design) => {
    const system = createLadderSystem(design, two);
    const successors = (state: LadderState) => system.enabled(state).map((choice) => system.apply(state, choice));
    const texts = (states: readonly LadderState[]) => states.map((state) => JSON.stringify(state)).sort();
    for (const state of breadthFirst(system).states) {
      const [, renamed = state] = images(state, two);
      const steps = successors(state).map((successor) => images(successor, two)[1] ?? successor);
      if (`${texts(successors(renamed))}` !== `${texts(steps)}`) expect.fail(JSON.stringify(state));
    }
  });

  it.each([
    { design: "truncate to HW", bounds: two, orbits: 626 },
    { design: "KIP-101", bounds: two, orbits: 589 },
    { design: "KIP-279", bounds: two, orbits: 589 },
    { design: "KIP-320 first try", bounds: two, orbits: 583 },
    { design: "KIP-320", bounds: two, orbits: 479 },
    { design: "truncate to HW", bounds: three, orbits: 1823 },
    { design: "KIP-101", bounds: three, orbits: 1682 },
    { design: "KIP-279", bounds: three, orbits: 1682 },
    { design: "KIP-320 first try", bounds: three, orbits: 1650 },
    { design: "KIP-320", bounds: three, orbits: 1165 },
  ] as const)(
    "$design, $bounds.replicas replicas: $orbits orbits add up to the full graph",
    ({ design, bounds, orbits }) => {
      const system = createLadderSystem(design, bounds);
      const invariants = [weakIsr(bounds), strongIsr(bounds)];
      const full = breadthFirst(system, invariants);
      const reduced = breadthFirst(
        {
          ...system,
          initial: () => canonical(system.initial(), bounds),
          apply: (state, choice) => canonical(system.apply(state, choice), bounds),
        },
        invariants,
      );
      const sizes = reduced.states.map(
        (state) => new Set(images(state, bounds).map((image) => JSON.stringify(image))).size,
      );
      expect(sizes).toHaveLength(orbits);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(full.states.length);
      expect(new Set(full.states.map((state) => JSON.stringify(canonical(state, bounds)))).size).toBe(sizes.length);
      expect({ depth: reduced.depth, violations: reduced.violations }).toEqual({
        depth: full.depth,
        violations: full.violations,
      });
    },
  );
});
