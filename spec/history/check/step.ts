/** One operation as judges are shown it: with its invocation, its client, and the rows of what it read. */
import { clientOf, type HistoryOperation } from "../format.ts";

export interface Step {
  readonly operation: HistoryOperation;
  /** Of a completion: its invocation; `null` at invocations, and where there is none. */
  readonly invocation: HistoryOperation | null;
  readonly client: string;
}

export interface Steps {
  take(operation: HistoryOperation): Step;
  /** The invocations that were never completed, in their order. */
  open(): readonly HistoryOperation[];
}

/** Pairs completions with invocations. Memory: one entry a process. */
export function createSteps(): Steps {
  const open = new Map<string, HistoryOperation>();
  const clients = new Map<string, string>();
  const clientNamed = (process: string): string => {
    const known = clients.get(process);
    if (known !== undefined) return known;
    const client = clientOf(process);
    clients.set(process, client);
    return client;
  };
  return {
    take(operation) {
      const { process, type } = operation;
      const client = clientNamed(process);
      if (type === "invoke") {
        open.set(process, operation);
        return { operation, invocation: null, client };
      }
      const invocation = open.get(process) ?? null;
      open.delete(process);
      return { operation, invocation, client };
    },
    open: () => [...open.values()].sort((a, b) => a.index - b.index),
  };
}
