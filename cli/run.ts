/** `highwater run`: plays scenario files on a subject and reports what came of them. */
import { join, matchesGlob, posix } from "node:path";
import { loadScenario } from "../scenarios/load-scenario.ts";
import { playScenario } from "../scenarios/play-scenario.ts";
import type { ScenarioError } from "../scenarios/problem.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import type { ScenarioResult } from "../scenarios/scenario-result.ts";
import type { HistoryOperation } from "../spec/history/format.ts";
import { writeHeader, writeOperation } from "../spec/history/write-history.ts";
import { requirements } from "../spec/requirements/index.ts";
import { CliError } from "./cli-error.ts";
import type { Environment } from "./environment.ts";
import { internalError } from "./internal-error.ts";
import { junit } from "./junit.ts";
import { plantOf } from "./plant-option.ts";
import { readModule } from "./read-module.ts";
import { exitCodeOf, runReport, type TimedResult } from "./run-report.ts";
import { type ScenarioFile, scenarioFiles } from "./scenario-files.ts";
import { showCounts, showRepeat, showResult } from "./show-result.ts";
import { version } from "./version.ts";
import { write } from "./write.ts";

export interface RunOptions {
  readonly json?: boolean;
  readonly only?: string;
  readonly subject: string;
  readonly plant?: string;
  readonly junit?: string;
  readonly out?: string;
}

/** A file that was read, with its scenario or what is wrong with it. */
interface Loaded {
  readonly file: string;
  readonly text: string | null;
  readonly name: string | null;
  readonly scenario: Scenario | null;
  readonly errors: readonly ScenarioError[];
}

export async function run(paths: readonly string[], options: RunOptions, environment: Environment): Promise<number> {
  refuseWhatIsNotThere(options);
  plantOf(options.plant);
  const chosen = scenarioFiles(paths)
    .map(load)
    .filter((one) => isChosen(one, options.only));
  if (chosen.length === 0) throw new CliError("E_NO_SCENARIOS", `no scenario is called or lies at ${options.only}`);
  const results: TimedResult[] = [];
  for (const loaded of chosen) {
    const begin = performance.now();
    const result = await play(loaded, options, environment);
    results.push({ ...result, seconds: Math.round(performance.now() - begin) / 1000 });
    if (options.json !== true) environment.out(`${showResult(result, loaded.text, environment.style)}\n`);
  }
  const report = runReport(version(), options.subject, results);
  if (options.junit !== undefined) write(options.junit, junit(report));
  if (options.json === true) {
    environment.out(`${JSON.stringify(report, null, 2)}\n`);
  } else {
    const failed = results.filter(({ status }) => status === "failed").map(({ file }) => file);
    if (failed.length > 0) environment.out(`${showRepeat(failed, options.plant)}\n`);
    environment.out(`${showCounts(report)}\n`);
  }
  return exitCodeOf(report);
}

function refuseWhatIsNotThere({ subject }: RunOptions): void {
  if (subject === "model") return;
  if (/^(kafka|cmd):/.test(subject)) {
    throw new CliError("E_UNSUPPORTED", `the subject ${subject} is not there yet`, "use --subject model");
  }
  throw new CliError("E_USAGE", `unknown subject ${subject}, expected model`);
}

function load(found: ScenarioFile): Loaded {
  const { file } = found;
  if ("error" in found) return { file, text: null, name: null, scenario: null, errors: [found.error] };
  const loaded = loadScenario(file, found.text, readModule);
  if (!loaded.ok) return { file, text: found.text, name: loaded.name, scenario: null, errors: loaded.errors };
  return { file, text: found.text, name: loaded.scenario.name, scenario: loaded.scenario, errors: [] };
}

/** By path, by file name or by title. What could not be read at all is always reported. */
function isChosen({ file, text, name }: Loaded, glob: string | undefined): boolean {
  if (glob === undefined || text === null) return true;
  return [file, posix.basename(file), ...(name === null ? [] : [name])].some((one) => matchesGlob(one, glob));
}

async function play(loaded: Loaded, options: RunOptions, environment: Environment): Promise<ScenarioResult> {
  const { file, name, scenario, errors } = loaded;
  if (scenario === null) return invalid(file, name, errors);
  try {
    const subject = environment.createSubject(plantOf(options.plant));
    const wants = { trace: options.out !== undefined };
    const { result, history, trace } = await playScenario(scenario, subject, requirements, wants);
    if (options.out !== undefined) {
      writeHistory(options.out, scenario, subject.name, history);
      if (trace !== null) write(join(runFolder(options.out, file), "trace.json"), trace);
    }
    return result;
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    const { code, message, hint } = internalError(cause, environment);
    return invalid(file, name, [{ code, file, line: null, column: null, message, hint }]);
  }
}

function invalid(file: string, name: string | null, errors: readonly ScenarioError[]): ScenarioResult {
  const nothing = { reason: null, steps: 0, traceHash: null, requirements: [], failure: null };
  return { file, name, status: "invalid", ...nothing, errors };
}

function writeHistory(folder: string, scenario: Scenario, subject: string, history: readonly HistoryOperation[]): void {
  const { cluster, file } = scenario;
  const header = writeHeader({
    highwater: "history",
    version: 1,
    subject,
    contract: JSON.parse(JSON.stringify(cluster)),
    profile: cluster.profile,
  });
  const lines = [header, ...history.map(writeOperation)].map((line) => `${line}\n`);
  write(join(runFolder(folder, file), "history.jsonl"), lines.join(""));
}

/** Where everything about one scenario goes: its path without the ending. */
function runFolder(folder: string, file: string): string {
  return join(folder, file.replace(/\.[^./]+$/, ""));
}
