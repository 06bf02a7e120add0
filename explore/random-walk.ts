/** Random simulation: one run of a system, its schedule drawn from a seed. */
import { choicesByLabel } from "./choices-by-label.ts";
import { ExploreError } from "./explore-error.ts";
import { createRandom } from "./random.ts";
import type { System } from "./system.ts";

interface RandomWalkOptions<State, Choice> {
  /** 0 to 2^32 - 1. The same system, options and seed give the same run. */
  readonly seed: number;
  /** The walk ends after this many steps. */
  readonly maxSteps: number;
  /** How likely a choice is, against the other enabled ones: a whole number; 0 is never chosen. Without it all are 1. */
  weight?(choice: Choice, label: string): number;
  /** Told after every step. "stop" ends the walk. */
  onStep?(state: State, choice: Choice, label: string, next: State): "stop" | undefined;
}

interface RandomWalk<State> {
  /** What was chosen, in order: strict replay of these leads to `state`. */
  readonly labels: readonly string[];
  /** The last state. */
  readonly state: State;
  /** "deadlock": nothing is enabled, or nothing that has a weight. "limit": `maxSteps`. "stopped": by `onStep`. */
  readonly ended: "deadlock" | "limit" | "stopped";
}

/** Throws `E_NUMBER` for a seed, limit or weight out of range, and `E_DUPLICATE_LABEL`. */
export function randomWalk<State, Choice>(
  system: System<State, Choice>,
  options: RandomWalkOptions<State, Choice>,
): RandomWalk<State> {
  const { seed, maxSteps } = options;
  if (!Number.isSafeInteger(maxSteps) || maxSteps < 0) {
    throw new ExploreError("E_NUMBER", `maxSteps is ${maxSteps}; it must be a whole number from 0 on.`);
  }
  const random = createRandom(seed);
  const labels: string[] = [];
  let state = system.initial();
  while (true) {
    const candidates = candidatesIn(system, state, options);
    if (candidates.total === 0) return { labels, state, ended: "deadlock" };
    if (labels.length === maxSteps) return { labels, state, ended: "limit" };
    const { choice, label } = pick(candidates, random.below(candidates.total));
    const next = system.apply(state, choice);
    labels.push(label);
    const wish = options.onStep?.(state, choice, label, next);
    state = next;
    if (wish === "stop") return { labels, state, ended: "stopped" };
  }
}

interface Candidate<Choice> {
  readonly choice: Choice;
  readonly label: string;
  readonly weight: number;
}

interface Candidates<Choice> {
  readonly list: readonly Candidate<Choice>[];
  /** Sum of the weights. */
  readonly total: number;
}

function candidatesIn<State, Choice>(
  system: System<State, Choice>,
  state: State,
  options: RandomWalkOptions<State, Choice>,
): Candidates<Choice> {
  const list: Candidate<Choice>[] = [];
  let total = 0;
  for (const [label, choice] of choicesByLabel(system, state)) {
    const weight = options.weight?.(choice, label) ?? 1;
    total += weight;
    // The draw is exact for whole numbers up to 2^32.
    if (!Number.isInteger(weight) || weight < 0 || total > 2 ** 32) {
      throw new ExploreError(
        "E_NUMBER",
        `The weight of ${JSON.stringify(label)} is ${weight}; weights must be whole numbers from 0 on, in all at most 2^32.`,
      );
    }
    list.push({ choice, label, weight });
  }
  return { list, total };
}

/** The candidate in whose stretch `point` lies, when the weights are laid end to end. */
function pick<Choice>(candidates: Candidates<Choice>, point: number): Candidate<Choice> {
  let end = 0;
  for (const candidate of candidates.list) {
    end += candidate.weight;
    if (point < end) return candidate;
  }
  throw new RangeError(`No candidate at ${point} of ${candidates.total}.`);
}
