/** The oracle of the search: breadth first over plain states, with their texts in a `Set`. */
import { canonicalJson } from "../../explore/canonical-json.ts";
import type { System } from "../../explore/system.ts";

export interface NaiveResult {
  readonly levels: readonly number[];
  readonly transitions: number;
  readonly deadlocks: number;
  /** How many choices lead to the nearest deadlock; -1 if there is none. */
  readonly toDeadlock: number;
  /** For every invariant: how many states violate it, and how many choices lead to the nearest. */
  readonly violations: readonly { count: number; nearest: number }[];
}

export function naiveSearch<State, Choice>(
  system: System<State, Choice>,
  invariants: readonly ((state: State) => boolean)[] = [],
): NaiveResult {
  const seen = new Set([canonicalJson(system.initial())]);
  const levels: number[] = [];
  const violations = invariants.map(() => ({ count: 0, nearest: -1 }));
  let [transitions, deadlocks, toDeadlock] = [0, 0, -1];
  let level = [system.initial()];
  for (let depth = 0; level.length > 0; depth += 1) {
    levels.push(level.length);
    const next: State[] = [];
    for (const state of level) {
      for (const [index, holds] of invariants.entries()) {
        const found = violations[index];
        if (found === undefined || holds(state)) continue;
        if (found.count === 0) found.nearest = depth;
        found.count += 1;
      }
      const choices = system.enabled(state);
      if (choices.length === 0 && deadlocks === 0) toDeadlock = depth;
      if (choices.length === 0) deadlocks += 1;
      for (const choice of choices) {
        const successor = system.apply(state, choice);
        transitions += 1;
        if (seen.size === seen.add(canonicalJson(successor)).size) continue;
        next.push(successor);
      }
    }
    level = next;
  }
  return { levels, transitions, deadlocks, toDeadlock, violations };
}
