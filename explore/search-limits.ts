/** The limits of a search, as far as they can be wrong. */
import { ExploreError } from "./explore-error.ts";
import type { SearchOptions } from "./search-options.ts";

/** Throws `E_NUMBER` for a limit out of range. */
export function checkLimits(options: SearchOptions): void {
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
