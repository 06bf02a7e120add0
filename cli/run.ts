/** `highwater run`: plays scenario files on a subject and reports what came of them. */
import { join, matchesGlob, posix } from "node:path";
import { loadScenario } from "../scenarios/load-scenario.ts";
import { playScenario } from "../scenarios/play-scenario.ts";
import type { ScenarioError } from "../scenarios/problem.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import type { ScenarioResult } from "../scenarios/scenario-result.ts";
import { requirements } from "../spec/requirements/index.ts";
import type { Subject } from "../spec/subject.ts";
import { SubjectError } from "../subjects/subject-error.ts";
import { CliError } from "./cli-error.ts";
import type { Environment } from "./environment.ts";
import { internalError } from "./internal-error.ts";
import { junit } from "./junit.ts";
import { never } from "./never.ts";
import { plantOf } from "./plant-option.ts";
import { readModule } from "./read-module.ts";
import { exitCodeOf, runReport, type TimedResult } from "./run-report.ts";
import { type ScenarioFile, scenarioFiles } from "./scenario-files.ts";
import { showCounts, showRepeat, showResult } from "./show-result.ts";
import {
  openKafka,
  openProgramSubject,
  probe,
  type SecurityOptions,
  securityOption,
  subjectOption,
} from "./subject-option.ts";
import { version } from "./version.ts";
import { write } from "./write.ts";
import { writeHistoryFile } from "./write-history-file.ts";

export interface RunOptions extends SecurityOptions {
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
  const subject = subjectOption(options.subject);
  const bug = plantOf(options.plant);
  if (bug !== null && subject.kind !== "model") throw new CliError("E_USAGE", "bugs are planted in the model only");
  const chosen = scenarioFiles(paths)
    .map(load)
    .filter((one) => isChosen(one, options.only));
  if (chosen.length === 0) throw new CliError("E_NO_SCENARIOS", `no scenario is called or lies at ${options.only}`);
  const reach = { security: securityOption(options), isPinned: false };
  await probe(subject, reach);
  let played: Subject | null = null;
  let isInterrupted = false;
  const open = async () => {
    if (isInterrupted) return never;
    if (subject.kind === "program") return openProgramSubject(subject.command);
    if (subject.kind === "model") return environment.createSubject(bug);
    played = await openKafka({ ...reach, bootstrap: subject.bootstrap });
    return played;
  };
  // On somebody's cluster topics and groups would stay behind. The model leaves nothing, and ends at once by itself.
  if (subject.kind === "kafka") {
    environment.onInterrupt(() => {
      isInterrupted = true;
      environment.err("interrupted: what was made is removed\n");
      Promise.resolve(played?.close()).finally(() => process.exit(130));
    });
  }
  const results: TimedResult[] = [];
  for (const loaded of chosen) {
    const begin = performance.now();
    const result = await play(loaded, open, options, environment);
    if (isInterrupted) await never;
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

async function play(
  loaded: Loaded,
  open: () => Promise<Subject>,
  options: RunOptions,
  environment: Environment,
): Promise<ScenarioResult> {
  const { file, name, scenario, errors } = loaded;
  if (scenario === null) return invalid(file, name, errors);
  try {
    const subject = await open();
    const wants = { trace: options.out !== undefined };
    const { result, history, trace } = await playScenario(scenario, subject, requirements, wants);
    if (options.out !== undefined) {
      writeHistoryFile(join(runFolder(options.out, file), "history.jsonl"), subject.name, scenario.cluster, history);
      if (trace !== null) write(join(runFolder(options.out, file), "trace.json"), trace);
    }
    return result;
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    if (cause instanceof SubjectError) return lost(file, name, cause);
    const { code, message, hint } = internalError(cause, environment);
    return invalid(file, name, [{ code, file, line: null, column: null, message, hint }]);
  }
}

/** Nothing is known of what comes after the subject was lost. */
function lost(file: string, name: string | null, cause: SubjectError): ScenarioResult {
  const nothing = { steps: 0, traceHash: null, requirements: [], failure: null, errors: [] };
  return { file, name, status: "inconclusive", reason: cause.message, ...nothing };
}

function invalid(file: string, name: string | null, errors: readonly ScenarioError[]): ScenarioResult {
  const nothing = { reason: null, steps: 0, traceHash: null, requirements: [], failure: null };
  return { file, name, status: "invalid", ...nothing, errors };
}

/** Where everything about one scenario goes: its path without the ending. */
function runFolder(folder: string, file: string): string {
  return join(folder, file.replace(/\.[^./]+$/, ""));
}
