import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { search } from "../../explore/search.ts";
import type { SearchOptions, SearchResult } from "../../explore/search-options.ts";
import type { System } from "../../explore/system.ts";
import { lockstepSearch } from "./lockstep.ts";
import { counters, philosophers, pingPong } from "./part-systems.ts";
import { invariantsOf, randomSystem, systemOf } from "./random-system.ts";
import { fuse } from "./systems.ts";

/** Everything but how much memory it took. */
function findings<State>({ bytes, ...found }: SearchResult<State>) {
  expect(bytes.states).toBeGreaterThan(0);
  return found;
}

function expectSame<State, Choice>(system: System<State, Choice>, options: SearchOptions, shards: number): void {
  expect(findings(lockstepSearch(system, options, shards))).toEqual(findings(search(system, options)));
}

const limits = fc.record(
  { maxStates: fc.integer({ min: 1, max: 40 }), maxDepth: fc.integer({ min: 0, max: 6 }) },
  { requiredKeys: [] },
);

describe("searchShard", () => {
  it.each([1, 2, 3, 5])("finds with %d shards what one search finds", (shards) => {
    expectSame(counters(["a", "b", "c"], 9), {}, shards);
    expectSame(philosophers(8), {}, shards);
    expectSame(pingPong(3, 2), {}, shards);
    expectSame(fuse(40), {}, shards);
  });

  it("ends where one search ends, with the same stories, on random systems", () => {
    fc.assert(
      fc.property(
        randomSystem,
        limits,
        fc.constantFrom<"stop" | "go on">("stop", "go on"),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(0, 2 ** 29),
        fc.subarray([0, 1, 2]),
        (random, limit, onViolation, shards, memoBytes, home) => {
          const { parts, ...system } = systemOf(random);
          const sharedOut = { ...system, parts: { ...parts, home } };
          const options = { ...limit, onViolation, invariants: invariantsOf(random) };
          const found = findings(lockstepSearch(sharedOut, { ...options, memoBytes }, shards));
          expect(found).toEqual(findings(search(systemOf(random), options)));
        },
      ),
      { numRuns: 1000, seed: 6 },
    );
  });

  it("refuses a home in a slot that does not exist", () => {
    const { parts, ...system } = counters(["a", "b"], 2);
    const lost = { ...system, parts: { ...parts, home: [0, 2] } };
    expect(() => lockstepSearch(lost, {}, 2)).toThrow(expect.objectContaining({ code: "E_SLOT" }));
  });

  it("refuses a limit out of range", () => {
    const search = () => lockstepSearch(counters(["a"], 2), { maxStates: 0 }, 2);
    expect(search).toThrow(expect.objectContaining({ code: "E_NUMBER" }));
  });
});
