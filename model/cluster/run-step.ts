/**
 * One step of the cluster under way: events go to machines, and what the machines ask for is carried out, until every
 * local event is consumed. A step is atomic; the result is a new state.
 */
import type { Observation } from "../../spec/cluster-view.ts";
import type { ClusterConfig } from "../../spec/config/cluster-config.ts";
import type { Completion } from "../client-operation.ts";
import type { Effect } from "../effect.ts";
import type { RequestBody, ResponseBody } from "../message.ts";
import type { ReplicaContext } from "../replica/replica-context.ts";
import { remember } from "./ghosts.ts";
import { finalReader } from "./initial-machines.ts";
import type { MachineState, Stepper } from "./machines.ts";
import * as network from "./network.ts";
import { type ClusterState, nodeOf, type Timer } from "./state.ts";

/** More local events than this in one step can only be two machines that answer each other for ever. */
const localEventsMax = 10_000;

export interface StepSetting {
  readonly stepper: Stepper;
  readonly config: ClusterConfig;
  /** Where a timer stands among those that come due at the same time. */
  readonly rank: (machine: string) => number;
}

export interface RunningStep {
  send(machine: string, event: { readonly type: string }): void;
  create(id: string, kind: MachineState["kind"], input: unknown): void;
  /** A request has arrived at its server. */
  serve(connection: string, server: string, body: RequestBody): void;
  finish(): ClusterState;
}

