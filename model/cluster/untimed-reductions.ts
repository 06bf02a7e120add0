/**
 * What a search of the cluster without a clock need not tell apart. Each leaves out moments in which nothing is decided:
 *
 * - A producer that has sent its records and knows what became of each is closed. What it asks for afterwards is metadata.
 * - A follower's back-off is over at once where its leader can be reached: when the retry arrives is a choice of its own.
 * - A registered broker forgets what it knew of other brokers: its replicas have been told, and nobody else asks.
 * - A broker that leads nothing hears at once of changes that leave leaders and epochs as it knows them: it only keeps them,
 *   and forgets or replaces them before they count.
 * - A follower that has lagged counts as caught up when it reaches the log's end, not yet when it reaches what was the end
 *   at its last fetch: so only one of its two timers is kept. How long a lag lasts is open here in any case.
 *
 * `test/model/cluster/untimed-reductions.test.ts` holds verdicts with them equal to those without.
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
    const reduced = reducedMachine(machine);
    if (reduced !== machine) machines = { ...machines, [id]: reduced };
  }
  const isOver = ({ state, serving, requests }: Connection) =>
    state === "abandoned" && !serving && requests.every(({ body }) => body.type === "fetch");
  const connections = cell.connections.some(isOver) ? cell.connections.filter((one) => !isOver(one)) : cell.connections;
  if (machines === cell.machines && connections === cell.connections) return cell;
  const isKept = ({ machine, id }: Omit<Timer, "due">) => {
    const lag = machines[machine];
    return lag?.kind !== "follower-lag" || id === `lag-${(lag.context as FollowerLagContext).proven}`;
  };
  return { machines, connections, timers: cell.timers.filter(isKept) };
}

function reducedMachine(machine: MachineState): MachineState {
  const change = changeIn(machine);
  return change === null ? machine : { ...machine, context: { ...(machine.context as object), ...change } };
}

function changeIn(machine: MachineState): object | null {
  if (machine.kind === "broker" && isInService(machine)) {
    return (machine.context as BrokerContext).brokers.length === 0 ? null : { brokers: [] };
  }
  if (machine.kind === "follower-lag") {
    return (machine.context as FollowerLagContext).sinceFetch === null ? null : { sinceFetch: null };
  }
  if (machine.kind !== "replica") return null;
  const { remotes } = machine.context as ReplicaContext;
  if (remotes.every(({ logEnd, leaderEndAtLastFetch }) => leaderEndAtLastFetch === logEnd)) return null;
  return { remotes: remotes.map((remote) => ({ ...remote, leaderEndAtLastFetch: remote.logEnd })) };
}

/** Plain data of the same content, whatever the order of keys. */
export function isSameData(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  const [names, others] = [Object.keys(one), Object.keys(other)];
  const [ofOne, ofOther] = [one, other] as readonly Readonly<Record<string, unknown>>[];
  return names.length === others.length && names.every((name) => isSameData(ofOne?.[name], ofOther?.[name]));
}
