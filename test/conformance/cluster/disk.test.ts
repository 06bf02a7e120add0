import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRecordsBatch } from "@platformatic/kafka";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cutLog, loseUnflushed, readDiskLog } from "../../../conformance/cluster/disk.ts";

let data = "";

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "highwater-disk-"));
});
afterEach(() => rmSync(data, { recursive: true }));

/** A batch as it lies in a segment. */
function batch(baseOffset: number, values: readonly string[]): Buffer {
  const messages = values.map((value) => ({ topic: "t", partition: 0, value: Buffer.from(value), timestamp: 0n }));
  const bytes = Buffer.from(createRecordsBatch(messages).buffer);
  bytes.writeBigInt64BE(BigInt(baseOffset), 0);
  return bytes;
}

function segment(name: string, base: number, ...batches: readonly Buffer[]): void {
  const folder = join(data, name);
  mkdirSync(folder, { recursive: true });
  const stem = String(base).padStart(20, "0");
  writeFileSync(join(folder, `${stem}.log`), Buffer.concat(batches));
  writeFileSync(join(folder, `${stem}.index`), "index");
}

function checkpoint(file: string, ...lines: readonly string[]): void {
  writeFileSync(join(data, file), ["0", String(lines.length), ...lines, ""].join("\n"));
}

const valuesIn = (name: string) => readDiskLog(data, name)?.records.map(([, value]) => value);

describe("a log on the disk", () => {
  it("is read over all of its segments", () => {
    segment("t-0", 0, batch(0, ["a", "b"]), batch(2, ["c"]));
    segment("t-0", 3, batch(3, ["d"]));
    checkpoint("replication-offset-checkpoint", "t 0 3");
    expect(readDiskLog(data, "t-0")).toEqual({
      logStart: 0,
      logEnd: 4,
      highWatermark: 3,
      records: [
        [0, "a"],
        [1, "b"],
        [2, "c"],
        [3, "d"],
      ],
    });
    expect(readDiskLog(data, "t-1")).toBe(null);
  });

  it("begins at the log start that was written down", () => {
    segment("my-topic-12", 0, batch(0, ["a", "b", "c"]));
    checkpoint("log-start-offset-checkpoint", "my-topic 12 2", "my-topic 1 0");
    expect(readDiskLog(data, "my-topic-12")).toMatchObject({ logStart: 2, logEnd: 3, highWatermark: 0 });
  });

  it("is read up to a batch that is only half there", () => {
    segment("t-0", 0, batch(0, ["a"]), batch(1, ["b"]).subarray(0, 40));
    expect(valuesIn("t-0")).toEqual(["a"]);
  });
});

describe("a loss of power", () => {
  it.each([
    [0, []],
    [1, []],
    [2, ["a", "b"]],
    [3, ["a", "b", "c"]],
    [4, ["a", "b", "c", "d"]],
    [9, ["a", "b", "c", "d"]],
  ])("takes whole batches: cut at %i leaves %j", (end, values) => {
    segment("t-0", 0, batch(0, ["a", "b"]), batch(2, ["c"]));
    segment("t-0", 3, batch(3, ["d"]));
    cutLog(join(data, "t-0"), end);
    expect(valuesIn("t-0")).toEqual(values);
  });

  it("spares what was flushed, or kept, and the metadata", () => {
    segment("t-0", 0, batch(0, ["a"]), batch(1, ["b"]));
    segment("t-1", 0, batch(0, ["a"]), batch(1, ["b"]));
    segment("t-2", 0, batch(0, ["a"]), batch(1, ["b"]));
    segment("__cluster_metadata-0", 0, batch(0, ["m"]));
    checkpoint("recovery-point-offset-checkpoint", "t 1 1");
    loseUnflushed(data, { "t-2": 2 });
    expect([valuesIn("t-0"), valuesIn("t-1"), valuesIn("t-2")]).toEqual([[], ["a"], ["a", "b"]]);
    expect(valuesIn("__cluster_metadata-0")).toEqual(["m"]);
  });

  it("removes the index of a segment that was cut, and no other", () => {
    segment("t-0", 0, batch(0, ["a"]));
    segment("t-0", 1, batch(1, ["b"]), batch(2, ["c"]));
    cutLog(join(data, "t-0"), 2);
    expect(readFileSync(join(data, "t-0", `${"0".repeat(20)}.index`), "utf8")).toBe("index");
    expect(() => readFileSync(join(data, "t-0", `${"0".repeat(19)}1.index`))).toThrow("ENOENT");
  });
});
