/** `highwater check`: can this design lose, duplicate or disorder a record, and how? */
import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { Checked } from "../check/check-design.ts";
import { type Bounds, type Design, defaultBounds, defaultCluster } from "../check/design.ts";
import type { SearchProgress } from "../explore/search-options.ts";
import { type FaultBudget, noFaults } from "../model/cluster/untimed-faults.ts";
import { parseYaml } from "../scenarios/yaml-document.ts";
import type { ClusterConfig } from "../spec/config/cluster-config.ts";
import { nearestName } from "../spec/config/nearest-name.ts";
import { parseCluster } from "../spec/config/parse-cluster.ts";
import { didYouMean } from "../spec/config/read-settings.ts";
import type { Requirement } from "../spec/requirement.ts";
import { requirementById, requirements } from "../spec/requirements/index.ts";
import { type CounterexampleFiles, counterexampleFiles } from "./check-files.ts";
import type { CheckNews, CheckTask } from "./check-worker.ts";
import { CliError } from "./cli-error.ts";
import type { Environment } from "./environment.ts";
import { exitCode } from "./exit-code.ts";
import { plantOf } from "./plant-option.ts";
import { showCheck } from "./show-check.ts";
import { version } from "./version.ts";

export interface CheckOptions {
  readonly json?: boolean;
  readonly set?: readonly string[];
  readonly faults: string;
  readonly requirement?: readonly string[];
  readonly bound?: readonly string[];
  readonly channels: string;
  readonly maxStates?: string;
  readonly time?: string;
  readonly plant?: string;
  readonly out?: string;
  readonly timeline?: boolean;
}

/** Interrupted, or at its time limit, it reports what it has looked at so far. */
export async function check(
  file: string | undefined,
  options: CheckOptions,
  environment: Environment,
): Promise<number> {
  const design: Design = {
    config: configOf(file, options.set ?? []),
    faults: faultsOf(options.faults),
    bounds: boundsOf(options.bound ?? []),
    channels: channelsOf(options.channels),
  };
  const task: CheckTask = {
    design,
    requirements: requirementsOf(options.requirement ?? []).map(({ id }) => id),
    plant: plantOf(options.plant)?.id ?? null,
    maxStates: options.maxStates === undefined ? null : wholeNumber("--max-states", options.maxStates),
    stop: new SharedArrayBuffer(4),
  };
  const limit = options.time === undefined ? null : secondsIn(options.time);
  const begin = performance.now();
  const seconds = () => (performance.now() - begin) / 1000;
  const stop = () => Atomics.store(new Int32Array(task.stop), 0, 1);
  if (limit === 0) stop();
  const ignore = environment.onInterrupt(stop);
  const checked = await checkInThread(task, (progress) => {
    if (environment.isTerminal) environment.err(`\r${progressLine(progress, seconds())}`);
    if (limit !== null && seconds() > limit) stop();
  }).finally(ignore);
  if (environment.isTerminal) environment.err("\n");
  const took = Math.round(seconds() * 1000) / 1000;
  const wantsFiles = options.out !== undefined || options.timeline === true;
  const files = wantsFiles
    ? counterexampleFiles(design, task.plant, checked, options.out ?? null, environment.style)
    : new Map<string, CounterexampleFiles>();
  const report = { version: version(), ...design, mode: "exhaustive", runs: null, seed: null };
  environment.out(
    options.json === true
      ? `${JSON.stringify({ ...report, ...inJson(checked, files), seconds: took }, null, 2)}\n`
      : showCheck(design, checked, took, environment.style, { files, timeline: options.timeline === true }),
  );
  return exitCodeOf(checked, (options.requirement ?? []).length > 0);
}

/** In a thread of its own, so that this one can hear an interrupt. */
function checkInThread(task: CheckTask, onProgress: (progress: SearchProgress) => void): Promise<Checked> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./check-worker.ts", import.meta.url), { workerData: task });
    worker.on("message", (news: CheckNews) => {
      if ("progress" in news) onProgress(news.progress);
      else resolve(news.checked);
    });
    worker.on("error", reject);
  });
}

function progressLine({ states, depth, queued, bytes }: SearchProgress, seconds: number): string {
  const rate = Math.round(states / Math.max(seconds, 0.001) / 1000);
  return `${states} states (${rate} thousand a second), ${depth} choices deep, ${queued} waiting, ${Math.round(bytes / 2 ** 20)} MiB `;
}

function inJson({ requirements: judged, ...rest }: Checked, files: ReadonlyMap<string, CounterexampleFiles>) {
  return {
    ...rest,
    requirements: judged.map(({ counterexample, ...one }) => ({
      ...one,
      counterexample:
        counterexample === null
          ? null
          : { length: counterexample.length, steps: counterexample, file: files.get(one.id)?.file ?? null },
    })),
  };
}

/** A premise that never came up matters where one has asked for that requirement. */
function exitCodeOf({ requirements: judged, complete }: Checked, isAskedFor: boolean): number {
  if (judged.some(({ verdict }) => verdict === "violated")) return exitCode.violated;
  const isOpen = judged.some(({ verdict }) => verdict === "inconclusive");
  return isOpen && (isAskedFor || !complete) ? exitCode.inconclusive : exitCode.ok;
}

