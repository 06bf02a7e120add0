/** All shards of a search in one thread, round by round. */
import { oneSlotParts } from "../../explore/one-slot-parts.ts";
import type { SearchOptions, SearchResult } from "../../explore/search-options.ts";
import { searchResult } from "../../explore/search-result.ts";
import { searchShard } from "../../explore/shard-search.ts";
import type { System } from "../../explore/system.ts";

export function lockstepSearch<State, Choice>(
  system: System<State, Choice>,
  options: SearchOptions,
  shards: number,
): SearchResult<State> {
  const runs = Array.from({ length: shards }, (_, index) => searchShard(system, options, { index, shards }));
  let steps = runs.map((run) => run.next([]));
  while (true) {
    const [first] = steps;
    if (first?.done === true) {
      for (const step of steps) if (JSON.stringify(step) !== JSON.stringify(first)) throw new Error("shards disagree");
      return searchResult(system, system.parts ?? oneSlotParts(system), options, first.value);
    }
    const sent = steps.map(({ value }) => structuredClone(value) as readonly unknown[]);
    steps = runs.map((run, index) => run.next(sent.map((messages) => messages[index])));
  }
}
