/** Order within a key: as it is delivered to a consumer (CON-1), and as a producer's records stand in the log (ORD-1). */
import type { ClientId, TopicPartition } from "../../vocabulary.ts";
import { clientOf, type HistoryOperation } from "../format.ts";
import {
  deliveriesKnown,
  entryOf,
  isFinalPoll,
  mayTakeEffect,
  partnersOf,
  polledEntries,
  sentRecords,
} from "./calls.ts";
import { finalReads } from "./final-reads.ts";
import { type Finding, type Findings, witness } from "./finding.ts";
import { type ObservedLog, observedLog, spanOf } from "./observed-log.ts";

interface Delivery {
  readonly offset: number;
  readonly index: number;
}

/**
 * Within a session of a client, the offsets of a key are delivered ascending and each once. A session ends where the
 * client's position is set otherwise than by reading on, in a call that is not `fail`: `subscribe`, `assign`,
 * `assignment`, `crash` and `restart` end it for every key, `seek` for its keys, an empty final answer for the keys that
 * it ends.
 * - `int-nonmonotonic-poll`: within one operation of any outcome, a record's offset is not above that of the record
 *   before it.
 * - `nonmonotonic-poll`: the first record of an `ok` operation is not above the last one of the client's `ok` operation
 *   before it. A client that subscribes is not held to this until an `assignment` shows that its rebalances are
 *   recorded: each may take it back to the committed offset.
 *
 * Conclusive: no poll's outcome is unknown. Premise: two records of one session could be compared. Linear.
 */
export function deliveredOrder(operations: readonly HistoryOperation[]): Findings {
  const partners = partnersOf(operations);
  const sessions = new Map<ClientId, Map<TopicPartition, Delivery>>();
  const movedUnseen = new Set<ClientId>();
  const violations: Finding[] = [];
  let premise = false;
  for (const [place, operation] of operations.entries()) {
    const client = clientOf(operation.process);
    const session = entryOf(sessions, client, () => new Map<TopicPartition, Delivery>());
    if (mayTakeEffect(operation, partners[place] ?? null)) endSession(session, operation);
    const { type, index } = operation;
    if (operation.f === "subscribe") movedUnseen.add(client);
    if (operation.f === "assign" || operation.f === "assignment") movedUnseen.delete(client);
    const goesOn = type === "ok" && !movedUnseen.has(client);
    const within = new Map<TopicPartition, Delivery>();
    for (const [key, records] of polledEntries(operation)) {
      for (const [offset, value] of records) {
        const inside = within.get(key);
        const before = inside ?? (goesOn ? session.get(key) : undefined);
        within.set(key, { offset, index });
        if (before === undefined) continue;
        premise = true;
        if (offset > before.offset) continue;
        const name = inside === undefined ? "nonmonotonic-poll" : "int-nonmonotonic-poll";
        const text = `${client} was given ${value} of ${key} at offset ${offset} after offset ${before.offset}`;
        violations.push({ name, key, value, offset, client, text, operations: witness(before.index, index) });
      }
    }
    if (type === "ok") for (const [key, delivery] of within) session.set(key, delivery);
  }
  return { violations, pending: [], conclusive: deliveriesKnown(operations), premise };
}

function endSession(session: Map<TopicPartition, Delivery>, operation: HistoryOperation): void {
  switch (operation.f) {
    case "subscribe":
    case "assign":
    case "assignment":
    case "crash":
    case "restart":
      session.clear();
      break;
    case "seek":
      for (const key of Object.keys(operation.value)) session.delete(key);
      break;
    case "poll": {
      if (!isFinalPoll(operation) || operation.type !== "ok") break;
      const answers = Object.entries(operation.value);
      if (answers.length === 0) session.clear();
      for (const [key, records] of answers) if (records.length === 0) session.delete(key);
      break;
    }
    default:
  }
}

/** A record of one client and key, in the order of sending. */
interface Placed {
  readonly value: string;
  /** The lowest offset at which it was seen, and index of the operation that says so. */
  readonly first: number;
  readonly seenAt: number;
  readonly invoked: number;
}

/**
 * `nonmonotonic-send`: of two records that one client sent to one key, the later one stands before the first occurrence
 * of the earlier one. The order of sending is that of invocations, and of the list within one; sends that are `fail` are
 * left out. A record's place is the lowest offset at which polls or acknowledgements saw it. That the earlier record
 * does not stand further down as well is proven in one of three ways: it was acknowledged at a higher offset before the
 * later one was sent (a log only grows); every offset below the later record was seen; or the later record was known
 * before a final read of the key was ended, from the beginning and with nothing deleted.
 *
 * Conclusive: each key to which such sends go has a final read that was ended after the last of their completions.
 * Premise: a client has two records of one key whose places are known. Linear.
 */
export function producerOrder(operations: readonly HistoryOperation[]): Findings {
  const partners = partnersOf(operations);
  const log = observedLog(operations);
  const finals = finalReads(operations);
  const seenBelow = new Map([...log.keys()].map((key) => [key, contiguousEnd(log, key)]));
  /** Per client and key: the highest place so far, and the highest acknowledged one. */
  const highest = new Map<string, Map<TopicPartition, { placed: Placed | null; acknowledged: Placed | null }>>();
  const lastSent = new Map<TopicPartition, number>();
  const violations: Finding[] = [];
  let premise = false;
  for (const [place, operation] of operations.entries()) {
    const partner = partners[place] ?? null;
    const { index, type } = operation;
    if (type === "fail" || partner?.type === "fail") continue;
    const client = clientOf(operation.process);
    for (const { key, value, offset } of sentRecords(operation)) {
      lastSent.set(key, index);
      const keys = entryOf(highest, client, () => new Map());
      const top = entryOf(keys, key, () => ({ placed: null, acknowledged: null }));
      if (type === "ok" && offset !== undefined && offset > (top.acknowledged?.first ?? -1)) {
        top.acknowledged = { value, first: offset, seenAt: index, invoked: partner?.index ?? index };
      }
      const seen = log.get(key)?.get(value);
      const first = spanOf(seen)?.first;
      const seenAt = first === undefined ? undefined : seen?.offsets.get(first);
      if (type !== "invoke" || first === undefined || seenAt === undefined) continue;
      const known = first < (seenBelow.get(key) ?? 0) || seenAt < (finals.get(key)?.invoked ?? -1);
      const candidates = [top.acknowledged, known ? top.placed : null];
      const earlier = candidates.find((one) => one !== null && one.first > first);
      premise ||= top.placed !== null;
      if (earlier !== undefined && earlier !== null) {
        const text = `${client} sent ${earlier.value} to ${key} before ${value}, but they stand at ${earlier.first} and ${first}`;
        const shown = witness(earlier.invoked, earlier.seenAt, index, seenAt);
        violations.push({ name: "nonmonotonic-send", key, value, offset: first, client, text, operations: shown });
      }
      if (first > (top.placed?.first ?? -1)) top.placed = { value, first, seenAt, invoked: index };
    }
  }
  const conclusive = [...lastSent].every(([key, index]) => index < (finals.get(key)?.invoked ?? -1));
  return { violations, pending: [], conclusive, premise };
}

/** The end of the unbroken run of offsets from 0 at which a value of the key was seen. */
function contiguousEnd(log: ObservedLog, key: TopicPartition): number {
  const offsets = new Set<number>();
  for (const { offsets: seen } of log.get(key)?.values() ?? []) for (const offset of seen.keys()) offsets.add(offset);
  let end = 0;
  while (offsets.has(end)) end++;
  return end;
}
