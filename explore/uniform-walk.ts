/**
 * Random search without a guide: runs from the initial state, each choice as likely as any other that is enabled.
 *
 * It is what guides are measured against. Where runs do not end by themselves, they end after 100 steps, as those of the
 * TLC model checker do in simulation.
 */
import { FingerprintTable } from "./fingerprint-table.ts";
import { Frontier } from "./frontier.ts";
import { createRandom } from "./random.ts";
import type { System } from "./system.ts";
import { checkWalkOptions, type WalkOptions, type WalkResult } from "./walk-options.ts";
import { type WalkChoice, WalkSteps } from "./walk-steps.ts";

const runSteps = 100;

/** "complete" only if nothing is enabled in the initial state. Throws `E_NUMBER` for a seed or limit out of range. */
export function uniformWalk<State, Choice>(system: System<State, Choice>, options: WalkOptions): WalkResult<State> {
  checkWalkOptions(options);
  const { seed, maxTransitions, invariants = [] } = options;
  const random = createRandom(seed);
  const steps = new WalkSteps(system, invariants);
  const seen = new FingerprintTable();
  /** The run: its states, and the moves between them. */
  const rows = new Frontier(steps.slots);
  let moves: number[] = [];
  let transitions = 0;
  const result = (end: WalkResult<State>["end"], invariant: string | null = null): WalkResult<State> => ({
    end,
    transitions,
    states: seen.size,
    violation: invariant === null ? null : { invariant, ...steps.story(moves) },
  });

  let row = steps.begin(rows);
  while (true) {
    seen.add(rows.rows[row] as number, rows.rows[row + 1] as number);
    const { choices, violated } = steps.view(rows, row);
    if (violated !== null) return result("violation", violated);
    if (transitions === 0 && choices.length === 0) return result("complete");
    if (transitions === maxTransitions) return result("maxTransitions");
    if (options.shouldStop?.() === true) return result("stopped");
    if (choices.length === 0 || moves.length === runSteps) {
      rows.count = 1;
      moves = [];
      row = 0;
      continue;
    }
    const choice = choices[random.below(choices.length)] as WalkChoice;
    row = steps.step(rows, row, choice);
    moves.push(choice.move);
    transitions += 1;
  }
}
