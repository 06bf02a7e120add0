/** Guards and actions of a statechart, resolved once by name, as plain functions of a step under way. */
import type { AnyStateMachine } from "xstate";
import type { Effects } from "../effect.ts";
import type { StepAction } from "./machines.ts";

interface MachineEvent {
  readonly type: string;
}

/** One step of one machine under way. */
export interface Run {
  context: unknown;
  event: MachineEvent;
  /** Raised without a delay: taken within the same step. */
  readonly raised: MachineEvent[];
  readonly actions: StepAction[];
}

export type Guard = (run: Run) => boolean;
export type Action = (run: Run) => void;

/** What XState's `assign`, `emit`, `raise`, `cancel` and `and` make: functions that carry their arguments. */
interface Built {
  readonly name: string;
  readonly type?: string;
  readonly check?: unknown;
  readonly guards?: readonly unknown[];
  readonly assignment?: unknown;
  readonly event?: unknown;
  readonly id?: unknown;
  readonly delay?: unknown;
  readonly sendId?: unknown;
}

type Args = Pick<Run, "context" | "event">;

export function compileGuard(machine: AnyStateMachine, guard: unknown): Guard {
  const { built, name } = resolved(machine, "guards", guard);
  if (built.check === undefined) return (run) => (built as unknown as (args: Args) => boolean)(run);
  if (built.name !== "and" || built.guards === undefined) return refuse(machine, `the guard ${name}`);
  const all = built.guards.map((inner) => compileGuard(machine, inner));
  return (run) => all.every((inner) => inner(run));
}

export function compileAction(machine: AnyStateMachine, action: unknown): Action {
  const { built, name } = resolved(machine, "actions", action);
  switch (built.type) {
    case "xstate.assign": {
      const update = updateOf(built.assignment);
      return (run) => {
        run.context = { ...(run.context as object), ...update(run) };
      };
    }
    case "xstate.emit": {
      const event = giverOf<Effects>(built.event);
      return (run) => {
        run.actions.push(...event(run).effects);
      };
    }
    case "xstate.raise":
      return compileRaise(machine, built, name);
    case "xstate.cancel": {
      const id = fixed(machine, built.sendId, `the id of ${name}`);
      return (run) => {
        run.actions.push({ kind: "cancel", id });
      };
    }
    default:
      return refuse(machine, `the action ${name}`);
  }
}

function compileRaise(machine: AnyStateMachine, built: Built, name: string): Action {
  const event = giverOf<MachineEvent>(built.event);
  if (built.delay === undefined) {
    return (run) => {
      run.raised.push(event(run));
    };
  }
  const id = fixed(machine, built.id, `the id of ${name}`);
  const delays = machine.implementations.delays as Readonly<Record<string, unknown>>;
  const delay = giverOf<number>(typeof built.delay === "string" ? delays[built.delay] : built.delay);
  return (run) => {
    const due = delay(run);
    if (typeof due !== "number") throw new Error(`${machine.id}: the delay of ${name} is no number`);
    run.actions.push({ kind: "arm", id, delay: due, event: event(run) });
  };
}

/** `assign` takes a function, or a map of functions and values. */
function updateOf(assignment: unknown): (run: Run) => object {
  if (typeof assignment === "function") return giverOf<object>(assignment);
  const parts = Object.entries(assignment as object).map(([key, part]) => [key, giverOf<unknown>(part)] as const);
  return (run) => Object.fromEntries(parts.map(([key, part]) => [key, part(run)]));
}

/** A value, or a function of context and event that gives it. */
function giverOf<Value>(given: unknown): (run: Run) => Value {
  return typeof given === "function" ? (run) => (given as (args: Args) => Value)(run) : () => given as Value;
}

function resolved(machine: AnyStateMachine, slot: "guards" | "actions", given: unknown) {
  const name = typeof given === "string" ? given : String((given as Built).name);
  const built = typeof given === "string" ? (machine.implementations[slot] as Record<string, unknown>)[given] : given;
  if (typeof built !== "function") return refuse(machine, `the ${slot.slice(0, -1)} ${name}, which is no function,`);
  return { built: built as unknown as Built, name };
}

function fixed(machine: AnyStateMachine, value: unknown, what: string): string {
  return typeof value === "string" ? value : refuse(machine, `${what}, which is not fixed,`);
}

function refuse(machine: AnyStateMachine, what: string): never {
  throw new Error(`${machine.id}: ${what} is not compiled`);
}
