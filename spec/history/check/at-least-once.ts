/** Does a consumer group get every acknowledged record before it commits past it? */
import { type Finding, witness } from "../judge/finding.ts";
import { never } from "./column.ts";
import { type Commit, doubtfulBelow, type Groups, highestCommitAfter, type Progress } from "./groups.ts";
import { type LogFacts, outcomes } from "./log-facts.ts";
import type { Premise, Suspicion } from "./suspicion.ts";

export interface GroupFindings {
  readonly suspicions: readonly Suspicion[];
  /** What may still be delivered. */
  readonly pending: readonly Finding[];
  readonly premise: boolean;
}

/** What the application did itself, so that nothing is promised. */
export const passedOverItself = "the application has passed over it itself, by a seek or by an offset that it named";

/**
 * Per group and key that it consumes (it has subscribed to it, been assigned it, polled it or committed for it), for
 * every record whose send or transaction is `ok`:
 * - `commit-past-undelivered`: a commit of the group that is not `fail` was completed after the record's acknowledgement,
 *   for an offset above the record's (its highest one, if it has several), and no poll of the group that was completed
 *   before that commit delivered the record. A commit that never completed counts as completed at the end.
 * - `group-missed`: otherwise, if the group never got the record, and its last poll that says anything of the key found
 *   nothing more (`ok`, the key with an empty list), was begun after some poll had returned the record, with no fault
 *   open, and nothing has placed a consumer of the group anew since.
 * - pending, `undelivered`: otherwise, if the group never got it.
 *
 * Polls of every outcome count as deliveries, final polls do not. A poll of unknown outcome may have delivered what it
 * does not show: where its consumer, before it crashes, commits above a record, the record is at most pending. A
 * consumer is of the group that the contract gives it, or that its own operations name; where neither does, it counts
 * for no group, so a contract has to name every consumer's.
 *
 * Linear in values and groups, but for a binary search in the commits that were taken back.
 */
export function findGroupLosses(facts: LogFacts, groups: Groups): GroupFindings {
  const suspicions: Suspicion[] = [];
  const pending: Finding[] = [];
  const rows = acknowledgedRows(facts);
  let premise = false;
  for (const progress of groups.end()) {
    for (const { row, commit, at } of progress.late) {
      const offset = facts.last.get(row);
      const isOk = facts.outcome.get(facts.callOf.get(row)) === outcomes.ok;
      if (!isOk || commit.offset <= offset || offset < doubtfulBelow(progress, at)) continue;
      suspicions.push(passed(facts, progress, row, commit));
    }
    const key = facts.keys.find(progress.key);
    const below = doubtfulBelow(progress, never);
    for (const row of (key === undefined ? undefined : rows.get(key)) ?? []) {
      premise = true;
      if (groups.hasDelivered(progress.group, row)) continue;
      const found = missing(facts, progress, row, below);
      if (found !== null) suspicions.push(found);
      else pending.push(undelivered(facts, progress, row));
    }
  }
  return { suspicions, pending, premise };
}

/** A record that was never delivered: passed by a commit, missed, or neither. */
function missing(facts: LogFacts, progress: Progress, row: number, below: number): Suspicion | null {
  const offset = facts.last.get(row);
  if (offset !== -1 && offset < below) return null;
  const commit = highestCommitAfter(progress, facts.completed.get(facts.callOf.get(row)));
  if (offset !== -1 && commit !== undefined && commit.offset > offset) return passed(facts, progress, row, commit);
  const readAt = facts.readAt.get(row);
  const { emptyAt } = progress;
  if (emptyAt === null || readAt === never || readAt >= emptyAt.invoked) return null;
  const { group, key } = progress;
  const value = facts.nameOf(row);
  const text = `${group} was never given ${value} of ${key}, and then found nothing more`;
  const operations = witness(...sending(facts, row), readAt, emptyAt.answered);
  return {
    finding: { name: "group-missed", key, value, group, text, operations },
    premises: premisesOf(facts, progress, row, progress.soughtTo >= 0),
  };
}

function passed(facts: LogFacts, progress: Progress, row: number, commit: Commit): Suspicion {
  const { group, key, soughtTo } = progress;
  const [value, offset] = [facts.nameOf(row), facts.last.get(row)];
  const text = `${group} committed ${commit.offset} for ${key} without having been given ${value} at offset ${offset}`;
  const operations = witness(...sending(facts, row), commit.shown);
  // A record that lies below what was delivered was skipped, whatever the application named.
  const namedBeyond = commit.named !== null && commit.named > offset && offset >= commit.position;
  return {
    finding: { name: "commit-past-undelivered", key, value, offset, group, text, operations },
    premises: premisesOf(facts, progress, row, soughtTo > offset || namedBeyond),
  };
}

function premisesOf(facts: LogFacts, { group }: Progress, row: number, passedOver: boolean): readonly Premise[] {
  const producer = facts.clients.nameOf(facts.clientOfCall.get(facts.callOf.get(row)));
  const own: readonly Premise[] = passedOver ? [{ kind: "never", because: passedOverItself }] : [];
  return [...own, { kind: "acknowledged-stays", producer }, { kind: "not-gone" }, { kind: "from-the-start", group }];
}

function undelivered(facts: LogFacts, { group, key }: Progress, row: number): Finding {
  const value = facts.nameOf(row);
  const text = `${group} has not been given ${value} of ${key} yet`;
  return { name: "undelivered", key, value, group, text, operations: witness(...sending(facts, row)) };
}

function sending(facts: LogFacts, row: number): readonly number[] {
  const call = facts.callOf.get(row);
  return [facts.invoked.get(call), facts.completed.get(call)];
}

/** By key, in the order of sending. */
function acknowledgedRows(facts: LogFacts): ReadonlyMap<number, readonly number[]> {
  const rows = new Map<number, number[]>();
  for (let place = 0; place < facts.sentCount(); place++) {
    const row = facts.sentOrder.get(place);
    if (facts.outcome.get(facts.callOf.get(row)) !== outcomes.ok) continue;
    const key = facts.keyOf.get(row);
    const known = rows.get(key);
    if (known === undefined) rows.set(key, [row]);
    else known.push(row);
  }
  return rows;
}
