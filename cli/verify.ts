/** `highwater verify`: is this history one that Kafka's promises allow? */
import { readFileSync } from "node:fs";
import { parseYaml } from "../scenarios/yaml-document.ts";
import { nearestName } from "../spec/config/nearest-name.ts";
import { didYouMean } from "../spec/config/read-settings.ts";
import { anomalies, anomalyNamed } from "../spec/history/check/anomalies.ts";
import {
  createHistoryChecker,
  type HistoryChecker,
  type HistoryVerdict,
} from "../spec/history/check/history-checker.ts";
import { fullPromise, type HistoryContract, readContract } from "../spec/history/check/history-contract.ts";
import { CliError } from "./cli-error.ts";
import type { Environment } from "./environment.ts";
import { exitCode } from "./exit-code.ts";
import { emptyInput, readHistoryFrom } from "./history-input.ts";
import { showVerdict } from "./show-verdict.ts";
import { readTimeline, type Timeline } from "./timeline.ts";
import { version } from "./version.ts";

export interface VerifyOptions {
  readonly contract?: string;
  readonly allow?: readonly string[];
  readonly json?: boolean;
}

/** Of each anomaly so many are shown; `--json` tells them all. */
const shownMax = 3;

export async function verify(file: string, options: VerifyOptions, environment: Environment): Promise<number> {
  const given = options.contract === undefined ? null : contractIn(options.contract);
  const alsoAllowed = (options.allow ?? []).map(nameOfAnomaly);
  const begin = performance.now();
  let contract: HistoryContract | null = given;
  let checker: HistoryChecker | null = null;
  await readHistoryFrom(file, environment.input ?? emptyInput(), {
    header(header) {
      contract ??= header === null ? fullPromise : contractOfHeader(file, header.contract);
      checker = createHistoryChecker(contract);
    },
    operation: (operation) => checker?.take(operation) ?? null,
  });
  const verdict = allowing((checker ?? createHistoryChecker(fullPromise)).verdict(), alsoAllowed);
  const seconds = Math.round(performance.now() - begin) / 1000;
  if (options.json === true) environment.out(`${JSON.stringify(inJson(verdict, seconds), null, 2)}\n`);
  else {
    const timelines = await timelinesOf(file, verdict);
    const isGiven = (contract ?? fullPromise).config !== null;
    environment.out(showVerdict(file, verdict, { timelines, isGiven, seconds, shownMax }, environment.style));
  }
  if (verdict.valid === true) return exitCode.ok;
  return verdict.valid === false ? exitCode.violated : exitCode.inconclusive;
}

/** The operations around each witness that is shown; a history from a pipe is gone by then. */
async function timelinesOf(file: string, { anomalies: found }: HistoryVerdict): Promise<ReadonlyMap<object, Timeline>> {
  if (file === "-" || found.length === 0) return new Map();
  const counts = new Map<string, number>();
  const shown = found.filter(({ name }) => {
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return count < shownMax;
  });
  return readTimeline(file, shown);
}

/** What the user allows counts no more; evidence that was not asked for may then be missing. */
function allowing(verdict: HistoryVerdict, names: readonly string[]): HistoryVerdict {
  if (names.length === 0) return verdict;
  const left = verdict.anomalies.filter(({ name }) => !names.includes(name));
  const moved = verdict.anomalies
    .filter(({ name }) => names.includes(name))
    .map((one) => ({ ...one, because: "--allow" }));
  const valid = left.length > 0 ? false : verdict.reasons.length > 0 ? "unknown" : true;
  return { ...verdict, valid, anomalies: left, allowed: [...verdict.allowed, ...moved] };
}

function inJson(verdict: HistoryVerdict, seconds: number) {
  const { valid, reasons, evidence } = verdict;
  const { operations, ...rest } = evidence;
  const byName = (list: HistoryVerdict["anomalies"]) =>
    Object.fromEntries(
      [...new Set(list.map(({ name }) => name))]
        .sort()
        .map((name) => [name, list.filter((one) => one.name === name).map(({ name: _, ...one }) => one)]),
    );
  return {
    version: version(),
    valid,
    reasons,
    operations,
    anomalies: byName(verdict.anomalies),
    allowed: byName(verdict.allowed),
    evidence: rest,
    seconds,
  };
}

function contractOfHeader(file: string, raw: unknown): HistoryContract {
  const read = readContract(raw);
  if (read.ok) return read.contract;
  const [first] = read.problems;
  const place = ["contract", ...(first?.path ?? [])].join(".");
  throw new CliError(
    first?.code ?? "E_CONTRACT",
    `${file}:1:1 ${place}: ${first?.message ?? "is no contract"}`,
    first?.hint ?? null,
  );
}

function contractIn(file: string): HistoryContract {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new CliError("E_UNREADABLE", `${file} cannot be read: ${reason}`);
  }
  const { document, errors } = parseYaml(text);
  const [error] = errors;
  if (error !== undefined) {
    throw new CliError(error.code, `${file}:${error.line ?? 1}:${error.column ?? 1} ${error.message}`, error.hint);
  }
  const value: unknown = document?.value;
  const isScenario = typeof value === "object" && value !== null && "cluster" in value;
  const read = readContract(isScenario ? value.cluster : value);
  if (read.ok) return read.contract;
  const [first] = read.problems;
  const place = (first?.path ?? []).join(".");
  throw new CliError(
    first?.code ?? "E_CONTRACT",
    `${file}:1:1 ${place}: ${first?.message ?? "is no contract"}`,
    first?.hint ?? null,
  );
}

function nameOfAnomaly(name: string): string {
  const found = anomalyNamed(name);
  if (found !== undefined) return found.name;
  const names = anomalies.map((one) => one.name);
  const nearest = nearestName(name, names);
  const hint = nearest === null ? "highwater explain --anomalies lists them" : didYouMean(nearest);
  throw new CliError("E_UNKNOWN_ID", `there is no anomaly ${name}`, hint);
}
