/** Reading a history call by call: which completion belongs to which invocation, what was sent, what was seen. */
import type { HistoryOperation, PolledRecords, SentRecord } from "../format.ts";

/**
 * For each operation, by its place in the list, the other half of its call: an invocation's completion, a completion's
 * invocation; `null` where there is none.
 */
function partnersOf(operations: readonly HistoryOperation[]): readonly (HistoryOperation | null)[] {
  const partners: (HistoryOperation | null)[] = operations.map(() => null);
  const open = new Map<string, number>();
  for (const [place, operation] of operations.entries()) {
    if (operation.type === "invoke") {
      open.set(operation.process, place);
      continue;
    }
    const invoked = open.get(operation.process);
    if (invoked === undefined) continue;
    open.delete(operation.process);
    partners[place] = operations[invoked] ?? null;
    partners[invoked] = operation;
  }
  return partners;
}

/** The records that a send or a transaction hands over, in order. */
export function sentRecords(operation: HistoryOperation): readonly SentRecord[] {
  if (operation.f === "send") return operation.value;
  if (operation.f === "txn") return operation.value.flatMap((step) => ("send" in step ? step.send : []));
  return [];
}

/** What a completed poll or transaction was answered, one `[key, records]` after the other; keys ascending. */
export function polledEntries(operation: HistoryOperation): readonly (readonly [string, PolledRecords[string]])[] {
  if (operation.type === "invoke") return [];
  if (operation.f === "poll") return entriesOf(operation.value);
  if (operation.f === "txn") return operation.value.flatMap((step) => ("poll" in step ? entriesOf(step.poll) : []));
  return [];
}

function entriesOf(polled: PolledRecords): [string, PolledRecords[string]][] {
  return Object.entries(polled).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A poll that reads everything again on behalf of the judge, and not of an application. */
export function isFinalPoll(operation: HistoryOperation): boolean {
  return operation.f === "poll" && operation.final === true;
}

/** Is it known what every application's poll delivered? Not where one ended `info` or never: it may have delivered. */
export function deliveriesKnown(operations: readonly HistoryOperation[]): boolean {
  const partners = partnersOf(operations);
  return operations.every((operation, place) => {
    const polls = operation.f === "poll" || (operation.f === "txn" && operation.value.some((step) => "poll" in step));
    if (!polls || isFinalPoll(operation)) return true;
    return operation.type === "invoke" ? partners[place] !== null : operation.type !== "info";
  });
}

/** The entry of `key`, made where there is none. */
export function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const there = map.get(key);
  if (there !== undefined) return there;
  const made = make();
  map.set(key, made);
  return made;
}
