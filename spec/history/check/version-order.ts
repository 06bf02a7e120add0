/** The order of what stands in a log: every place of every value of a key, from low to high. */
import type { LogFacts } from "./log-facts.ts";

/** `offsets` and `rows` belong together. */
export interface VersionOrder {
  readonly offsets: readonly number[];
  readonly rows: readonly number[];
}

/** By the number of the key. What only a failed send could have written stands here too, if it was seen. */
export function versionOrders(facts: LogFacts): readonly VersionOrder[] {
  const offsets: number[][] = Array.from({ length: facts.keys.count() }, () => []);
  const rows: number[][] = Array.from({ length: facts.keys.count() }, () => []);
  const isSorted: boolean[] = offsets.map(() => true);
  const add = (key: number, offset: number, row: number) => {
    const list = offsets[key];
    if (list === undefined) return;
    if (offset < (list.at(-1) ?? -1)) isSorted[key] = false;
    list.push(offset);
    rows[key]?.push(row);
  };
  for (let row = 0; row < facts.valueCount(); row++) {
    const [first, last, key] = [facts.first.get(row), facts.last.get(row), facts.keyOf.get(row)];
    if (first === -1) continue;
    if (first === last) add(key, first, row);
    else for (const { offset } of facts.placesOf(row)) add(key, offset, row);
  }
  return offsets.map((list, key) => {
    const ofKey = rows[key] ?? [];
    return isSorted[key] === true ? { offsets: list, rows: ofKey } : sorted(list, ofKey);
  });
}

/** A sort that is fast where much is in order already. */
function sorted(offsets: readonly number[], rows: readonly number[]): VersionOrder {
  const places = Array.from(offsets, (_, place) => place);
  places.sort((a, b) => (offsets[a] ?? 0) - (offsets[b] ?? 0) || (rows[a] ?? 0) - (rows[b] ?? 0));
  return { offsets: places.map((place) => offsets[place] ?? 0), rows: places.map((place) => rows[place] ?? 0) };
}
