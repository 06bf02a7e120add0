/** ALO-1 from outside: does a consumer group get every acknowledged record before it commits past it? */
import type { HistoryOperation } from "../format.ts";
import { type Finding, type Findings, witness } from "./finding.ts";
import { followGroups, type GroupContract, highestCommitAfter, type Progress } from "./group-progress.ts";
import { type Acknowledgement, acknowledgements, type ObservedValue, observedLog, spanOf } from "./observed-log.ts";

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
 * Conclusive: nothing is pending. Premise: a group consumes a key that has such a record. Linear, but for a binary
 * search in the commits that were taken back.
 */
export function atLeastOnce(operations: readonly HistoryOperation[], contract: GroupContract): Findings {
  const acknowledged = acknowledgements(operations);
  const log = observedLog(operations);
  const violations: Finding[] = [];
  const judge = (progress: Progress, value: string, judgements: readonly Judge[]): boolean => {
    const record = acknowledged.get(progress.key)?.get(value);
    const seen = log.get(progress.key)?.get(value);
    const offset = spanOf(seen)?.last;
    if (record === undefined || (offset !== undefined && offset < progress.doubtfulBelow)) return false;
    for (const one of judgements) {
      const found = one(progress, { value, record, seen, offset });
      if (found === null) continue;
      violations.push(found);
      return true;
    }
    return false;
  };
  const all = followGroups(operations, contract, (progress, value) => judge(progress, value, [passed]));
  const pending: Finding[] = [];
  let premise = false;
  for (const progress of all) {
    for (const [value, record] of acknowledged.get(progress.key) ?? []) {
      premise = true;
      if (progress.delivered.has(value) || judge(progress, value, [passed, missed])) continue;
      pending.push(undelivered(progress, value, record));
    }
  }
  return { violations, pending, conclusive: pending.length === 0, premise };
}

/** A record that has not been delivered so far. */
interface Undelivered {
  readonly value: string;
  readonly record: Acknowledgement;
  readonly seen: ObservedValue | undefined;
  /** The highest offset at which it was seen. */
  readonly offset: number | undefined;
}

type Judge = (progress: Progress, undelivered: Undelivered) => Finding | null;

function passed(progress: Progress, { value, record, offset }: Undelivered): Finding | null {
  const { group, key } = progress;
  const commit = highestCommitAfter(progress, record.acknowledged);
  if (offset === undefined || commit === undefined || commit.offset <= offset) return null;
  const text = `${group} committed ${commit.offset} for ${key} without having been given ${value} at offset ${offset}`;
  const operations = witness(record.invoked, record.acknowledged, commit.shown);
  return { name: "commit-past-undelivered", key, value, offset, group, text, operations };
}

function missed({ group, key, emptyAt }: Progress, { value, record, seen }: Undelivered): Finding | null {
  const readAt = seen?.readAt ?? null;
  if (emptyAt === null || readAt === null || readAt >= emptyAt.invoked) return null;
  const text = `${group} was never given ${value} of ${key}, and then found nothing more`;
  const operations = witness(record.invoked, record.acknowledged, readAt, emptyAt.answered);
  return { name: "group-missed", key, value, group, text, operations };
}

function undelivered({ group, key }: Progress, value: string, record: Acknowledgement): Finding {
  const text = `${group} has not been given ${value} of ${key} yet`;
  const operations = witness(record.invoked, record.acknowledged);
  return { name: "undelivered", key, value, group, text, operations };
}
