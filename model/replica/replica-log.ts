/**
 * A replica's log as plain data: entries, and the leader epoch cache beside them. Only the data structure lives here;
 * what to append, and when to truncate, is decided in the replica's statechart.
 *
 * Source: storage/…/log/UnifiedLog.scala, storage/…/internals/epoch/LeaderEpochFileCache.java.
 */
import type { LogEntry, ProducerRecord } from "../../spec/vocabulary.ts";
import type { EpochEnd } from "../message.ts";

export interface ReplicaLog {
  /** First offset that is still there. */
  readonly start: number;
  readonly entries: readonly LogEntry[];
  /** Leader epochs with the offset of their first record, ascending; an epoch may have an entry and no record. */
  readonly epochs: readonly EpochStart[];
}

export interface EpochStart {
  readonly epoch: number;
  readonly start: number;
}

export const emptyLog: ReplicaLog = { start: 0, entries: [], epochs: [] };

export function logEnd(log: ReplicaLog): number {
  return log.start + log.entries.length;
}

/** The leader's own append: offsets and epoch are assigned here. */
export function appendRecords(log: ReplicaLog, epoch: number, records: readonly ProducerRecord[]): ReplicaLog {
  const base = logEnd(log);
  const entries = records.map(({ value, key }, index) => ({ offset: base + index, epoch, value, key }));
  return appendEntries(log, entries);
}

/** A follower's append: entries as the leader has them. */
export function appendEntries(log: ReplicaLog, entries: readonly LogEntry[]): ReplicaLog {
  const epochs = entries.reduce((known, entry) => withEpochStart(known, entry.epoch, entry.offset), log.epochs);
  return { start: log.start, entries: [...log.entries, ...entries], epochs };
}

/** Records that `epoch` starts at the log end, even if nothing is appended in it (KAFKA-7415). */
export function startEpoch(log: ReplicaLog, epoch: number): ReplicaLog {
  return { ...log, epochs: withEpochStart(log.epochs, epoch, logEnd(log)) };
}

/** An epoch that is known already stays; entries that would break the order (data-less ones) give way. */
function withEpochStart(epochs: readonly EpochStart[], epoch: number, start: number): readonly EpochStart[] {
  if (epochs.at(-1)?.epoch === epoch) return epochs;
  return [...epochs.filter((entry) => entry.epoch < epoch && entry.start < start), { epoch, start }];
}

/** Drops everything from `offset` on, epochs that start there included (KAFKA-10706). */
export function truncate(log: ReplicaLog, offset: number): ReplicaLog {
  return {
    start: log.start,
    entries: log.entries.filter((entry) => entry.offset < offset),
    epochs: log.epochs.filter((entry) => entry.start < offset),
  };
}

/** The last epoch in the cache; -1 for a log that has seen none. */
export function latestEpoch(log: ReplicaLog): number {
  return log.epochs.at(-1)?.epoch ?? -1;
}

/**
 * The largest epoch that is at most `epoch`, with its end offset; `null` if `epoch` is above all that the log knows,
 * or is -1. An epoch below all that it knows ends where the first one starts.
 */
export function endOffsetForEpoch(log: ReplicaLog, epoch: number): EpochEnd | null {
  if (epoch < 0) return null;
  if (epoch === latestEpoch(log)) return { epoch, endOffset: logEnd(log) };
  const next = log.epochs.find((entry) => entry.epoch > epoch);
  if (next === undefined) return null;
  const floor = log.epochs.findLast((entry) => entry.epoch <= epoch);
  return { epoch: floor?.epoch ?? epoch, endOffset: next.start };
}

/** Entries with `from <= offset < to`. */
export function read(log: ReplicaLog, from: number, to: number): readonly LogEntry[] {
  return log.entries.slice(Math.max(0, from - log.start), Math.max(0, to - log.start));
}
