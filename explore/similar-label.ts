/** The enabled choice that stands closest to one that is not: the same text with other numbers. */

/**
 * Leave one choice out, and what is counted moves: "elects 2 in epoch 1" must be said "elects 2 in epoch 0" now. Of the
 * labels that differ from `label` in numbers only, this is the first of those that differ in the fewest; `null` if there
 * is none.
 */
export function similarLabel(label: string, enabled: Iterable<string>): string | null {
  const [text, numbers] = apart(label);
  let best: string | null = null;
  let fewest = Number.POSITIVE_INFINITY;
  for (const other of enabled) {
    const [otherText, otherNumbers] = apart(other);
    if (otherText !== text) continue;
    const differing = numbers.filter((number, index) => number !== otherNumbers[index]).length;
    if (differing >= fewest) continue;
    best = other;
    fewest = differing;
  }
  return best;
}

/** The text without its numbers, and the numbers. */
function apart(label: string): readonly [text: string, numbers: readonly string[]] {
  return [label.replace(/\d+/g, "#"), label.match(/\d+/g) ?? []];
}
