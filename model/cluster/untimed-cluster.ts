/**
 * The cluster without a clock, for exhaustive search: what can happen does not wait for its time. Every counter that
 * could grow for ever is bounded, and what a bound cuts off is told.
 *
 * Channels: with `rendezvous` an answer that is given at once arrives within the step, and so does what keeps a cluster
 * going (registration, heartbeats, metadata); with `queued` everything is a step of its own.
 */
import type { Parts } from "../../explore/parts.ts";
import type { System } from "../../explore/system.ts";
import type { ClusterView, Observation } from "../../spec/cluster-view.ts";
import { assignmentOf, type ClusterConfig, partitionsOf } from "../../spec/config/cluster-config.ts";
import type { ClientOperation } from "../client-operation.ts";
import { CellPlan, emptyCell, type Pair } from "./cells.ts";
import { type ClusterChoice, labelOf } from "./choice.ts";
import { createAll } from "./cluster.ts";
import { createCompiledStepper } from "./compiled-stepper.ts";
import { noGhosts } from "./ghosts.ts";
import { Glimpses } from "./glimpses.ts";
import { admin, brokersOf, finalReader, type InitialMachine, initialMachines } from "./initial-machines.ts";
import { createMachines, type Stepper } from "./machines.ts";
import { createMemoizedStepper } from "./memoized-stepper.ts";
import type { StepSetting } from "./run-step.ts";
import { actionOf, actionsOf } from "./untimed-actions.ts";
import { type FaultBudget, type FaultState, noFaults } from "./untimed-faults.ts";
import { UntimedStep } from "./untimed-step.ts";

export interface UntimedOptions {
  /** How often each fault may strike. */
  readonly faults?: Partial<FaultBudget>;
  /** What each client does, in this order. */
  readonly programs: Readonly<Record<string, readonly ClientOperation[]>>;
  readonly channels?: "rendezvous" | "queued";
  /** No partition's leader epoch gets beyond this; 3 elections if not given. */
  readonly leaderEpochMax?: number;
  /** At a rendezvous: leaves out moments in which nothing is decided (`untimed-reductions.ts`); not if not given. */
  readonly reduced?: boolean;
  /** The machines are the usual ones: where states are left out, they are not told what they would ignore. */
  readonly trusted?: boolean;
  /** Called for every step with what it led to and where it began: names of what it violates, to be kept in the state. */
  readonly judge?: StepJudge | null;
  readonly stepper?: Stepper;
}

export type StepJudge = (after: ClusterView, before: ClusterView) => readonly string[];

/** One value a slot: the cells of the plan, then the slots below. */
export type UntimedState = readonly unknown[];

export interface UntimedCluster extends System<UntimedState, ClusterChoice> {
  readonly parts: Parts<UntimedState, ClusterChoice>;
  readonly setting: UntimedSetting;
  /** What is seen of the step that a choice leads to; nothing if it is not enabled. */
  observed(state: UntimedState, choice: ClusterChoice): readonly Observation[];
}

/** What a step needs to know of its cluster. */
export interface UntimedSetting extends StepSetting {
  readonly plan: CellPlan;
  readonly slots: ExtraSlots;
  readonly glimpses: Glimpses;
  readonly rendezvous: boolean;
  readonly faults: FaultBudget;
  readonly leaderEpochMax: number;
  readonly programs: UntimedOptions["programs"];
  readonly reduced: boolean;
  /** Only where `reduced`. */
  readonly trusted: boolean;
  readonly judge: StepJudge | null;
  /** Told of every choice that is worked out, and what was seen of its step. */
  note?(choice: ClusterChoice, observed: readonly Observation[]): void;
}

/** Slots behind those of the plan. */
export interface ExtraSlots {
  readonly faults: number;
  readonly taken: number;
  readonly ghosts: number;
  /** What steps on the way here have violated, as the judge names it. */
  readonly violated: number;
}

