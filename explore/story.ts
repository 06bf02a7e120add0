/** Tells how a state was reached: moves become labels, and the system itself confirms them. */
import { canonicalJson } from "./canonical-json.ts";
import { ExploreError } from "./explore-error.ts";
import type { Move } from "./move-table.ts";
import type { Parts } from "./parts.ts";
import { replay } from "./replay.ts";
import type { Story } from "./search-options.ts";
import type { System } from "./system.ts";

/** Throws `E_PARTS` if the system, led by the labels, does not come to the state that the parts come to. */
export function tellStory<State, Choice>(
  system: System<State, Choice>,
  parts: Parts<State, Choice>,
  moves: readonly Move[],
): Story<State> {
  const values = [...parts.split(system.initial())];
  const labels = moves.map((move) => {
    const action = parts.actions[move.rule];
    const successor = action?.successors((slot) => values[slot])[move.nth];
    if (successor === undefined)
      throw disagreement(`${JSON.stringify(action?.name)} did not do again what it did before`);
    for (const [slot, value] of successor.writes) values[slot] = value;
    return system.label(successor.choice);
  });
  const told = replay(system, labels, { mode: "strict" });
  if (told.outcome === "stuck")
    throw disagreement(`${JSON.stringify(told.label)} is not enabled after ${told.at} choices`);
  if (canonicalJson(told.state) !== canonicalJson(parts.join(values))) {
    throw disagreement(`after ${JSON.stringify(labels)} the system is in another state`);
  }
  return { labels, state: told.state };
}

function disagreement(what: string): ExploreError {
  return new ExploreError(
    "E_PARTS",
    `A story could not be told: ${what}. Search in checked mode to see where parts and system part.`,
  );
}
