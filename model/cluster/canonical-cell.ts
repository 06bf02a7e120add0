/**
 * Brings a cell into one form for all that means the same: batches of metadata are numbered from the head of their channel,
 * other messages have no moment, and the two timers of a follower's lag, of which any may do for either purpose, take their
 * names in turn.
 */
import type { FollowerLagContext } from "../replica/follower-lag-machine.ts";
import type { Cell } from "./cells.ts";
import type { MachineState } from "./machines.ts";
import * as network from "./network.ts";
import { type Connection, nodeOf, type Packet } from "./state.ts";

export function canonicalCell(cell: Cell): Cell {
  const swapped = Object.keys(cell.machines).filter((id) => hasSwappedTimers(cell.machines[id]));
  return {
    machines: swapped.length === 0 ? cell.machines : swapMachines(cell.machines, swapped),
    timers: swapped.length === 0 ? cell.timers : swapTimers(cell.timers, swapped),
    connections: cell.connections.filter(isOfUse).map(canonicalConnection),
  };
}

/** The controller's channel tells nobody of its end. */
function isOfUse({ client, requests }: Connection): boolean {
  return nodeOf(client) !== "controller" || requests.length > 0;
}

function canonicalConnection(connection: Connection): Connection {
  const { requests, responses } = connection;
  return { ...connection, requests: numbered(requests), responses: responses.map(withoutMoment) };
}

/** Batches are told apart by their moments: of the metadata log, one each. */
function numbered(packets: Connection["requests"]): Connection["requests"] {
  const [head] = packets;
  if (head === undefined || !network.isPushed(head.body)) return packets.map(withoutMoment);
  const moments = [...new Set(packets.map(({ due }) => due))];
  return packets.map(({ body, due }) => ({ body, due: moments.indexOf(due) }));
}

function withoutMoment<Body>({ body }: Packet<Body>): Packet<Body> {
  return { body, due: 0 };
}

/** Has the lag's proven timer, or its only one, the name that the canonical form gives to the other? */
export function hasSwappedTimers(machine: MachineState | undefined): boolean {
  if (machine?.kind !== "follower-lag") return false;
  const { proven, sinceFetch } = machine.context as FollowerLagContext;
  return proven === "b" || (proven === null && sinceFetch === "b");
}

const other = { a: "b", b: "a" } as const;

function swapMachines(machines: Cell["machines"], ids: readonly string[]): Cell["machines"] {
  const entries = Object.entries(machines).map(([id, machine]) => {
    if (!ids.includes(id)) return [id, machine] as const;
    const context = machine.context as FollowerLagContext;
    const swap = (timer: "a" | "b" | null) => (timer === null ? null : other[timer]);
    const { proven, sinceFetch } = context;
    return [id, { ...machine, context: { ...context, proven: swap(proven), sinceFetch: swap(sinceFetch) } }] as const;
  });
  return Object.fromEntries(entries);
}

function swapTimers(timers: Cell["timers"], machines: readonly string[]): Cell["timers"] {
  const swapped = timers.map((timer) => {
    if (!machines.includes(timer.machine)) return timer;
    const name = timer.id === "lag-a" ? "b" : "a";
    return { machine: timer.machine, id: `lag-${name}`, event: { type: `expired-${name}` } };
  });
  return swapped.sort((one, two) => (`${one.machine} ${one.id}` < `${two.machine} ${two.id}` ? -1 : 1));
}
