/** Partitions and their replicas' logs as lines of text: `b1 leader    LEO 2  HW 1  0:a/e0 1:b/e1`. */
import type { LogEntry } from "../spec/vocabulary.ts";
import type { Finding, LostRecord } from "./judge-walk.ts";
import type { PartitionShown, RecordShown, ReplicaShown } from "./timeline.ts";

/** A log that is longer than this many columns shows its end. */
const logWidth = 66;

/** Longer values are cut short. */
const valueWidth = 16;

export function showRecord(partition: string, { leader, leaderEpoch, isr, elr }: RecordShown): string {
  const eligible = elr.length === 0 ? "" : `, ELR ${elr.join(" ")}`;
  const led = leader === null ? "no leader" : `leader ${leader}`;
  return `${partition}  ${led}, epoch ${leaderEpoch}, ISR ${isr.join(" ")}${eligible}`;
}

export function showReplica(replica: ReplicaShown, partition: string, lost: readonly LostRecord[]): string {
  const { broker, state, logStart, logEnd, highWatermark, log } = replica;
  const start = logStart === 0 ? "" : `log start ${logStart}  `;
  const entries = showLog(log, (entry) => lost.some((one) => isOf(entry, partition, one)));
  return `b${broker} ${state.padEnd(8)}  ${start}LEO ${logEnd}  HW ${highWatermark}  ${entries}`.trimEnd();
}

/** Each partition with what is new of it. */
export function showPartitions(partitions: readonly PartitionShown[], lost: readonly LostRecord[]): readonly string[] {
  return partitions.flatMap(({ partition, record, replicas }) => [
    record === null ? partition : showRecord(partition, record),
    ...replicas.map((replica) => `  ${showReplica(replica, partition, lost)}`),
  ]);
}

/** `0:a/e0`: offset, value, leader epoch. A lost record is marked. */
function showLog(log: readonly LogEntry[], isLost: (entry: LogEntry) => boolean): string {
  const shown: string[] = [];
  let width = 0;
  let hidden = 0;
  for (const entry of log.toReversed()) {
    const mark = isLost(entry) ? "✗" : "";
    const text = `${entry.offset}:${shortValue(entry.value)}/e${entry.epoch}${mark}`;
    if (width + text.length > logWidth && mark === "") {
      hidden += 1;
      continue;
    }
    width += text.length + 1;
    shown.unshift(text);
  }
  return [...(hidden === 0 ? [] : [`(${hidden} more)`]), ...shown].join(" ");
}

function isOf({ offset, value }: LogEntry, partition: string, lost: LostRecord): boolean {
  return lost.partition === partition && lost.value === value && (lost.offset === null || lost.offset === offset);
}

function shortValue(value: string): string {
  const plain = printable(value);
  const characters = [...plain];
  return characters.length > valueWidth ? `${characters.slice(0, valueWidth - 1).join("")}…` : plain;
}

/** Nothing that a terminal would obey, and nothing that ends a line. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
  });
}

/** What was violated, and then each record that is lost. */
export function showFinding({ requirement, verdict, title, step, text, lost }: Finding): readonly string[] {
  return [
    `${requirement} ${verdict} at step ${step}: ${title}`,
    ...text.split("\n").map((line) => `  ${printable(line)}`),
    ...lost.map(({ partition, offset, value, client, was, since }) => {
      const place = offset === null ? partition : `${partition} offset ${offset}`;
      return `  ✗ lost: ${shortValue(value)} (${place}), ${was} ${client} at step ${since}`;
    }),
  ];
}
