/** Searches for threads to build by name: what `searchOnCores` is tested with. */
import type { Searched } from "../../search-workers/search-source.ts";
import { counters } from "../explore/part-systems.ts";

interface CounterSearch {
  readonly limit: number;
  /** A pair of counters that must not stand at this value together. */
  readonly apart?: number;
  /** Raising a counter to this value writes what is no data. */
  readonly broken?: number;
  /** A thread that finds a counter at this value ends itself. */
  readonly deadly?: number;
}

export function counterSearch({ limit, apart = -1, broken = -1, deadly = -1 }: CounterSearch): Searched {
  const { parts, ...system } = counters(["a", "b", "c"], limit);
  const actions = parts.actions.map((action) => ({
    ...action,
    successors: (read: (slot: number) => unknown) =>
      action.successors(read).map(({ choice, writes }) => ({
        choice,
        writes: writes.map(([slot, value]) => {
          if (value === deadly) process.exit();
          return [slot, value === broken ? new Map() : value] as const;
        }),
      })),
  }));
  const check = (slot: number) => (read: (slot: number) => unknown) => read(slot) !== apart || read(slot + 1) !== apart;
  const invariants = [{ name: "apart", checks: [check(0), check(1)] }];
  return { system: { ...system, parts: { ...parts, actions } } as Searched["system"], invariants };
}
