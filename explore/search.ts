/**
 * Exhaustive search, breadth first: every state that a system can reach, so every verdict is one on all of them and every
 * story is a shortest one. The same system and options give the same result.
 *
 * A state is a row of part numbers, known again by its 64-bit fingerprint; its successors come from a `DecisionForest`.
 */
import { Exploration } from "./exploration.ts";
import { oneSlotParts } from "./one-slot-parts.ts";
import { checkLimits } from "./search-limits.ts";
import type { SearchOptions, SearchResult } from "./search-options.ts";
import { searchResult } from "./search-result.ts";
import type { System } from "./system.ts";

/** Uses the system's parts; without them a state is one part. Throws `E_NUMBER` for a limit out of range. */
export function search<State, Choice>(system: System<State, Choice>, options: SearchOptions = {}): SearchResult<State> {
  checkLimits(options);
  const parts = system.parts ?? oneSlotParts(system);
  const found = new Exploration(system, parts, options).run();
  return searchResult(system, parts, options, found);
}
