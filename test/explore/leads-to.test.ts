/** Does everything lead to a goal: small systems of which one knows it, and random ones beside a plain search from each state. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../explore/canonical-json.ts";
import { leadsTo } from "../../explore/leads-to.ts";
import type { System } from "../../explore/system.ts";
import { counters, philosophers } from "./part-systems.ts";
import { randomSystem, systemOf } from "./random-system.ts";

const onePhase = () => 0;

describe("what leads to a goal", () => {
  it("is everything where every way ends there", () => {
    const top = (read: (slot: number) => unknown) => read(0) === 3 && read(1) === 3;
    const found = leadsTo(counters(["a", "b"], 3), { goal: top, phase: onePhase });
    expect(found).toMatchObject({ end: "complete", verdict: "holds", states: 16, goals: 1, stuck: 0, first: null });
  });

  it("is not where philosophers may starve; the story ends where nothing goes on", () => {
    const somebodyEats = (read: (slot: number) => unknown) => [1, 3, 5].some((slot) => read(slot) === "eats");
    const found = leadsTo(philosophers(3), { goal: somebodyEats, phase: onePhase });
    expect(found).toMatchObject({ verdict: "violated", stuck: 1 });
    expect([...(found.first?.labels ?? [])].sort()).toEqual(["0 takes left", "1 takes left", "2 takes left"]);
  });

  it("must do so within its phase", () => {
    const goal = (read: (slot: number) => unknown) => read(0) === 2;
    const asksOf = (slot: number) => (read: (slot: number) => unknown) => read(slot) as number;
    expect(leadsTo(counters(["a", "b"], 2), { goal, phase: asksOf(1) })).toMatchObject({ verdict: "holds" });
    const found = leadsTo(counters(["a", "b"], 2), { goal, phase: asksOf(0) });
    expect(found).toMatchObject({ verdict: "violated", stuck: 6 });
    // What leads nowhere within its phase is told before what is nearer and leads on.
    expect(found.first?.labels).toEqual(["raise b", "raise b"]);
  });

  it("stays open where not every state was found", () => {
    const never = () => false;
    const found = leadsTo(counters(["a"], 9), { goal: never, phase: onePhase, maxStates: 5 });
    expect(found).toMatchObject({ end: "maxStates", verdict: "inconclusive", stuck: 0, first: null });
    expect(() => leadsTo(counters(["a"], 9), { goal: never, phase: onePhase, maxStates: 0 })).toThrow("maxStates");
  });

  it("is what a search from every single state finds", () => {
    const met = { stuck: 0, none: 0 };
    fc.assert(
      fc.property(randomSystem, fc.nat(3), (drawn, goalValue) => {
        const system = systemOf(drawn);
        const isGoal = (one: unknown, other: unknown) => canonicalJson([one, other]) === goals[goalValue];
        const phaseOf = (value: unknown) => (canonicalJson(value).length > 3 ? 1 : 0);
        const found = leadsTo(system, { goal: (read) => isGoal(read(0), read(1)), phase: (read) => phaseOf(read(2)) });
        const expected = naiveStuck(
          system,
          (state) => isGoal(state[0], state[1]),
          (state) => phaseOf(state[2]),
        );
        expect(found.stuck).toBe(expected.length);
        if (found.first !== null) expect(expected).toContain(canonicalJson(found.first.state));
        met[found.stuck > 0 ? "stuck" : "none"] += 1;
      }),
      { numRuns: 300, seed: 20261121 },
    );
    expect(Math.min(...Object.values(met))).toBeGreaterThan(30);
  });
});

const goals = ['[{"list":[],"n":0},1]', "[1,1]", '[1,{"list":["x","x"],"n":2}]', "[3,1]"];

/** Texts of the states that do not lead to the goal: who has a successor that does, within the phase, does so too. */
function naiveStuck<State, Choice>(
  system: System<State, Choice>,
  isGoal: (state: State) => boolean,
  phaseOf: (state: State) => number,
): readonly string[] {
  const found = new Map([[canonicalJson(system.initial()), system.initial()]]);
  const successors = new Map<string, readonly string[]>();
  for (const [text, state] of found) {
    const all = system.enabled(state).map((choice) => system.apply(state, choice));
    for (const next of all) found.set(canonicalJson(next), next);
    successors.set(text, all.filter((next) => phaseOf(next) === phaseOf(state)).map(canonicalJson));
  }
  const arrives = new Set([...found].filter(([, state]) => isGoal(state)).map(([text]) => text));
  for (let before = -1; before !== arrives.size; ) {
    before = arrives.size;
    for (const [text, all] of successors) if (all.some((next) => arrives.has(next))) arrives.add(text);
  }
  return [...found.keys()].filter((text) => !arrives.has(text));
}
