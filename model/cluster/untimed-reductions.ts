/**
 * What a search at a rendezvous need not tell apart. Each leaves out moments in which nothing is decided:
 *
 * - A producer that has sent its records and knows what became of each is closed. What it asks for afterwards is metadata.
 * - A follower's back-off is over at once where its leader can be reached: when the retry arrives is a choice of its own. It
 *   does not give up a fetch that does not arrive, as it would ask the same leader for the same again.
 * - Who waits at a broker for replicas, and was given up by its client, is answered at once: nobody hears it. A proposed
 *   change of the ISR is refused at once if another one has been recorded since.
 * - A registered broker forgets what it knew of other brokers and of ISRs: its replicas have been told, and nobody else asks.
 *   A follower forgets what it knew as a leader, a crashed producer whom it has asked last.
 * - A broker is not told what it knows already. Which brokers are live a follower hears with its next election.
 * - The two timers of a follower's lag run out in the order in which they were started, as with a clock.
 * - The log end at a follower's last fetch is forgotten where no timer runs since then: nothing comes of it.
 * - A connection to the controller on which nothing happens is as good as none: the controller never closes one.
 *
 * `test/check/reductions.long.test.ts` compares what a cluster can do with them and without.
 */
import type { BrokerId } from "../../spec/vocabulary.ts";
import type { BrokerContext } from "../broker/broker-machine.ts";
import type { PartitionContext } from "../controller/partition-context.ts";
import type { PartitionMetadata, RequestBody } from "../message.ts";
import type { ProducerContext } from "../producer/producer-context.ts";
import type { FollowerLagContext } from "../replica/follower-lag-machine.ts";
import { emptyMemory, type RemoteReplica, type ReplicaContext } from "../replica/replica-context.ts";
import type { Cell, CellStore } from "./cells.ts";
import type { MachineState } from "./machines.ts";
import * as network from "./network.ts";
import { isPushed, latestChanges } from "./rendezvous.ts";
import { withBatchesInOrder } from "./renumbered.ts";
import { servingMachine } from "./run-step.ts";
import { type Connection, nodeOf, type Timer } from "./state.ts";
import type { UntimedSetting } from "./untimed-cluster.ts";
import { isInService, isRegistered } from "./untimed-faults.ts";
import { roleOf } from "./view.ts";

/** What happens at once, to a machine in one of these cells. */
export interface Shortcut {
  readonly to: string;
  readonly event: { readonly type: string };
  /** The timer that it is instead of. */
  readonly timer: string | null;
}

/** `taken`: how many of its operations each client has begun; read only where it matters. */
export function shortcutOf(
  { plan, programs, glimpses }: Pick<UntimedSetting, "plan" | "programs" | "glimpses">,
  store: CellStore,
  slots: readonly number[],
  taken: () => Readonly<Record<string, number>>,
  canReach: (from: string, to: string) => boolean,
): Shortcut | null {
  for (const slot of slots) {
    const id = plan.names[slot] ?? "";
    if (glimpses.slotOfKnown(id) >= 0) {
      const retry = fetchAgain(store, slot, id, canReach);
      if (retry !== null) return retry;
      continue;
    }
    const vain = answerInVain(store, slot);
    if (vain !== null) return vain;
    const machine = store.cell(slot).machines[id];
    if (machine?.kind === "producer" && hasNothingOpen(machine)) {
      if ((taken()[id] ?? 0) === programs[id]?.length) return { to: id, event: { type: "crash" }, timer: null };
    }
  }
  return null;
}

/** A proposed change of the ISR of which the controller has recorded another since: it will be refused. */
export function isOutdated(store: CellStore, body: RequestBody): boolean {
  if (body.type !== "alter-partition") return false;
  const record = store.machine(`controller/${body.partition}`)?.context as PartitionContext;
  return record.partitionEpoch > body.partitionEpoch || record.leaderEpoch > body.leaderEpoch;
}

