/**
 * A broker's log folders as they lie on the disk (UnifiedLog, LogSegment): reading what is in a partition, and taking away
 * what a loss of power takes, the tail that was not flushed. Only for brokers that do not run.
 */
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { Reader, readRecordsBatches } from "@platformatic/kafka";
import type { DiskLog } from "../../subjects/kafka/broker-control.ts";

/** Replicated by the controllers, and flushed by their own rules. */
const metadataLog = "__cluster_metadata-0";

/** Bit 5 of a batch's attributes: markers of transactions, no records. */
const controlBit = 1 << 5;

/** Offset, length and everything up to the records. */
const batchOverheadBytes = 61;

export function readDiskLog(dataFolder: string, topicPartition: string): DiskLog | null {
  const folder = join(dataFolder, topicPartition);
  if (!existsSync(folder)) return null;
  const logStart = checkpointed(dataFolder, "log-start-offset-checkpoint", topicPartition) ?? firstOffset(folder);
  const highWatermark = checkpointed(dataFolder, "replication-offset-checkpoint", topicPartition) ?? 0;
  let logEnd = logStart;
  const records: (readonly [number, string])[] = [];
  for (const segment of segmentsOf(folder)) {
    for (const batch of readRecordsBatches(Reader.from(readFileSync(join(folder, segment))))) {
      logEnd = Number(batch.firstOffset) + batch.lastOffsetDelta + 1;
      if ((batch.attributes & controlBit) !== 0) continue;
      for (const { offsetDelta, value } of batch.records) {
        records.push([Number(batch.firstOffset) + offsetDelta, value?.toString() ?? ""]);
      }
    }
  }
  return { logStart, logEnd, highWatermark, records };
}

/** `keeps`: log ends by partition, where more than what was flushed has reached the disk. */
export function loseUnflushed(dataFolder: string, keeps: Readonly<Record<string, number>>): void {
  for (const entry of readdirSync(dataFolder, { withFileTypes: true })) {
    const name = entry.name;
    if (!entry.isDirectory() || name === metadataLog || !/-[0-9]+$/.test(name)) continue;
    const flushed = checkpointed(dataFolder, "recovery-point-offset-checkpoint", name) ?? 0;
    cutLog(join(dataFolder, name), Math.max(flushed, keeps[name] ?? 0));
  }
  // Kafka writes it on a clean stop only, but a stop may have been begun.
  rmSync(join(dataFolder, ".kafka_cleanshutdown"), { force: true });
}

/** Cuts everything from the first batch on that does not end at or before `end`. */
export function cutLog(folder: string, end: number): void {
  const segments = segmentsOf(folder);
  for (const [index, segment] of segments.entries()) {
    const path = join(folder, segment);
    const bytes = readFileSync(path);
    let position = 0;
    while (position + batchOverheadBytes <= bytes.length && lastOffsetAt(bytes, position) < end) {
      position += 12 + bytes.readInt32BE(position + 8);
    }
    if (position >= bytes.length) continue;
    truncateSync(path, position);
    for (const later of segments.slice(index + 1)) dropSegment(folder, later);
    // Indexes of the cut segment point beyond its end; a broker that was not stopped cleanly builds them anew.
    for (const kind of [".index", ".timeindex", ".txnindex"])
      rmSync(join(folder, segment.replace(/\.log$/, kind)), { force: true });
    return;
  }
}

function lastOffsetAt(bytes: Buffer, position: number): number {
  return Number(bytes.readBigInt64BE(position)) + bytes.readInt32BE(position + 23);
}

function dropSegment(folder: string, segment: string): void {
  const base = segment.replace(/\.log$/, "");
  for (const name of readdirSync(folder)) if (name.startsWith(base)) rmSync(join(folder, name), { force: true });
}

function segmentsOf(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => /^[0-9]{20}\.log$/.test(name))
    .sort();
}

function firstOffset(folder: string): number {
  return Number(segmentsOf(folder)[0]?.slice(0, 20) ?? 0);
}

/** A checkpoint file is a version, a count, and lines of topic, partition and offset (CheckpointFile). */
function checkpointed(dataFolder: string, file: string, topicPartition: string): number | null {
  const path = join(dataFolder, file);
  if (!existsSync(path)) return null;
  const dash = topicPartition.lastIndexOf("-");
  const start = `${topicPartition.slice(0, dash)} ${topicPartition.slice(dash + 1)} `;
  const line = readFileSync(path, "utf8")
    .split("\n")
    .find((one) => one.startsWith(start));
  return line === undefined ? null : Number(line.slice(start.length));
}
