/** `highwater conform`: the conformance suite against a running cluster, one that is started for it, or a program. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, matchesGlob, posix, resolve } from "node:path";
import { brokersFor } from "../conformance/brokers-for.ts";
import type { RunningCluster } from "../conformance/cluster/start-cluster.ts";
import { type ConformTarget, conform, type Level, levels } from "../conformance/conform.ts";
import type { SuiteItem } from "../conformance/suite-item.ts";
import { type WorkloadFault, workloadFaults } from "../conformance/workload/fault-schedule.ts";
import { loadScenario } from "../scenarios/load-scenario.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { CliError } from "./cli-error.ts";
import type { Environment } from "./environment.ts";
import { exitCode } from "./exit-code.ts";
import { junit } from "./junit.ts";
import { never } from "./never.ts";
import { readModule } from "./read-module.ts";
import { exitCodeOf, type RunReport, runReport, type TimedResult } from "./run-report.ts";
import { scenarioFiles } from "./scenario-files.ts";
import { showCounts, showResult } from "./show-result.ts";
import {
  addresses,
  openProgramSubject,
  probe,
  type SecurityOptions,
  type SubjectOption,
  securityOption,
  subjectOption,
} from "./subject-option.ts";
import { version } from "./version.ts";
import { write } from "./write.ts";
import { writeHistoryFile } from "./write-history-file.ts";

export interface ConformOptions extends SecurityOptions {
  readonly bootstrap?: string;
  readonly cluster?: string;
  readonly subject?: string;
  readonly level: string;
  readonly faults: string;
  readonly seed: string;
  readonly pin?: boolean;
  readonly only?: string;
  readonly json?: boolean;
  readonly out?: string;
}

export interface ConformReport extends RunReport {
  readonly level: Level;
  readonly seed: number;
  /** Every address that was spoken to, ascending. */
  readonly contacted: readonly string[];
  /** Topics and groups that could not be removed at the end. */
  readonly left: readonly string[];
}

const shrinkMs = 20_000;

/** Of a cluster that is started: what workloads count on, and what scenarios may ask for. */
const brokersMin = 3;
const brokersMax = 4;

const seedMax = 2 ** 31 - 1;