/** A follower waits before it asks again, and its leader can be reached. */
function fetchAgain(
  store: CellStore,
  slot: number,
  replica: string,
  canReach: (from: string, to: string) => boolean,
): Shortcut | null {
  const { isBackingOff, leader } = store.known(replica);
  if (!isBackingOff || !isInService(store.process(`b${leader}`)) || !canReach(nodeOf(replica), `b${leader}`))
    return null;
  const timer = store.cell(slot).timers.find(({ id }) => id.startsWith("xstate.after.fetchBackoff."));
  return timer === undefined ? null : { to: replica, event: timer.event, timer: timer.id };
}

/** A request waits for replicas, and its client has given it up. */
function answerInVain(store: CellStore, slot: number): Shortcut | null {
  const { connections, timers } = store.cell(slot);
  for (const { id, server, state } of connections) {
    const timer =
      state === "abandoned" ? timers.find(({ machine }) => machine === servingMachine(server, id)) : undefined;
    if (timer !== undefined && isInService(store.process(server))) {
      return { to: timer.machine, event: timer.event, timer: timer.id };
    }
  }
  return null;
}

function hasNothingOpen({ value, context }: MachineState): boolean {
  const { queue, inFlight, undecided } = context as ProducerContext;
  if (value === "crashed" || queue.length + undecided.length > 0) return false;
  return inFlight.every(({ batches }) => batches.length === 0);
}

/** What the controller has on its way to a broker, without what the broker knows already. */
export function withoutOldNews(setting: UntimedSetting, store: CellStore, connection: Connection): Connection {
  const { server } = connection;
  if (!isPushed(connection) || !isRegistered(store.process(server))) return connection;
  const requests = latestChanges(server, connection.requests);
  return { ...connection, requests: requests.filter(({ body }) => !isOld(setting, store, server, body)) };
}

/**
 * Which brokers are live, a follower only keeps for the day on which it is elected. It might as well hear it with its
 * election: so it is as if nothing of that had reached it yet.
 */
export function forgetLiveBrokers(setting: UntimedSetting, store: CellStore, slot: number): void {
  const replica = setting.plan.names[slot] ?? "";
  const server = nodeOf(replica);
  const machine = store.cell(slot).machines[replica];
  if (machine?.kind !== "replica" || !isRegistered(store.process(server))) return;
  const context = machine.context as ReplicaContext;
  if (context.liveBrokers.length === 0 || !onlyFollows(setting, store, server)) return;
  store.putMachine(replica, { ...machine, context: { ...context, liveBrokers: [] } });
  for (const { broker, epoch } of context.liveBrokers) {
    const body = { type: "broker-change", change: { broker, epoch, fenced: false } } as const;
    store.changeConnections("controller", server, (connections) =>
      isToldOf(connections, broker) ? connections : network.sendRequest(connections, "controller", server, body, 0),
    );
  }
}

/** What is on its way is newer than what is known. */
function isToldOf(connections: network.Connections, broker: BrokerId): boolean {
  return connections.some(({ requests }) =>
    requests.some(({ body }) => body.type === "broker-change" && body.change.broker === broker),
  );
}

function onlyFollows(setting: UntimedSetting, store: CellStore, server: string): boolean {
  return setting.glimpses.replicasOn(server).every((replica) => store.known(replica).role === "follower");
}

/** Is there anything that a broker acts upon? What a follower only keeps is heard with the next thing of use. */
export function isWorthHearing(setting: UntimedSetting, store: CellStore, { server, requests }: Connection): boolean {
  if (!isRegistered(store.process(server))) return true;
  return requests.some(({ body }) => body.type !== "broker-change") || !onlyFollows(setting, store, server);
}

function isOld(setting: UntimedSetting, store: CellStore, server: string, body: RequestBody): boolean {
  if (body.type === "broker-change") {
    const { broker, epoch, fenced } = body.change;
    return setting.glimpses.replicasOn(server).every((replica) => {
      const known = store.known(replica).liveBrokers.find((one) => one.broker === broker);
      return fenced ? known === undefined : known?.epoch === epoch;
    });
  }
  if (body.type !== "partition-change") return false;
  const { partition, leader, leaderEpoch, partitionEpoch } = body.change;
  const known = store.known(`${server}/${partition}`);
  if (known.partitionEpoch !== null) return known.partitionEpoch >= partitionEpoch;
  return known.role === "follower" && known.leader === leader && known.leaderEpoch === leaderEpoch;
}

