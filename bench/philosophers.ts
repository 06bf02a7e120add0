/**
 * Dining philosophers who take the left fork first (Dijkstra, "Hierarchical Ordering of Sequential Processes", 1971): a
 * family of systems whose sizes are known, the Pell-Lucas numbers 2, 6, 14, 34, 82, …
 */
import type { PartAction } from "../explore/parts.ts";
import type { System } from "../explore/system.ts";

type Philosopher = "thinks" | "hungry" | "eats";

/** What each does, and who holds each fork; fork i lies left of philosopher i. */
export interface Table {
  readonly philosophers: readonly Philosopher[];
  readonly holders: readonly (number | null)[];
}

interface Meal {
  readonly label: string;
  readonly writes: readonly (readonly [slot: number, value: unknown])[];
}

/** How many different tables `count` philosophers have: the sum of (1 + √2)^count and (1 - √2)^count. */
export function tablesOf(count: number): number {
  let [before, tables] = [2, 2];
  for (let n = 1; n < count; n += 1) [before, tables] = [tables, 2 * tables + before];
  return tables;
}

export function createPhilosophers(count: number): System<Table, Meal> {
  const everyone = Array.from({ length: count }, (_, who) => who);
  const actions = everyone.map((who) => philosopherAction(who, count));
  const split = ({ philosophers, holders }: Table) =>
    everyone.flatMap((who): unknown[] => [philosophers[who], holders[who]]);
  const join = (parts: readonly unknown[]): Table => ({
    philosophers: everyone.map((who) => parts[2 * who] as Philosopher),
    holders: everyone.map((who) => parts[2 * who + 1] as number | null),
  });
  return {
    initial: () => ({ philosophers: everyone.map(() => "thinks"), holders: everyone.map(() => null) }),
    enabled: (table) => {
      const parts = split(table);
      return actions.flatMap((action) => action.successors((slot) => parts[slot]).map(({ choice }) => choice));
    },
    apply(table, { writes }) {
      const parts = [...split(table)];
      for (const [slot, value] of writes) parts[slot] = value;
      return join(parts);
    },
    label: ({ label }) => label,
    parts: { slots: everyone.flatMap((who) => [`philosopher ${who}`, `fork ${who}`]), split, join, actions },
  };
}

function philosopherAction(who: number, count: number): PartAction<Meal> {
  const [self, left, right] = [2 * who, 2 * who + 1, 2 * ((who + 1) % count) + 1];
  const meal = (does: string, writes: Meal["writes"]) => [{ choice: { label: `${who} ${does}`, writes }, writes }];
  return {
    name: `philosopher ${who}`,
    successors(read) {
      switch (read(self)) {
        case "thinks":
          return read(left) === null
            ? meal("takes left", [
                [self, "hungry"],
                [left, who],
              ])
            : [];
        case "hungry":
          return read(right) === null
            ? meal("takes right", [
                [self, "eats"],
                [right, who],
              ])
            : [];
        default:
          return meal("puts back", [
            [self, "thinks"],
            [left, null],
            [right, null],
          ]);
      }
    },
  };
}
