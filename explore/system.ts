/**
 * The one interface everything stands on: a labelled transition system.
 *
 * Simulation, search, shrinking and replay see nothing else. All nondeterminism of a run is its list of choices: the
 * same system and the same list give the same states, byte for byte. A choice is one atomic thing that can happen, as
 * plain JSON data.
 */
import type { Parts } from "./parts.ts";

export interface System<State, Choice> {
  /** The state in which every run begins; the same one at every call. */
  initial(): State;
  /** Everything that can happen next, in a fixed order that depends on the state alone. Empty: the run has ended. */
  enabled(state: State): readonly Choice[];
  /** The state after `choice`, which is enabled in `state`. Pure: it changes neither argument. */
  apply(state: State, choice: Choice): State;
  /**
   * The name of a choice by its content ("deliver fetch b2→b1", not "choice 3"), so that a list of labels still means
   * something after deletions. It is unique among the enabled choices of a state, and it is well-formed Unicode.
   */
  label(choice: Choice): string;
  /** The same system, part by part, for a search that is fast. It must agree with `enabled` and `apply`. */
  readonly parts?: Parts<State, Choice>;
}
