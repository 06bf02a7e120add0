/**
 * The segments of a log: what retention deletes, it deletes in whole segments from the head. A log whose segments have
 * all gone has none until its next append; Kafka keeps an empty one for it.
 *
 * Source: storage/…/log/LogSegment.java (shouldRoll), core/…/log/UnifiedLog.scala (maybeRoll, deletableSegments).
 */
import { type LogEntry, sizeOf } from "../../spec/vocabulary.ts";

export interface Segment {
  /** Offset of its first record; it may lie below the log start, which DeleteRecords sets within a segment. */
  readonly base: number;
  readonly bytes: number;
  /** How often old segments were looked for since its last append; counted up to where it has expired. */
  readonly checks: number;
}

/** The log rolls before a record that would make its last segment larger; a larger record has a segment of its own. */
export function withRecord(segments: readonly Segment[], record: LogEntry, segmentBytes: number): readonly Segment[] {
  const bytes = sizeOf(record);
  const last = segments.at(-1);
  if (last === undefined || last.bytes + bytes > segmentBytes) {
    return [...segments, { base: record.offset, bytes, checks: 0 }];
  }
  return [...segments.slice(0, -1), { base: last.base, bytes: last.bytes + bytes, checks: 0 }];
}

/** Without the `dropped` records, which are all that the log had from `offset` on. */
export function segmentsBelow(segments: readonly Segment[], offset: number, dropped: readonly LogEntry[]) {
  const end = segments.find(({ base }) => base >= offset)?.base ?? Number.POSITIVE_INFINITY;
  const cut = dropped.filter((record) => record.offset < end).reduce((sum, record) => sum + sizeOf(record), 0);
  const kept = segments.filter(({ base }) => base < offset);
  return kept.map((segment, index) =>
    index === kept.length - 1 ? { ...segment, bytes: segment.bytes - cut } : segment,
  );
}

/** Without the segments that lie below `start` as a whole; the last one stays. */
export function segmentsFrom(segments: readonly Segment[], start: number): readonly Segment[] {
  return segments.filter((_, index) => (segments[index + 1]?.base ?? Number.POSITIVE_INFINITY) > start);
}
