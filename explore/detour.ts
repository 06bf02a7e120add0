/**
 * A shorter way for a run that goes wrong: from each of its states a small breadth-first search looks for a later state of
 * the run, or for another way to go wrong, in fewer choices than the run needs.
 */
import { canonicalJson } from "./canonical-json.ts";
import { choicesByLabel } from "./choices-by-label.ts";
import { replay } from "./replay.ts";
import type { System } from "./system.ts";

interface DetourOptions<State> {
  /** As in `ShrinkOptions`. */
  judge(): (state: State) => boolean;
  /** So many steps are tried from each state of the run. */
  readonly stepsMax: number;
  /** The labels that are left if this way goes wrong, `null` if it does not. A way that only joins the run again may not. */
  failing(labels: readonly string[]): readonly string[] | null;
}

/** A state that the search came to. */
interface Found<State> {
  readonly state: State;
  readonly label: string;
  readonly before: Found<State> | null;
}

/** `labels` is a run that goes wrong with its last choice. `null`: no shorter one was found. Late states come first. */
export function detour<State, Choice>(
  system: System<State, Choice>,
  labels: readonly string[],
  options: DetourOptions<State>,
): readonly string[] | null {
  const states = statesOf(system, labels);
  for (let from = labels.length - 2; from >= 0; from -= 1) {
    const shorter = detourFrom(system, labels, states, from, options);
    if (shorter !== null) return shorter;
  }
  return null;
}

function detourFrom<State, Choice>(
  system: System<State, Choice>,
  labels: readonly string[],
  states: readonly State[],
  from: number,
  { judge, stepsMax, failing }: DetourOptions<State>,
): readonly string[] | null {
  const places = new Map(states.map((state, place) => [canonicalJson(state), place]));
  const [past, start] = [states.slice(0, from + 1), states[from] as State];
  const seen = new Set([canonicalJson(start)]);
  let level: readonly (Found<State> | null)[] = [null];
  let steps = 0;
  for (let depth = 1; from + depth < labels.length; depth += 1) {
    const next: Found<State>[] = [];
    for (const before of level) {
      const state = before?.state ?? start;
      for (const [label, choice] of choicesByLabel(system, state)) {
        if (steps === stepsMax) return null;
        steps += 1;
        const found = { state: system.apply(state, choice), label, before };
        const text = canonicalJson(found.state);
        if (seen.has(text)) continue;
        seen.add(text);
        next.push(found);
        const way = wayTo(found);
        const goesWrong = [...past, ...way.map((step) => step.state)].some(judge());
        const place = places.get(text) ?? 0;
        if (!goesWrong && place - from <= depth) continue;
        const rest = goesWrong ? [] : labels.slice(place);
        const shorter = failing([...labels.slice(0, from), ...way.map((step) => step.label), ...rest]);
        if (shorter !== null) return shorter;
      }
    }
    level = next;
  }
  return null;
}

/** All states of the run, the initial one first. */
function statesOf<State, Choice>(system: System<State, Choice>, labels: readonly string[]): readonly State[] {
  const states = [system.initial()];
  const onStep = (_state: State, _choice: Choice, _label: string, next: State) => {
    states.push(next);
  };
  replay(system, labels, { mode: "strict", onStep });
  return states;
}

function wayTo<State>(last: Found<State>): readonly Found<State>[] {
  const way: Found<State>[] = [];
  for (let at: Found<State> | null = last; at !== null; at = at.before) way.push(at);
  return way.reverse();
}
