/**
 * `npm run bench:large-history`: histories of 2 GB through a pipe, never on disk, and the memory that judging them takes.
 * What is read is forgotten: a history that is long and has few values takes little; one in which all is new takes what
 * has to be remembered of every value. `-- 0.5` is half a gigabyte.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readHistoryFrom } from "../cli/history-input.ts";
import { createHistoryChecker } from "../spec/history/check/history-checker.ts";
import { fullPromise } from "../spec/history/check/history-contract.ts";
import { grouped, printTable } from "./measure.ts";

interface Shape {
  readonly name: string;
  /** A record is sent and read so seldom: after so many empty polls. */
  readonly pollsBetween: number;
}

const shapes: readonly Shape[] = [
  { name: "a record after every 1,000 empty polls", pollsBetween: 1000 },
  { name: "nothing but records", pollsBetween: 0 },
];

/** What the judging process tells of itself, at every tenth of the file and at the end. */
interface Told {
  readonly operations: number;
  readonly values: number;
  readonly rssMiB: number;
}

function* linesOf({ pollsBetween }: Shape, bytesMax: number): Generator<string> {
  let [index, bytes] = [0, 0];
  const line = (part: object) => `${JSON.stringify({ index, time_ns: index++ * 1000, ...part })}\n`;
  yield '{"highwater":"history","version":1,"subject":"bench","contract":{},"profile":"4.1"}\n';
  for (let offset = 0; bytes < bytesMax; offset += 1) {
    const value = `v${offset}`;
    const sent = { process: "p1", f: "send" };
    const polled = { process: "c1", f: "poll" };
    let lines = line({ ...sent, type: "invoke", value: [{ key: "t-0", value }] });
    lines += line({ ...sent, type: "ok", value: [{ key: "t-0", value, offset }] });
    lines += line({ ...polled, type: "invoke", value: {} });
    lines += line({ ...polled, type: "ok", value: { "t-0": [[offset, value]] } });
    for (let poll = 0; poll < pollsBetween; poll += 1) {
      lines += line({ ...polled, type: "invoke", value: {} });
      lines += line({ ...polled, type: "ok", value: {} });
    }
    bytes += lines.length;
    yield lines;
  }
}

async function judgeInput(): Promise<void> {
  const checker = createHistoryChecker(fullPromise);
  let [operations, values] = [0, 0];
  const tell = () => {
    const told: Told = { operations, values, rssMiB: Math.round(process.memoryUsage.rss() / 2 ** 20) };
    process.stdout.write(`${JSON.stringify(told)}\n`);
  };
  await readHistoryFrom("-", process.stdin, {
    header: () => undefined,
    operation(one) {
      operations += 1;
      if (one.f === "send" && one.type === "ok") values += 1;
      if (operations % 1_000_000 === 0) tell();
      return checker.take(one);
    },
  });
  if (checker.verdict().valid === false) throw new Error("the history of the bench is judged invalid");
  tell();
}

async function judgeInOwnProcess(shape: Shape, bytes: number): Promise<readonly Told[]> {
  const child = spawn(process.execPath, [import.meta.filename, "--judge"], { stdio: ["pipe", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  for (const lines of chunked(linesOf(shape, bytes))) {
    if (!child.stdin.write(lines)) await once(child.stdin, "drain");
  }
  child.stdin.end();
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`judging ended with ${code}`);
  return text
    .trim()
    .split("\n")
    .map((line): Told => JSON.parse(line));
}

function* chunked(texts: Iterable<string>): Generator<string> {
  let chunk = "";
  for (const text of texts) {
    chunk += text;
    if (chunk.length < 2 ** 16) continue;
    yield chunk;
    chunk = "";
  }
  yield chunk;
}

const [argument = "2"] = process.argv.slice(2);
if (argument === "--judge") await judgeInput();
else {
  const bytes = Number(argument) * 1e9;
  const rows: string[][] = [["history", "operations", "values", "MiB after 10 %", "after half", "at the end", "most"]];
  for (const shape of shapes) {
    const told = await judgeInOwnProcess(shape, bytes);
    const at = (part: number) => told[Math.round((told.length - 1) * part)] ?? { operations: 0, values: 0, rssMiB: 0 };
    const end = at(1);
    const sizes = [at(0.1).rssMiB, at(0.5).rssMiB, end.rssMiB, Math.max(...told.map(({ rssMiB }) => rssMiB))];
    rows.push([shape.name, grouped(end.operations), grouped(end.values), ...sizes.map(grouped)]);
  }
  printTable(`${argument} GB through a pipe: memory of the judging process`, rows);
}
