/** The enabled choices of a state under their labels; this is where two choices with one label are noticed. */
import { ExploreError } from "./explore-error.ts";
import type { System } from "./system.ts";

/** Keeps the order of `enabled`. Throws `E_DUPLICATE_LABEL`, for then a run could not be replayed by label. */
export function choicesByLabel<State, Choice>(
  system: System<State, Choice>,
  state: State,
): ReadonlyMap<string, Choice> {
  const choices = new Map<string, Choice>();
  for (const choice of system.enabled(state)) {
    const label = system.label(choice);
    if (choices.has(label)) {
      throw new ExploreError(
        "E_DUPLICATE_LABEL",
        `Two enabled choices have the label ${JSON.stringify(label)}. A label must tell the enabled choices of a state apart: put into it whatever tells these two apart.`,
      );
    }
    choices.set(label, choice);
  }
  return choices;
}
