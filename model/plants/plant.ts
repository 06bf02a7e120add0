/**
 * Planted bugs: a guard, an action or a delay of one machine is replaced by name, and a requirement has to notice. No
 * machine knows of them. A name that is misspelt is an error here; XState would take it in silence.
 */
import { type AnyStateMachine, assign } from "xstate";
import type { MachineKind } from "../cluster/machines.ts";

export type Machines = Readonly<Record<MachineKind, AnyStateMachine>>;

type Slot = "guards" | "actions" | "delays";

export type PlantedBug = Planted & Visibility;

interface Planted {
  readonly id: string;
  /** What is wrong, in words. */
  readonly title: string;
  readonly machine: MachineKind;
  /** What is put in whose place, by slot and name. */
  readonly replaces: { readonly [In in Slot]?: Readonly<Record<string, unknown>> };
  /** The requirement that has to notice. */
  readonly requirement: string;
}

/** What a history shows of it, an anomaly's name; or why no client can see it, whatever breaks in the model. */
type Visibility =
  | { readonly anomaly: string; readonly unseenBecause?: never }
  | { readonly anomaly: null; readonly unseenBecause: string };

/** The machines with the bug in them. Throws `RangeError` for a name that the machine does not have. */
export function plant(bug: PlantedBug, machines: Machines): Machines {
  const machine = machines[bug.machine];
  for (const slot of ["guards", "actions", "delays"] as const) {
    for (const name of Object.keys(bug.replaces[slot] ?? {})) {
      if (!(name in machine.implementations[slot])) {
        throw new RangeError(`${bug.id}: the machine ${bug.machine} has no ${slot.slice(0, -1)} ${name}`);
      }
    }
  }
  return { ...machines, [bug.machine]: machine.provide(bug.replaces as Parameters<AnyStateMachine["provide"]>[0]) };
}

/** An action that changes the context. */
export function change<Context>(
  update: (args: { readonly context: Context; readonly event: never }) => Partial<Context>,
): unknown {
  return assign(update as never);
}

/** An action that does nothing. */
export const nothing: unknown = assign({});

export const always = () => true;
export const never = () => false;
