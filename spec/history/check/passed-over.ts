/** The stretches of a log that some reader has passed over: from one record that it was given to the next one. */

/** One stretch, both ends exclusive, with the operations that show them. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly before: number;
  readonly after: number;
  readonly client: string;
}

export interface PassedOver {
  add(key: number, stretch: Stretch): void;
  /** Of each key, from low to high, of each beginning the longest. */
  stretches(): readonly (readonly [key: number, readonly Stretch[]])[];
  /** Does the offset lie within any stretch of the key? Ask when all was added. */
  covers(key: number, offset: number): boolean;
}

/** Memory: one entry for each gap in the offsets of a log that readers have met, not for each time. */
export function createPassedOver(): PassedOver {
  const longest = new Map<number, Map<number, Stretch>>();
  const sorted = new Map<number, { readonly from: readonly number[]; readonly reach: readonly number[] }>();

  function inOrder(stretches: ReadonlyMap<number, Stretch>): Stretch[] {
    return [...stretches.values()].sort((a, b) => a.from - b.from);
  }

  return {
    add(key, stretch) {
      let ofKey = longest.get(key);
      if (ofKey === undefined) {
        ofKey = new Map();
        longest.set(key, ofKey);
      }
      const known = ofKey.get(stretch.from);
      if (known === undefined || known.to < stretch.to) ofKey.set(stretch.from, stretch);
      sorted.delete(key);
    },
    stretches: () => [...longest].sort(([a], [b]) => a - b).map(([key, ofKey]) => [key, inOrder(ofKey)]),
    covers(key, offset) {
      let lists = sorted.get(key);
      if (lists === undefined) {
        const stretches = inOrder(longest.get(key) ?? new Map());
        let furthest = -1;
        const reach = stretches.map(({ to }) => {
          furthest = Math.max(furthest, to);
          return furthest;
        });
        lists = { from: stretches.map(({ from }) => from), reach };
        sorted.set(key, lists);
      }
      const count = countBelow(lists.from, offset);
      return count > 0 && (lists.reach[count - 1] ?? -1) > offset;
    },
  };
}

/** How many of the ascending numbers are below the limit. */
export function countBelow(ascending: ArrayLike<number>, limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
