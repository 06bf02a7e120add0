/**
 * Trials of one machine by itself: fast-check draws what happens to it, the machine is stepped, and its promises are
 * judged after every step. A trial also keeps count, as a promise whose premise never comes is worth nothing: in the
 * end every state of the chart must have been rested in, every guard must have come out both ways, and every promise
 * must have been at stake often enough.
 */
import fc from "fast-check";
import { expect } from "vitest";
import type { AnyStateMachine } from "xstate";
import { createCompiledStepper } from "../../../model/cluster/compiled-stepper.ts";
import { createMachines, type MachineKind, type MachineState, type Stepper } from "../../../model/cluster/machines.ts";
import type { Effect } from "../../../model/effect.ts";
import type { Partitioners } from "../../../spec/partitioner.ts";
import { createPlainness } from "./plainness.ts";

interface Event {
  readonly type: string;
}

export interface Timer {
  /** `linger` for `xstate.after.linger.batch.lingering`; a timer that has a name of its own keeps it. */
  readonly name: string;
  readonly event: Event;
  readonly delay: number;
  /** Virtual milliseconds since the machine was created. */
  readonly due: number;
}

/** One step of the machine, as its judge sees it. */
export interface Stepped<Context> {
  readonly event: Event;
  /** Name of the timer that fired; `null` for any other event. */
  readonly timer: string | null;
  readonly before: Context;
  readonly after: Context;
  /** Leaf states, as `online.follower.idle`. */
  readonly statesBefore: readonly string[];
  readonly states: readonly string[];
  readonly effects: readonly Effect[];
  readonly armed: readonly Timer[];
  readonly done: boolean;
}

export interface Run<Context, MachineEvent extends Event> {
  readonly context: () => Context;
  readonly states: () => readonly string[];
  readonly timers: () => readonly Timer[];
  readonly now: () => number;
  readonly isDone: () => boolean;
  /** Timers that the creation has armed, and its effects. */
  readonly created: Stepped<Context>;
  send(event: MachineEvent): Stepped<Context>;
  /** Lets a running timer fire, whenever it is due: what a guarantee rests on is no timer's moment. */
  fire(timer: Timer): Stepped<Context>;
  /** Lets time pass; what comes due meanwhile fires in its order, and is seen with the clock at that moment. */
  elapse(ms: number, see: (stepped: Stepped<Context>) => void): void;
}

export interface Trial<Promise extends string> {
  start<Context, MachineEvent extends Event>(input: unknown): Run<Context, MachineEvent>;
  /** A promise is at stake: the trial fails unless it is kept. */
  keep(promise: Promise, kept: boolean, about?: unknown): void;
}

interface Setting<Promise extends string, Drawn> {
  readonly kind: MachineKind;
  readonly promises: Readonly<Record<Promise, string>>;
  readonly draw: fc.Arbitrary<Drawn>;
  readonly numRuns: number;
  /** The user's own, which the machines may ask for. */
  readonly partitioners?: Partitioners;
  /** What only a variant of the machine comes to, by its name in the count: it must not come up here. */
  readonly ofVariants?: readonly string[];
  readonly play: (trial: Trial<Promise>, drawn: Drawn) => void;
}

/** How often every state, every side of a guard, and every promise has to come up at least. */
const timesMin = 20;

export function tryMachine<Promise extends string, Drawn>(setting: Setting<Promise, Drawn>): void {
  const { kind, promises, draw, numRuns, play, ofVariants = [] } = setting;
  const count = createCount();
  const machines = createMachines(setting.partitioners);
  const machine = withCountedGuards(machines[kind], count);
  const stepper = createCompiledStepper({ ...machines, [kind]: machine });
  const plainness = createPlainness();

  const trial: Trial<Promise> = {
    start: (input) =>
      startRun(
        (state, event) => (state === null ? stepper.create(kind, input) : stepper.step(state, event)),
        (state) => {
          plainness.check(state.context);
          for (const leaf of leavesOf(state.value)) count.add(`state ${leaf}`);
        },
      ),
    keep(promise, kept, about = null) {
      count.add(`promise ${promise}`);
      if (!kept) throw new Error(`${kind}: not kept: ${promises[promise]}\n${JSON.stringify(about)}`);
    },
  };
  fc.assert(
    fc.property(draw, (drawn) => play(trial, drawn)),
    { numRuns, seed: 20_260_729 },
  );
  const wanted = [
    ...restingStates(machine).map((state) => `state ${state}`),
    ...Object.keys(machine.implementations.guards).flatMap((name) => [`guard ${name} true`, `guard ${name} false`]),
    ...Object.keys(promises).map((promise) => `promise ${promise}`),
  ];
  expect(
    ofVariants.map((what) => count.of(what)),
    "what only variants come to",
  ).toEqual(ofVariants.map(() => 0));
  const rare = wanted
    .filter((what) => !ofVariants.includes(what) && count.of(what) < timesMin)
    .map((what) => `${what}: ${count.of(what)} times`);
  expect(rare, "what these sequences do not reach often enough").toEqual([]);
}

