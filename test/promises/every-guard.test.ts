/**
 * Every decision and every action of the statecharts is live: forced to one side, or taken away, some rule breaks. And
 * names are bound: what a chart refers to exists, and what exists is referred to. (XState takes a misspelt name in
 * silence, and does nothing.)
 */
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { type AnyStateMachine, assign } from "xstate";
import { createMachines, createStepper, type MachineKind } from "../../model/cluster/machines.ts";
import { implementationsOf } from "../../model/replica/reconciliation.ts";
import { type LogReconciliation, logReconciliations } from "../../spec/config/cluster-config.ts";
import { cases, partitioners } from "../model/cases/index.ts";
import { runCase } from "../model/machine-case.ts";

/** A changed machine may run in circles. */
const microstepsMax = 500;

/** In every variant. */
const variants = new Map(logReconciliations.map((one) => [one, createMachines(partitioners, one)] as const));
const machines = createMachines(partitioners);
const kinds = Object.keys(machines) as MachineKind[];

type Change = (machine: AnyStateMachine) => AnyStateMachine;

/** Does any case of this machine notice the change, in the variant that it is about? */
function isNoticed(
  kind: MachineKind,
  change: Change,
  within: readonly LogReconciliation[] = logReconciliations,
): boolean {
  return within.some((reconciliation) => {
    const usual = variants.get(reconciliation) ?? machines;
    const changed = change(usual[kind]);
    changed.options.maxIterations = microstepsMax;
    const stepper = createStepper({ ...usual, [kind]: changed });
    return cases
      .filter((one) => one.kind === kind && (one.reconciliation ?? "kip-595") === reconciliation)
      .some((one) => {
        try {
          return !isDeepStrictEqual(runCase(stepper, one), one.expect);
        } catch {
          return true;
        }
      });
  });
}

/** An action that XState carries out by doing nothing. */
const nothing = assign({});

interface Names {
  readonly guards: Set<string>;
  readonly actions: Set<string>;
  readonly delays: Set<string>;
}

type Slot = keyof Names;
const slots: readonly Slot[] = ["guards", "actions", "delays"];

/** The names that a machine's chart refers to, and those that its implementations refer to. */
function namesUsed({ config, implementations }: AnyStateMachine): Names {
  const names: Names = { guards: new Set(), actions: new Set(), delays: new Set() };
  collectState(config, names);
  // A delayed raise names its delay in its implementation.
  for (const action of Object.values(implementations.actions)) {
    const { delay } = action as { readonly delay?: unknown };
    if (typeof delay === "string") names.delays.add(delay);
  }
  return names;
}

function collectState(state: object, names: Names): void {
  for (const [key, value] of Object.entries(state)) {
    switch (key) {
      case "id":
      case "type":
      case "initial":
      case "context":
      case "schemas":
        break;
      case "states":
        for (const child of Object.values(value)) collectState(child as object, names);
        break;
      case "entry":
      case "exit":
        collectActions(value, names);
        break;
      case "always":
        collectTransitions(value, names);
        break;
      case "after":
        for (const delay of Object.keys(value)) names.delays.add(delay);
        for (const transitions of Object.values(value)) collectTransitions(transitions, names);
        break;
      case "on":
        for (const transitions of Object.values(value)) collectTransitions(transitions, names);
        break;
      default:
        throw new Error(`a state with ${key}`);
    }
  }
}

/** One or several; a string is a target. */
function collectTransitions(transitions: unknown, names: Names): void {
  for (const transition of [transitions].flat()) {
    if (typeof transition === "string") continue;
    const { guard, actions } = transition as { readonly guard?: unknown; readonly actions?: unknown };
    if (guard !== undefined) collectGuards(guard, names);
    if (actions !== undefined) collectActions(actions, names);
  }
}

/** `and`, `or` and `not` are functions that keep the guards they join in a field. */
function collectGuards(guard: unknown, names: Names): void {
  if (typeof guard === "string") names.guards.add(guard);
  else for (const part of (guard as { readonly guards: readonly unknown[] }).guards) collectGuards(part, names);
}

function collectActions(actions: unknown, names: Names): void {
  for (const action of [actions].flat()) {
    if (typeof action !== "string") throw new Error("an action without a name");
    names.actions.add(action);
  }
}

describe.each(kinds)("in the chart of a %s", (kind) => {
  const machine = machines[kind];

  it("every name refers to something, and everything is referred to", () => {
    const used = namesUsed(machine);
    for (const slot of slots) {
      expect([...used[slot]].sort(), slot).toEqual(Object.keys(machine.implementations[slot]).sort());
    }
  });

  it("every guard decides something", () => {
    const survivors = Object.keys(machine.implementations.guards).flatMap((name) =>
      [true, false]
        .filter((forced) => !isNoticed(kind, (one) => one.provide({ guards: { [name]: () => forced } })))
        .map((forced) => `${kind} ${name} ${forced}`),
    );
    expect(survivors).toEqual([]);
  });

  it("every action does something", () => {
    const survivors = Object.keys(machine.implementations.actions)
      .filter((name) => !isNoticed(kind, (one) => one.provide({ actions: { [name]: nothing } })))
      .map((name) => `${kind} ${name} nothing`);
    expect(survivors).toEqual([]);
  });
});

describe.each(logReconciliations)("in the replica of %s", (reconciliation) => {
  const replaced = implementationsOf(reconciliation) as { readonly [In in Slot]?: Readonly<Record<string, unknown>> };
  const { implementations } = machines.replica;

  it.each(slots)("every replacement among the %s matters", (slot) => {
    const survivors = Object.keys(replaced[slot] ?? {}).filter((name) => {
      const asUsual: Change = (one) => one.provide({ [slot]: { [name]: implementations[slot][name] } });
      return !(name in implementations[slot]) || !isNoticed("replica", asUsual, [reconciliation]);
    });
    expect(survivors).toEqual([]);
  });
});

describe("a change of a chart", () => {
  it("is noticed only if it is one", () => {
    for (const kind of kinds)
      expect(
        isNoticed(kind, (one) => one.provide({})),
        kind,
      ).toBe(false);
  });
});
