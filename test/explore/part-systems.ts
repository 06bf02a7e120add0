/** Small systems with parts, to search in tests. States and parts are written apart where it is not a matter of course. */
import type { PartAction, Parts } from "../../explore/parts.ts";
import type { System } from "../../explore/system.ts";

export type SearchedSystem<State, Choice> = System<State, Choice> & { readonly parts: Parts<State, Choice> };

/** A choice of `fromActions`. */
export interface Step {
  readonly action: string;
  readonly nth: number;
}

/** A system over a list of values, all of whose rules are its actions over parts. */
export function fromActions(
  initial: readonly unknown[],
  actions: readonly PartAction<Step>[],
): SearchedSystem<readonly unknown[], Step> {
  const steps = (state: readonly unknown[]) => actions.flatMap((action) => action.successors((slot) => state[slot]));
  return {
    initial: () => initial,
    enabled: (state) => steps(state).map(({ choice }) => choice),
    apply(state, { action, nth }) {
      const next = [...state];
      const step = steps(state).find(({ choice }) => choice.action === action && choice.nth === nth);
      for (const [slot, value] of step?.writes ?? []) next[slot] = value;
      return next;
    },
    label: ({ action, nth }) => `${action} ${nth}`,
    parts: {
      slots: initial.map((_, slot) => `slot ${slot}`),
      split: (state) => state,
      join: (parts) => parts,
      actions,
    },
  };
}

export type Counters = Readonly<Record<string, number>>;

/** `names.length` counters from 0 to `limit`, each of which may be raised: (limit + 1)^n states, one deadlock. */
export function counters(names: readonly string[], limit: number): SearchedSystem<Counters, string> {
  return {
    initial: () => Object.fromEntries(names.map((name) => [name, 0])),
    enabled: (state) => names.filter((name) => (state[name] ?? 0) < limit),
    apply: (state, name) => ({ ...state, [name]: (state[name] ?? 0) + 1 }),
    label: (name) => `raise ${name}`,
    parts: {
      slots: names,
      split: (state) => names.map((name) => state[name]),
      join: (parts) => Object.fromEntries(names.map((name, slot) => [name, parts[slot] as number])),
      actions: names.map((name, slot) => ({
        name: `raise ${name}`,
        successors(read) {
          const count = read(slot) as number;
          return count < limit ? [{ choice: name, writes: [[slot, count + 1]] }] : [];
        },
      })),
    },
  };
}

export interface Table {
  /** Whether each fork lies on the table; fork i lies left of philosopher i. */
  readonly forks: readonly boolean[];
  readonly philosophers: readonly ("thinks" | "hungry" | "eats")[];
}

export interface Meal {
  readonly who: number;
  readonly does: "takes left" | "takes right" | "puts back";
}

/** Dining philosophers who take the left fork first (Dijkstra): they starve when each has one fork. */
export function philosophers(count: number): SearchedSystem<Table, Meal> {
  const at = <Value>(list: readonly Value[], index: number, value: Value) =>
    list.map((old, position) => (position === index ? value : old));
  const mealOf = (table: Table, who: number): Meal | null => {
    const does = { thinks: "takes left", hungry: "takes right", eats: "puts back" } as const;
    const doing = table.philosophers[who] ?? "thinks";
    const fork = { thinks: who, hungry: (who + 1) % count, eats: -1 }[doing];
    return fork === -1 || table.forks[fork] ? { who, does: does[doing] } : null;
  };
  return {
    initial: () => ({ forks: Array(count).fill(true), philosophers: Array(count).fill("thinks") }),
    enabled: (table) => table.philosophers.map((_, who) => mealOf(table, who)).filter((meal) => meal !== null),
    apply({ forks, philosophers }, { who, does }) {
      const right = (who + 1) % count;
      if (does === "takes left") {
        return { forks: at(forks, who, false), philosophers: at(philosophers, who, "hungry") };
      }
      if (does === "takes right")
        return { forks: at(forks, right, false), philosophers: at(philosophers, who, "eats") };
      return { forks: at(at(forks, who, true), right, true), philosophers: at(philosophers, who, "thinks") };
    },
    label: ({ who, does }) => `${who} ${does}`,
    parts: {
      slots: [...Array(count).keys()].flatMap((index) => [`fork ${index}`, `philosopher ${index}`]),
      split: ({ forks, philosophers }) => forks.flatMap((fork, index) => [fork, philosophers[index]]),
      join: (parts) => ({
        forks: parts.filter((_, slot) => slot % 2 === 0) as boolean[],
        philosophers: parts.filter((_, slot) => slot % 2 === 1) as Table["philosophers"],
      }),
      actions: [...Array(count).keys()].map((who) => philosopherAction(who, 2 * ((who + 1) % count))),
    },
  };
}

/** Putting back writes forks that it does not read. */
function philosopherAction(who: number, right: number): PartAction<Meal> {
  const [left, self] = [2 * who, 2 * who + 1];
  return {
    name: `philosopher ${who}`,
    successors(read) {
      switch (read(self)) {
        case "thinks":
          if (!read(left)) return [];
          return [
            {
              choice: { who, does: "takes left" },
              writes: [
                [left, false],
                [self, "hungry"],
              ],
            },
          ];
        case "hungry":
          if (!read(right)) return [];
          return [
            {
              choice: { who, does: "takes right" },
              writes: [
                [right, false],
                [self, "eats"],
              ],
            },
          ];
        default: {
          return [
            {
              choice: { who, does: "puts back" },
              writes: [
                [left, true],
                [right, true],
                [self, "thinks"],
              ],
            },
          ];
        }
      }
    },
  };
}

/** Two sides that send each other numbers over queues of at most `room` messages; each counts up to `limit`. */
export function pingPong(limit: number, room: number): SearchedSystem<readonly unknown[], Step> {
  const [queueTo, countOf] = [(side: number) => side, (side: number) => 2 + side];
  const send = (side: number): PartAction<Step> => ({
    name: `${side} sends`,
    successors(read) {
      const queue = read(queueTo(1 - side)) as readonly number[];
      if (queue.length === room) return [];
      const count = read(countOf(side)) as number;
      return [{ choice: { action: `${side} sends`, nth: 0 }, writes: [[queueTo(1 - side), [...queue, count]]] }];
    },
  });
  const receive = (side: number): PartAction<Step> => ({
    name: `${side} receives`,
    successors(read) {
      const [message, ...rest] = read(queueTo(side)) as readonly number[];
      if (message === undefined) return [];
      const choice = { action: `${side} receives`, nth: 0 };
      const take = [queueTo(side), rest] as const;
      const count = read(countOf(side)) as number;
      const lost = { choice: { ...choice, nth: 1 }, writes: [take] };
      if (message < count || count === limit) return [lost];
      return [{ choice, writes: [take, [countOf(side), message + 1]] as const }, lost];
    },
  });
  return fromActions([[], [], 0, 0], [send(0), send(1), receive(0), receive(1)]);
}