export function beginStep(state: ClusterState, now: number, setting: StepSetting): RunningStep {
  const machines: Record<string, MachineState> = { ...state.machines };
  let { timers, connections } = state;
  const observed: Observation[] = [];
  const completed: Completion[] = [];
  const queue: { readonly to: string; readonly event: { readonly type: string } }[] = [];
  let handled = 0;

  /** A broker opens its ports only when it has registered and has the metadata (BrokerServer.startup). */
  function isListening(node: string): boolean {
    const machine = machines[node];
    if (machine?.kind !== "broker") return true;
    const { alive } = machine.value as { readonly alive?: { readonly membership: unknown } };
    return typeof alive?.membership === "object";
  }

  /** It is really the broker that fetches the changes: a dead one asks for nothing, and hears all when it registers. */
  function push(from: string, to: string, body: RequestBody, due: number): void {
    if (machines[to]?.value !== "killed") connections = network.sendRequest(connections, from, to, body, due);
  }

  function arm(machine: string, id: string, delay: number, event: { readonly type: string }): void {
    const timer: Timer = { machine, id, event, due: now + delay };
    const others = timers.filter((other) => other.machine !== machine || other.id !== id);
    const later = others.findIndex((other) => isBefore(timer, other));
    timers = later === -1 ? [...others, timer] : others.toSpliced(later, 0, timer);
  }

  /** By the moment, then in the order of components. */
  function isBefore(one: Timer, other: Timer): boolean {
    if (one.due !== other.due) return one.due < other.due;
    const byRank = setting.rank(one.machine) - setting.rank(other.machine);
    return byRank === 0 ? `${one.machine} ${one.id}` < `${other.machine} ${other.id}` : byRank < 0;
  }

  function remove(id: string): void {
    const input = machines[id]?.context as { readonly connection?: string };
    if (input.connection !== undefined) connections = network.endServing(connections, input.connection);
    delete machines[id];
    timers = timers.filter(({ machine }) => machine !== id);
  }

  function store(id: string, step: ReturnType<Stepper["step"]>): void {
    machines[id] = step.state;
    for (const action of step.actions) {
      if (action.kind === "arm") arm(id, action.id, action.delay, action.event);
      else if (action.kind === "cancel")
        timers = timers.filter((timer) => timer.machine !== id || timer.id !== action.id);
      else carryOut(id, action);
    }
    if (step.done) remove(id);
  }

  function carryOut(from: string, effect: Effect): void {
    const due = now + setting.config["network.delay.ms"];
    switch (effect.kind) {
      case "request":
        if (network.isPushed(effect.body)) push(from, effect.to, effect.body, due);
        else if (isListening(effect.to)) {
          connections = network.sendRequest(connections, from, effect.to, effect.body, due);
        } else connections = network.refuseConnection(connections, from, effect.to, due);
        return;
      case "reply":
        observed.push(...servedTo(effect.connection, effect.body));
        connections = network.sendResponse(connections, effect.connection, effect.body, due);
        return;
      case "close":
        connections = network.abandon(connections, from, effect.to);
        return;
      case "reset":
        connections = network.breakOff(connections, effect.connection, due);
        return;
      case "local":
        queue.push({ to: effect.to, event: effect.event });
        return;
      case "create":
        store(effect.id, setting.stepper.create(effect.machine, effect.input));
        return;
      case "process-died":
        connections = network.dropNode(connections, nodeOf(from), due);
        for (const id of Object.keys(machines)) if (isVolatile(id, from)) remove(id);
        return;
      case "observe":
        if (from !== finalReader) observed.push(effect.observation);
        return;
      case "complete":
        completed.push(effect.completion);
        return;
    }
  }

  /** Seen on the wire, whatever the machines say: what a broker hands a consumer, beside its high watermark. */
  function servedTo(id: string, body: ResponseBody): readonly Observation[] {
    const connection = connections.find((one) => one.id === id);
    if (connection === undefined || body.type !== "fetch-response") return [];
    const { client: consumer, server } = connection;
    if (machines[consumer]?.kind !== "consumer" || consumer === finalReader) return [];
    return body.results.flatMap(({ partition, entries }): Observation[] => {
      const [first, last] = [entries[0], entries.at(-1)];
      const replica = machines[`${server}/${partition}`]?.context as ReplicaContext | undefined;
      if (first === undefined || last === undefined || replica === undefined) return [];
      const { broker, highWatermark } = replica;
      return [{ kind: "served", broker, partition, consumer, from: first.offset, to: last.offset + 1, highWatermark }];
    });
  }

  function drain(): void {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      handled += 1;
      if (handled > localEventsMax) throw new Error(`${next.to}: over ${localEventsMax} local events in one step`);
      // Whoever has ended meanwhile gets no more events.
      const machine = machines[next.to];
      if (machine !== undefined) store(next.to, setting.stepper.step(machine, next.event));
    }
  }

  return {
    send(machine, event) {
      queue.push({ to: machine, event });
      drain();
    },
    create(id, kind, input) {
      store(id, setting.stepper.create(kind, input));
      drain();
    },
    serve(connection, server, body) {
      const id = servingMachine(server, connection);
      if (network.isServed(body)) {
        const kind = body.type === "produce" ? "produce-request" : "fetch-request";
        this.create(id, kind, { id, connection, node: server, ...withoutType(body) });
      } else {
        const event: { type: string; connection: string } = { ...body, connection };
        this.send(receiverOf(server, body), event);
      }
    },
    finish() {
      const ghosts = remember(state.ghosts, observed, setting.config);
      return { ...state, now, machines, timers, connections, ghosts, observed, completed };
    },
  };
}

/** The machine that serves a connection's request. */
function servingMachine(server: string, connection: string): string {
  return `${server}/serve/${connection}`;
}

/** Batches and served requests live in memory alone; a replica keeps its disk and hears of the death itself. */
function isVolatile(id: string, process: string): boolean {
  return id.startsWith(`${process}/serve/`) || id.startsWith(`${process}/batch-`);
}

/** Which machine of a node takes a request that is answered at once. */
function receiverOf(server: string, body: RequestBody): string {
  switch (body.type) {
    case "register":
    case "heartbeat":
      return `controller/b${body.broker}`;
    case "alter-partition":
      return `controller/${body.partition}`;
    case "list-offsets":
    case "offset-for-leader-epoch":
    case "delete-records":
      return `${server}/${body.partition}`;
    default:
      return server;
  }
}

function withoutType({ type: _, ...rest }: RequestBody): object {
  return rest;
}
