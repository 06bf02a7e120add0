/**
 * The cluster as a labelled transition system, in timed mode: a virtual clock, a network delay, and timers that fire
 * when they are due. What is due earliest comes next; ties are the choice, in the order of components. With a slack,
 * anything that comes due within so many milliseconds may come next: that bends the schedule, not the rules.
 */
import type { System } from "../../explore/system.ts";
import { type ClusterConfig, partitionsOf } from "../../spec/config/cluster-config.ts";
import type { Fault } from "../../spec/subject.ts";
import type { BrokerEvent } from "../broker/broker-machine.ts";
import type { ClientOperation } from "../client-operation.ts";
import type { ConsumerContext } from "../consumer/consumer-context.ts";
import type { PartitionContext } from "../controller/partition-context.ts";
import type { ResponseBody } from "../message.ts";
import { actorOf, type ClusterChoice, type ExternalChoice, labelOf } from "./choice.ts";
import { createCompiledStepper } from "./compiled-stepper.ts";
import { noGhosts, rememberCall } from "./ghosts.ts";
import { brokersOf, type InitialMachine, initialMachines, nodesOf } from "./initial-machines.ts";
import { createMachines, type Stepper } from "./machines.ts";
import * as network from "./network.ts";
import type { RunningStep } from "./run-step.ts";
import { type ClusterState, type Connection, type Disconnect, nodeOf, type Timer } from "./state.ts";
import type { StepStore } from "./step-store.ts";
import { type TimedSetting, takeStep } from "./timed-step.ts";

export interface ClusterOptions {
  /** Choices offered from outside; those of one actor in this order. */
  readonly external?: readonly ExternalChoice[];
  /** Virtual milliseconds; 0 by default. */
  readonly slackMs?: number;
  /** Steps other machines than the usual ones (variants, planted bugs), or spares compiling the usual ones again. */
  readonly stepper?: Stepper;
}

export interface Cluster extends System<ClusterState, ClusterChoice> {
  readonly config: ClusterConfig;
  /** The earliest moment at which something is due by itself; `null` if nothing is. */
  nextDue(state: ClusterState): number | null;
  /** Is a message on its way that nothing keeps from arriving? */
  isBusy(state: ClusterState): boolean;
}

/** Something that happens by itself, with the moment from which it can. */
interface Due {
  readonly choice: ClusterChoice;
  readonly due: number;
}

export function createCluster(config: ClusterConfig, options: ClusterOptions = {}): Cluster {
  const nodes = nodesOf(config);
  const setting: TimedSetting = {
    stepper: options.stepper ?? createCompiledStepper(createMachines({}, config.server["log.reconciliation"])),
    config,
    rank: (machine) => nodes.indexOf(nodeOf(machine)),
  };
  const external = options.external ?? [];

  /** What is due first by itself, and whatever else comes due within so many milliseconds of it. */
  function dueChoices(state: ClusterState, withinMs: number): readonly Due[] {
    const deliveries: (Due & { readonly to: string })[] = [];
    for (const connection of state.connections) {
      if (connection.requests.length + connection.responses.length > 0) addDeliverable(deliveries, state, connection);
    }
    // Timers stand in the order in which they come due.
    const running = ({ machine }: Timer) => !isPaused(state, nodeOf(machine)) || isOfOperatingSystem(state, machine);
    const first = state.timers.findIndex(running);
    const earliest = deliveries.reduce((least, { due }) => Math.min(least, due), Number.POSITIVE_INFINITY);
    const horizon = Math.min(earliest, Math.max(state.timers[first]?.due ?? earliest, state.now)) + withinMs;
    const timers: Due[] = [];
    for (let index = first; index !== -1 && index < state.timers.length; index += 1) {
      const timer = state.timers[index];
      if (timer === undefined || timer.due > horizon) break;
      if (index > first && !running(timer)) continue;
      const choice: ClusterChoice = { kind: "fire", machine: timer.machine, timer: timerName(timer.id) };
      timers.push({ choice, due: Math.max(timer.due, state.now) });
    }
    const within = deliveries.filter(({ due }) => due <= horizon);
    within.sort((one, other) => one.due - other.due || setting.rank(one.to) - setting.rank(other.to));
    // At the same moment what has arrived comes before what has run out.
    return [...within, ...timers].sort((one, other) => one.due - other.due);
  }

  function offered(state: ClusterState): readonly ExternalChoice[] {
    const seen: Record<string, number> = {};
    return external.filter((choice) => {
      const actor = actorOf(choice);
      const index = seen[actor] ?? 0;
      seen[actor] = index + 1;
      return index === (state.taken[actor] ?? 0);
    });
  }

  return {
    config,
    label: labelOf,
    initial: () => initialState(config, setting),
    nextDue: (state) => dueChoices(state, 0)[0]?.due ?? null,
    isBusy: (state) => dueChoices(state, Number.POSITIVE_INFINITY).some(({ choice }) => choice.kind === "deliver"),
    enabled(state) {
      const internal = dueChoices(state, options.slackMs ?? 0).map(({ choice }) => choice);
      return external.length === 0 ? internal : [...internal, ...offered(state)];
    },
    apply: (state, choice) => applyChoice(state, choice, setting, external.length > 0),
  };
}

