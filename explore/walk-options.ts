/** What a random search (`guidedWalk`, `uniformWalk`) is asked for, and what it finds. */
import { ExploreError } from "./explore-error.ts";
import type { SearchInvariant } from "./search-options.ts";

export interface WalkOptions {
  /** 0 to 2^32 - 1. The same system, options and seed give the same result. */
  readonly seed: number;
  /** It ends after so many steps. It remembers every state that it finds, so this bounds its memory too. */
  readonly maxTransitions: number;
  /** Judged in every state, the initial one included; the first violation ends the search. */
  readonly invariants?: readonly SearchInvariant[];
  /** Asked before every step. */
  shouldStop?(): boolean;
}

export interface WalkResult<State> {
  /** "complete": there is no step that was not taken; so there is no violation. */
  readonly end: "violation" | "complete" | "maxTransitions" | "stopped";
  /** Steps that were taken. What a step leads to is not known before. */
  readonly transitions: number;
  /** Different states that were found, the initial one included; to be held against `SearchResult.states`. */
  readonly states: number;
  readonly violation: WalkViolation<State> | null;
}

export interface WalkViolation<State> {
  /** The first invariant, in their order, that does not hold. */
  readonly invariant: string;
  /** Strict replay of these leads to `state`. They are not the shortest: see `shrink`. */
  readonly labels: readonly string[];
  readonly state: State;
}

/** Throws `E_NUMBER`. */
export function checkWalkOptions({ maxTransitions }: WalkOptions): void {
  if (Number.isSafeInteger(maxTransitions) && maxTransitions >= 0) return;
  throw new ExploreError("E_NUMBER", `maxTransitions is ${maxTransitions}; it must be a whole number from 0 on.`);
}
