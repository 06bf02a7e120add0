/**
 * One step of the cluster under way: events go to machines, and what the machines ask for is carried out, until every
 * local event is consumed. A step is atomic.
 */
import type { Observation } from "../../spec/cluster-view.ts";
import type { ClusterConfig } from "../../spec/config/cluster-config.ts";
import type { Completion } from "../client-operation.ts";
import type { Effect } from "../effect.ts";
import type { RequestBody, ResponseBody } from "../message.ts";
import type { ReplicaContext } from "../replica/replica-context.ts";
import { finalReader } from "./initial-machines.ts";
import type { MachineState, Stepper } from "./machines.ts";
import * as network from "./network.ts";
import { nodeOf } from "./state.ts";
import { endsOf, type Process, type StepStore } from "./step-store.ts";

/** More local events than this in one step can only be two machines that answer each other for ever. */
const localEventsMax = 10_000;

export interface StepSetting {
  readonly stepper: Stepper;
  readonly config: ClusterConfig;
}

export interface RunningStep {
  /** What was seen so far, and which calls have ended. */
  readonly observed: readonly Observation[];
  readonly completed: readonly Completion[];
  send(machine: string, event: { readonly type: string }): void;
  create(id: string, kind: MachineState["kind"], input: unknown): void;
  /** A request has arrived at its server. */
  serve(connection: string, server: string, body: RequestBody): void;
}

/** `due`: when the messages that are sent now arrive. */
export function beginStep(store: StepStore, due: number, { stepper }: StepSetting): RunningStep {
  const observed: Observation[] = [];
  const completed: Completion[] = [];
  const queue: { readonly to: string; readonly event: { readonly type: string } }[] = [];
  let handled = 0;

  /** A broker opens its ports only when it has registered and has the metadata (BrokerServer.startup). */
  function isListening(node: string): boolean {
    const process = store.process(node);
    if (process?.kind !== "broker") return true;
    const { alive } = process.value as { readonly alive?: { readonly membership: unknown } };
    return typeof alive?.membership === "object";
  }

  function request(from: string, to: string, body: RequestBody): void {
    // It is really the broker that fetches the changes: a dead one asks for nothing, and whoever waits to register will
    // forget them. Both hear all when they register.
    const isPushed = network.isPushed(body);
    if (isPushed && isAway(store.process(to))) return;
    // One channel a broker, in the order of the controller's log.
    const client = isPushed ? nodeOf(from) : from;
    const isHeard = isPushed || isListening(to);
    store.changeConnections(client, to, (connections) =>
      isHeard
        ? network.sendRequest(connections, client, to, body, due)
        : network.refuseConnection(connections, client, to, due),
    );
  }

  function changeConnection(id: string, change: (connections: network.Connections) => network.Connections): void {
    store.changeConnections(...endsOf(id), change);
  }

  function remove(id: string): void {
    const input = store.machine(id)?.context as { readonly connection?: string } | undefined;
    const connection = input?.connection;
    if (connection !== undefined) {
      changeConnection(connection, (connections) => network.endServing(connections, connection));
    }
    store.dropMachine(id);
  }

  function keep(id: string, step: ReturnType<Stepper["step"]>): void {
    store.putMachine(id, step.state);
    for (const action of step.actions) {
      if (action.kind === "arm") store.arm({ machine: id, id: action.id, event: action.event }, action.delay);
      else if (action.kind === "cancel") store.cancel(id, action.id);
      else carryOut(id, action);
    }
    if (step.done) remove(id);
  }

  function carryOut(from: string, effect: Effect): void {
    switch (effect.kind) {
      case "request":
        request(from, effect.to, effect.body);
        return;
      case "reply": {
        const { connection, body } = effect;
        observed.push(...servedTo(connection, body));
        changeConnection(connection, (connections) => network.sendResponse(connections, connection, body, due));
        return;
      }
      case "close":
        store.changeConnections(from, effect.to, (connections) => network.abandon(connections, from, effect.to));
        return;
      case "reset":
        changeConnection(effect.connection, (connections) => network.breakOff(connections, effect.connection, due));
        return;
      case "local":
        queue.push({ to: effect.to, event: effect.event });
        return;
      case "create":
        keep(effect.id, stepper.create(effect.machine, effect.input));
        return;
      case "process-died":
        store.changeConnectionsOf(nodeOf(from), (connections) => network.dropNode(connections, nodeOf(from), due));
        for (const id of store.volatileMachines(from)) remove(id);
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
    if (body.type !== "fetch-response") return [];
    const [consumer, server] = endsOf(id);
    if (consumer === finalReader || store.machine(consumer)?.kind !== "consumer") return [];
    if (store.connection(id) === undefined) return [];
    return body.results.flatMap(({ partition, entries }): Observation[] => {
      const [first, last] = [entries[0], entries.at(-1)];
      const replica = store.machine(`${server}/${partition}`)?.context as ReplicaContext | undefined;
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
      const machine = store.machine(next.to);
      if (machine !== undefined) keep(next.to, stepper.step(machine, next.event));
    }
  }

  return {
    observed,
    completed,
    send(machine, event) {
      queue.push({ to: machine, event });
      drain();
    },
    create(id, kind, input) {
      keep(id, stepper.create(kind, input));
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
  };
}

/** Is it a broker that is dead, or waits to register again? */
function isAway(process: Process | undefined): boolean {
  if (process?.value === "killed") return true;
  return (process?.value as { alive?: { membership?: unknown } } | undefined)?.alive?.membership === "waiting";
}

/** The machine that serves a connection's request. */
export function servingMachine(server: string, connection: string): string {
  return `${server}/serve/${connection}`;
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
