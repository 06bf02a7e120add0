/** The parts of a system that has none: the whole state in one slot, so that whatever can search parts can search it. */
import type { Parts } from "./parts.ts";
import type { System } from "./system.ts";

export function oneSlotParts<State, Choice>(system: System<State, Choice>): Parts<State, Choice> {
  return {
    slots: ["state"],
    split: (state) => [state],
    join: ([state]) => state as State,
    actions: [
      {
        name: "step",
        successors(read) {
          const state = read(0) as State;
          return system.enabled(state).map((choice) => ({ choice, writes: [[0, system.apply(state, choice)]] }));
        },
      },
    ],
  };
}
