/** A `System` whose rules are written once, as actions over parts: `enabled` and `apply` are derived from them. */
import { ExploreError } from "./explore-error.ts";
import type { PartAction, PartSuccessor, Parts } from "./parts.ts";
import type { System } from "./system.ts";

/** The action that offers the choice, by name, and the choice's label. */
export interface PartChoice {
  readonly action: string;
  readonly label: string;
}

/** What an action can lead to: a label, and the slots that change with their new values. */
export interface Outcome {
  readonly label: string;
  readonly writes: PartSuccessor<PartChoice>["writes"];
}

/** An action whose choices carry its name. Labels must differ among all the enabled choices of a state. */
export function partAction(
  name: string,
  outcomes: (read: (slot: number) => unknown) => readonly Outcome[],
): PartAction<PartChoice> {
  return {
    name,
    successors: (read) => outcomes(read).map(({ label, writes }) => ({ choice: { action: name, label }, writes })),
  };
}

/**
 * Enabled are the successors of all actions, in the actions' order. `apply` throws `E_CHOICE_NOT_ENABLED` for a choice
 * that its action does not offer in that state.
 */
export function systemFromParts<State>(
  initial: () => State,
  parts: Parts<State, PartChoice>,
): System<State, PartChoice> & { readonly parts: Parts<State, PartChoice> } {
  const byName = new Map(parts.actions.map((action) => [action.name, action]));
  const successors = (action: PartAction<PartChoice>, values: readonly unknown[]) =>
    action.successors((slot) => values[slot]);
  return {
    initial,
    enabled(state) {
      const values = parts.split(state);
      const choices: PartChoice[] = [];
      for (const action of parts.actions) {
        for (const { choice } of successors(action, values)) choices.push(choice);
      }
      return choices;
    },
    apply(state, choice) {
      const values = [...parts.split(state)];
      const action = byName.get(choice.action);
      const found = action && successors(action, values).find((successor) => successor.choice.label === choice.label);
      if (found === undefined) {
        throw new ExploreError(
          "E_CHOICE_NOT_ENABLED",
          `${JSON.stringify(choice.label)} is not enabled in the state it was applied to. Apply what \`enabled\` offers there.`,
        );
      }
      for (const [slot, value] of found.writes) values[slot] = value;
      return parts.join(values);
    },
    label: (choice) => choice.label,
    parts,
  };
}
