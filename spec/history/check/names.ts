/** Numbers for names, in the order in which they are first met. */

export interface Names {
  /** The number of a name, a new one where it is not known yet. */
  numberOf(name: string): number;
  /** `undefined` where the name was never met. */
  find(name: string): number | undefined;
  nameOf(number: number): string;
  count(): number;
}

/** A `Map` takes 2^24 entries; with more names, there are several. */
const entriesMax = 2 ** 23;

/** With `next`, several share one row of numbers, and each knows only the names of its own. */
export function createNames(next: { row: number } = { row: 0 }, names: string[] = []): Names {
  let newest = new Map<string, number>();
  const full: Map<string, number>[] = [];
  const find = (name: string): number | undefined => {
    const found = newest.get(name);
    if (found !== undefined || full.length === 0) return found;
    return full.find((one) => one.has(name))?.get(name);
  };
  return {
    find,
    numberOf(name) {
      const known = find(name);
      if (known !== undefined) return known;
      if (newest.size >= entriesMax) {
        full.push(newest);
        newest = new Map();
      }
      const number = next.row;
      next.row += 1;
      newest.set(name, number);
      names[number] = name;
      return number;
    },
    nameOf: (number) => names[number] ?? "",
    count: () => next.row,
  };
}
