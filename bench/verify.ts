/**
 * `npm run bench:verify`: how fast histories are judged. Nanoseconds an operation as histories grow, for one key, a
 * thousand keys, and long polls; the largest is written to disk and judged from there, as `highwater verify` does it.
 */
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHistoryFrom } from "../cli/history-input.ts";
import { createHistoryChecker, type HistoryChecker } from "../spec/history/check/history-checker.ts";
import { fullPromise } from "../spec/history/check/history-contract.ts";
import type { HistoryOperation } from "../spec/history/format.ts";
import { writeHeader, writeOperation } from "../spec/history/write-history.ts";

interface Shape {
  readonly name: string;
  readonly keys: number;
  /** Records of one poll. */
  readonly polled: number;
}

const shapes: readonly Shape[] = [
  { name: "one key", keys: 1, polled: 1 },
  { name: "a thousand keys", keys: 1000, polled: 1 },
  { name: "long polls", keys: 1, polled: 500 },
];

const small = 100_000;

/** Producers send, and a consumer polls when it has enough to get; each call is over before the next. */
function* operationsOf({ keys, polled }: Shape, count: number): Generator<HistoryOperation> {
  let index = 0;
  let number = 0;
  const ends: number[] = Array.from({ length: keys }, () => 0);
  const waiting: [number, string][][] = Array.from({ length: keys }, () => []);
  const op = (part: object) => ({ index, time_ns: index++ * 1000, ...part }) as HistoryOperation;
  while (index < count - 4) {
    const at = number % keys;
    const key = `t-${at}`;
    const [offset, value] = [ends[at] ?? 0, `v${number}`];
    number += 1;
    ends[at] = offset + 1;
    const process = `p${at % 4}`;
    yield op({ process, type: "invoke", f: "send", value: [{ key, value }] });
    yield op({ process, type: "ok", f: "send", value: [{ key, value, offset }] });
    const read = waiting[at] ?? [];
    read.push([offset, value]);
    if (read.length < polled) continue;
    waiting[at] = [];
    yield op({ process: "c1", type: "invoke", f: "poll", value: {} });
    yield op({ process: "c1", type: "ok", f: "poll", value: { [key]: read } });
  }
}

interface Measured {
  readonly operations: number;
  readonly nanoseconds: number;
  readonly peakMiB: number;
}

/** By processor time; generating the operations is measured by itself and taken off. */
function judged(shape: Shape, count: number): Measured {
  const idle = time(() => drain(shape, count, null));
  const checker = createHistoryChecker(fullPromise);
  const took = time(() => {
    drain(shape, count, checker);
    if (checker.verdict().valid === false) throw new Error("the history of the bench is judged invalid");
  });
  return { operations: count, nanoseconds: ((took - idle) * 1e6) / count, peakMiB: peakMiB() };
}

function drain(shape: Shape, count: number, checker: HistoryChecker | null): void {
  let seen = 0;
  for (const operation of operationsOf(shape, count)) {
    seen += operation.index;
    checker?.take(operation);
  }
  if (seen < 0) throw new Error("no operations");
}

/** Milliseconds of processor time of this process. */
function time(work: () => void): number {
  const begin = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1000;
}

function peakMiB(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

async function fromDisk(shape: Shape, count: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "highwater-"));
  const file = join(folder, "history.jsonl");
  write(file, shape, count);
  const checker = createHistoryChecker(fullPromise);
  const begin = process.cpuUsage();
  await readHistoryFrom(file, [], { header: () => undefined, operation: (one) => checker.take(one) });
  checker.verdict();
  const { user, system } = process.cpuUsage(begin);
  rmSync(folder, { recursive: true });
  return { operations: count, nanoseconds: ((user + system) * 1000) / count, peakMiB: peakMiB() };
}

function write(file: string, shape: Shape, count: number): void {
  const handle = openSync(file, "w");
  const header = { highwater: "history", version: 1, subject: "bench", contract: {}, profile: "4.1" } as const;
  let lines = [writeHeader(header)];
  for (const operation of operationsOf(shape, count)) {
    lines.push(writeOperation(operation));
    if (lines.length < 10_000) continue;
    writeSync(handle, `${lines.join("\n")}\n`);
    lines = [];
  }
  writeSync(handle, `${lines.join("\n")}\n`);
  closeSync(handle);
}

/** Every row is measured in a process of its own, so that its peak of memory is its own too. */
function inOwnProcess(shape: number, count: number, from: "memory" | "disk"): Measured {
  const told = execFileSync(process.execPath, [import.meta.filename, "--row", `${shape}`, `${count}`, from]);
  return JSON.parse(told.toString());
}

function show(name: string, { operations, nanoseconds, peakMiB: peak }: Measured, first: Measured): void {
  const rate = Math.round(1e9 / nanoseconds).toLocaleString("en-US");
  const ratio = (nanoseconds / first.nanoseconds).toFixed(2);
  process.stdout.write(
    `| ${name} | ${operations.toLocaleString("en-US")} | ${Math.round(nanoseconds)} | ${rate} | ${ratio} | ${peak} |\n`,
  );
}

function showAll(large: number): void {
  process.stdout.write("| history | operations | ns/operation | operations/s | to the first | peak MiB |\n");
  process.stdout.write("| --- | ---: | ---: | ---: | ---: | ---: |\n");
  for (const [number, { name }] of shapes.entries()) {
    const rows = [small, large].map((count) => inOwnProcess(number, count, "memory"));
    for (const row of rows) show(name, row, rows[0] ?? row);
  }
  const rows = [small, large].map((count) => inOwnProcess(0, count, "disk"));
  for (const row of rows) show("one key, from disk", row, rows[0] ?? row);
}

const [flag, number, count, from] = process.argv.slice(2);
if (flag === "--row") {
  const shape = shapes[Number(number)];
  if (shape === undefined) throw new Error(`no shape ${number}`);
  const measure = from === "disk" ? fromDisk : async (one: Shape, many: number) => judged(one, many);
  // What is compiled on the way must not count.
  await measure(shape, small);
  process.stdout.write(JSON.stringify(await measure(shape, Number(count))));
} else showAll(Number(flag ?? 10_000_000));
