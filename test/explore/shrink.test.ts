import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomWalk } from "../../explore/random-walk.ts";
import { replay } from "../../explore/replay.ts";
import { shrink } from "../../explore/shrink.ts";
import type { System } from "../../explore/system.ts";
import { counter, fuse, mutex } from "./systems.ts";

const reaches = (count: number) => () => (state: number) => state >= count;

/** Two switches and a lamp: it burns out once it was lit `lives` times. Lighting needs both switches, in any order. */
function lamp(lives: number): System<{ a: boolean; b: boolean; lit: number }, string> {
  return {
    initial: () => ({ a: false, b: false, lit: 0 }),
    enabled: ({ a, b }) => [a ? "a off" : "a on", b ? "b off" : "b on", ...(a && b ? ["light"] : [])],
    apply: (state, choice) => {
      if (choice === "light") return { a: false, b: false, lit: Math.min(lives, state.lit + 1) };
      const [name = "", to] = choice.split(" ");
      return { ...state, [name]: to === "on" };
    },
    label: (choice) => choice,
  };
}

describe("shrinking a run", () => {
  it("leaves nothing but what it takes", () => {
    const { labels } = randomWalk(counter(9), { seed: 5, maxSteps: 400 });
    expect(shrink(counter(9), labels, { judge: reaches(5) }).labels).toEqual(["up", "up", "up", "up", "up"]);
  });

  it("ends with the step that goes wrong", () => {
    const { labels } = shrink(fuse(8), Array(8).fill("burn"), { judge: () => (left) => left <= 5 });
    expect(labels).toEqual(["burn", "burn", "burn"]);
  });

  it("finds that the beginning is wrong already", () => {
    expect(shrink(counter(3), ["up", "down"], { judge: () => () => true }).labels).toEqual([]);
  });

  it("leaves out pairs that only go together", () => {
    const there = ["a on", "a off", "a on", "b on", "b off", "b on", "light"];
    const isLit = () => (state: { lit: number }) => state.lit === 1;
    expect(shrink(lamp(3), there, { judge: isLit }).labels).toHaveLength(3);
  });

  it("asks a judge with a memory afresh for every replay, and shows it every state in order", () => {
    const judge = () => {
      let entered = 0;
      let before = "idle";
      return ({ a }: { readonly a: string }) => {
        if (a === "critical" && before !== "critical") entered += 1;
        before = a;
        return entered === 2;
      };
    };
    const { labels } = randomWalk(mutex(), { seed: 3, maxSteps: 200 });
    expect(shrink(mutex(), labels, { judge }).labels).toEqual([
      "a becomes waiting",
      "a becomes critical",
      "a becomes idle",
      "a becomes waiting",
      "a becomes critical",
    ]);
  });

  it("of any random run ends as short as the shortest, with a strict replay that goes wrong only at its end", () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.integer({ min: 1, max: 3 }), (seed, lives) => {
        const system = lamp(lives);
        const { labels } = randomWalk(system, { seed, maxSteps: 300 });
        const { labels: shrunk } = shrink(system, labels, {
          judge:
            () =>
            ({ lit }) =>
              lit === lives,
        });
        expect(shrunk).toHaveLength(3 * lives);
        const lit: number[] = [];
        const onStep = (_state: unknown, _choice: unknown, _label: string, next: { lit: number }) => {
          lit.push(next.lit);
        };
        expect(replay(system, shrunk, { mode: "strict", onStep }).outcome).toBe("replayed");
        expect(lit.indexOf(lives)).toBe(shrunk.length - 1);
      }),
      { numRuns: 200, seed: 11 },
    );
  });

  it("takes a choice with other numbers where what comes before it was left out", () => {
    // Votes are numbered, so every one of them has another label once the noise before it is gone.
    const votes: System<{ noise: number; yes: number }, { vote: "noise" | "yes"; number: number }> = {
      initial: () => ({ noise: 0, yes: 0 }),
      enabled: ({ noise, yes }) => [
        { vote: "noise", number: noise + yes + 1 },
        { vote: "yes", number: noise + yes + 1 },
      ],
      apply: (state, { vote }) => ({ ...state, [vote]: state[vote] + 1 }),
      label: ({ vote, number }) => `${vote} as number ${number}`,
    };
    const labels = ["noise as number 1", "yes as number 2", "noise as number 3", "yes as number 4"];
    const judge = () => (state: { yes: number }) => state.yes === 2;
    const shrunk = shrink(votes, labels, { judge, detourStepsMax: 0 });
    expect(shrunk.labels).toEqual(["yes as number 1", "yes as number 2"]);
  });

  it("finds a way around that no leaving out would find, unless it has no steps for it", () => {
    // By the stairs it takes three choices, by the lift one; there is no stair in a ride.
    const house: System<number, string> = {
      initial: () => 0,
      enabled: (floor) => [...(floor < 3 ? ["stairs"] : []), ...(floor === 0 ? ["lift"] : [])],
      apply: (floor, choice) => (choice === "lift" ? 3 : floor + 1),
      label: (choice) => choice,
    };
    const climbed = ["stairs", "stairs", "stairs"];
    expect(shrink(house, climbed, { judge: reaches(3) }).labels).toEqual(["lift"]);
    expect(shrink(house, climbed, { judge: reaches(3), detourStepsMax: 0 }).labels).toEqual(climbed);
  });

  it("says so when it had to give up, and still has something shorter", () => {
    const labels = Array(40).fill(["up", "down"]).flat().concat(Array(5).fill("up"));
    const { complete, replays, labels: shrunk } = shrink(counter(9), labels, { judge: reaches(5), replaysMax: 9 });
    expect(complete).toBe(false);
    expect(replays).toBe(9);
    expect(shrunk.length).toBeLessThan(labels.length);
  });

  it("refuses a run that does not go wrong", () => {
    expect(() => shrink(counter(3), ["up"], { judge: reaches(2) })).toThrow(
      "The run of 1 choices does not go wrong; nothing to shrink.",
    );
  });
});
