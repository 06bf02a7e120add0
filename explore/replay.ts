/** Runs a system along a list of labels: strictly, or leniently, as shrinking needs it. */
import { choicesByLabel } from "./choices-by-label.ts";
import type { System } from "./system.ts";

interface ReplayOptions<State, Choice> {
  /** What to do at a label that is not enabled: "strict" stops there, "lenient" skips it. */
  readonly mode: "strict" | "lenient";
  /** Told after every step. */
  onStep?(state: State, choice: Choice, label: string, next: State): void;
}

type StrictReplay<State> =
  /** Every label was executed. */
  | { readonly outcome: "replayed"; readonly state: State; readonly labels: readonly string[] }
  /** The label at index `at` is not enabled in `state`; the labels in `enabled` are. */
  | {
      readonly outcome: "stuck";
      readonly at: number;
      readonly label: string;
      readonly enabled: readonly string[];
      readonly state: State;
    };

interface LenientReplay<State> {
  readonly outcome: "replayed";
  readonly state: State;
  /** The labels that were executed: strict replay of these leads to the same state. */
  readonly labels: readonly string[];
  /** Indexes of the labels that were skipped, ascending. */
  readonly skipped: readonly number[];
}

/** Throws `E_DUPLICATE_LABEL` where two enabled choices of a state on the way have the same label. */
export function replay<State, Choice>(
  system: System<State, Choice>,
  labels: readonly string[],
  options: ReplayOptions<State, Choice> & { readonly mode: "strict" },
): StrictReplay<State>;
export function replay<State, Choice>(
  system: System<State, Choice>,
  labels: readonly string[],
  options: ReplayOptions<State, Choice> & { readonly mode: "lenient" },
): LenientReplay<State>;
export function replay<State, Choice>(
  system: System<State, Choice>,
  labels: readonly string[],
  options: ReplayOptions<State, Choice>,
): StrictReplay<State> | LenientReplay<State> {
  const executed: string[] = [];
  const skipped: number[] = [];
  let state = system.initial();
  for (const [at, label] of labels.entries()) {
    const choices = choicesByLabel(system, state);
    const choice = choices.get(label);
    if (choice === undefined) {
      if (options.mode === "strict") return { outcome: "stuck", at, label, enabled: [...choices.keys()], state };
      skipped.push(at);
      continue;
    }
    const next = system.apply(state, choice);
    executed.push(label);
    options.onStep?.(state, choice, label, next);
    state = next;
  }
  if (options.mode === "strict") return { outcome: "replayed", state, labels: executed };
  return { outcome: "replayed", state, labels: executed, skipped };
}
