/**
 * A renaming under which a system looks the same, part by part: for interchangeable things, such as equal replicas.
 *
 * It is a bijection of states that maps the initial state to itself and successors to successors. States that such
 * renamings map onto each other (an orbit) can then be searched as one.
 */
export interface PartPermutation {
  /** For every slot the slot whose value moves there. */
  readonly from: readonly number[];
  /** The value with the names in it renamed; `slot` is where it comes from. Pure. */
  rename(slot: number, value: unknown): unknown;
}

/** The parts of the renamed state. */
export function permuteParts(parts: readonly unknown[], permutation: PartPermutation): readonly unknown[] {
  return permutation.from.map((slot) => permutation.rename(slot, parts[slot]));
}
