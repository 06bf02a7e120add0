/**
 * Writes a history, one line for the header and one for each operation, without the line end. The order of fields and
 * keys is fixed, so that equal histories are equal bytes.
 */
import type { HistoryHeader, HistoryOperation, SentRecord } from "./format.ts";

/** The contract is written as it was given. */
export function writeHeader(header: HistoryHeader): string {
  const { highwater, version, subject, contract, profile } = header;
  return JSON.stringify({ highwater, version, subject, contract, profile });
}

/** What is `undefined` is left out. */
export function writeOperation(operation: HistoryOperation): string {
  const { index, time_ns, process: caller, type, f, error } = operation;
  const final = operation.f === "poll" ? operation.final : undefined;
  return JSON.stringify({ index, time_ns, process: caller, type, f, value: ordered(operation), error, final });
}

function ordered(operation: HistoryOperation): unknown {
  switch (operation.f) {
    case "send":
      return operation.value.map(orderedRecord);
    case "poll":
      return byKey(operation.value);
    case "seek":
    case "delete-records":
    case "latest":
      return byKey<number | null>(operation.value);
    case "txn":
      return operation.value.map((step) =>
        "send" in step ? { send: step.send.map(orderedRecord) } : { poll: byKey(step.poll) },
      );
    case "commit":
    case "committed": {
      const { group, generation, offsets } = operation.value;
      return { group, generation, offsets: byKey<number | null>(offsets) };
    }
    case "subscribe":
    case "assign":
    case "assignment": {
      const { group, generation, keys } = operation.value;
      return { group, generation, keys };
    }
    case "crash":
    case "restart":
      return null;
    case "fault":
    case "heal":
      return operation.value === null ? null : { kind: operation.value.kind, target: operation.value.target };
  }
}

function orderedRecord({ key, value, offset, partitionKey }: SentRecord) {
  return { key, value, offset, partitionKey };
}

/** A key is never a plain number, so an object keeps this order. */
function byKey<T>(values: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  const entries = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}
