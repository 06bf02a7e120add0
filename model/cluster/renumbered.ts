/** What comes in numbers (batches of a producer, connections between two nodes) is numbered in its order, not by its past. */
import type { ProducerContext } from "../producer/producer-context.ts";
import type { Cell } from "./cells.ts";
import { servingMachine } from "./run-step.ts";
import type { Connection } from "./state.ts";

/** New names for old ones. */
export type Names = ReadonlyMap<string, string>;

/** The batches of a producer: those in flight come first, then those that wait. */
export function withBatchesInOrder(cell: Cell): Cell {
  const [id, producer] = Object.entries(cell.machines).find(([, { kind }]) => kind === "producer") ?? [];
  if (id === undefined || producer === undefined) return cell;
  const { inFlight, undecided, queue } = producer.context as ProducerContext;
  const slots = [...inFlight.flatMap(({ batches }) => batches), ...undecided, ...queue].map(({ slot }) => slot);
  if (slots.every((slot, index) => slot === index)) return cell;
  const renumber = <Batch extends { readonly slot: number }>(batch: Batch): Batch => {
    return { ...batch, slot: slots.indexOf(batch.slot) };
  };
  const context: Partial<ProducerContext> = {
    inFlight: inFlight.map((request) => ({ ...request, batches: request.batches.map(renumber) })),
    undecided: undecided.map(renumber),
    queue: queue.map(renumber),
  };
  const machines = Object.entries(cell.machines).map(([name, machine]) => {
    if (machine.kind !== "batch") return [name, machine] as const;
    return [name, { ...machine, context: renumber(machine.context as { readonly slot: number }) }] as const;
  });
  const numbered = {
    ...cell,
    machines: {
      ...Object.fromEntries(machines),
      [id]: { ...producer, context: { ...(producer.context as ProducerContext), ...context } },
    },
  };
  return renamed(numbered, new Map(slots.map((slot, index) => [`${id}/batch-${slot}`, `${id}/batch-${index}`])));
}

const noNames: Names = new Map();

/** New names for the connections of a pair, and for what is served on them; none if they have them already. */
export function namesInOrder(connections: readonly Connection[]): Names {
  const [only] = connections;
  if (only === undefined || (connections.length === 1 && only.id.endsWith("#0"))) return noNames;
  const inOrder = connections
    .map(({ id, ...content }) => ({ id, ...content, text: JSON.stringify(content) }))
    .sort((one, other) => (one.text === other.text ? 0 : one.text < other.text ? -1 : 1));
  const names = new Map<string, string>();
  for (const [index, { id, client, server }] of inOrder.entries()) {
    const name = `${client}→${server}#${index}`;
    if (name === id) continue;
    names.set(id, name);
    names.set(servingMachine(server, id), servingMachine(server, name));
  }
  return names;
}

export function renamed(cell: Cell, names: Names): Cell {
  const { machines, timers, connections } = renamedData(cell, names);
  return {
    machines,
    timers: timers.toSorted((one, other) => (`${one.machine} ${one.id}` < `${other.machine} ${other.id}` ? -1 : 1)),
    connections: connections.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
  };
}

/** Plain data, with other names wherever one stands. */
export function renamedData<Data>(data: Data, names: Names): Data {
  const rename = (value: unknown): unknown => {
    if (typeof value === "string") return names.get(value) ?? value;
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(rename);
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [names.get(key) ?? key, rename(member)]));
  };
  return rename(data) as Data;
}
