/** A search that could not be simpler, through `System` alone: whole states, their JSON, and a `Set` of it. */
import type { LadderInvariant } from "../../../bench/ladder/invariants.ts";
import type { LadderState } from "../../../bench/ladder/replication-state.ts";
import type { Parts } from "../../../explore/parts.ts";
import type { System } from "../../../explore/system.ts";

type PartedSystem<Choice> = System<LadderState, Choice> & { readonly parts: Parts<LadderState, Choice> };

interface BreadthFirstResult {
  /** Every distinct state that was reached, the initial one included. */
  readonly states: readonly LadderState[];
  /** The number of levels: states on the longest of the shortest ways. */
  readonly depth: number;
  /** States on a shortest way to one that violates the invariant of that name; absent if it holds. */
  readonly violations: Readonly<Record<string, number>>;
}

/** It goes through the whole graph. */
export function breadthFirst<Choice>(
  system: PartedSystem<Choice>,
  invariants: readonly LadderInvariant[] = [],
): BreadthFirstResult {
  const states = [system.initial()];
  const seen = new Set(states.map((state) => JSON.stringify(state)));
  const violations: Record<string, number> = {};
  let depth = 0;
  for (let begin = 0; begin < states.length; ) {
    depth += 1;
    const end = states.length;
    for (const state of states.slice(begin, end)) {
      for (const name of violatedBy(system.parts.split(state), invariants)) violations[name] ??= depth;
      for (const choice of system.enabled(state)) {
        const successor = system.apply(state, choice);
        const key = JSON.stringify(successor);
        if (seen.has(key)) continue;
        seen.add(key);
        states.push(successor);
      }
    }
    begin = end;
  }
  return { states, depth, violations };
}

function violatedBy(parts: readonly unknown[], invariants: readonly LadderInvariant[]): readonly string[] {
  return invariants
    .filter(({ checks }) => !checks.every((check) => check((slot) => parts[slot])))
    .map(({ name }) => name);
}
