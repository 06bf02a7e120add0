/** The promises of a replica about its log by itself: bounds, segments, what retention takes, what the disk hears. */
import type { ReplicaContext, ReplicaEvent, ReplicaInput } from "../../../model/replica/replica-context.ts";
import { bytesIn, endOf, epochEnd, from, type LogBook } from "./replica-book.ts";
import type { replicaPromises } from "./replica-promises.ts";
import { partition } from "./replica-surroundings.ts";
import type { Stepped, Trial } from "./trial.ts";

type Step = Stepped<ReplicaContext>;

export function createLogJudge(keep: Trial<keyof typeof replicaPromises>["keep"], input: ReplicaInput) {
  /** How many looks for old segments there have been, and how many at the last append to each segment, by its base. */
  let looks = 0;
  let appended: ReadonlyMap<number, number> = new Map();
  let lastEnd = 0;

  function judgeSegments({ log }: ReplicaContext): void {
    const { segments, entries } = log;
    const end = endOf(log);
    for (const [index, { base, bytes }] of segments.entries()) {
      const next = segments[index + 1];
      const records = entries.filter(({ offset }) => offset >= base && offset < (next?.base ?? end));
      // Of the first segment some records may have gone.
      const isWhole = base >= log.start;
      keep("segments", isWhole ? bytesIn(records) === bytes : bytes >= bytesIn(records), log);
      keep("segments", index === 0 ? base <= log.start : base > (segments[index - 1]?.base ?? 0) && base < end, log);
      if (isWhole && records.length > 1) keep("segments", bytes <= input.segmentBytes, log);
      const following = entries.filter(({ offset }) => offset === next?.base);
      if (next !== undefined) keep("segments", bytes + bytesIn(following) > input.segmentBytes, log);
    }
    keep("segments", entries.length === 0 || segments.length > 0, log);
  }

  /** Where the log should begin after a look for old segments. */
  function startAfterLook({ log }: ReplicaContext, highWatermark: number): number {
    const { retentionBytes, retentionChecks } = input;
    let segments = log.segments;
    let start = log.start;
    for (;;) {
      const [oldest, ...rest] = segments;
      const end = rest[0]?.base ?? endOf(log);
      if (oldest === undefined || end > highWatermark) return start;
      const isTooMuch = retentionBytes !== -1 && rest.reduce((sum, { bytes }) => sum + bytes, 0) >= retentionBytes;
      const age = looks - (appended.get(oldest.base) ?? looks);
      if (!isTooMuch && (retentionChecks === null || age < retentionChecks)) return start;
      start = Math.max(start, end);
      segments = rest;
    }
  }

  /** Which segment was appended to last, and when. */
  function note({ log }: ReplicaContext): void {
    const bases = log.segments.map(({ base }) => base);
    const isLonger = endOf(log) > lastEnd;
    const known = bases.map((base, index): [number, number] => {
      const end = log.segments[index + 1]?.base ?? endOf(log);
      const isNew = !appended.has(base) || (isLonger && end > lastEnd);
      return [base, isNew ? looks : (appended.get(base) ?? looks)];
    });
    appended = new Map(known);
    lastEnd = endOf(log);
  }

  return {
    note,
    /** A list-offsets question may name an epoch that no log knows. */
    epochEnd: (log: LogBook, epoch: number) => (epoch < 0 ? null : epochEnd(log, epoch)),
    /** The log after what this step has let go by age or size. */
    retain(step: Step, log: LogBook, highWatermark: number): LogBook {
      if (step.timer !== "retention-check") return log;
      looks += 1;
      const start = startAfterLook(step.before, highWatermark);
      const { after, before } = step;
      const isBelow = after.log.start === before.log.start || after.log.start <= highWatermark;
      keep("retention", after.log.start === start && isBelow, { step, start, looks, appended: [...appended] });
      return from(log, start);
    },
    /** A log that has changed. */
    judgeLog(after: ReplicaContext): void {
      const { entries, epochs, start } = after.log;
      for (const [index, { offset, epoch }] of entries.entries()) {
        const known = epochs.findLast((one) => one.start <= offset);
        keep("epochs", known?.epoch === epoch, after);
        keep("log", offset === start + index && epoch >= (entries[index - 1]?.epoch ?? 0), after);
        if (after.leaderEpoch >= 0) keep("log", epoch <= after.leaderEpoch, after);
      }
      judgeSegments(after);
    },
    judge(step: Step, isLeader: boolean, before: LogBook): void {
      const { after, effects } = step;
      const event = step.event as ReplicaEvent;
      const end = endOf(after.log);
      const told = effects.flatMap((effect) =>
        effect.kind === "local" && effect.to === `b1/${partition}/disk` ? [effect.event] : [],
      );
      const isRight = told.every((one) => JSON.stringify(one) === JSON.stringify({ type: "log-changed", logEnd: end }));
      keep("tellsDisk", isRight && (told.length === 1 || (told.length === 0 && end === endOf(before))), step);
      if (event.type !== "process-died") {
        keep("bounds", after.log.start <= after.highWatermark && after.highWatermark <= end, step);
      }
      if (isLeader) keep("epochs", after.log.epochs.at(-1)?.epoch === after.leaderEpoch, step);
      if (after.log !== step.before.log) note(after);
    },
  };
}
