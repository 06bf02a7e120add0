/** A rule of one statechart as data: the events that a fresh machine takes, and what must have come of them. */
import type { MachineKind, Stepper } from "../../model/cluster/machines.ts";
import type { Effect } from "../../model/effect.ts";
import type { LogReconciliation } from "../../spec/config/cluster-config.ts";

interface Event {
  readonly type: string;
}

/** Lets a timer run out that the machine has armed; an error if it does not run. */
export interface Fire extends Event {
  readonly type: "fire";
  readonly timer: string;
}

export const fire = (timer: string): Fire => ({ type: "fire", timer });

export interface MachineCase<MachineEvent extends Event = Event> {
  /** The rule, in words. */
  readonly name: string;
  readonly kind: MachineKind;
  readonly input: unknown;
  /** Which variant of the machines; `kip-595` if not given. */
  readonly reconciliation?: LogReconciliation;
  readonly events: readonly (MachineEvent | Fire)[];
  readonly expect: Expectation;
}

/** All of it exact; what is left out is not looked at. */
export interface Expectation {
  /** State value at the end. */
  readonly value?: unknown;
  /** Some fields of the context at the end. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** All effects of the last event, in order; of the creation, if there are no events. */
  readonly effects?: readonly Effect[];
  /** The effects of the last event that are of these kinds. */
  readonly effectsOf?: { readonly [Kind in Effect["kind"]]?: readonly Effect[] };
  /** Timers that the last event has armed, with their delays in milliseconds. */
  readonly armed?: Readonly<Record<string, number>>;
  /** Timers that run at the end, in alphabetical order. */
  readonly running?: readonly string[];
  /** Has the machine come to its end? */
  readonly done?: boolean;
}

/** Plays a case; the result has the fields of the case's expectation, and should equal it. */
export function runCase(stepper: Stepper, { kind, input, events, expect }: MachineCase): Expectation {
  const timers = new Map<string, Event>();
  let step = stepper.create(kind, input);
  const noteTimers = () => {
    for (const action of step.actions) {
      if (action.kind === "cancel") timers.delete(timerName(action.id));
      if (action.kind === "arm") timers.set(timerName(action.id), action.event);
    }
  };
  noteTimers();
  for (const event of events) {
    step = stepper.step(step.state, "timer" in event ? takeTimer(timers, event.timer) : event);
    noteTimers();
  }
  const effects = step.actions.filter((action) => action.kind !== "arm" && action.kind !== "cancel");
  const context = step.state.context as Readonly<Record<string, unknown>>;
  const seen: Required<Expectation> = {
    value: step.state.value,
    context: pick(expect.context, (field) => context[field]),
    effects,
    effectsOf: pick(expect.effectsOf, (kind) => effects.filter((effect) => effect.kind === kind)),
    armed: Object.fromEntries(
      step.actions.flatMap((action) => (action.kind === "arm" ? [[timerName(action.id), action.delay]] : [])),
    ),
    running: [...timers.keys()].sort(),
    done: step.done,
  };
  return pick(expect, (field) => seen[field as keyof Expectation]);
}

/** `xstate.after.linger.batch.lingering` is the timer `linger`; a timer that has a name of its own keeps it. */
function timerName(id: string): string {
  return /^xstate\.after\.([^.]+)\./.exec(id)?.[1] ?? id;
}

function takeTimer(timers: Map<string, Event>, name: string): Event {
  const event = timers.get(name);
  if (event === undefined) throw new Error(`the timer ${name} does not run`);
  timers.delete(name);
  return event;
}

/** An object with the same fields, each with the value found for it. */
function pick(fields: object | undefined, find: (field: string) => unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.keys(fields ?? {}).map((field) => [field, find(field)]));
}
