/**
 * The yardstick: the same philosophers, searched as one would write it in an afternoon. Plain objects, `JSON.stringify` as
 * key, a `Set`. It shares no code with the explorer, and it is frozen, so that ratios keep their meaning.
 */

interface Table {
  readonly philosophers: readonly string[];
  readonly holders: readonly (number | null)[];
}

/** How many tables there are. */
export function naivePhilosophers(count: number): number {
  const initial: Table = { philosophers: Array(count).fill("thinks"), holders: Array(count).fill(null) };
  const seen = new Set([JSON.stringify(initial)]);
  let level = [initial];
  while (level.length > 0) {
    const next: Table[] = [];
    for (const table of level) {
      for (let who = 0; who < count; who += 1) {
        const successor = successorOf(table, who, (who + 1) % count);
        if (successor === null) continue;
        const key = JSON.stringify(successor);
        if (seen.has(key)) continue;
        seen.add(key);
        next.push(successor);
      }
    }
    level = next;
  }
  return seen.size;
}

function successorOf(table: Table, who: number, right: number): Table | null {
  const philosophers = table.philosophers.slice();
  const holders = table.holders.slice();
  if (philosophers[who] === "thinks") {
    if (holders[who] !== null) return null;
    philosophers[who] = "hungry";
    holders[who] = who;
  } else if (philosophers[who] === "hungry") {
    if (holders[right] !== null) return null;
    philosophers[who] = "eats";
    holders[right] = who;
  } else {
    philosophers[who] = "thinks";
    holders[who] = null;
    holders[right] = null;
  }
  return { philosophers, holders };
}