export function reducedCell(cell: Cell): Cell {
  let { machines } = cell;
  for (const [id, machine] of Object.entries(cell.machines)) {
    const reduced = reducedMachine(machine, cell.machines);
    if (reduced !== machine) machines = { ...machines, [id]: reduced };
  }
  const connections = cell.connections.filter((connection) => !isIdle(connection));
  return withBatchesInOrder({ ...cell, machines, connections });
}

/** The controller never closes a connection: one on which nothing happens is as good as none. */
function isIdle({ server, state, serving, requests, responses }: Connection): boolean {
  return server === "controller" && state === "open" && !serving && requests.length + responses.length === 0;
}

function reducedMachine(machine: MachineState, others: Cell["machines"]): MachineState {
  const context = reducedContext(machine, others);
  return context === machine.context ? machine : { ...machine, context };
}

/** The very same context, if nothing of it is left out. */
function reducedContext(machine: MachineState, others: Cell["machines"]): unknown {
  const { kind, value, context } = machine;
  if (kind === "broker" && isRegistered(machine)) return keptByBroker(context as BrokerContext);
  if (kind === "producer" && value === "crashed") return keptByCrashed(context as ProducerContext);
  if (kind !== "replica") return context;
  const replica = context as ReplicaContext;
  const role = roleOf(value);
  return role === "follower" ? keptByFollower(replica) : role === "leader" ? keptByLeader(replica, others) : context;
}

function keptByBroker(context: BrokerContext): BrokerContext {
  const { brokers, partitions } = context;
  const isKept = ({ isr, partitionEpoch }: PartitionMetadata) => isr.length === 0 && partitionEpoch === 0;
  if (brokers.length === 0 && partitions.every(isKept)) return context;
  return { ...context, brokers: [], partitions: partitions.map((one) => ({ ...one, isr: [], partitionEpoch: 0 })) };
}

function keptByCrashed(context: ProducerContext): ProducerContext {
  return context.contact === 0 ? context : { ...context, contact: 0 };
}

function keptByFollower(context: ReplicaContext): ReplicaContext {
  const { partitionEpoch, isr, proposedIsr, remotes } = context;
  const isKept = partitionEpoch === -1 && isr.length + proposedIsr.length === 0;
  if (isKept && remotes.every(({ logEnd, withinLagTime }) => logEnd === -1 && !withinLagTime)) return context;
  const nothing = emptyMemory(remotes.map(({ broker }) => broker));
  return { ...context, partitionEpoch: -1, isr: [], proposedIsr: [], remotes: nothing.remotes };
}

function keptByLeader(context: ReplicaContext, others: Cell["machines"]): ReplicaContext {
  const { broker, partition, remotes } = context;
  const isKept = (remote: RemoteReplica) => {
    if (remote.leaderEndAtLastFetch === remote.logEnd) return true;
    const lag = others[`b${broker}/${partition}/lag-${remote.broker}`]?.context;
    return (lag as FollowerLagContext | undefined)?.sinceFetch != null;
  };
  if (remotes.every(isKept)) return context;
  const kept = remotes.map((remote) => (isKept(remote) ? remote : { ...remote, leaderEndAtLastFetch: remote.logEnd }));
  return { ...context, remotes: kept };
}

/** Of the two timers of a follower's lag the proven one was started first. */
export function runsOutLater({ id }: Omit<Timer, "due">, lag: MachineState | undefined): boolean {
  const proven = (lag?.context as FollowerLagContext | undefined)?.proven ?? null;
  return proven !== null && id !== `lag-${proven}`;
}

/** A follower that gives up its fetch asks the same leader for the same again. */
export function endsInVain({ id }: Omit<Timer, "due">): boolean {
  return id === "xstate.after.socketTimeout.replica.online.follower.fetching";
}
