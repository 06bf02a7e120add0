/**
 * A cluster cut into cells, for the search: each machine with what belongs to it alone, each pair of nodes that talk with
 * their connections and the requests that are served on them. A step touches few cells.
 */
import { type Glimpses, type Known, seeKnown } from "./glimpses.ts";
import type { MachineState } from "./machines.ts";
import { type Connection, nodeOf, type Timer } from "./state.ts";
import { type ConnectionsChange, endsOf, isVolatile, type Process, type StepStore } from "./step-store.ts";

export interface Cell {
  readonly machines: Readonly<Record<string, MachineState>>;
  /** In the order of machines and ids. */
  readonly timers: readonly Omit<Timer, "due">[];
  readonly connections: readonly Connection[];
}

export const emptyCell: Cell = { machines: {}, timers: [], connections: [] };

/** A pair of a client (a machine) and a node that it connects to. */
export type Pair = readonly [client: string, server: string];

/** Which cells there are; a cell's number is its slot. */
export class CellPlan {
  readonly names: readonly string[];
  readonly pairs: readonly Pair[];
  readonly #slots: ReadonlyMap<string, number>;
  /** By client, then by server. */
  readonly #ofPair: Map<string, Map<string, number>>;
  /** Slots of machines that are asked for often, by id. */
  readonly #known = new Map<string, number>();
  readonly #ofNode = new Map<string, readonly number[]>();

  /** `machines`: ids of those that have a cell; one below `id/` of another shares the other's. */
  constructor(machines: readonly string[], pairs: readonly Pair[]) {
    const roots = machines.filter(
      (id) => !machines.some((other) => id !== other && id.startsWith(`${other}/`) && sharesCell(id)),
    );
    this.pairs = pairs;
    this.names = [...roots, ...pairs.map(pairName)];
    this.#slots = new Map(this.names.map((name, slot) => [name, slot]));
    this.#ofPair = new Map();
    for (const [index, [client, server]] of pairs.entries()) {
      const ofClient = this.#ofPair.get(client) ?? new Map<string, number>();
      ofClient.set(server, roots.length + index);
      this.#ofPair.set(client, ofClient);
    }
  }

  slotOfMachine(id: string): number {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const slot = this.#slots.get(cellOf(id)) ?? -1;
    this.#known.set(id, slot);
    return slot;
  }

  /** -1 for a pair that never talks. */
  slotOfPair(client: string, server: string): number {
    return this.#ofPair.get(client)?.get(server) ?? -1;
  }

  /** The pairs of which one end is on this node. */
  pairsOfNode(node: string): readonly number[] {
    const known = this.#ofNode.get(node);
    if (known !== undefined) return known;
    const found = this.pairs
      .filter(([client, server]) => nodeOf(client) === node || server === node)
      .map((pair) => this.slotOfPair(...pair));
    this.#ofNode.set(node, found);
    return found;
  }
}

export function pairName([client, server]: Pair): string {
  return `${client}→${server}`;
}

/** Lags and disks live with their replica, fetches in flight with their consumer. */
function sharesCell(id: string): boolean {
  return /\/(lag-|disk$|fetch-b)/.test(id);
}

function cellOf(id: string): string {
  const serving = id.indexOf("/serve/");
  if (serving >= 0) return pairName(endsOf(id.slice(serving + "/serve/".length)));
  const part = id.search(/\/(batch-|lag-|disk$|fetch-b)/);
  return part < 0 ? id : id.slice(0, part);
}

/** What a step does to the cells that it asks for. There is no clock: every message has the same moment. */
export class CellStore implements StepStore {
  readonly #plan: CellPlan;
  readonly #read: (slot: number) => unknown;
  readonly #glimpses: Glimpses;
  readonly #cells = new Map<number, Cell>();
  readonly #changed = new Set<number>();
  #inOrder: readonly number[] = [];
  /** Timers that run out at once: they were armed with no delay. */
  readonly #over: Omit<Timer, "due">[] = [];

  constructor(plan: CellPlan, glimpses: Glimpses, read: (slot: number) => unknown) {
    this.#plan = plan;
    this.#glimpses = glimpses;
    this.#read = read;
  }

  cell(slot: number): Cell {
    const known = this.#cells.get(slot);
    if (known !== undefined) return known;
    const cell = this.#read(slot) as Cell;
    this.#cells.set(slot, cell);
    return cell;
  }

