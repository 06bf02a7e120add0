/** The first three designs: whoever takes itself for the leader is fetched from, whatever leader epoch either is in. */
import type { PartAction } from "../../explore/parts.ts";
import type { PartChoice } from "../../explore/system-from-parts.ts";
import { partAction } from "../../explore/system-from-parts.ts";
import {
  endOffset,
  fetchOutcome,
  isrWrites,
  presumesLeadership,
  trueLeader,
  truncated,
  withMember,
  withoutMember,
} from "./replication-rules.ts";
import type { LadderBounds } from "./replication-state.ts";
import { logOf, logSlot, replicasOf, requestsSince, viewOf, viewSlot } from "./replication-state.ts";
import type { TruncationPoint } from "./truncation-points.ts";

export function unfencedActions(bounds: LadderBounds, point: TruncationPoint): readonly PartAction<PartChoice>[] {
  const replicas = replicasOf(bounds);
  return [
    ...replicas.map(leaderExpandIsr),
    ...replicas.map(leaderShrinkIsr),
    ...replicas.map(leaderIncHighWatermark),
    ...replicas.map(followerReplicate),
    ...replicas.flatMap((replica) =>
      replicas
        .filter((leader) => leader !== replica)
        .map((leader) => becomeFollowerAndTruncate(replica, leader, point, bounds)),
    ),
  ];
}

/** It compares offsets only, never records. */
function leaderExpandIsr(replica: number): PartAction<PartChoice> {
  return partAction(`LeaderExpandIsr ${replica}`, (read) => {
    const leader = trueLeader(read);
    if (leader === null) return [];
    const { isr } = viewOf(read, leader);
    if (isr.includes(replica) || viewOf(read, replica).leader !== leader) return [];
    if (endOffset(logOf(read, replica)) < logOf(read, leader).highWatermark) return [];
    const label = `leader ${leader} adds ${replica} to the ISR`;
    return [{ label, writes: isrWrites(read, leader, withMember(isr, replica)) }];
  });
}

function leaderShrinkIsr(replica: number): PartAction<PartChoice> {
  return partAction(`LeaderShrinkIsr ${replica}`, (read) => {
    const leader = trueLeader(read);
    if (leader === null || leader === replica) return [];
    const { isr } = viewOf(read, leader);
    if (!isr.includes(replica)) return [];
    const follows = viewOf(read, replica).leader === leader;
    if (follows && endOffset(logOf(read, replica)) >= endOffset(logOf(read, leader))) return [];
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
    const { highWatermark } = log;
    const acknowledged = isr.every(
      (member) => viewOf(read, member).leader === leader && endOffset(logOf(read, member)) > highWatermark,
    );
    if (!acknowledged) return [];
    const label = `leader ${leader} raises the high watermark to ${highWatermark + 1}`;
    return [{ label, writes: [[logSlot(leader), { ...log, highWatermark: highWatermark + 1 }]] }];
  });
}

/** It does not look whether what the follower already has agrees with the leader's log. */
function followerReplicate(follower: number): PartAction<PartChoice> {
  return partAction(`FollowerReplicate ${follower}`, (read) => {
    const { leader } = viewOf(read, follower);
    if (leader === null || leader === follower || !presumesLeadership(read, leader)) return [];
    return fetchOutcome(read, leader, follower);
  });
}

/** The log is cut in the same step in which the replica learns of its leader, by what the leader holds now. */
function becomeFollowerAndTruncate(
  replica: number,
  leader: number,
  point: TruncationPoint,
  bounds: LadderBounds,
): PartAction<PartChoice> {
  return partAction(`BecomeFollowerAndTruncate ${replica} of ${leader}`, (read) => {
    const { leaderEpoch } = viewOf(read, replica);
    const newer = requestsSince(read, bounds, leaderEpoch + 1).filter((request) => request.leader === leader);
    if (newer.length === 0) return [];
    const log = logOf(read, replica);
    const offset = point(log, logOf(read, leader));
    if (offset > endOffset(log)) return [];
    return newer.map((request) => ({
      label: `replica ${replica} becomes follower of ${leader} in epoch ${request.leaderEpoch}, truncates to ${offset}`,
      writes: [
        [viewSlot(replica), request],
        [logSlot(replica), truncated(log, offset)],
      ],
    }));
  });
}