export async function conformCommand(
  paths: readonly string[],
  options: ConformOptions,
  environment: Environment,
): Promise<number> {
  const plan = {
    level: levelOption(options.level),
    faults: faultsOption(options.faults),
    seed: seedOption(options.seed),
    scenarios: chosenScenarios(paths, options.only),
    isScenariosOnly: options.only !== undefined,
    shrinkMs,
  };
  const contacted = new Set<string>();
  const left = new Set<string>();
  const note = (text: string) => environment.err(`${text}\n`);
  const folder = options.out === undefined ? mkdtempSync(join(tmpdir(), "highwater-")) : resolve(options.out);
  const removeFolder = () => {
    if (options.out === undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  const stopStarting = environment.onInterrupt(() => {
    // After whatever the cluster has to say at the end of the program.
    process.once("exit", removeFolder);
    process.exit(130);
  });
  const onContact: ConformTarget["onContact"] = (names, rest) => {
    for (const name of names) contacted.add(name);
    for (const name of rest) left.add(name);
  };
  const brokers = Math.min(brokersMax, Math.max(brokersMin, ...plan.scenarios.map(brokersFor)));
  const own = { folder: join(folder, "cluster"), brokers: plan.level === "smoke" ? brokersMin : brokers };
  const opened = await openTarget(options, own, note, onContact).catch((error: unknown) => {
    removeFolder();
    throw error;
  });
  stopStarting();
  let isInterrupted = false;
  const results: TimedResult[] = [];
  let begin = performance.now();
  const onItem = ({ result, history, contract }: SuiteItem) => {
    if (isInterrupted) return;
    results.push({ ...result, seconds: Math.round(performance.now() - begin) / 1000 });
    begin = performance.now();
    if (options.json !== true && result.status !== "skipped") {
      environment.out(`${showResult(withoutLeftOut(result), null, environment.style)}\n`);
    }
    if (options.out === undefined || history.length === 0) return;
    writeHistoryFile(
      join(folder, result.file.replace(/\.[^./]+$/, ""), "history.jsonl"),
      opened.name,
      contract,
      history,
    );
  };
  const stopOnInterrupt = environment.onInterrupt(() => {
    isInterrupted = true;
    note("interrupted: what was made is removed");
    // Nothing has to be removed from a cluster that ends with us.
    const open = opened.target.machines === null ? [...opened.target.open] : [];
    const closed = Promise.allSettled(open.map((one) => one.close())).then(() => opened.stop());
    closed.finally(() => {
      if (left.size > 0) note(`could not be removed: ${[...left].sort().join(", ")}`);
      removeFolder();
      process.exit(130);
    });
  });
  try {
    const createSubject = () => (isInterrupted ? never : opened.target.createSubject());
    await conform({ ...opened.target, createSubject }, plan, onItem).catch((error: unknown) => {
      if (!isInterrupted) throw error;
    });
    if (isInterrupted) await never;
  } finally {
    await opened.stop();
    stopOnInterrupt();
    removeFolder();
  }
  const report: ConformReport = {
    ...runReport(version(), opened.name, results),
    level: plan.level,
    seed: plan.seed,
    contacted: [...contacted].sort(),
    left: [...left].sort(),
  };
  tell(report, options, folder, environment);
  return exitCodeOf(report);
}

function tell(report: ConformReport, options: ConformOptions, folder: string, environment: Environment): void {
  const json = `${JSON.stringify(report, null, 2)}\n`;
  if (options.out !== undefined) {
    write(join(folder, "report.json"), json);
    write(join(folder, "junit.xml"), junit(report));
  }
  if (options.json === true) {
    environment.out(json);
    return;
  }
  for (const [reason, count] of skippedReasons(report)) environment.out(`– ${count} skipped: ${reason}\n`);
  environment.out(`${showCounts(report)}\n`);
  if (report.contacted.length > 0) environment.out(`contacted: ${report.contacted.join(", ")}\n`);
  if (report.left.length > 0) environment.out(`could not be removed: ${report.left.join(", ")}\n`);
}

/** Of a scenario that passed, what was left out stands in the report; here it would be most of the text. */
function withoutLeftOut(result: SuiteItem["result"]): SuiteItem["result"] {
  return result.status === "passed" && result.steps > 0 ? { ...result, reason: null } : result;
}

/** Each reason once, with how many were skipped for it; most first. */
function skippedReasons({ scenarios }: RunReport): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { status, reason } of scenarios) {
    if (status !== "skipped") continue;
    // What lacks several things is counted by the first; the place of the step is of no matter here.
    const [first = ""] = (reason ?? "").split("; ");
    const words = first.replace(/^.*? skipped: /, "");
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [...counts].sort(([, one], [, other]) => other - one);
}

/** A cluster that is to be started. */
interface OwnCluster {
  readonly folder: string;
  readonly brokers: number;
}

interface Opened {
  readonly name: string;
  readonly target: ConformTarget;
  /** May be called twice. */
  stop(): Promise<void>;
}

async function openTarget(
  options: ConformOptions,
  own: OwnCluster,
  note: (text: string) => void,
  onContact: ConformTarget["onContact"],
): Promise<Opened> {
  const given = [options.bootstrap, options.cluster, options.subject].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new CliError(
      "E_USAGE",
      "conform needs one of --bootstrap, --cluster and --subject",
      "as --cluster apache-kafka",
    );
  }
  if (options.cluster !== undefined) return openCluster(options.cluster, own, note, onContact);
  const subject: SubjectOption =
    options.bootstrap === undefined
      ? subjectOption(options.subject ?? "")
      : { kind: "kafka", bootstrap: addresses(options.bootstrap) };
  const reach = { security: securityOption(options), isPinned: options.pin === true };
  await probe(subject, reach);
  const stop = async () => undefined;
  const open: ConformTarget["open"] = new Set();
  switch (subject.kind) {
    case "model":
      throw new CliError(
        "E_USAGE",
        "the model is what others are compared with",
        "npx highwater run plays scenarios on it",
      );
    case "program": {
      const createSubject = () => openProgramSubject(subject.command);
      return {
        name: `cmd:${subject.command}`,
        target: { createSubject, brokers: 3, wire: null, machines: null, onContact, open },
        stop,
      };
    }
    case "kafka": {
      const wire = { ...reach, bootstrap: subject.bootstrap };
      const brokers = await countBrokers(wire);
      const target = {
        createSubject: await kafkaSubjects(wire, null, onContact, open),
        brokers,
        wire,
        machines: null,
        onContact,
        open,
      };
      return {
        name: `kafka://${subject.bootstrap.map(({ host, port }) => `${host}:${port}`).join(",")}`,
        target,
        stop,
      };
    }
  }
}

