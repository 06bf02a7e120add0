/**
 * Where a step finds machines, armed timers and connections, and where it leaves them. A step asks for no more than it
 * needs: a search remembers a step by what it has asked for.
 */
import type { MachineState } from "./machines.ts";
import type { Connection, Timer } from "./state.ts";

export type Process = Pick<MachineState, "kind" | "value">;

export interface StepStore {
  machine(id: string): MachineState | undefined;
  /** A broker's process as others see it; undefined for other nodes. */
  process(node: string): Process | undefined;
  putMachine(id: string, state: MachineState): void;
  /** With its timers. */
  dropMachine(id: string): void;
  /** Batches and requests that are being served in the memory of a process. */
  volatileMachines(process: string): readonly string[];
  /** In place of the timer of that machine and id, if it is armed already. */
  arm(timer: Omit<Timer, "due">, delay: number): void;
  cancel(machine: string, id: string): void;
  connection(id: string): Connection | undefined;
  /** Changes the list of connections from a client to a node; it may hold others, which stay as they are. */
  changeConnections(client: string, server: string, change: ConnectionsChange): void;
  /** The same for all connections that a node has with others, list by list. */
  changeConnectionsOf(node: string, change: ConnectionsChange): void;
}

export type ConnectionsChange = (connections: readonly Connection[]) => readonly Connection[];

/** Batches and served requests live in memory alone; a replica keeps its disk and hears of the death itself. */
export function isVolatile(id: string, process: string): boolean {
  return id.startsWith(`${process}/serve/`) || id.startsWith(`${process}/batch-`);
}

/** Client and server of a connection, by its id. */
export function endsOf(connection: string): readonly [client: string, server: string] {
  const arrow = connection.indexOf("→");
  return [connection.slice(0, arrow), connection.slice(arrow + 1, connection.lastIndexOf("#"))];
}
