/**
 * Makes a counterexample shorter: delta debugging on its labels, replayed leniently, so that a choice that makes no
 * sense any more is skipped, or taken with other numbers. What is left is shortened by what a search finds around it
 * (`detour`). What comes out violates, and does so no longer if any one choice, or any two, are left out.
 *
 * Source: Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input (2002).
 */
import { choicesByLabel } from "./choices-by-label.ts";
import { detour } from "./detour.ts";
import { ExploreError } from "./explore-error.ts";
import { similarLabel } from "./similar-label.ts";
import type { System } from "./system.ts";

interface ShrinkOptions<State> {
  /**
   * A fresh judge for every replay, as it may have a memory. It is shown each state in order, the initial one first, and
   * says whether the run has gone wrong by then.
   */
  judge(): (state: State) => boolean;
  /** Gives up after so many replays, with the shortest that was found; 20,000 by default. */
  readonly replaysMax?: number;
  /** So many steps are tried from every state of a run that cannot be cut any more; 40,000 by default, 0 for none. */
  readonly detourStepsMax?: number;
}

interface Shrunk {
  /** Strict replay of these goes wrong with the last one. */
  readonly labels: readonly string[];
  readonly replays: number;
  /** Was everything tried, or did `replaysMax` end it? */
  readonly complete: boolean;
}

/** Throws `E_NOT_VIOLATED` if replaying `labels` does not go wrong. */
export function shrink<State, Choice>(
  system: System<State, Choice>,
  labels: readonly string[],
  { judge, replaysMax = 20_000, detourStepsMax = 40_000 }: ShrinkOptions<State>,
): Shrunk {
  let replays = 0;

  /**
   * The labels that are executed until the run goes wrong; `null` if it does not. A label that is not enabled is skipped,
   * or, if it is `bent`, stands for one with other numbers.
   */
  function failingIf(bent: boolean, candidate: readonly string[]): readonly string[] | null {
    if (replays >= replaysMax) return null;
    replays += 1;
    const isWrong = judge();
    const executed: string[] = [];
    let state = system.initial();
    if (isWrong(state)) return executed;
    for (const label of candidate) {
      const choices = choicesByLabel(system, state);
      const taken = choices.has(label) || !bent ? label : (similarLabel(label, choices.keys()) ?? label);
      const choice = choices.get(taken);
      if (choice === undefined) continue;
      state = system.apply(state, choice);
      executed.push(taken);
      if (isWrong(state)) return executed;
    }
    return null;
  }

  const failing = (candidate: readonly string[]) => failingIf(false, candidate) ?? failingIf(true, candidate);
  const first = failingIf(false, labels);
  if (first === null) {
    throw new ExploreError(
      "E_NOT_VIOLATED",
      `The run of ${labels.length} choices does not go wrong; nothing to shrink.`,
    );
  }
  let best = first;
  for (let way: readonly string[] | null = best; way !== null && way.length > 0; ) {
    best = cut(way, failing);
    way = detour(system, best, { judge, stepsMax: detourStepsMax, failing: (shorter) => failingIf(false, shorter) });
  }
  return { labels: best, replays, complete: replays < replaysMax };
}

type Failing = (candidate: readonly string[]) => readonly string[] | null;

/** Leaves out what can be left out, until nothing can. */
function cut(labels: readonly string[], failing: Failing): readonly string[] {
  let best = labels;
  for (let before = -1; before !== best.length; ) {
    before = best.length;
    best = withoutPairs(withoutChunks(best, failing), failing);
  }
  return best;
}

/** Leaves out stretches, half of all at first, then ever shorter ones down to single choices. */
function withoutChunks(labels: readonly string[], failing: Failing): readonly string[] {
  let best = labels;
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    // From the end: what comes late depends on what comes early, seldom the other way round.
    for (let end = best.length; end > 0; end = Math.min(end - size, best.length)) {
      const shorter = failing([...best.slice(0, Math.max(0, end - size)), ...best.slice(end)]);
      if (shorter !== null && shorter.length < best.length) best = shorter;
    }
  }
  return best;
}

/** Leaves out any two choices: a fault with its mending, a request with its answer. */
function withoutPairs(labels: readonly string[], failing: Failing): readonly string[] {
  let best = labels;
  for (let late = best.length - 1; late > 0; late -= 1) {
    for (let early = late - 1; early >= 0; early -= 1) {
      const shorter = failing(best.filter((_, index) => index !== late && index !== early));
      if (shorter === null || shorter.length >= best.length) continue;
      best = shorter;
      late = Math.min(late, best.length);
      break;
    }
  }
  return best;
}
