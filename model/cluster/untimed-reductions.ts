/**
 * What a search at a rendezvous need not tell apart. Each leaves out moments in which nothing is decided:
 *
 * - A producer that has sent its records and knows what became of each is closed. What it asks for afterwards is metadata.
 * - A follower's back-off is over at once where its leader can be reached: when the retry arrives is a choice of its own.
 * - Who waits at a broker for replicas, and was given up by its client, is answered at once: nobody hears it.
 * - A registered broker forgets what it knew of other brokers: its replicas have been told, and nobody else asks.
 * - A broker that leads nothing hears at once of changes that leave leaders and epochs as it knows them: it only keeps them,
 *   and forgets or replaces them before they count. A leader hears at once what it knows of other brokers already.
 * - The two timers of a follower's lag run out in the order in which they were started, as with a clock.
 * - The log end at a follower's last fetch is forgotten where no timer runs since then: nothing comes of it.
 *
 * `test/check/reductions.long.test.ts` compares what a cluster can get into with them and without.
 */
import type { BrokerContext } from "../broker/broker-machine.ts";
import type { BrokerMetadata } from "../message.ts";
import type { ProducerContext } from "../producer/producer-context.ts";
import type { FollowerLagContext } from "../replica/follower-lag-machine.ts";
import type { ReplicaContext } from "../replica/replica-context.ts";
import type { Cell, CellStore } from "./cells.ts";
import type { MachineState } from "./machines.ts";
import { servingMachine } from "./run-step.ts";
import { type Connection, nodeOf, type Timer } from "./state.ts";
import type { UntimedSetting } from "./untimed-cluster.ts";
import { isInService } from "./untimed-faults.ts";

/** What happens at once, to a machine in one of these cells. */
export interface Shortcut {
  readonly to: string;
  readonly event: { readonly type: string };
  /** The timer that it is instead of. */
  readonly timer: string | null;
}

/** `taken`: how many of its operations each client has begun; read only where it matters. */
export function shortcutOf(
  { plan, programs }: Pick<UntimedSetting, "plan" | "programs">,
  store: CellStore,
  slots: readonly number[],
  taken: () => Readonly<Record<string, number>>,
  canReach: (from: string, to: string) => boolean,
): Shortcut | null {
  for (const slot of slots) {
    const id = plan.names[slot] ?? "";
    const vain = answerInVain(store, slot);
    if (vain !== null) return vain;
    const machine = store.cell(slot).machines[id];
    if (machine?.kind === "producer" && hasNothingOpen(machine)) {
      if ((taken()[id] ?? 0) === programs[id]?.length) return { to: id, event: { type: "crash" }, timer: null };
    }
    if (machine?.kind !== "replica") continue;
    const backOff = store.cell(slot).timers.find((timer) => timer.id.startsWith("xstate.after.fetchBackoff."));
    if (backOff === undefined) continue;
    const leader = `b${(machine.context as ReplicaContext).leader}`;
    if (isInService(store.machine(leader)) && canReach(nodeOf(id), leader)) {
      return { to: id, event: backOff.event, timer: backOff.id };
    }
  }
  return null;
}

/** A request waits for replicas, and its client has given it up. */
function answerInVain(store: CellStore, slot: number): Shortcut | null {
  const { connections, timers } = store.cell(slot);
  for (const { id, server, state } of connections) {
    const timer =
      state === "abandoned" ? timers.find(({ machine }) => machine === servingMachine(server, id)) : undefined;
    if (timer !== undefined && isInService(store.machine(server))) {
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

/** Does the next batch of the controller's log, on its way to this broker, change nothing that it acts upon? */
export function isHeardAtOnce(store: CellStore, { server, requests }: Connection): boolean {
  const [head] = requests;
  const process = store.machine(server);
  if (head === undefined || process?.kind !== "broker" || !isInService(process)) return false;
  const { replicas, partitions } = process.context as BrokerContext;
  const all = replicas.map(({ id }) => store.machine(id));
  const leaders = all.filter((replica) => !isFollower(replica));
  return requests
    .filter(({ due }) => due === head.due)
    .every(({ body }) => {
      if (body.type === "broker-change") return leaders.every((leader) => isKnown(body.change, leader));
      if (leaders.length > 0) return false;
      if (body.type !== "partition-change") return false;
      const known = partitions.find(({ partition }) => partition === body.change.partition);
      return known?.leaderEpoch === body.change.leaderEpoch && known.leader === body.change.leader;
    });
}

function isFollower(replica: MachineState | undefined): boolean {
  const { online } = (replica?.value ?? {}) as { readonly online?: object };
  return online !== undefined && "follower" in online;
}

/** Does a leader know this already? */
function isKnown({ broker, epoch, fenced }: BrokerMetadata, leader: MachineState | undefined): boolean {
  const { online } = (leader?.value ?? {}) as { readonly online?: object };
  if (leader === undefined || online === undefined) return false;
  const known = (leader.context as ReplicaContext).liveBrokers.find((one) => one.broker === broker);
  return fenced ? known === undefined : known?.epoch === epoch;
}

export function reducedCell(cell: Cell): Cell {
  let { machines } = cell;
  for (const [id, machine] of Object.entries(cell.machines)) {
    const reduced = reducedMachine(machine, cell.machines);
    if (reduced !== machine) machines = { ...machines, [id]: reduced };
  }
  return machines === cell.machines ? cell : { ...cell, machines };
}

function reducedMachine(machine: MachineState, others: Cell["machines"]): MachineState {
  if (machine.kind === "broker" && isInService(machine)) {
    const context = machine.context as BrokerContext;
    return context.brokers.length === 0 ? machine : { ...machine, context: { ...context, brokers: [] } };
  }
  if (machine.kind !== "replica") return machine;
  const context = machine.context as ReplicaContext;
  const isOpen = (remote: ReplicaContext["remotes"][number]) => {
    const lag = others[`b${context.broker}/${context.partition}/lag-${remote.broker}`]?.context;
    return (lag as FollowerLagContext | undefined)?.sinceFetch != null;
  };
  const remotes = context.remotes.map((remote) =>
    isOpen(remote) || remote.leaderEndAtLastFetch === remote.logEnd
      ? remote
      : { ...remote, leaderEndAtLastFetch: remote.logEnd },
  );
  const isSame = remotes.every((remote, index) => remote === context.remotes[index]);
  return isSame ? machine : { ...machine, context: { ...context, remotes } };
}

/** Of the two timers of a follower's lag the proven one was started first. */
export function runsOutLater({ id }: Omit<Timer, "due">, lag: MachineState | undefined): boolean {
  const proven = (lag?.context as FollowerLagContext | undefined)?.proven ?? null;
  return proven !== null && id !== `lag-${proven}`;
}

/** Plain data of the same content, whatever the order of keys. */
export function isSameData(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  const [names, others] = [Object.keys(one), Object.keys(other)];
  const [ofOne, ofOther] = [one, other] as readonly Readonly<Record<string, unknown>>[];
  return names.length === others.length && names.every((name) => isSameData(ofOne?.[name], ofOther?.[name]));
}
