/** What was committed and is gone: `lost-write`, `unseen`, `lost-after-read`; what is left of a transaction, `torn-transaction`. */
import { type Finding, witness } from "../judge/finding.ts";
import { never } from "./column.ts";
import type { FinalRead, FinalReads } from "./final-reads.ts";
import { type LogFacts, noRow, outcomes } from "./log-facts.ts";
import type { PassedOver } from "./passed-over.ts";
import type { Premise, Suspicion } from "./suspicion.ts";

export interface LostWrites {
  readonly suspicions: readonly Suspicion[];
  /** Keys with committed values of which no final read came after the last of them. */
  readonly unread: readonly string[];
  /** Those of them with a value above everything that final polls have returned, or at an unknown offset. */
  readonly uncovered: readonly string[];
  /** Was anything committed? */
  readonly premise: boolean;
}

/** The read that has gone furthest up a key: the highest *first* offset of a value that was read. */
interface Highest {
  readonly offset: number;
  readonly index: number;
}

/**
 * A value is *committed* when its send or transaction is `ok`, or when it is part of a transaction of unknown outcome of
 * which an `ok` poll of a `read_committed` reader returned another value (a plain send's records are written one by one,
 * and one of them proves nothing of the others). A committed value that no poll of anybody returned is
 * - a `lost-write`, if the highest offset at which it is known lies at or below the highest offset read;
 * - otherwise `unseen`, if a final read of its key ended with an empty answer that was asked for after it was committed.
 * One that a poll did return is `lost-after-read`, if such a final read came, and no final poll returned it.
 *
 * Linear.
 */
export function findLostWrites(facts: LogFacts, finals: FinalReads, passedOver: readonly PassedOver[]): LostWrites {
  const suspicions: Suspicion[] = [];
  const unread = new Set<string>();
  const uncovered = new Set<string>();
  const highest = highestReads(facts);
  const proven = provenTransactions(facts);
  const readOfCall = new Map<number, number>();
  const lostOfCall = new Map<number, Suspicion>();
  let premise = false;
  for (let place = 0; place < facts.sentCount(); place++) {
    const row = facts.sentOrder.get(place);
    const call = facts.callOf.get(row);
    const committed = facts.outcome.get(call) === outcomes.ok ? facts.completed.get(call) : proven.get(call);
    if (committed === undefined) continue;
    premise = true;
    const keyNumber = facts.keyOf.get(row);
    const key = facts.keys.nameOf(keyNumber);
    const final = finals.of(key);
    const last = facts.last.get(row);
    const isReadToEnd = final !== undefined && committed < final.invoked;
    if (!isReadToEnd) {
      unread.add(key);
      if (last === -1 || last > (facts.finallyRead.get(keyNumber) ?? -1)) uncovered.add(key);
    }
    const isTransaction = facts.isTransaction.get(call) === 1;
    if (facts.readAt.get(row) !== never) {
      if (isTransaction) readOfCall.set(call, row);
      if (isReadToEnd && facts.readFinally.get(row) === 0) suspicions.push(goneAfterRead(facts, row, committed, final));
      continue;
    }
    const value = facts.nameOf(row);
    const at = last === -1 ? {} : { offset: last };
    const top = highest[keyNumber];
    let suspicion: Suspicion;
    if (last !== -1 && top !== undefined && last <= top.offset) {
      const text = `${key}: ${value} is committed at offset ${last} and was never read, though offset ${top.offset} was`;
      const operations = witness(facts.invoked.get(call), committed, top.index);
      const finding: Finding = { name: "lost-write", key, value, ...at, text, operations };
      const isProven = facts.finallyRead.has(keyNumber) || passedOver.some((one) => one.covers(keyNumber, last));
      const unproven = isProven ? {} : { unproven: "no reader is known to have read everything, or to have passed it" };
      suspicion = { finding, premises: premisesOf(facts, call), ...unproven };
    } else if (isReadToEnd) {
      const text = `${key}: ${value} is committed and was never read, though the key was read to its end afterwards`;
      const operations = witness(facts.invoked.get(call), committed, final.answered);
      suspicion = {
        finding: { name: "unseen", key, value, ...at, text, operations },
        premises: premisesOf(facts, call),
      };
    } else continue;
    suspicions.push(suspicion);
    if (isTransaction && !lostOfCall.has(call)) lostOfCall.set(call, suspicion);
  }
  for (const [call, lost] of lostOfCall) {
    const row = readOfCall.get(call);
    if (row !== undefined) suspicions.push(torn(facts, row, lost));
  }
  return { suspicions, unread: [...unread].sort(), uncovered: [...uncovered].sort(), premise };
}

/** Somebody was given it once, and a reader of everything was not: Jepsen's `lost-write` does not see that. */
function goneAfterRead(facts: LogFacts, row: number, committed: number, final: FinalRead): Suspicion {
  const call = facts.callOf.get(row);
  const [key, value] = [facts.keys.nameOf(facts.keyOf.get(row)), facts.nameOf(row)];
  const offset = facts.last.get(row);
  const text = `${key}: ${value} is committed and was read at offset ${offset}, and was gone when the key was read to its end`;
  const operations = witness(facts.invoked.get(call), committed, facts.readAt.get(row), final.answered);
  const finding: Finding = { name: "lost-after-read", key, value, offset, text, operations };
  return { finding, premises: premisesOf(facts, call) };
}

function torn(facts: LogFacts, row: number, lost: Suspicion): Suspicion {
  const read = `${facts.nameOf(row)} of ${facts.keys.nameOf(facts.keyOf.get(row))}`;
  const { key, value, offset, operations } = lost.finding;
  const text = `of one transaction ${read} was read, and ${value} of ${key} is not there`;
  const shown = witness(...operations, facts.readAt.get(row));
  const finding: Finding = {
    name: "torn-transaction",
    key,
    ...(value === undefined ? {} : { value }),
    ...(offset === undefined ? {} : { offset }),
    text,
    operations: shown,
  };
  return { ...lost, finding };
}

function premisesOf(facts: LogFacts, call: number): readonly Premise[] {
  const producer = facts.clients.nameOf(facts.clientOfCall.get(call));
  return [{ kind: "acknowledged-stays", producer }, { kind: "not-gone" }];
}

/** By the number of the key. */
function highestReads(facts: LogFacts): readonly (Highest | undefined)[] {
  const highest: (Highest | undefined)[] = [];
  for (let row = 0; row < facts.valueCount(); row++) {
    const index = facts.readAt.get(row);
    if (index === never) continue;
    const key = facts.keyOf.get(row);
    const offset = facts.first.get(row);
    const known = highest[key];
    if (known === undefined || offset > known.offset) highest[key] = { offset, index };
  }
  return highest;
}

/** The transactions of unknown outcome of which a value was read as committed, with the index of the first such poll. */
function provenTransactions(facts: LogFacts): ReadonlyMap<number, number> {
  const proven = new Map<number, number>();
  for (let row = 0; row < facts.valueCount(); row++) {
    const call = facts.callOf.get(row);
    const index = facts.readCommittedAt.get(row);
    if (call === noRow || index === never || facts.isTransaction.get(call) === 0) continue;
    const outcome = facts.outcome.get(call);
    if (outcome === outcomes.ok || outcome === outcomes.fail) continue;
    proven.set(call, Math.min(index, proven.get(call) ?? never));
  }
  return proven;
}
