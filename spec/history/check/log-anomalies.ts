/** What a log must not show: two values at one offset, one value at two, values that nobody sent or that were aborted. */
import { type Finding, witness } from "../judge/finding.ts";
import { never } from "./column.ts";
import type { FinalReads } from "./final-reads.ts";
import { type LogFacts, noRow, outcomes } from "./log-facts.ts";
import { countBelow, type PassedOver } from "./passed-over.ts";
import type { Premise, Suspicion } from "./suspicion.ts";
import type { VersionOrder } from "./version-order.ts";

/**
 * `duplicate`: a value of a key was seen at two offsets or more; polls of every outcome and acknowledgements count. Each
 * value is named once, with its second lowest offset and an operation for each of the lowest two.
 * `acknowledged-offset-differs`: polls have seen it, and none at the offset that was told. A producer that may write it
 * twice is told of one copy while a reader has the other: then it counts only where readers have found that one missing.
 */
export function findDuplicates(
  facts: LogFacts,
  finals: FinalReads,
  passedOver: readonly PassedOver[],
): readonly Suspicion[] {
  const suspicions: Suspicion[] = [];
  for (let row = 0; row < facts.valueCount(); row++) {
    if (facts.first.get(row) === facts.last.get(row)) continue;
    const places = facts.placesOf(row);
    const [first, second] = places;
    if (first === undefined || second === undefined) continue;
    const { key, value, producer } = described(facts, row);
    const more = places.length > 2 ? ` and ${places.length - 2} more` : "";
    const text = `${key}: ${value} stands at the offsets ${first.offset}, ${second.offset}${more}`;
    const operations = witness(first.index, second.index);
    const once: Premise = { kind: "once", producer };
    const premises: readonly Premise[] = [once, { kind: "clean" }, { kind: "nothing-gone" }];
    suspicions.push({ finding: { name: "duplicate", key, value, offset: second.offset, text, operations }, premises });
    const told = places.find(({ offset }) => offset === facts.told.get(row));
    const read = places.find(({ polled }) => polled);
    if (told === undefined || told.polled || read === undefined) continue;
    const stays: readonly Premise[] = [{ kind: "acknowledged-stays", producer }, { kind: "not-gone" }];
    suspicions.push({
      finding: {
        name: "acknowledged-offset-differs",
        key,
        value,
        offset: told.offset,
        text: `${key}: ${value} was acknowledged at offset ${told.offset} and read at offset ${read.offset}`,
        operations: witness(facts.invoked.get(facts.callOf.get(row)), told.index, read.index),
      },
      premises: wasReadPast(facts, finals, passedOver, row) ? stays : [...stays, once],
    });
  }
  return suspicions;
}

/** Did readers come past the offset at which a value was acknowledged, after it was there? */
function wasReadPast(facts: LogFacts, finals: FinalReads, passedOver: readonly PassedOver[], row: number): boolean {
  const [key, told] = [facts.keyOf.get(row), facts.told.get(row)];
  const acknowledged = facts.completed.get(facts.callOf.get(row));
  const isReadToEnd = acknowledged < (finals.of(facts.keys.nameOf(key))?.invoked ?? -1);
  return isReadToEnd || (facts.finallyRead.get(key) ?? -1) > told || passedOver.some((one) => one.covers(key, told));
}

/** `inconsistent-offsets`: an offset of a key was seen with two values. Each offset is named once. */
export function findInconsistentOffsets(facts: LogFacts, orders: readonly VersionOrder[]): readonly Suspicion[] {
  const suspicions: Suspicion[] = [];
  for (const { offsets, rows } of orders) {
    let named = -1;
    for (let place = 1; place < offsets.length; place++) {
      const offset = offsets[place] ?? 0;
      if (offset !== offsets[place - 1] || offset === named) continue;
      named = offset;
      const [one, other] = [rows[place - 1] ?? 0, rows[place] ?? 0];
      const { key, value } = described(facts, other);
      const text = `${key}: offset ${offset} was seen with ${facts.nameOf(one)} and with ${value}`;
      const at = (row: number) => facts.placesOf(row).find((seen) => seen.offset === offset)?.index;
      const finding: Finding = {
        name: "inconsistent-offsets",
        key,
        value,
        offset,
        text,
        operations: witness(at(one), at(other)),
      };
      suspicions.push({ finding, premises: [staysSeen(facts, one), staysSeen(facts, other)] });
    }
  }
  return suspicions;
}

