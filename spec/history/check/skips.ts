/** Which of the stretches that readers passed over hold something that they should have been given. */
import { entryOf } from "../judge/calls.ts";
import { type Finding, witness } from "../judge/finding.ts";
import { never } from "./column.ts";
import type { Deliveries } from "./delivery.ts";
import { type LogFacts, noRow, outcomes } from "./log-facts.ts";
import { countBelow, type PassedOver, type Stretch } from "./passed-over.ts";
import type { Premise, Suspicion } from "./suspicion.ts";
import type { VersionOrder } from "./version-order.ts";

/**
 * `int-poll-skip` and `poll-skip`: a stretch counts if a poll has returned a value from within it that is known to be
 * committed. Gaps alone are legal: markers of transactions and aborted records take offsets that nobody reads.
 */
export function findSkips(facts: LogFacts, deliveries: Deliveries, orders: readonly VersionOrder[]): Suspicion[] {
  const inPlace: readonly Premise[] = [{ kind: "clean" }, { kind: "nothing-gone" }];
  const unseen: readonly Premise[] = [
    { kind: "never", because: "the client subscribes, and its rebalances are not recorded" },
  ];
  const known = new Map<number, VersionOrder>();
  const committed = (key: number): VersionOrder =>
    entryOf(known, key, () => committedReads(facts, orders[key] ?? { offsets: [], rows: [] }));
  const find = (name: string, passedOver: PassedOver, premises: readonly Premise[]): Suspicion[] =>
    passedOver.stretches().flatMap(([key, stretches]) =>
      stretches.flatMap((stretch): Suspicion[] => {
        const missed = firstIn(committed(key), stretch);
        return missed === null ? [] : [{ finding: skip(facts, name, key, stretch, missed), premises }];
      }),
    );
  return [
    ...find("int-poll-skip", deliveries.within, inPlace),
    ...find("poll-skip", deliveries.between, inPlace),
    ...find("poll-skip", deliveries.loosely, unseen),
  ];
}

interface Missed {
  readonly row: number;
  readonly offset: number;
}

/** The places of a key at which a poll has returned a value that is known to be committed. */
function committedReads(facts: LogFacts, { offsets, rows }: VersionOrder): VersionOrder {
  const places = offsets.flatMap((offset, place) =>
    isCommittedRead(facts, rows[place] ?? noRow, offset) ? [place] : [],
  );
  return { offsets: places.map((place) => offsets[place] ?? 0), rows: places.map((place) => rows[place] ?? 0) };
}

function firstIn({ offsets, rows }: VersionOrder, { from, to }: Stretch): Missed | null {
  const place = countBelow(offsets, from + 1);
  const [offset, row] = [offsets[place], rows[place]];
  return offset === undefined || row === undefined || offset >= to ? null : { row, offset };
}

/** Has an `ok` poll returned the value at this offset, and is it known to be committed? */
export function isCommittedRead(facts: LogFacts, row: number, offset: number): boolean {
  const call = facts.callOf.get(row);
  if (call === noRow || facts.readOkAt.get(row) === never) return false;
  const outcome = facts.outcome.get(call);
  if (outcome === outcomes.fail) return false;
  const isProven =
    outcome === outcomes.ok || facts.isTransaction.get(call) === 0 || facts.readCommittedAt.get(row) !== never;
  return isProven && facts.placesOf(row).some((place) => place.polled && place.offset === offset);
}

function skip(facts: LogFacts, name: string, key: number, stretch: Stretch, { row, offset }: Missed): Finding {
  const { from, to, before, after, client } = stretch;
  const [keyName, value] = [facts.keys.nameOf(key), facts.nameOf(row)];
  const text = `${client} was given offset ${to} of ${keyName} after offset ${from}, and not ${value} at offset ${offset}`;
  const operations = witness(before, after, facts.readOkAt.get(row));
  return { name, key: keyName, value, offset, client, text, operations };
}
