/**
 * Writes operations for Jepsen's `kafka` checker, one map a line. What that workload does not know (commits, offsets that
 * are asked for, seeks, assignments, deletions, faults) is left out, so the indices have gaps.
 */
import type { HistoryOperation, PolledRecords, SentRecord } from "../format.ts";

/** `null`: the workload has no such operation. */
export function writeEdnOperation(operation: HistoryOperation, processOf: (name: string) => number): string | null {
  const value = ednOf(operation);
  if (value === null) return null;
  const { index, time_ns, process, type, f, error } = operation;
  const begins = operation.f === "assign" ? " :seek-to-beginning? false," : "";
  const told = error === undefined ? "" : `, :error ${JSON.stringify(error)}`;
  const own = `:index ${index}, :time ${time_ns}, :type :${type}, :process ${processOf(process)}, :f :${f},${begins}`;
  return `{${own} :value ${value}${told}}`;
}

function ednOf(operation: HistoryOperation): string | null {
  switch (operation.f) {
    case "send":
      return `[${operation.value.map(sent).join(" ")}]`;
    case "poll":
      return `[${polled(operation.value, operation.type === "invoke")}]`;
    case "txn": {
      const steps = operation.value.flatMap((step) =>
        "send" in step ? step.send.map(sent) : [polled(step.poll, operation.type === "invoke")],
      );
      return `[${steps.join(" ")}]`;
    }
    case "subscribe":
    case "assign":
      return `[${operation.value.keys.map((key) => JSON.stringify(key)).join(" ")}]`;
    case "crash":
      return "nil";
    default:
      return null;
  }
}

function sent({ key, value, offset }: SentRecord): string {
  const written = offset === undefined ? JSON.stringify(value) : `[${offset} ${JSON.stringify(value)}]`;
  return `[:send ${JSON.stringify(key)} ${written}]`;
}

function polled(records: PolledRecords, isInvocation: boolean): string {
  if (isInvocation) return "[:poll]";
  const keys = Object.entries(records).sort(([a], [b]) => (a < b ? -1 : 1));
  const lists = keys.map(([key, list]) => {
    return `${JSON.stringify(key)} [${list.map(([offset, value]) => `[${offset} ${JSON.stringify(value)}]`).join(" ")}]`;
  });
  return `[:poll {${lists.join(" ")}}]`;
}