function initialState(config: ClusterConfig, setting: TimedSetting): ClusterState {
  const empty: ClusterState = {
    now: 0,
    machines: {},
    timers: [],
    connections: [],
    cuts: [],
    holds: [],
    taken: {},
    ghosts: noGhosts,
    observed: [],
    completed: [],
  };
  return {
    ...takeStep(empty, 0, setting, (step, store) => createAll(config, initialMachines(config), step, store)),
    observed: [],
  };
}

/** Every machine, then every broker's process with the first metadata. */
export function createAll(
  config: ClusterConfig,
  machines: readonly InitialMachine[],
  step: RunningStep,
  store: StepStore,
): void {
  for (const { id, kind, input } of machines) step.create(id, kind, input);
  const partitions = partitionsOf(config).map((partition) => {
    const record = store.machine(`controller/${partition}`)?.context as PartitionContext;
    const { leader, leaderEpoch, isr, partitionEpoch } = record;
    return { partition, leader, leaderEpoch, isr, partitionEpoch };
  });
  const brokers = brokersOf(config).map((broker) => ({ broker, epoch: 1, fenced: false }));
  for (const { broker } of brokers)
    step.send(`b${broker}`, { type: "created", partitions, brokers } as { type: string });
}

function isPaused(state: ClusterState, node: string): boolean {
  const machine = state.machines[node];
  return machine?.kind === "broker" && (machine.value as { alive?: { process: string } }).alive?.process === "paused";
}

/** Whatever happens to a process, what it has written to the page cache goes on to the disk. */
function isOfOperatingSystem(state: ClusterState, machine: string): boolean {
  return state.machines[machine]?.kind === "disk";
}

/** Adds the heads of a connection's channels that can arrive. */
function addDeliverable(to: (Due & { readonly to: string })[], state: ClusterState, connection: Connection): void {
  const add = (direction: "request" | "response", node: string, head: { due: number; body: { type: string } }) => {
    const message = head.body.type;
    const waits = (direction === "request" && connection.serving) || isPaused(state, node);
    if (waits || !network.isPassable(state, connection, direction, message)) return;
    const choice: ClusterChoice = { kind: "deliver", connection: connection.id, direction, message };
    to.push({ choice, due: Math.max(head.due, state.now), to: node });
  };
  const { requests, responses } = connection;
  if (requests[0] !== undefined) add("request", connection.server, requests[0]);
  if (responses[0] !== undefined) add("response", nodeOf(connection.client), responses[0]);
}

/** XState's name of a delayed transition, without the part that is the same for all. */
export function timerName(id: string): string {
  return id.startsWith("xstate.") ? id.slice("xstate.".length) : id;
}

function applyChoice(state: ClusterState, choice: ClusterChoice, setting: TimedSetting, counts: boolean): ClusterState {
  switch (choice.kind) {
    case "deliver":
      return deliver(state, choice, setting);
    case "fire":
      return fire(state, choice, setting);
    case "wait":
      return { ...noted(state, choice, counts), now: Math.max(state.now, choice.until), observed: [], completed: [] };
    case "client":
      return call(noted(state, choice, counts), choice.client, choice.operation, setting);
    case "fault":
      return strike(noted(state, choice, counts), choice.fault, setting);
  }
}

