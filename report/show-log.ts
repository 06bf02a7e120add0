/** Partitions and their replicas' logs as lines of text: `b1 leader e1    LEO 2  HW 1  0:a/e0 1:b/e1`. */
import type { LogEntry } from "../spec/vocabulary.ts";
import type { Finding, LostRecord } from "./judge-walk.ts";
import type { PartitionShown, RecordShown, ReplicaShown } from "./timeline.ts";

/** Columns that a replica's line may have, with its partition's name; of a log that is too long it shows the end. */
const lineWidth = 104;

/** Longer values are cut short. */
const valueWidth = 16;

const roleWidth = "follower e0".length;

export function showRecord({ leader, leaderEpoch, isr, elr }: RecordShown): string {
  const eligible = elr.length === 0 ? "" : `, ELR ${elr.join(" ")}`;
  const led = leader === null ? "no leader" : `leader ${leader}`;
  return `${led}, epoch ${leaderEpoch}, ISR ${isr.join(" ")}${eligible}`;
}

export function showReplica(replica: ReplicaShown, partition: string, lost: readonly LostRecord[]): string {
  const { broker, state, leaderEpoch, logStart, logEnd, highWatermark, log } = replica;
  const role = leaderEpoch < 0 ? state : `${state} e${leaderEpoch}`;
  const start = logStart === 0 ? "" : `log start ${logStart}  `;
  const head = `b${broker} ${role.padEnd(roleWidth)}  ${start}LEO ${logEnd}  HW ${highWatermark}  `;
  const width = lineWidth - partition.length - head.length - "(100 more)".length;
  const entries = showLog(log, width, (entry) => lost.some((one) => isOf(entry, partition, one)));
  const lacks = lost.filter((one) => one.partition === partition && !log.some((entry) => isOf(entry, partition, one)));
  const hole = state !== "leader" || lacks.length === 0 ? "" : `✗ lacks ${lacks.map(nameOf).join(" ")}`;
  const content = [entries, hole].filter((part) => part !== "").join(" ");
  return `${head}${content}`.trimEnd();
}

/** Each partition with what is new of it, its name before the first line. */
export function showPartitions(partitions: readonly PartitionShown[], lost: readonly LostRecord[]): readonly string[] {
  return partitions.flatMap(({ partition, record, replicas }) =>
    underName(partition, [
      ...(record === null ? [] : [showRecord(record)]),
      ...replicas.map((replica) => showReplica(replica, partition, lost)),
    ]),
  );
}

export function underName(name: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => `${index === 0 ? name : " ".repeat(name.length)}  ${line}`);
}

/** `0:a/e0`: offset, value, leader epoch. A lost record is marked. */
function showLog(log: readonly LogEntry[], columns: number, isLost: (entry: LogEntry) => boolean): string {
  const shown: string[] = [];
  let width = 0;
  let hidden = 0;
  for (const entry of log.toReversed()) {
    const mark = isLost(entry) ? "✗" : "";
    const text = `${entry.offset}:${shortValue(entry.value)}/e${entry.epoch}${mark}`;
    if (width + text.length > columns && mark === "") {
      hidden += 1;
      continue;
    }
    width += text.length + 1;
    shown.unshift(text);
  }
  return [...(hidden === 0 ? [] : [`(${hidden} more)`]), ...shown].join(" ");
}

/** The records that are lost from this step on, each once. */
export function lostFrom(findings: readonly Finding[], step: number): readonly LostRecord[] {
  const found = findings.flatMap((finding) => (finding.step <= step ? finding.lost : []));
  return [...new Map(found.map((one) => [JSON.stringify([one.partition, one.offset, one.value]), one])).values()];
}

function isOf({ offset, value }: LogEntry, partition: string, lost: LostRecord): boolean {
  return lost.partition === partition && lost.value === value && (lost.offset === null || lost.offset === offset);
}

function nameOf({ offset, value }: LostRecord): string {
  return offset === null ? shortValue(value) : `${offset}:${shortValue(value)}`;
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
