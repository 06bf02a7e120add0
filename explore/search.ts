/**
 * Exhaustive search, breadth first: every state that a system can reach, so every verdict is one on all of them and every
 * story is a shortest one. The same system and options give the same result.
 *
 * A state is a row of part numbers, known again by its 64-bit fingerprint; its successors come from a `DecisionForest`.
 */
import { Exploration } from "./exploration.ts";
import { ExploreError } from "./explore-error.ts";
import { oneSlotParts } from "./one-slot-parts.ts";
import type { InvariantResult, SearchOptions, SearchResult } from "./search-options.ts";
import { tellStory } from "./story.ts";
import type { System } from "./system.ts";

/** Uses the system's parts; without them a state is one part. Throws `E_NUMBER` for a limit out of range. */
export function search<State, Choice>(system: System<State, Choice>, options: SearchOptions = {}): SearchResult<State> {
  checkLimits(options);
  const parts = system.parts ?? oneSlotParts(system);
  const found = new Exploration(system, parts, options);
  const end = found.run();
  const story = (state: number | null) => (state === null ? null : tellStory(system, parts, found.movesTo(state)));
  const { states, transitions, levels, queued, deadlocks, bytes } = found;
  return {
    end,
    states,
    transitions,
    levels,
    queued,
    deadlocks,
    deadlock: story(found.firstDeadlock),
    invariants: (options.invariants ?? []).map(({ name }, index): InvariantResult<State> => {
      const { count, first } = found.violations[index] ?? { count: 0, first: null };
      const verdict = count > 0 ? "violated" : end === "complete" ? "holds" : "inconclusive";
      return { name, verdict, violations: count, first: story(first) };
    }),
    bytes,
    collisionOdds: (states * (states - 1)) / 2 / 2 ** 64,
  };
}

function checkLimits(options: SearchOptions): void {
  for (const [name, least] of [
    ["maxStates", 1],
    ["maxDepth", 0],
    ["maxBytes", 0],
    ["memoBytes", 0],
  ] as const) {
    const limit = options[name];
    if (limit === undefined || (Number.isSafeInteger(limit) && limit >= least)) continue;
    throw new ExploreError("E_NUMBER", `${name} is ${limit}; it must be a whole number from ${least} on.`);
  }
}
