/**
 * The order in which one search alone would have found the new states of a round: by the rank of the parent in its level,
 * then by the number of the outcome. Shards list theirs in this order, and all of them together come to the same ranks.
 */

/** The first thing that would have ended a search alone. */
export interface Cut {
  readonly end: "violation" | "maxStates";
  /** The outcome at which it ends; it is the last one that is looked at. */
  readonly rank: number;
  readonly nth: number;
}

export interface RoundOrder {
  /** For every list how many of its states are found before the search ends. */
  readonly taken: readonly number[];
  /** Of all lists. */
  readonly count: number;
  readonly cut: Cut | null;
}

/**
 * `lists`: rank and nth of every new state, by shard. `stopAt`: the state of each list at which the search ends, or -1.
 * `room`: how many states may be found. Writes the place of each state of list `own` to `places`.
 */
export function orderRound(
  lists: readonly Int32Array[],
  stopAt: readonly number[],
  room: number,
  own: number,
  places: Int32Array,
): RoundOrder {
  const taken = lists.map(() => 0);
  let count = 0;
  while (true) {
    const next = nextOf(lists, taken);
    if (next === -1) return { taken, count, cut: null };
    const at = taken[next] as number;
    const [rank, nth] = [lists[next]?.[2 * at] as number, lists[next]?.[2 * at + 1] as number];
    if (count === room) return { taken, count, cut: { end: "maxStates", rank, nth } };
    if (next === own) places[at] = count;
    taken[next] = at + 1;
    count += 1;
    if (at === stopAt[next]) return { taken, count, cut: { end: "violation", rank, nth } };
  }
}

/** The list whose next state comes first; -1 if all are at their end. */
function nextOf(lists: readonly Int32Array[], taken: readonly number[]): number {
  let [best, bestRank, bestNth] = [-1, 0, 0];
  for (let list = 0; list < lists.length; list += 1) {
    const keys = lists[list] as Int32Array;
    const at = 2 * (taken[list] as number);
    if (at === keys.length) continue;
    const rank = keys[at] as number;
    const nth = keys[at + 1] as number;
    if (best !== -1 && (rank > bestRank || (rank === bestRank && nth > bestNth))) continue;
    [best, bestRank, bestNth] = [list, rank, nth];
  }
  return best;
}
