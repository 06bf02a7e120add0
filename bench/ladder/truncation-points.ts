/** Where a new follower cuts its log: three published answers, from before leader epochs to KIP-279. */
import { endOffset, sameRecord } from "./replication-rules.ts";
import type { ReplicaLog } from "./replication-state.ts";

export type TruncationPoint = (follower: ReplicaLog, leader: ReplicaLog) => number;

/** Before KIP-101: the follower's own high watermark. */
export const highWatermarkPoint: TruncationPoint = (follower) => follower.highWatermark;

/**
 * KIP-101: where the leader's log leaves the epoch of the follower's last record; if the leader cannot tell, the high
 * watermark. The answer may lie beyond the follower's end: then it cannot become follower at all.
 */
export const lastEpochPoint: TruncationPoint = (follower, leader) => {
  const epoch = follower.records.at(-1)?.epoch;
  if (epoch === undefined) return 0;
  if (leader.records.at(-1)?.epoch === epoch) return endOffset(leader);
  const next = leader.records.findIndex((record) => record.epoch > epoch);
  return next === -1 ? follower.highWatermark : next;
};

/** KIP-279: just above the last offset at which both hold the same record. */
export const lastCommonRecordPoint: TruncationPoint = (follower, leader) =>
  1 + follower.records.findLastIndex((record, offset) => sameRecord(record, leader.records[offset]));
