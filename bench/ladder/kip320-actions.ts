/** KIP-320: leader and follower deal with each other only in the same leader epoch. The design that holds. */
import type { PartAction } from "../../explore/parts.ts";
import type { PartChoice } from "../../explore/system-from-parts.ts";
import { partAction } from "../../explore/system-from-parts.ts";
import {
  endOffset,
  fetchOutcome,
  isrWrites,
  reachedOwnEpoch,
  trueLeader,
  truncated,
  withMember,
  withoutMember,
} from "./replication-rules.ts";
import type { LadderBounds, ReadSlot } from "./replication-state.ts";
import { logOf, logSlot, replicasOf, requestOf, viewOf, viewSlot } from "./replication-state.ts";
import { lastCommonRecordPoint } from "./truncation-points.ts";

export function kip320Actions(bounds: LadderBounds): readonly PartAction<PartChoice>[] {
  const replicas = replicasOf(bounds);
  return [
    ...replicas.map(fencedLeaderExpandIsr),
    ...replicas.map(fencedLeaderShrinkIsr),
    ...replicas.map(fencedLeaderIncHighWatermark),
    ...replicas.map(fencedFollowerFetch),
    ...replicas.flatMap((replica) =>
      replicas
        .filter((leader) => leader !== replica)
        .map((leader) => fencedBecomeFollowerAndTruncate(replica, leader, bounds)),
    ),
  ];
}

/** The follower follows a leader that presumes to be one, and both are in the same leader epoch. */
function followsInSameEpoch(read: ReadSlot, leader: number, follower: number): boolean {
  const view = viewOf(read, follower);
  if (view.leader !== leader) return false;
  const leaderView = viewOf(read, leader);
  return leaderView.leader === leader && leaderView.leaderEpoch === view.leaderEpoch;
}

function fencedLeaderExpandIsr(replica: number): PartAction<PartChoice> {
  return partAction(`FencedLeaderExpandIsr ${replica}`, (read) => {
    const leader = trueLeader(read);
    if (leader === null) return [];
    const view = viewOf(read, leader);
    if (view.isr.includes(replica) || !followsInSameEpoch(read, leader, replica)) return [];
    const log = logOf(read, leader);
    if (!reachedOwnEpoch(view, log) || endOffset(logOf(read, replica)) < log.highWatermark) return [];
    const label = `leader ${leader} adds ${replica} to the ISR`;
    return [{ label, writes: isrWrites(read, leader, withMember(view.isr, replica)) }];
  });
}

function fencedLeaderShrinkIsr(replica: number): PartAction<PartChoice> {
  return partAction(`FencedLeaderShrinkIsr ${replica}`, (read) => {
    const leader = trueLeader(read);
    if (leader === null || leader === replica) return [];
    const { isr } = viewOf(read, leader);
    if (!isr.includes(replica)) return [];
    const keepsUp = () => endOffset(logOf(read, replica)) >= endOffset(logOf(read, leader));
    if (followsInSameEpoch(read, leader, replica) && keepsUp()) return [];
    const label = `leader ${leader} drops ${replica} from the ISR`;
    return [{ label, writes: isrWrites(read, leader, withoutMember(isr, replica)) }];
  });
}

/** The leader is in its own ISR, so it has the record too. */
function fencedLeaderIncHighWatermark(leader: number): PartAction<PartChoice> {
  return partAction(`FencedLeaderIncHighWatermark ${leader}`, (read) => {
    const { leader: presumed, isr } = viewOf(read, leader);
    if (presumed !== leader) return [];
    const log = logOf(read, leader);
    const { highWatermark } = log;
    const acknowledged = isr.every(
      (member) => followsInSameEpoch(read, leader, member) && endOffset(logOf(read, member)) > highWatermark,
    );
    if (!acknowledged) return [];
    const label = `leader ${leader} raises the high watermark to ${highWatermark + 1}`;
    return [{ label, writes: [[logSlot(leader), { ...log, highWatermark: highWatermark + 1 }]] }];
  });
}

function fencedFollowerFetch(follower: number): PartAction<PartChoice> {
  return partAction(`FencedFollowerFetch ${follower}`, (read) => {
    const { leader } = viewOf(read, follower);
    if (leader === null || leader === follower || !followsInSameEpoch(read, leader, follower)) return [];
    return fetchOutcome(read, leader, follower);
  });
}

/** The leader must already be in the epoch of the request: one that has not heard of it cannot be asked. */
function fencedBecomeFollowerAndTruncate(
  replica: number,
  leader: number,
  bounds: LadderBounds,
): PartAction<PartChoice> {
  return partAction(`FencedBecomeFollowerAndTruncate ${replica} of ${leader}`, (read) => {
    const leaderView = viewOf(read, leader);
    if (leaderView.leader !== leader || leaderView.leaderEpoch <= viewOf(read, replica).leaderEpoch) return [];
    const log = logOf(read, replica);
    const offset = lastCommonRecordPoint(log, logOf(read, leader));
    const { leaderEpoch } = leaderView;
    return [
      {
        label: `replica ${replica} becomes follower of ${leader} in epoch ${leaderEpoch}, truncates to ${offset}`,
        writes: [
          [viewSlot(replica), requestOf(read, bounds, leaderEpoch)],
          [logSlot(replica), truncated(log, offset)],
        ],
      },
    ];
  });
}