async function openCluster(
  kind: string,
  own: OwnCluster,
  note: (text: string) => void,
  onContact: ConformTarget["onContact"],
): Promise<Opened> {
  const match = /^apache-kafka(?:@(.+))?$/.exec(kind);
  if (match === null)
    throw new CliError("E_USAGE", `unknown cluster ${kind}`, "expected apache-kafka or apache-kafka@4.3.1");
  const { startCluster } = await import("../conformance/cluster/start-cluster.ts");
  const { LaunchError } = await import("../conformance/cluster/launch-error.ts");
  let cluster: RunningCluster;
  try {
    cluster = await startCluster({
      version: match[1] ?? null,
      withElr: true,
      secured: null,
      note,
      ...own,
    });
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    throw new CliError(
      error.code,
      error.message,
      error.hint,
      error.code === "E_USAGE" ? exitCode.badInput : exitCode.inconclusive,
    );
  }
  const open: ConformTarget["open"] = new Set();
  const wire = { bootstrap: cluster.bootstrap, security: cluster.security, isPinned: false };
  const target = {
    createSubject: await kafkaSubjects(wire, cluster.control, (names) => onContact(names, []), open),
    brokers: brokersMin,
    wire,
    machines: cluster,
    // What is left on it goes with it.
    onContact: (names: readonly string[]) => onContact(names, []),
    open,
  };
  return { name: `apache-kafka@${cluster.version}`, target, stop: () => cluster.stop() };
}

async function kafkaSubjects(
  wire: NonNullable<ConformTarget["wire"]>,
  control: RunningCluster["control"] | null,
  onContact: ConformTarget["onContact"],
  open: ConformTarget["open"],
): Promise<ConformTarget["createSubject"]> {
  const { createKafkaSubject } = await import("../subjects/kafka/kafka-subject.ts");
  return async () => {
    const subject = createKafkaSubject({ ...wire, name: "kafka", control });
    const told = {
      ...subject,
      async close() {
        await subject.close();
        open.delete(told);
        onContact(subject.contacted(), subject.left());
      },
    };
    open.add(told);
    return told;
  };
}

async function countBrokers(wire: NonNullable<ConformTarget["wire"]>): Promise<number> {
  const { createKafkaClient } = await import("../subjects/kafka/kafka-client.ts");
  const client = createKafkaClient(wire);
  try {
    const { length } = (await client.metadata([])).brokers;
    if (length > 0) return length;
    throw new CliError("E_UNREACHABLE", "the cluster names no brokers", "are they in service?", exitCode.inconclusive);
  } finally {
    client.close();
  }
}

/** By path or by title, as `run` does; a file that is not in order is for `run` to explain. */
function chosenScenarios(paths: readonly string[], glob: string | undefined): readonly Scenario[] {
  const chosen = scenarioFiles(paths).flatMap((found) => {
    if ("error" in found) throw new CliError(found.error.code, found.error.message);
    const loaded = loadScenario(found.file, found.text, readModule);
    if (!loaded.ok)
      throw new CliError("E_SCENARIO", `${found.file} is not in order`, `npx highwater run ${found.file}`);
    const names = [found.file, posix.basename(found.file), loaded.scenario.name];
    return glob === undefined || names.some((name) => matchesGlob(name, glob)) ? [loaded.scenario] : [];
  });
  if (chosen.length === 0) throw new CliError("E_NO_SCENARIOS", `no scenario is called or lies at ${glob}`);
  return chosen;
}

function levelOption(text: string): Level {
  const level = levels.find((one) => one === text);
  if (level === undefined) throw new CliError("E_USAGE", `unknown level ${text}`, `expected ${levels.join(", ")}`);
  return level;
}

function faultsOption(text: string): readonly WorkloadFault[] {
  if (text === "none") return [];
  return text.split(",").map((name) => {
    const fault = workloadFaults.find((one) => one === name.trim());
    if (fault === undefined)
      throw new CliError("E_USAGE", `unknown fault ${name}`, `expected ${workloadFaults.join(", ")} or none`);
    return fault;
  });
}

function seedOption(text: string): number {
  const seed = Number(text);
  if (!Number.isInteger(seed) || seed < 0 || seed > seedMax)
    throw new CliError("E_USAGE", `${text} is no seed`, "a whole number from 0");
  return seed;
}
