/** The order in which a client's records stand in a log, against the order in which it sent them. */
import { type Finding, witness } from "../judge/finding.ts";
import { never } from "./column.ts";
import type { FinalReads } from "./final-reads.ts";
import { type LogFacts, noRow, outcomes } from "./log-facts.ts";
import { countBelow } from "./passed-over.ts";
import type { Premise, Suspicion } from "./suspicion.ts";
import type { VersionOrder } from "./version-order.ts";

/**
 * `nonmonotonic-send`, and `int-nonmonotonic-send` where both were sent in one call: of two records that one client sent
 * to one key, the later one stands before the first occurrence of the earlier one. The order of sending is that of
 * invocations, and of the list within one; sends that are `fail` are left out. A record's place is the lowest offset at
 * which polls or acknowledgements saw it. That the earlier record does not stand further down as well is proven in one of
 * three ways: it was acknowledged at a higher offset before the later one was sent (a log only grows); every offset below
 * the later record was seen; or the later record was known before a final read of the key was ended, from the beginning
 * and with nothing deleted.
 *
 * Linear.
 */
export function findSendOrder(
  facts: LogFacts,
  finals: FinalReads,
  orders: readonly VersionOrder[],
): {
  readonly suspicions: readonly Suspicion[];
  readonly premise: boolean;
} {
  const suspicions: Suspicion[] = [];
  const ends = orders.map(({ offsets }) => contiguousEnd(offsets));
  /** Of each client and key: the highest place so far. */
  const tops = new Map<number, number>();
  let premise = false;
  for (let place = 0; place < facts.sentCount(); place++) {
    const row = facts.sentOrder.get(place);
    const call = facts.callOf.get(row);
    const first = facts.first.get(row);
    if (facts.outcome.get(call) === outcomes.fail || first === -1) continue;
    const key = facts.keyOf.get(row);
    const by = facts.clientOfCall.get(call) * 2 ** 24 + key;
    const top = tops.get(by);
    premise ||= top !== undefined;
    const seenAt = facts.placesOf(row)[0]?.index ?? never;
    const isKnown = first < (ends[key] ?? 0) || seenAt < (finals.of(facts.keys.nameOf(key))?.invoked ?? -1);
    const acked = facts.highestAcked.get(row);
    if (acked !== noRow && facts.told.get(acked) > first) suspicions.push(overtaken(facts, acked, row, "acknowledged"));
    else if (isKnown && top !== undefined && facts.first.get(top) > first) {
      suspicions.push(overtaken(facts, top, row, "placed"));
    }
    if (top === undefined || first > facts.first.get(top)) tops.set(by, row);
  }
  return { suspicions, premise };
}

/** `int-send-skip`: between two records that one call sent one after the other to a key, another call's stands. */
export function findSendSkips(facts: LogFacts, orders: readonly VersionOrder[]): readonly Suspicion[] {
  const suspicions: Suspicion[] = [];
  for (let place = 0; place < facts.sentCount(); place++) {
    const row = facts.sentOrder.get(place);
    const before = facts.before.get(row);
    if (before === noRow) continue;
    const [from, to] = [facts.last.get(before), facts.first.get(row)];
    if (from === -1 || to <= from + 1) continue;
    const key = facts.keyOf.get(row);
    const order = orders[key] ?? { offsets: [], rows: [] };
    const between = countBelow(order.offsets, from + 1);
    const foreign = order.rows[between] ?? noRow;
    if ((order.offsets[between] ?? to) >= to || facts.callOf.get(foreign) === facts.callOf.get(row)) continue;
    const call = facts.callOf.get(row);
    const name = facts.keys.nameOf(key);
    const [value, client] = [facts.nameOf(row), facts.clients.nameOf(facts.clientOfCall.get(call))];
    const text = `${client} sent ${facts.nameOf(before)} and ${value} to ${name}, and ${facts.nameOf(foreign)} stands between them`;
    const operations = witness(facts.invoked.get(call), facts.placesOf(foreign)[0]?.index);
    const finding: Finding = { name: "int-send-skip", key: name, value, offset: to, client, text, operations };
    suspicions.push({ finding, premises: [{ kind: "never", because: "the writes of several producers mix" }] });
  }
  return suspicions;
}

function overtaken(facts: LogFacts, earlier: number, row: number, proof: "acknowledged" | "placed"): Suspicion {
  const call = facts.callOf.get(row);
  const [key, value] = [facts.keys.nameOf(facts.keyOf.get(row)), facts.nameOf(row)];
  const producer = facts.clients.nameOf(facts.clientOfCall.get(call));
  const at = proof === "acknowledged" ? facts.told.get(earlier) : facts.first.get(earlier);
  const first = facts.first.get(row);
  const text = `${producer} sent ${facts.nameOf(earlier)} to ${key} before ${value}, but they stand at ${at} and ${first}`;
  const isInside = facts.callOf.get(earlier) === call;
  const name = isInside ? "int-nonmonotonic-send" : "nonmonotonic-send";
  const earlierAt = facts.placesOf(earlier).find(({ offset }) => offset === at)?.index;
  const operations = witness(
    facts.invoked.get(facts.callOf.get(earlier)),
    earlierAt,
    facts.invoked.get(call),
    facts.placesOf(row)[0]?.index,
  );
  const isOk = (one: number) => facts.outcome.get(facts.callOf.get(one)) === outcomes.ok;
  const premises: readonly Premise[] =
    proof === "acknowledged"
      ? [{ kind: "acknowledged-stays", producer }, { kind: "nothing-gone" }]
      : [
          { kind: "in-order", producer, bothAcknowledged: isOk(earlier) && isOk(row) },
          { kind: "clean" },
          { kind: "nothing-gone" },
        ];
  return { finding: { name, key, value, offset: first, client: producer, text, operations }, premises };
}

/** The end of the unbroken run of offsets from 0. */
function contiguousEnd(ascending: readonly number[]): number {
  let end = 0;
  for (const offset of ascending) {
    if (offset > end) break;
    end = offset + 1;
  }
  return end;
}