function staysSeen(facts: LogFacts, row: number): Premise {
  const { producer } = described(facts, row);
  if (facts.readAt.get(row) === never) return { kind: "acknowledged-stays", producer };
  return facts.told.get(row) === -1 ? { kind: "read-stays" } : { kind: "seen-stays", producer };
}

/** `G1a`, `phantom-read` and `corrupted-read`. */
export function findWrongReads(facts: LogFacts, orders: readonly VersionOrder[]): readonly Suspicion[] {
  const suspicions: Suspicion[] = [];
  const phantoms: number[] = [];
  for (let row = 0; row < facts.valueCount(); row++) {
    const call = facts.callOf.get(row);
    if (call === noRow && facts.readAt.get(row) !== never) phantoms.push(row);
    if (call === noRow || facts.outcome.get(call) !== outcomes.fail || facts.readOkAt.get(row) === never) continue;
    const isTransaction = facts.isTransaction.get(call) === 1;
    const asCommitted = facts.readCommittedAt.get(row);
    const read = isTransaction && asCommitted !== never ? asCommitted : facts.readOkAt.get(row);
    const { key, value } = described(facts, row);
    const what = isTransaction ? "transaction was aborted" : "send has failed";
    const text = `${key}: ${value} was read at offset ${facts.first.get(row)}, and its ${what}`;
    const operations = witness(facts.invoked.get(call), facts.completed.get(call), read);
    const premises = isTransaction && asCommitted === never ? [readUncommitted] : [];
    suspicions.push({ finding: { name: "G1a", key, value, offset: facts.first.get(row), text, operations }, premises });
  }
  const elsewhere = phantoms.length === 0 ? new Map<string, string>() : sentElsewhere(facts, phantoms);
  return [...suspicions, ...phantoms.map((row) => phantom(facts, orders, row, elsewhere))];
}

export const readUncommitted: Premise = {
  kind: "never",
  because: "its readers have isolation.level=read_uncommitted, or the contract does not name them",
};

/** Of values that were read where nobody sent them: a key to which somebody did. One look through all values. */
function sentElsewhere(facts: LogFacts, phantoms: readonly number[]): ReadonlyMap<string, string> {
  const sought = new Set(phantoms.map((row) => facts.nameOf(row)));
  const keys = new Map<string, string>();
  for (let row = 0; row < facts.valueCount(); row++) {
    const value = facts.nameOf(row);
    if (facts.callOf.get(row) !== noRow && sought.has(value)) keys.set(value, facts.keys.nameOf(facts.keyOf.get(row)));
  }
  return keys;
}

function phantom(
  facts: LogFacts,
  orders: readonly VersionOrder[],
  row: number,
  elsewhere: ReadonlyMap<string, string>,
): Suspicion {
  const { key, value } = described(facts, row);
  const offset = facts.first.get(row);
  const [place] = facts.placesOf(row);
  const order = orders[facts.keyOf.get(row)];
  const standing = standingAt(facts, order, offset);
  const sent = elsewhere.get(value);
  const where = sent === undefined ? "nobody sent it" : `it was sent to ${sent} only`;
  const known = standing === null ? "" : `; ${facts.nameOf(standing.row)} is known to stand there`;
  const text = `${key}: ${value} was read at offset ${offset}, and ${where}${known}`;
  const name = standing === null || sent !== undefined ? "phantom-read" : "corrupted-read";
  const operations = witness(place?.index, standing?.index);
  return { finding: { name, key, value, offset, text, operations }, premises: [] };
}

/** A value that somebody sent, at this offset. */
function standingAt(facts: LogFacts, order: VersionOrder | undefined, offset: number) {
  for (
    let place = order === undefined ? -1 : countBelow(order.offsets, offset);
    order?.offsets[place] === offset;
    place++
  ) {
    const row = order.rows[place] ?? noRow;
    if (facts.callOf.get(row) === noRow) continue;
    return { row, index: facts.placesOf(row).find((seen) => seen.offset === offset)?.index };
  }
  return null;
}

function described(facts: LogFacts, row: number) {
  const call = facts.callOf.get(row);
  return {
    key: facts.keys.nameOf(facts.keyOf.get(row)),
    value: facts.nameOf(row),
    producer: call === noRow ? "" : facts.clients.nameOf(facts.clientOfCall.get(call)),
  };
}