function noted(state: ClusterState, choice: ExternalChoice, counts: boolean): ClusterState {
  if (!counts) return state;
  const actor = actorOf(choice);
  return { ...state, taken: { ...state.taken, [actor]: (state.taken[actor] ?? 0) + 1 } };
}

function deliver(
  state: ClusterState,
  choice: Extract<ClusterChoice, { kind: "deliver" }>,
  setting: TimedSetting,
): ClusterState {
  const connection = state.connections.find(({ id }) => id === choice.connection);
  if (connection === undefined) throw new Error(`no connection ${choice.connection}`);
  const { client, server } = connection;
  if (choice.direction === "request") {
    const [head] = connection.requests;
    if (head === undefined) throw new Error(`no request on ${connection.id}`);
    const connections = network.takeRequest(state.connections, connection.id);
    return takeStep({ ...state, connections }, Math.max(state.now, head.due), setting, (step) =>
      step.serve(connection.id, server, head.body),
    );
  }
  const [head] = connection.responses;
  if (head === undefined) throw new Error(`no response on ${connection.id}`);
  const connections = network.takeResponse(state.connections, connection.id);
  return takeStep({ ...state, connections }, Math.max(state.now, head.due), setting, (step) =>
    step.send(client, eventOf(head.body, server)),
  );
}

/** What a client hears when this arrives. */
export function eventOf(body: ResponseBody | Disconnect, server: string): { readonly type: string } {
  const event = body.type === "disconnect" ? { type: "disconnected", node: server } : { ...body, from: server };
  return event;
}

function fire(
  state: ClusterState,
  choice: Extract<ClusterChoice, { kind: "fire" }>,
  setting: TimedSetting,
): ClusterState {
  const timer = state.timers.find(({ machine, id }) => machine === choice.machine && timerName(id) === choice.timer);
  if (timer === undefined) throw new Error(`no timer ${choice.timer} of ${choice.machine}`);
  const timers = state.timers.filter((other) => other !== timer);
  return takeStep({ ...state, timers }, Math.max(state.now, timer.due), setting, (step) =>
    step.send(timer.machine, timer.event),
  );
}

function call(state: ClusterState, client: string, operation: ClientOperation, setting: TimedSetting): ClusterState {
  const machine = state.machines[client];
  if (machine === undefined) throw new Error(`no client ${client}`);
  const isConsumer = machine.kind === "consumer";
  const ghosts = isConsumer ? rememberCall(state.ghosts, machine.context as ConsumerContext, operation) : state.ghosts;
  return takeStep({ ...state, ghosts }, state.now, setting, (step) => callClient(step, client, operation));
}

export function callClient(step: RunningStep, client: string, operation: ClientOperation): void {
  if (operation.f === "send") {
    const { to, records } = operation;
    for (const record of records) step.send(client, { type: "append", to, record } as { type: string });
  } else {
    const { f: type, ...rest } = operation;
    step.send(client, { type, ...rest });
  }
}

function strike(state: ClusterState, fault: Fault, setting: TimedSetting): ClusterState {
  const quiet = { ...state, observed: [], completed: [] };
  switch (fault.kind) {
    case "kill":
    case "start":
    case "pause":
    case "resume":
      return takeStep(state, state.now, setting, (step) => step.send(`b${fault.broker}`, { type: fault.kind }));
    case "power-off": {
      const event: BrokerEvent = { type: "power-off", keeps: fault.keeps };
      return takeStep(state, state.now, setting, (step) => step.send(`b${fault.broker}`, event));
    }
    case "cut":
      return { ...quiet, cuts: [...state.cuts, fault.between] };
    case "heal":
      return { ...quiet, cuts: state.cuts.filter((link) => !sameLink(link, fault.between)) };
    case "heal-all":
      return { ...quiet, cuts: [] };
    case "hold": {
      const { from, to, message } = fault;
      return { ...quiet, holds: [...state.holds, { from, to, message }] };
    }
    case "release":
      return { ...quiet, holds: state.holds.filter((hold) => !sameHold(hold, fault)) };
  }
}

function sameLink(one: readonly [string, string], other: readonly [string, string]): boolean {
  return (one[0] === other[0] && one[1] === other[1]) || (one[0] === other[1] && one[1] === other[0]);
}

function sameHold(one: ClusterState["holds"][number], other: ClusterState["holds"][number]): boolean {
  return one.from === other.from && one.to === other.to && one.message === other.message;
}