  hasChanged(slot: number): boolean {
    return this.#changed.has(slot);
  }

  /** In ascending order. */
  changedSlots(): readonly number[] {
    if (this.#inOrder.length !== this.#changed.size) {
      this.#inOrder = [...this.#changed].sort((one, other) => one - other);
    }
    return this.#inOrder;
  }

  change(slot: number, change: Partial<Cell>): void {
    this.#cells.set(slot, { ...this.cell(slot), ...change });
    this.#changed.add(slot);
  }

  machine(id: string): MachineState | undefined {
    const slot = this.#plan.slotOfMachine(id);
    return slot < 0 ? undefined : this.cell(slot).machines[id];
  }

  process(node: string): Process | undefined {
    const isRead = this.#cells.has(this.#plan.slotOfMachine(node));
    return isRead ? this.machine(node) : this.#glimpses.process(this.#read, node);
  }

  known(replica: string): Known {
    if (this.#cells.has(this.#plan.slotOfMachine(replica))) return seeKnown(this.machine(replica));
    return this.#read(this.#glimpses.slotOfKnown(replica)) as Known;
  }

  putMachine(id: string, state: MachineState): void {
    const slot = this.#plan.slotOfMachine(id);
    const { machines } = this.cell(slot);
    if (machines[id] !== state) this.change(slot, { machines: { ...machines, [id]: state } });
  }

  dropMachine(id: string): void {
    const slot = this.#plan.slotOfMachine(id);
    const { machines, timers } = this.cell(slot);
    const { [id]: _, ...others } = machines;
    this.change(slot, { machines: others, timers: timers.filter(({ machine }) => machine !== id) });
  }

  volatileMachines(process: string): readonly string[] {
    const own = this.#plan.slotOfMachine(process);
    const slots = [...(own < 0 ? [] : [own]), ...this.#plan.pairsOfNode(process)];
    return slots.flatMap((slot) => Object.keys(this.cell(slot).machines).filter((id) => isVolatile(id, process)));
  }

  arm(timer: Omit<Timer, "due">, delay: number): void {
    if (delay === 0) {
      this.#over.push(timer);
      return;
    }
    const slot = this.#plan.slotOfMachine(timer.machine);
    const { timers } = this.cell(slot);
    if (timers.some((other) => isSameTimer(other, timer))) return;
    const later = timers.findIndex((other) => isBefore(timer, other));
    this.change(slot, { timers: later < 0 ? [...timers, timer] : timers.toSpliced(later, 0, timer) });
  }

  cancel(machine: string, id: string): void {
    const over = this.#over.findIndex((timer) => timer.machine === machine && timer.id === id);
    if (over >= 0) this.#over.splice(over, 1);
    const slot = this.#plan.slotOfMachine(machine);
    const { timers } = this.cell(slot);
    const others = timers.filter((timer) => timer.machine !== machine || timer.id !== id);
    if (others.length < timers.length) this.change(slot, { timers: others });
  }

  /** The next timer that runs out at once. */
  takeOver(): Omit<Timer, "due"> | undefined {
    return this.#over.shift();
  }

  connection(id: string): Connection | undefined {
    const slot = this.#plan.slotOfPair(...endsOf(id));
    return slot < 0 ? undefined : this.cell(slot).connections.find((connection) => connection.id === id);
  }

  changeConnections(client: string, server: string, change: ConnectionsChange): void {
    this.#changeIn(this.#plan.slotOfPair(client, server), change);
  }

  changeConnectionsOf(node: string, change: ConnectionsChange): void {
    for (const slot of this.#plan.pairsOfNode(node)) this.#changeIn(slot, change);
  }

  #changeIn(slot: number, change: ConnectionsChange): void {
    if (slot < 0) return;
    const { connections } = this.cell(slot);
    const next = change(connections);
    if (next !== connections) this.change(slot, { connections: next });
  }
}

function isSameTimer(one: Omit<Timer, "due">, other: Omit<Timer, "due">): boolean {
  return one.machine === other.machine && one.id === other.id;
}

function isBefore(one: Omit<Timer, "due">, other: Omit<Timer, "due">): boolean {
  return one.machine === other.machine ? one.id < other.id : one.machine < other.machine;
}
