/**
 * Every kind of machine, and one step of one machine as a pure function. A machine's state is its state value and its
 * context, plain data; XState's snapshots are rebuilt from it, and kept beside it only to save the rebuilding.
 */

import { type AnyStateMachine, initialTransition, type SnapshotFrom, transition } from "xstate";
import type { LogReconciliation } from "../../spec/config/cluster-config.ts";
import type { Partitioners } from "../../spec/partitioner.ts";
import { createAdminMachine } from "../admin/admin-machine.ts";
import { createBrokerMachine } from "../broker/broker-machine.ts";
import { createFetchRequestMachine } from "../broker/fetch-request-machine.ts";
import { createProduceRequestMachine } from "../broker/produce-request-machine.ts";
import { createConsumerMachine } from "../consumer/consumer-machine.ts";
import { createFetchInFlightMachine } from "../consumer/fetch-in-flight-machine.ts";
import { createBrokerSessionMachine } from "../controller/broker-session-machine.ts";
import { createPartitionMachine } from "../controller/partition-machine.ts";
import { createCoordinatorMachine } from "../coordinator/coordinator-machine.ts";
import type { Effect } from "../effect.ts";
import { createBatchMachine } from "../producer/batch-machine.ts";
import { createProducerMachine } from "../producer/producer-machine.ts";
import { createDiskMachine } from "../replica/disk-machine.ts";
import { createFollowerLagMachine } from "../replica/follower-lag-machine.ts";
import { reconcile } from "../replica/reconciliation.ts";
import { createReplicaMachine } from "../replica/replica-machine.ts";

const factories = {
  "broker-session": createBrokerSessionMachine,
  partition: createPartitionMachine,
  coordinator: createCoordinatorMachine,
  broker: createBrokerMachine,
  replica: (_: Partitioners, reconciliation: LogReconciliation) => reconcile(createReplicaMachine(), reconciliation),
  "follower-lag": createFollowerLagMachine,
  disk: createDiskMachine,
  "produce-request": createProduceRequestMachine,
  "fetch-request": createFetchRequestMachine,
  producer: createProducerMachine,
  batch: createBatchMachine,
  consumer: createConsumerMachine,
  "fetch-in-flight": createFetchInFlightMachine,
  admin: createAdminMachine,
} as const;

export type MachineKind = keyof typeof factories;

/** All machines, fresh from their factories. Producers ask for the user's own partitioners by name. */
export function createMachines(
  partitioners: Partitioners = {},
  reconciliation: LogReconciliation = "kip-595",
): Readonly<Record<MachineKind, AnyStateMachine>> {
  const entries = Object.entries(factories).map(
    ([kind, create]) => [kind, create(partitioners, reconciliation)] as const,
  );
  return Object.fromEntries(entries) as Record<MachineKind, AnyStateMachine>;
}

export interface MachineState {
  readonly kind: MachineKind;
  readonly value: unknown;
  readonly context: unknown;
}

/** What a step asks for: timers to arm or to cancel, and effects; in the machine's order. */
export type StepAction =
  | { readonly kind: "arm"; readonly id: string; readonly delay: number; readonly event: { readonly type: string } }
  | { readonly kind: "cancel"; readonly id: string }
  | Effect;

export interface Step {
  readonly state: MachineState;
  /** The machine has come to its end. */
  readonly done: boolean;
  readonly actions: readonly StepAction[];
}

export interface Stepper {
  create(kind: MachineKind, input: unknown): Step;
  step(state: MachineState, event: { readonly type: string }): Step;
}

export function createStepper(machines: Readonly<Record<MachineKind, AnyStateMachine>>): Stepper {
  const snapshots = new WeakMap<MachineState, SnapshotFrom<AnyStateMachine>>();

  function stepFrom(kind: MachineKind, [snapshot, actions]: ReturnType<typeof transition<AnyStateMachine>>): Step {
    if (snapshot.status === "error") throw snapshot.error;
    const state: MachineState = { kind, value: snapshot.value, context: snapshot.context };
    snapshots.set(state, snapshot);
    return { state, done: snapshot.status === "done", actions: actions.flatMap(toStepActions) };
  }

  return {
    create: (kind, input) => stepFrom(kind, initialTransition(machines[kind], input)),
    step(state, event) {
      const machine = machines[state.kind];
      const { value, context } = state;
      const snapshot = snapshots.get(state) ?? machine.resolveState({ value: value as string, context });
      const next = transition(machine, snapshot, event);
      const step = stepFrom(state.kind, next);
      // A step that changes nothing leaves the very object, so that whoever compares can tell.
      return next[0] === snapshot ? { ...step, state } : step;
    },
  };
}

/** XState returns its actions as data; a raise without a delay has been carried out already. */
function toStepActions(action: { readonly type: string; readonly params?: unknown }): readonly StepAction[] {
  const params = (action.params ?? {}) as Record<string, unknown>;
  switch (action.type) {
    case "xstate.emit":
      return (params["event"] as { effects: readonly Effect[] }).effects;
    case "xstate.cancel":
      return [{ kind: "cancel", id: String(params["sendId"]) }];
    case "xstate.raise":
      return params["delay"] === undefined
        ? []
        : [
            {
              kind: "arm",
              id: String(params["id"]),
              delay: Number(params["delay"]),
              event: params["event"] as { type: string },
            },
          ];
    default:
      throw new Error(`the machines may not use the action ${action.type}`);
  }
}
