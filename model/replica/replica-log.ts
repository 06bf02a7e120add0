/**
 * A replica's log as plain data: entries, with their segments and the leader epoch cache beside them. Only the data structure lives here;
 * what to append, and when to truncate, is decided in the replica's statechart.
 *
 * Source: storage/…/log/UnifiedLog.scala, storage/…/internals/epoch/LeaderEpochFileCache.java.
 */
import type { LogEntry, ProducerRecord } from "../../spec/vocabulary.ts";
import type { EpochEnd } from "../message.ts";
import { type Segment, segmentsBelow, segmentsFrom, withRecord } from "./segments.ts";

export interface ReplicaLog {
  /** First offset that is still there. */
  readonly start: number;
  readonly entries: readonly LogEntry[];
  /** Leader epochs with the offset of their first record, ascending; an epoch may have an entry and no record. */
  readonly epochs: readonly EpochStart[];
  /** In the order of offsets; without an end, which is where the next one begins. */
  readonly segments: readonly Segment[];
}

export interface EpochStart {
  readonly epoch: number;
  readonly start: number;
}

/** A log without records, which begins at `start`. */
export function emptyLog(start: number): ReplicaLog {
  return { start, entries: [], epochs: [], segments: [] };
}

export function logEnd(log: ReplicaLog): number {
  return log.start + log.entries.length;
}

/** The leader's own append: offsets and epoch are assigned here. */
export function appendRecords(
  log: ReplicaLog,
  epoch: number,
  records: readonly ProducerRecord[],
  segmentBytes: number,
): ReplicaLog {
  const base = logEnd(log);
  const entries = records.map(({ value, key }, index) => ({ offset: base + index, epoch, value, key }));
  return appendEntries(log, entries, segmentBytes);
}

/** A follower's append: entries as the leader has them. */
export function appendEntries(log: ReplicaLog, entries: readonly LogEntry[], segmentBytes: number): ReplicaLog {
  const epochs = entries.reduce((known, entry) => withEpochStart(known, entry.epoch, entry.offset), log.epochs);
  const segments = entries.reduce((known, entry) => withRecord(known, entry, segmentBytes), log.segments);
  // A last segment that lay below the log start has a successor now.
  return {
    start: log.start,
    entries: [...log.entries, ...entries],
    epochs,
    segments: segmentsFrom(segments, log.start),
  };
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

/**
 * Drops everything from `offset` on, epochs that start there included (KAFKA-10706). Below the log start, which only an
 * unclean election asks for, it takes the log start with it.
 */
export function truncate(log: ReplicaLog, offset: number): ReplicaLog {
  const dropped = log.entries.filter((entry) => entry.offset >= offset);
  return {
    start: Math.min(log.start, offset),
    entries: log.entries.filter((entry) => entry.offset < offset),
    epochs: log.epochs.filter((entry) => entry.start < offset),
    segments: offset <= log.start ? [] : segmentsBelow(log.segments, offset, dropped),
  };
}

/** Drops everything below `start`, if the log begins there or lower (UnifiedLog.maybeIncrementLogStartOffset). */
export function raiseStart(log: ReplicaLog, start: number): ReplicaLog {
  if (start <= log.start) return log;
  return {
    start,
    entries: log.entries.filter((entry) => entry.offset >= start),
    epochs: epochsFrom(log.epochs, start),
    segments: segmentsFrom(log.segments, start),
  };
}

/** Drops the first segment; what is left of the log begins with the next one (UnifiedLog.deleteSegments). */
export function dropOldestSegment(log: ReplicaLog): ReplicaLog {
  return { ...raiseStart(log, oldestEnd(log)), segments: log.segments.slice(1) };
}

/** Where the first segment ends: at the next one, or at the log end. */
export function oldestEnd(log: ReplicaLog): number {
  return log.segments[1]?.base ?? logEnd(log);
}

/** The last epoch that starts at or below `start` starts there now (LeaderEpochFileCache.truncateFromStart). */
function epochsFrom(epochs: readonly EpochStart[], start: number): readonly EpochStart[] {
  const covering = epochs.findLast((entry) => entry.start <= start);
  const later = epochs.filter((entry) => entry.start > start);
  return covering === undefined ? later : [{ epoch: covering.epoch, start }, ...later];
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
