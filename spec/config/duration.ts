/** Durations as users write them: a number of milliseconds, or text with a unit: `500ms`, `10s`, `1.5s`, `2min`. */

/** The text form; a bare number in quotes is milliseconds. */
export const durationPattern = /^([0-9]{1,16})(?:\.([0-9]{1,3}))? ?(ms|s|min)?$/;

const millisecondsPer: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["min", 60_000],
]);

/** Whole milliseconds, or `null` when it is no duration: negative, not whole, another unit or no number at all. */
export function parseDuration(text: unknown): number | null {
  if (typeof text === "number") return wholeMilliseconds(text);
  if (typeof text !== "string") return null;
  const match = durationPattern.exec(text);
  if (match === null) return null;
  const [, whole = "", fraction = "", unit = "ms"] = match;
  // Divided last: 1.001 * 1000 is not 1001 in binary.
  return wholeMilliseconds((Number(whole + fraction) * (millisecondsPer.get(unit) ?? 1)) / 10 ** fraction.length);
}

/** Adding 0 makes -0 a 0. */
function wholeMilliseconds(value: number): number | null {
  return Number.isSafeInteger(value) && value >= 0 ? value + 0 : null;
}