export function createUntimedCluster(given: ClusterConfig, options: UntimedOptions): UntimedCluster {
  const config = options.channels === "queued" ? given : withoutWaits(given);
  const faults = { ...noFaults, ...options.faults };
  const machines = initialMachines(config).filter(({ id }) => isComposed(id, config, faults));
  const plan = new CellPlan(
    machines.map(({ id }) => id),
    pairsOf(config),
  );
  const first = plan.names.length;
  const slots: ExtraSlots = { faults: first, taken: first + 1, ghosts: first + 2, violated: first + 3 };
  const setting: UntimedSetting = {
    config,
    plan,
    slots,
    glimpses: new Glimpses({
      plan,
      brokers: brokersOf(config).map((broker) => `b${broker}`),
      replicas: machines.filter(({ kind }) => kind === "replica").map(({ id }) => id),
      partitions: partitionsOf(config),
      faults: slots.faults,
      first: first + 4,
    }),
    faults,
    stepper:
      options.stepper ??
      createMemoizedStepper(createCompiledStepper(createMachines({}, config.server["log.reconciliation"]))),
    rendezvous: options.channels !== "queued",
    leaderEpochMax: options.leaderEpochMax ?? 3,
    programs: options.programs,
    reduced: options.reduced === true && options.channels !== "queued",
    trusted: options.trusted === true && options.reduced === true && options.channels !== "queued",
    judge: options.judge ?? null,
  };
  const names = [...plan.names, "faults", "taken", "ghosts", "violated", ...setting.glimpses.names];
  const actions = actionsOf(setting, options.programs);
  const parts: Parts<UntimedState, ClusterChoice> = {
    slots: names,
    split: (state) => state,
    join: (all) => all,
    // The replicas that lead at first: they have the most values, and whatever takes long reads them.
    home: partitionsOf(config).map((one) => plan.slotOfMachine(`b${assignmentOf(config, one)[0]}/${one}`)),
    actions,
  };
  const byName = new Map(actions.map((action) => [action.name, action]));
  return {
    parts,
    setting,
    initial: () => initialState(setting, machines, options.programs),
    enabled: (state) =>
      actions.flatMap((action) => action.successors((slot) => state[slot]).map(({ choice }) => choice)),
    apply(state, choice) {
      const label = labelOf(choice);
      const successors = byName.get(actionOf(choice, plan))?.successors((slot) => state[slot]) ?? [];
      const found = successors.find((successor) => labelOf(successor.choice) === label);
      if (found === undefined) throw new Error(`not enabled: ${label}`);
      const next = [...state];
      for (const [slot, value] of found.writes) next[slot] = value;
      return next;
    },
    label: labelOf,
    observed(state, choice) {
      const label = labelOf(choice);
      let seen: readonly Observation[] = [];
      const noting: UntimedSetting = {
        ...setting,
        note(other, observed) {
          if (labelOf(other) === label) seen = observed;
        },
      };
      const name = actionOf(choice, plan);
      const action = actionsOf(noting, options.programs).find((one) => one.name === name);
      action?.successors((slot) => state[slot]);
      return seen;
    },
  };
}

/** What nobody asks for is left out: it would only multiply the states. */
function isComposed(id: string, config: ClusterConfig, faults: FaultBudget): boolean {
  if (id.startsWith(finalReader) || id === admin) return false;
  if (id === "coordinator") return Object.keys(config.consumers).length > 0;
  return !id.endsWith("/disk") || faults["power-off"] > 0;
}

/** Who may ever connect to whom. */
function pairsOf(config: ClusterConfig): readonly Pair[] {
  const brokers = brokersOf(config);
  const followers = partitionsOf(config).flatMap((partition) =>
    assignmentOf(config, partition).flatMap((broker): Pair[] => {
      const leaders = assignmentOf(config, partition).filter((other) => other !== broker);
      const replica = `b${broker}/${partition}`;
      return [...leaders.map((leader): Pair => [replica, `b${leader}`]), [replica, "controller"]];
    }),
  );
  const clients = [...Object.keys(config.producers), ...Object.keys(config.consumers)];
  return [
    ...brokers.flatMap((broker): Pair[] => [
      ["controller", `b${broker}`],
      [`b${broker}`, "controller"],
    ]),
    ...followers,
    ...clients.flatMap((client) => brokers.map((broker): Pair => [client, `b${broker}`])),
    ...Object.keys(config.consumers).map((client): Pair => [client, "coordinator"]),
  ];
}

function initialState(
  setting: UntimedSetting,
  machines: readonly InitialMachine[],
  programs: UntimedOptions["programs"],
): UntimedState {
  const { plan, faults, config } = setting;
  const clients = Object.keys(programs);
  const nothing = setting.glimpses.added([
    ...plan.names.map(() => emptyCell),
    { left: faults, cuts: [] } satisfies FaultState,
    Object.fromEntries(clients.map((client) => [client, 0])),
    noGhosts,
    [],
  ]);
  const step = new UntimedStep({ ...setting, judge: null }, (slot) => nothing[slot]);
  step.run((running, store) => createAll(config, machines, running, store));
  // A rendezvous begins with a cluster at rest: every follower has fetched, and its leader knows.
  if (setting.rendezvous) {
    const fetches = plan.pairs
      .flatMap((pair) => step.store.cell(plan.slotOfPair(...pair)).connections)
      .filter(({ requests }) => requests.some(({ body }) => body.type === "fetch" && body.replica !== null));
    step.run(() => {
      for (const fetch of fetches) step.serve(fetch);
    });
  }
  const begun = [...nothing];
  for (const [slot, value] of step.writes() ?? []) begun[slot] = value;
  begun[setting.slots.ghosts] = noGhosts;
  begun[setting.slots.violated] = [];
  return begun;
}

/** Where an answer arrives within the step, a fetch does not wait for records to come: it would never be empty. */
function withoutWaits(config: ClusterConfig): ClusterConfig {
  const consumers = Object.entries(config.consumers).map(([id, one]) => [id, { ...one, "fetch.max.wait.ms": 0 }]);
  const server = { ...config.server, "replica.fetch.wait.max.ms": 0 };
  return { ...config, server, consumers: Object.fromEntries(consumers) };
}
