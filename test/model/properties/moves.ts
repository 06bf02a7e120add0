/** What the sequences of all machines are drawn from. */
import fc from "fast-check";

/** A long list of moves; it shrinks to a short one. Without bias: small numbers are no better than others here. */
export function moves<Move>(move: fc.Arbitrary<Move>, maxLength = 60): fc.Arbitrary<Move[]> {
  return fc.noBias(fc.array(move, { maxLength, size: "max" }));
}

/** One of a list, by a number that was drawn before the list was known; nothing of an empty one. */
export function pick<Item>(items: readonly Item[], number: number): Item | undefined {
  return items[number % Math.max(1, items.length)];
}

/** A number to `pick` by. */
export const anyNumber = fc.nat(999);
