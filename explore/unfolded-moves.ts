/**
 * A way through orbits as a way through states: a search with symmetry finds moves of the states that stand for their
 * orbits, and a story is told of the states themselves.
 */
import { ExploreError } from "./explore-error.ts";
import { rowHeader } from "./frontier.ts";
import type { Move } from "./move-table.ts";
import type { PartPermutation } from "./part-permutation.ts";
import { PartTable } from "./part-table.ts";
import type { Parts } from "./parts.ts";
import { Symmetry } from "./symmetry.ts";
import { writtenParts } from "./written-parts.ts";

/**
 * Moves from the state with these parts through the same orbits. Throws `E_SYMMETRY` if a state cannot do what one of its
 * images can.
 */
export function unfoldedMoves(
  parts: Parts<unknown, unknown>,
  initial: readonly unknown[],
  moves: readonly Move[],
  permutations: readonly PartPermutation[],
): readonly Move[] {
  const table = new PartTable(parts.slots.length);
  const symmetry = new Symmetry(permutations, parts.slots.length, table);
  /** The numbers of the parts that stand for the orbit. */
  const orbitOf = (values: readonly unknown[]): readonly number[] => {
    const row = Int32Array.from([0, 0, ...values.map((value, slot) => table.intern(slot, value))]);
    symmetry.look(row, rowHeader);
    symmetry.replace(row, 0);
    return [...row.subarray(rowHeader)];
  };
  let real = initial;
  let orbit = orbitOf(initial);
  return moves.map(({ rule, nth }) => {
    const standIn = orbit.map((part) => table.value(part));
    const successor = parts.actions[rule]?.successors((slot) => standIn[slot])[nth];
    const target = orbitOf(writtenParts(standIn, successor?.writes ?? []));
    for (const [ruleHere, action] of parts.actions.entries()) {
      const state = real;
      for (const [nthHere, { writes }] of action.successors((slot) => state[slot]).entries()) {
        const next = writtenParts(state, writes);
        if (orbitOf(next).join() !== target.join()) continue;
        real = next;
        orbit = target;
        return { rule: ruleHere, nth: nthHere };
      }
    }
    const what = `${JSON.stringify(parts.actions[rule]?.name)} leads from an image of a state where nothing leads from the state itself`;
    throw new ExploreError("E_SYMMETRY", `${what}. The declared permutations are no symmetry of the system.`);
  });
}
