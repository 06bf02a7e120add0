/**
 * The first try at KIP-320: followers truncate while fetching, whenever the epoch of their last record disagrees.
 *
 * What a replica has is now compared by record epochs, but nobody yet says in which leader epoch he speaks.
 */
import type { PartAction } from "../../explore/parts.ts";
import type { PartChoice } from "../../explore/system-from-parts.ts";
import { partAction } from "../../explore/system-from-parts.ts";
import {
  endOffset,
  fetchOutcome,
  isrWrites,
  presumesLeadership,
  reachedOwnEpoch,
  trueLeader,
  truncated,
  withMember,
  withoutMember,
} from "./replication-rules.ts";
import type { LadderBounds, ReadSlot } from "./replication-state.ts";
import { logOf, logSlot, replicasOf, requestsSince, viewOf, viewSlot } from "./replication-state.ts";
import { lastCommonRecordPoint } from "./truncation-points.ts";

export function kip320FirstTryActions(bounds: LadderBounds): readonly PartAction<PartChoice>[] {
  const replicas = replicasOf(bounds);
  return [
    ...replicas.map(leaderExpandIsr),
    ...replicas.map(leaderShrinkIsr),
    ...replicas.map(leaderIncHighWatermark),
    ...replicas.map((replica) => becomeFollower(replica, bounds)),
    ...replicas.map(followerTruncate),
    ...replicas.map(followerFetch),
  ];
}

/** The follower follows, and both hold a record of the same epoch just below `end`. */
function caughtUp(read: ReadSlot, leader: number, follower: number, end: number): boolean {
  if (viewOf(read, follower).leader !== leader || !presumesLeadership(read, leader)) return false;
  if (end === 0) return true;
  const own = logOf(read, leader).records[end - 1];
  return own !== undefined && logOf(read, follower).records[end - 1]?.epoch === own.epoch;
}

function leaderExpandIsr(replica: number): PartAction<PartChoice> {
  return partAction(`LeaderExpandIsr ${replica}`, (read) => {
    const leader = trueLeader(read);
    if (leader === null) return [];
    const view = viewOf(read, leader);
    if (view.isr.includes(replica)) return [];
    const log = logOf(read, leader);
    if (!reachedOwnEpoch(view, log) || !caughtUp(read, leader, replica, log.highWatermark)) return [];
    const label = `leader ${leader} adds ${replica} to the ISR`;
    return [{ label, writes: isrWrites(read, leader, withMember(view.isr, replica)) }];
  });
}

function leaderShrinkIsr(replica: number): PartAction<PartChoice> {
  return partAction(`LeaderShrinkIsr ${replica}`, (read) => {
    const leader = trueLeader(read);
    if (leader === null || leader === replica) return [];
    const { isr } = viewOf(read, leader);
    if (!isr.includes(replica) || caughtUp(read, leader, replica, endOffset(logOf(read, leader)))) return [];
    const label = `leader ${leader} drops ${replica} from the ISR`;
    return [{ label, writes: isrWrites(read, leader, withoutMember(isr, replica)) }];
  });
}

/** The leader is in its own ISR, so it has the record too. */
function leaderIncHighWatermark(leader: number): PartAction<PartChoice> {
  return partAction(`LeaderIncHighWatermark ${leader}`, (read) => {
    const { leader: presumed, isr } = viewOf(read, leader);
    if (presumed !== leader) return [];
    const log = logOf(read, leader);
    const raised = log.highWatermark + 1;
    if (!isr.every((member) => caughtUp(read, leader, member, raised))) return [];
    const label = `leader ${leader} raises the high watermark to ${raised}`;
    return [{ label, writes: [[logSlot(leader), { ...log, highWatermark: raised }]] }];
  });
}

/** Nothing is truncated yet; the replica asks its leader later. */
function becomeFollower(replica: number, bounds: LadderBounds): PartAction<PartChoice> {
  return partAction(`BecomeFollower ${replica}`, (read) => {
    const { leaderEpoch } = viewOf(read, replica);
    return requestsSince(read, bounds, leaderEpoch + 1)
      .filter(({ leader }) => leader !== null && leader !== replica)
      .map((request) => ({
        label: `replica ${replica} becomes follower of ${request.leader} in epoch ${request.leaderEpoch}`,
        writes: [[viewSlot(replica), request]],
      }));
  });
}

function followerTruncate(follower: number): PartAction<PartChoice> {
  return partAction(`FollowerTruncate ${follower}`, (read) => {
    const { leader } = viewOf(read, follower);
    if (leader === null || leader === follower || !presumesLeadership(read, leader)) return [];
    const log = logOf(read, follower);
    const last = log.records.at(-1);
    if (last === undefined) return [];
    const leaderLog = logOf(read, leader);
    if (leaderLog.records[endOffset(log) - 1]?.epoch === last.epoch) return [];
    const offset = lastCommonRecordPoint(log, leaderLog);
    const label = `replica ${follower} truncates to ${offset}, by the log of ${leader}`;
    return [{ label, writes: [[logSlot(follower), truncated(log, offset)]] }];
  });
}

function followerFetch(follower: number): PartAction<PartChoice> {
  return partAction(`FollowerFetch ${follower}`, (read) => {
    const { leader } = viewOf(read, follower);
    if (leader === null || leader === follower) return [];
    if (!caughtUp(read, leader, follower, endOffset(logOf(read, follower)))) return [];
    return fetchOutcome(read, leader, follower);
  });
}
