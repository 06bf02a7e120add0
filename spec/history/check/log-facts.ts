/**
 * What a history says of every value: who sent it and how that ended, where it was seen, who read it first. One row a
 * value, one row a call that writes; all judges of the log look at these.
 */
import { isFinalPoll, polledEntries, sentRecords } from "../judge/calls.ts";
import { type Column, indexColumn, never, offsetColumn } from "./column.ts";
import { createNames, type Names } from "./names.ts";
import type { Step } from "./step.ts";

/** How a call that writes ended, as far as it has. */
export const outcomes = { open: 0, ok: 1, fail: 2, info: 3 } as const;

/** No row. */
export const noRow = never;

/** A place in a log at which a value was seen. */
export interface Place {
  readonly offset: number;
  /** Index of the first operation that says so. */
  readonly index: number;
  /** Has a poll seen it there, or only its acknowledgement? */
  readonly polled: boolean;
}

/** What one poll returned, in the order of delivery; `keys`, `rows` and `offsets` belong together. */
export interface Reads {
  readonly keys: number[];
  readonly rows: number[];
  readonly offsets: number[];
}

export interface LogFacts {
  /** Takes the next step; the answer is good until the next one. */
  take(step: Step): Reads;
  /** The first value that was sent to its key a second time, by its row; `noRow`: none. */
  sentTwice(): number;
  readonly keys: Names;
  readonly clients: Names;
  /** Rows of values: 0 up to here. */
  valueCount(): number;
  nameOf(row: number): string;
  /** Of a value: its key's number, and the row of the call that sent it (`noRow`: nobody has). */
  readonly keyOf: Column;
  readonly callOf: Column;
  /** The offset at which an `ok` send or transaction told it was written. */
  readonly told: Column;
  /** The lowest and the highest offset at which it was seen, and the operations that say so first. */
  readonly first: Column;
  readonly last: Column;
  /** Index of the first poll that returned it; of the first `ok` one; of the first `ok` one of a `read_committed` reader. */
  readonly readAt: Column;
  readonly readOkAt: Column;
  readonly readCommittedAt: Column;
  /** Of its producer's acknowledged values of this key when it was sent: the one with the highest offset. */
  readonly highestAcked: Column;
  /** Every place of a value; one entry for most. */
  placesOf(row: number): readonly Place[];
  /** Of a value: the one that its call sent to the same key just before it. */
  readonly before: Column;
  /** Rows in the order of sending. */
  readonly sentOrder: Column;
  sentCount(): number;
  /** Of a call that writes: indices of invocation and completion, its outcome, its client, is it a transaction? */
  callCount(): number;
  readonly invoked: Column;
  readonly completed: Column;
  readonly outcome: Column;
  readonly clientOfCall: Column;
  readonly processOfCall: Column;
  readonly isTransaction: Column;
  /** Keys of which `ok` final polls have read something or ended the reading, with the highest offset that they returned. */
  readonly finallyRead: ReadonlyMap<number, number>;
  /** Has an `ok` final poll returned the value? 1 or 0. */
  readonly readFinally: Column;
}

