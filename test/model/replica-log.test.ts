/** A replica's log under any sequence of appends, truncations and deletions stays one log, and its segments fit it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  appendRecords,
  dropOldestSegment,
  emptyLog,
  logEnd,
  oldestEnd,
  type ReplicaLog,
  raiseStart,
  truncate,
} from "../../model/replica/replica-log.ts";
import { sizeOf } from "../../spec/vocabulary.ts";

const segmentBytes = 6;

type Change = (log: ReplicaLog, number: number) => ReplicaLog;

const within = (log: ReplicaLog, number: number) => log.start + (number % (logEnd(log) - log.start + 1));

/** Epochs rise with the log end, as leaders come and go. */
const append: Change = (log, number) => {
  const records = Array.from({ length: 1 + (number % 4) }, (_, index) => {
    return { value: "v".repeat(1 + ((number + 3 * index) % 8)), key: null };
  });
  return appendRecords(log, Math.floor(logEnd(log) / 3), records, segmentBytes);
};
const changes: Readonly<Record<string, Change>> = {
  append,
  appendMore: append,
  truncate: (log, number) => truncate(log, within(log, number)),
  truncateBelowStart: (log, number) => truncate(log, Math.max(0, log.start - (number % 3))),
  raiseStart: (log, number) => raiseStart(log, within(log, number)),
  dropOldest: (log) => (log.segments.length === 0 ? log : dropOldestSegment(log)),
};

const history = fc.array(fc.tuple(fc.constantFrom(...Object.values(changes)), fc.nat(99)), { maxLength: 30 });

function check({ start, entries, epochs, segments }: ReplicaLog): void {
  const end = start + entries.length;
  expect(entries.map(({ offset }) => offset)).toEqual(entries.map((_, index) => start + index));
  for (const [index, { base, bytes }] of segments.entries()) {
    const next = segments[index + 1]?.base ?? end;
    const inside = entries.filter(({ offset }) => offset >= base && offset < next);
    const size = inside.reduce((sum, entry) => sum + sizeOf(entry), 0);
    // What lies below the log start is no longer among the entries.
    if (base >= start) expect(bytes).toBe(size);
    else expect(bytes).toBeGreaterThan(size);
    if (next - base > 1) expect(bytes).toBeLessThanOrEqual(segmentBytes);
    expect(next).toBeGreaterThan(base);
    if (index > 0) expect(base).toBeGreaterThan(start);
  }
  if (entries.length > 0) expect(segments[0]?.base).toBeLessThanOrEqual(start);
  for (const { epoch, offset } of entries) expect(epochs.findLast((one) => one.start <= offset)?.epoch).toBe(epoch);
  expect(epochs.every((one) => one.start >= start)).toBe(true);
}

describe("a replica's log", () => {
  it("stays dense, with segments and epochs that fit", () => {
    let cut = 0;
    fc.assert(
      fc.property(history, (steps) => {
        let log = emptyLog(0);
        for (const [change, number] of steps) {
          log = change(log, number);
          check(log);
          cut += (log.segments[0]?.base ?? log.start) < log.start ? 1 : 0;
        }
      }),
      { numRuns: 500, seed: 11 },
    );
    expect(cut).toBeGreaterThan(30);
  });

  it("ends its first segment where the next one begins, or with itself", () => {
    const three = appendRecords(
      emptyLog(4),
      0,
      ["aaaa", "bbbb"].map((value) => ({ value, key: null })),
      segmentBytes,
    );
    expect(three.segments.map(({ base }) => base)).toEqual([4, 5]);
    expect(oldestEnd(three)).toBe(5);
    expect(oldestEnd(dropOldestSegment(three))).toBe(6);
    expect(dropOldestSegment(dropOldestSegment(three))).toEqual({
      ...emptyLog(6),
      epochs: [{ epoch: 0, start: 6 }],
    });
  });
});
