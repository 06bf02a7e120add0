/** What a search is asked for, and what it finds. */
import type { PartPermutation } from "./part-permutation.ts";
import type { ReadSlot } from "./rule-run.ts";

/** It holds in a state if every check does. A check that reads few parts is remembered by them, and costs little. */
export interface SearchInvariant {
  readonly name: string;
  /** Pure functions of the parts that they read, like the actions of `Parts`. */
  readonly checks: readonly ((read: ReadSlot) => boolean)[];
}

export interface SearchOptions {
  readonly invariants?: readonly SearchInvariant[];
  /** What to do at a violation; "stop" if not given. */
  readonly onViolation?: "stop" | "go on";
  /**
   * Permutations under which system and invariants look the same, the identity and all their products among them. Then
   * one state of each orbit is found and stands for it. Nobody checks that they are a symmetry but the checked mode, which
   * throws `E_SYMMETRY`; it is always thrown if they move the initial state.
   */
  readonly symmetry?: readonly PartPermutation[];
  /** At most so many states are found, the initial one included. */
  readonly maxStates?: number;
  /** States that so many choices lead to are checked; what follows them is not looked at. */
  readonly maxDepth?: number;
  /** At most so many bytes are taken, roughly; the host needs some for itself. */
  readonly maxBytes?: number;
  /** What is remembered to be fast is forgotten when it takes more bytes than this: 2^29 if not given. */
  readonly memoBytes?: number;
  /** Told often (every few thousand states). "stop" ends the search. */
  onProgress?(progress: SearchProgress): "stop" | undefined;
  /**
   * Compares every step with the system itself and every remembered run with a new one, and looks for collisions. It is
   * slow, and throws `E_PARTS`, `E_IMPURE`, `E_DUPLICATE_LABEL`, `E_NOT_PLAIN_JSON` or `E_COLLISION` at the first fault.
   */
  readonly checked?: boolean;
}

export interface SearchProgress {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  /** States that were found and whose successors were not looked at so far. */
  readonly queued: number;
  readonly bytes: number;
}

/** A shortest way to a state: strict replay of its labels leads there. */
export interface Story<State> {
  readonly labels: readonly string[];
  readonly state: State;
}

export interface InvariantResult<State> {
  readonly name: string;
  /** "inconclusive": no violation among the states that were found, but there may be others. */
  readonly verdict: "holds" | "violated" | "inconclusive";
  /** How many of the states that were found violate it. */
  readonly violations: number;
  /** The first of them in breadth-first order, so one of the nearest. */
  readonly first: Story<State> | null;
}

export type SearchEnd = "complete" | "violation" | "maxStates" | "maxDepth" | "maxBytes" | "stopped";

export interface SearchResult<State> {
  /** Why it ended; "complete": there is no other state. */
  readonly end: SearchEnd;
  /** Different states that were found. Invariants were checked in every one of them. */
  readonly states: number;
  /** States that they stand for: with symmetry, those of all their orbits; else as many. */
  readonly covered: number;
  /** Successors that were looked at, whether they were new or not. */
  readonly transitions: number;
  /** How many states are found first after 0, 1, 2, … choices. */
  readonly levels: readonly number[];
  /** States whose successors were not all looked at; 0 if the search is complete. */
  readonly queued: number;
  /** States in which nothing is enabled, among those whose successors were looked at; and the first of them. */
  readonly deadlocks: number;
  readonly deadlock: Story<State> | null;
  readonly invariants: readonly InvariantResult<State>[];
  readonly bytes: SearchBytes;
  /** The odds that two of the states had one fingerprint, so that one was taken for the other: n(n-1)/2 pairs, 2^64 values. */
  readonly collisionOdds: number;
}

export interface SearchBytes {
  /** Fingerprints and ancestry of all states: what grows with their number. */
  readonly states: number;
  /** The two levels of states that wait. */
  readonly queue: number;
  /** Parts and remembered runs, when there were most of them. */
  readonly memo: number;
}