/** `isCommittedReader`: does this client read nothing but what is committed? */
export function createLogFacts(isCommittedReader: (client: string) => boolean = () => true): LogFacts {
  const keys = createNames();
  const clients = createNames();
  /** Within the scope of their key. */
  const values = createNames();
  const [keyOf, callOf, highestAcked, sentOrder] = [indexColumn(), indexColumn(), indexColumn(), indexColumn()];
  const before = indexColumn();
  const [readAt, readOkAt, readCommittedAt] = [indexColumn(), indexColumn(), indexColumn()];
  const [told, first, last, firstAt, firstPolled] = [
    offsetColumn(),
    offsetColumn(),
    offsetColumn(),
    indexColumn(),
    indexColumn(0),
  ];
  const more = new Map<number, Map<number, Place>>();
  const [invoked, completed, outcome] = [indexColumn(), indexColumn(), indexColumn(0)];
  const [clientOfCall, processOfCall, isTransaction] = [indexColumn(), indexColumn(), indexColumn(0)];
  const processes = createNames();
  const openCalls = new Map<string, number>();
  const acked = new Map<number, number>();
  const finallyRead = new Map<number, number>();
  const readFinally = indexColumn(0);
  const reads: Reads = { keys: [], rows: [], offsets: [] };
  let twice = noRow;
  let calls = 0;
  let sent = 0;

  function intern(key: number, value: string): number {
    const row = values.numberOf(value, key);
    if (keyOf.get(row) === never) keyOf.set(row, key);
    return row;
  }

  function see(row: number, offset: number, index: number, polled: boolean): void {
    const lowest = first.get(row);
    if (lowest === -1) {
      first.set(row, offset);
      last.set(row, offset);
      firstAt.set(row, index);
      firstPolled.set(row, polled ? 1 : 0);
      return;
    }
    const others = more.get(row);
    if (others === undefined && offset === lowest) {
      if (polled) firstPolled.set(row, 1);
      return;
    }
    const places = others ?? new Map<number, Place>();
    if (others === undefined) {
      more.set(row, places);
      places.set(lowest, { offset: lowest, index: firstAt.get(row), polled: firstPolled.get(row) === 1 });
    }
    const there = places.get(offset);
    places.set(offset, { offset, index: there?.index ?? index, polled: polled || there?.polled === true });
    if (offset < lowest) first.set(row, offset);
    if (offset > last.get(row)) last.set(row, offset);
  }

  const ackedBy = (client: number, key: number): number => client * 2 ** 24 + key;

  function begin({ operation, client }: Step): number {
    const call = calls;
    calls += 1;
    const number = clients.numberOf(client);
    invoked.set(call, operation.index);
    clientOfCall.set(call, number);
    processOfCall.set(call, processes.numberOf(operation.process));
    if (operation.f === "txn") isTransaction.set(call, 1);
    const lastOfKey = new Map<number, number>();
    for (const { key, value } of sentRecords(operation)) {
      const at = keys.numberOf(key);
      const row = intern(at, value);
      if (callOf.get(row) !== noRow) {
        if (twice === noRow) twice = row;
        continue;
      }
      callOf.set(row, call);
      before.set(row, lastOfKey.get(at) ?? noRow);
      lastOfKey.set(at, row);
      highestAcked.set(row, acked.get(ackedBy(number, at)) ?? noRow);
      sentOrder.set(sent, row);
      sent += 1;
    }
    return call;
  }

  function end(step: Step): void {
    const { operation, client } = step;
    const call = openCalls.get(operation.process) ?? begin(step);
    openCalls.delete(operation.process);
    completed.set(call, operation.index);
    outcome.set(
      call,
      operation.type === "ok" ? outcomes.ok : operation.type === "fail" ? outcomes.fail : outcomes.info,
    );
    if (operation.type !== "ok") return;
    for (const { key, value, offset } of sentRecords(operation)) {
      if (offset === undefined) continue;
      const at = keys.numberOf(key);
      const row = intern(at, value);
      see(row, offset, operation.index, false);
      told.set(row, offset);
      const by = ackedBy(clients.numberOf(client), at);
      const highest = acked.get(by);
      if (highest === undefined || offset > told.get(highest)) acked.set(by, row);
    }
  }

  function read({ operation, client }: Step): void {
    const { index, type } = operation;
    const isFinal = isFinalPoll(operation);
    for (const [key, records] of polledEntries(operation)) {
      const at = keys.numberOf(key);
      const isFinalAnswer = isFinal && type === "ok";
      if (isFinalAnswer) finallyRead.set(at, finallyRead.get(at) ?? -1);
      for (const [offset, value] of records) {
        const row = intern(at, value);
        if (isFinalAnswer) {
          readFinally.set(row, 1);
          if (offset > (finallyRead.get(at) ?? -1)) finallyRead.set(at, offset);
        }
        see(row, offset, index, true);
        if (readAt.get(row) === never) readAt.set(row, index);
        if (type === "ok" && readOkAt.get(row) === never) readOkAt.set(row, index);
        if (type === "ok" && readCommittedAt.get(row) === never && isCommittedReader(client)) {
          readCommittedAt.set(row, index);
        }
        reads.keys.push(at);
        reads.rows.push(row);
        reads.offsets.push(offset);
      }
    }
  }

  return {
    take(step) {
      reads.keys.length = 0;
      reads.rows.length = 0;
      reads.offsets.length = 0;
      const { f, type, process } = step.operation;
      if (f === "send" || f === "txn") {
        if (type === "invoke") openCalls.set(process, begin(step));
        else end(step);
      }
      if (type !== "invoke" && (f === "poll" || f === "txn")) read(step);
      return reads;
    },
    sentTwice: () => twice,
    placesOf(row) {
      const places = more.get(row);
      if (places !== undefined) return [...places.values()].sort((a, b) => a.offset - b.offset);
      const offset = first.get(row);
      return offset === -1 ? [] : [{ offset, index: firstAt.get(row), polled: firstPolled.get(row) === 1 }];
    },
    keys,
    clients,
    valueCount: () => values.count(),
    nameOf: (row) => values.nameOf(row),
    keyOf,
    callOf,
    told,
    first,
    last,
    readAt,
    readOkAt,
    readCommittedAt,
    highestAcked,
    before,
    sentOrder,
    sentCount: () => sent,
    callCount: () => calls,
    invoked,
    completed,
    outcome,
    clientOfCall,
    processOfCall,
    isTransaction,
    finallyRead,
    readFinally,
  };
}
