/** The questions about leaders and logs that guards of several of the published specifications ask. */
import type { LeaderAndIsr, LogRecord, ReadSlot, ReplicaLog } from "./replication-state.ts";
import { logOf, logSlot, quorumOf, quorumSlot, viewOf, viewSlot } from "./replication-state.ts";

type Write = readonly [slot: number, value: unknown];

export function endOffset(log: ReplicaLog): number {
  return log.records.length;
}

export function sameRecord(one: LogRecord | undefined, other: LogRecord | undefined): boolean {
  return one !== undefined && other !== undefined && one.id === other.id && one.epoch === other.epoch;
}

/** The replica takes itself for the leader. It may be one that was replaced. */
export function presumesLeadership(read: ReadSlot, replica: number): boolean {
  return viewOf(read, replica).leader === replica;
}

/** The leader by the quorum, if it knows that it is: only then may it change the ISR. */
export function trueLeader(read: ReadSlot): number | null {
  const { leader, leaderEpoch } = quorumOf(read);
  if (leader === null) return null;
  const view = viewOf(read, leader);
  return view.leader === leader && view.leaderEpoch === leaderEpoch ? leader : null;
}

/** The leader writes a new ISR into the quorum and into its own view. No leader epoch changes, and nobody is told. */
export function isrWrites(read: ReadSlot, leader: number, isr: readonly number[]): readonly Write[] {
  return [
    [quorumSlot, { ...quorumOf(read), isr }],
    [viewSlot(leader), { ...viewOf(read, leader), isr }],
  ];
}

export function withMember(isr: readonly number[], replica: number): readonly number[] {
  return [...isr, replica].sort((one, other) => one - other);
}

export function withoutMember(isr: readonly number[], replica: number): readonly number[] {
  return isr.filter((member) => member !== replica);
}

/** The log cut at `offset`; its high watermark does not stay beyond its end. */
export function truncated(log: ReplicaLog, offset: number): ReplicaLog {
  if (offset === endOffset(log)) return log;
  return { records: log.records.slice(0, offset), highWatermark: Math.min(offset, log.highWatermark) };
}

/** The follower's log with the leader's next record, if there is one. The high watermark is the leader's: it may fall. */
function replicated(leader: ReplicaLog, follower: ReplicaLog): ReplicaLog | null {
  const record = leader.records[endOffset(follower)];
  if (record === undefined) return null;
  const records = [...follower.records, record];
  return { records, highWatermark: Math.min(leader.highWatermark, records.length) };
}

/** One fetch, as a write to the follower's log; nothing to fetch: no outcome. */
export function fetchOutcome(read: ReadSlot, leader: number, follower: number) {
  const log = replicated(logOf(read, leader), logOf(read, follower));
  if (log === null) return [];
  const label = `replica ${follower} fetches offset ${log.records.length - 1} from ${leader}`;
  return [{ label, writes: [[logSlot(follower), log]] as const }];
}

/** "The high watermark has reached the leader's own epoch": nothing of an older epoch is above it. */
export function reachedOwnEpoch(view: LeaderAndIsr, log: ReplicaLog): boolean {
  const next = log.records[log.highWatermark];
  return next === undefined || next.epoch === view.leaderEpoch;
}
