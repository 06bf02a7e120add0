/** `highwater replay`: walks a recorded way again, strictly, shows it, and judges it again. */
import { readFileSync } from "node:fs";
import { type Replayed, replayTrace } from "../replay/replay-trace.ts";
import { showMoment } from "../report/show-moment.ts";
import { showTimeline } from "../report/show-timeline.ts";
import { timelineMermaid } from "../report/timeline-mermaid.ts";
import { CliError } from "./cli-error.ts";
import type { Environment } from "./environment.ts";
import { exitCode } from "./exit-code.ts";
import { readModule } from "./read-module.ts";
import { showError } from "./show-error.ts";
import { version } from "./version.ts";

export interface ReplayOptions {
  readonly mermaid?: boolean;
  readonly at?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

export function replay(file: string, options: ReplayOptions, environment: Environment): number {
  if ([options.mermaid, options.at !== undefined, options.json].filter((one) => one === true).length > 1) {
    throw new CliError("E_USAGE", "expected at most one of --mermaid, --at and --json");
  }
  const text = read(file);
  const result = replayTrace(text, file, readModule);
  if (!result.ok) {
    for (const error of result.errors) environment.err(`${showError(error, text, environment.style)}\n`);
    return exitCode.badInput;
  }
  const { replayed } = result;
  environment.out(shown(replayed, file, options, environment));
  // What is printed as a document stays one.
  const tell = options.mermaid === true || options.json === true ? environment.err : environment.out;
  tell(`${verdictLine(replayed)}\n`);
  return replayed.findings.some(({ verdict }) => verdict === "violated") ? exitCode.violated : exitCode.ok;
}

function shown(replayed: Replayed, file: string, options: ReplayOptions, { style }: Environment): string {
  const { timeline, content, walk, findings } = replayed;
  // A counterexample of a check is a shortest one: no step of it is idle.
  const quietSteps = options.all === true || content.kind === "check";
  if (options.json === true)
    return `${JSON.stringify({ version: version(), file, kind: content.kind, ...timeline }, null, 2)}\n`;
  if (options.mermaid === true) return timelineMermaid(timeline, quietSteps);
  if (options.at !== undefined) return showMoment(walk, stepOf(options.at, walk.steps.length), findings);
  return showTimeline(timeline, { style, quietSteps });
}

function stepOf(text: string, last: number): number {
  const step = Number(text);
  if (/^\d+$/.test(text) && step <= last) return step;
  throw new CliError("E_USAGE", `--at ${text}: expected a step from 0 (the beginning) to ${last}`);
}

function verdictLine({ findings, walk }: Replayed): string {
  const replayed = `replayed ${walk.steps.length} choices, the same run to the byte`;
  if (findings.length === 0) return `${replayed}; it violates nothing`;
  const all = findings.map(({ requirement, verdict }) => `${requirement} ${verdict}`).join(", ");
  return `${replayed}; again ${all}`;
}

function read(file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
  } catch (cause) {
    const reason =
      cause instanceof TypeError && !("syscall" in cause)
        ? "it is not UTF-8 text"
        : cause instanceof Error && "code" in cause
          ? String(cause.code)
          : String(cause);
    throw new CliError("E_UNREADABLE", `${file} cannot be read: ${reason}`);
  }
}