function createCount() {
  const counts = new Map<string, number>();
  return {
    add: (what: string) => counts.set(what, (counts.get(what) ?? 0) + 1),
    of: (what: string) => counts.get(what) ?? 0,
  };
}

function withCountedGuards(machine: AnyStateMachine, count: ReturnType<typeof createCount>): AnyStateMachine {
  const guards = Object.entries(machine.implementations.guards).map(([name, guard]) => {
    const decide = guard as (args: unknown, params: unknown) => boolean;
    const counted = (args: unknown, params: unknown) => {
      const result = decide(args, params);
      count.add(`guard ${name} ${result}`);
      return result;
    };
    return [name, counted];
  });
  return machine.provide({ guards: Object.fromEntries(guards) });
}

/** Atomic and final states, without those that are always left within the step that enters them. */
function restingStates(machine: AnyStateMachine): readonly string[] {
  const found: string[] = [];
  const visit = (node: AnyStateMachine["root"]): void => {
    for (const child of Object.values(node.states)) visit(child);
    const last = node.always?.at(-1);
    const isLeaf = node.type === "atomic" || node.type === "final";
    if (isLeaf && (last === undefined || last.guard !== undefined)) found.push(node.path.join("."));
  };
  visit(machine.root);
  return found;
}

function leavesOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  // An atomic region beside others.
  if (Object.keys(value as object).length === 0) return [""];
  return Object.entries(value as object).flatMap(([name, inner]) =>
    leavesOf(inner).map((leaf) => (leaf === "" ? name : `${name}.${leaf}`)),
  );
}

type TakeStep = (state: MachineState | null, event: Event) => ReturnType<Stepper["step"]>;

function startRun<Context, MachineEvent extends Event>(
  takeStep: TakeStep,
  visit: (state: MachineState) => void,
): Run<Context, MachineEvent> {
  let timers: readonly Timer[] = [];
  let now = 0;
  let state: MachineState | null = null;
  let done = false;

  function step(event: Event, timer: string | null): Stepped<Context> {
    const before = state;
    const { state: next, done: isDone, actions } = takeStep(before, event);
    state = next;
    done = isDone;
    visit(next);
    const armed: Timer[] = [];
    for (const action of actions) {
      if (action.kind !== "arm" && action.kind !== "cancel") continue;
      const name = timerName(action.id);
      timers = timers.filter((other) => other.name !== name);
      if (action.kind === "cancel") continue;
      const started = { name, event: action.event, delay: action.delay, due: now + action.delay };
      armed.push(started);
      timers = [...timers, started];
    }
    return {
      event,
      timer,
      before: (before ?? next).context as Context,
      after: next.context as Context,
      statesBefore: leavesOf((before ?? next).value),
      states: leavesOf(next.value),
      effects: actions.filter((action) => action.kind !== "arm" && action.kind !== "cancel"),
      armed,
      done,
    };
  }

  function fire(timer: Timer): Stepped<Context> {
    timers = timers.filter((other) => other !== timer);
    return step(timer.event, timer.name);
  }

  const created = step({ type: "created" }, null);
  return {
    context: () => state?.context as Context,
    states: () => leavesOf(state?.value ?? ""),
    timers: () => timers,
    now: () => now,
    isDone: () => done,
    created,
    send: (event) => step(event, null),
    fire,
    elapse(ms, see) {
      const until = now + ms;
      for (;;) {
        // At one moment in the order of names, as in the cluster.
        const [next] = timers
          .filter(({ due }) => due <= until)
          .sort((one, other) => one.due - other.due || (one.name < other.name ? -1 : 1));
        if (next === undefined) break;
        now = next.due;
        see(fire(next));
      }
      now = until;
    },
  };
}

/** The same name as in a machine's cases. */
function timerName(id: string): string {
  return /^xstate\.after\.([^.]+)\./.exec(id)?.[1] ?? id;
}