// --- what the user wrote ---------------------------------------------------------------------------------------

/** Where a name of `--set` belongs; the other names are settings of the cluster itself. */
function configOf(file: string | undefined, settings: readonly string[]): ClusterConfig {
  const raw = file === undefined ? structuredClone(defaultCluster) : clusterIn(file);
  for (const setting of settings) apply(raw as Record<string, unknown>, setting);
  const parsed = parseCluster(raw);
  if (parsed.ok) return parsed.config;
  const [first] = parsed.problems;
  if (first === undefined) throw new Error("a cluster that is refused without a problem");
  throw new CliError(first.code, `${first.path.join(".")}: ${first.message}`, first.hint);
}

function clusterIn(file: string): unknown {
  const text = read(file);
  const { document, errors } = parseYaml(text);
  const [error] = errors;
  if (error !== undefined) {
    throw new CliError(error.code, `${file}:${error.line ?? 1}:${error.column ?? 1} ${error.message}`, error.hint);
  }
  const value = document?.value;
  const isScenario = typeof value === "object" && value !== null && "cluster" in value;
  return isScenario ? value.cluster : value;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new CliError("E_UNREADABLE", `${file} cannot be read: ${reason}`);
  }
}

const topicNames = ["partitions", "replication.factor", "min.insync.replicas", "unclean.leader.election.enable"];
const producerNames = ["acks", "retries", "linger.ms", "batch.size", "max.in.flight.requests.per.connection"];
const clusterNames = ["profile", "brokers"];

function apply(raw: Record<string, unknown>, setting: string): void {
  const [, name = "", value = ""] = /^([^=]+)=(.*)$/.exec(setting) ?? [];
  if (name === "") throw new CliError("E_USAGE", `--set ${setting}: expected name=value`);
  const given = /^-?\d+$/.test(value)
    ? Number(value)
    : value === "true" || value === "false"
      ? value === "true"
      : value;
  if (clusterNames.includes(name)) raw[name] = given;
  else if (topicNames.includes(name)) setIn(raw, "topics", name, given);
  else if (producerNames.includes(name) || isSettingOf("producers", name)) setIn(raw, "producers", name, given);
  else raw["server"] = { ...(raw["server"] as object | undefined), [name]: given };
}

/** Is it among what this kind of client takes? A name of the servers is not. */
function isSettingOf(section: "producers", name: string): boolean {
  const parsed = parseCluster({ ...defaultCluster, [section]: { p: { [name]: "?" } } });
  return !parsed.ok && !parsed.problems.some(({ code }) => code.startsWith("E_UNKNOWN"));
}

function setIn(raw: Record<string, unknown>, section: string, name: string, value: unknown): void {
  const all = (raw[section] ?? {}) as Record<string, object | null>;
  raw[section] = Object.fromEntries(Object.entries(all).map(([id, one]) => [id, { ...one, [name]: value }]));
}

/** `kill:2,cut` */
function faultsOf(text: string): FaultBudget {
  if (text === "none") return noFaults;
  const budget: Record<string, number> = { ...noFaults };
  for (const one of text.split(",")) {
    const [kind = "", count = "1"] = one
      .trim()
      .replace(/^power-loss/, "power-off")
      .split(":");
    if (!(kind in noFaults)) throw unknown("fault", kind, ["none", ...Object.keys(noFaults), "power-loss"]);
    budget[kind] = wholeNumber(`--faults ${kind}`, count);
  }
  return { ...noFaults, ...budget };
}

function boundsOf(given: readonly string[]): Bounds {
  const bounds: Record<string, number> = { ...defaultBounds };
  for (const one of given) {
    const [name = "", value = ""] = one.split("=");
    if (!(name in defaultBounds)) throw unknown("bound", name, Object.keys(defaultBounds));
    bounds[name] = wholeNumber(`--bound ${name}`, value);
  }
  return { ...defaultBounds, ...bounds };
}

function channelsOf(text: string): Design["channels"] {
  if (text === "rendezvous" || text === "queued") return text;
  throw unknown("kind of channels", text, ["rendezvous", "queued"]);
}

function requirementsOf(ids: readonly string[]): readonly Requirement[] {
  if (ids.length === 0) return requirements;
  return ids.map((id) => {
    const found = requirementById(id.toUpperCase());
    if (found !== undefined) return found;
    throw unknown(
      "requirement",
      id,
      requirements.map((one) => one.id),
    );
  });
}

function secondsIn(text: string): number {
  const [, number, unit] = /^(\d+)(s|m)?$/.exec(text) ?? [];
  if (number === undefined) throw new CliError("E_USAGE", `--time ${text}: expected a time as 60s or 2m`);
  return Number(number) * (unit === "m" ? 60 : 1);
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new CliError("E_USAGE", `${name} is ${text === "" ? "empty" : text}; expected a whole number`);
}

function unknown(what: string, name: string, names: readonly string[]): CliError {
  const nearest = nearestName(name, names);
  const hint = nearest === null ? `there are ${names.join(", ")}` : didYouMean(nearest);
  return new CliError("E_USAGE", `there is no ${what} ${name}`, hint);
}
