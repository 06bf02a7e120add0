/** What a search found, told as its result: moves become stories, counts become verdicts. */
import type { Move } from "./move-table.ts";
import type { Parts } from "./parts.ts";
import type { InvariantResult, SearchOptions, SearchResult } from "./search-options.ts";
import { tellStory } from "./story.ts";
import type { System } from "./system.ts";
import { unfoldedMoves } from "./unfolded-moves.ts";

/** How often something was found, and the moves that lead to where it was found first. */
export interface Findings {
  readonly count: number;
  readonly first: readonly Move[] | null;
}

export interface Found
  extends Pick<SearchResult<unknown>, "end" | "states" | "covered" | "transitions" | "levels" | "queued" | "bytes"> {
  readonly deadlocks: Findings;
  /** For every invariant. */
  readonly violations: readonly Findings[];
}

/** The odds that two of so many states had one fingerprint of 64 bits. */
export function collisionOdds(states: number): number {
  return (states * (states - 1)) / 2 / 2 ** 64;
}

export function searchResult<State, Choice>(
  system: System<State, Choice>,
  parts: Parts<State, Choice>,
  { invariants = [], symmetry }: SearchOptions,
  { end, states, covered, transitions, levels, queued, deadlocks, violations, bytes }: Found,
): SearchResult<State> {
  const unfolded = (moves: readonly Move[]) =>
    symmetry === undefined ? moves : unfoldedMoves(parts, parts.split(system.initial()), moves, symmetry);
  const story = (moves: readonly Move[] | null) => (moves === null ? null : tellStory(system, parts, unfolded(moves)));
  return {
    end,
    states,
    covered,
    transitions,
    levels,
    queued,
    deadlocks: deadlocks.count,
    deadlock: story(deadlocks.first),
    invariants: invariants.map(({ name }, index): InvariantResult<State> => {
      const { count, first } = violations[index] ?? { count: 0, first: null };
      const verdict = count > 0 ? "violated" : end === "complete" ? "holds" : "inconclusive";
      return { name, verdict, violations: count, first: story(first) };
    }),
    bytes,
    collisionOdds: collisionOdds(states),
  };
}
