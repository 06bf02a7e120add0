/** The design that the options of `check` and `matrix` describe. */
import { readFileSync } from "node:fs";
import { type Bounds, type Design, defaultBounds, defaultCluster } from "../check/design.ts";
import { type FaultBudget, noFaults } from "../model/cluster/untimed-faults.ts";
import { parseYaml } from "../scenarios/yaml-document.ts";
import type { ClusterConfig } from "../spec/config/cluster-config.ts";
import { nearestName } from "../spec/config/nearest-name.ts";
import { parseCluster } from "../spec/config/parse-cluster.ts";
import { didYouMean } from "../spec/config/read-settings.ts";
import type { Requirement } from "../spec/requirement.ts";
import { requirementById, requirements } from "../spec/requirements/index.ts";
import { CliError } from "./cli-error.ts";
import { clusterOfPropertyFiles } from "./property-files.ts";

export interface DesignOptions {
  /** Kafka's property files, with commas between them. */
  readonly from?: string;
  readonly set?: readonly string[];
  readonly faults: string;
  readonly bound?: readonly string[];
  readonly channels: string;
}

export interface GivenDesign {
  readonly design: Design;
  /** Properties that the model does not look at, each with its place and its reason. */
  readonly setAside: readonly string[];
}

export function designOf(file: string | undefined, options: DesignOptions): GivenDesign {
  if (file !== undefined && options.from !== undefined) {
    throw new CliError("E_USAGE", "a cluster file and --from are two descriptions of the cluster; give one");
  }
  const { raw, placeOf, setAside } = rawOf(file, options.from);
  for (const setting of options.set ?? []) apply(raw, setting);
  const design: Design = {
    config: configOf(raw, placeOf),
    faults: faultsOf(options.faults),
    bounds: boundsOf(options.bound ?? []),
    channels: channelsOf(options.channels),
  };
  return { design, setAside };
}

interface RawCluster {
  readonly raw: Record<string, unknown>;
  /** Where a setting stands, as file:line:col. */
  readonly placeOf: (path: readonly (string | number)[]) => string | null;
  readonly setAside: readonly string[];
}

function rawOf(file: string | undefined, from: string | undefined): RawCluster {
  if (from !== undefined) return clusterOfPropertyFiles(from.split(","), readText);
  const raw = (file === undefined ? structuredClone(defaultCluster) : clusterIn(file)) as Record<string, unknown>;
  return { raw, placeOf: () => null, setAside: [] };
}

function configOf(raw: Record<string, unknown>, placeOf: RawCluster["placeOf"]): ClusterConfig {
  const parsed = parseCluster(raw);
  if (parsed.ok) return parsed.config;
  const [first] = parsed.problems;
  if (first === undefined) throw new Error("a cluster that is refused without a problem");
  const place = placeOf(first.path) ?? `${first.path.join(".")}:`;
  throw new CliError(first.code, `${place} ${first.message}`, first.hint);
}

function clusterIn(file: string): unknown {
  const text = readText(file);
  const { document, errors } = parseYaml(text);
  const [error] = errors;
  if (error !== undefined) {
    throw new CliError(error.code, `${file}:${error.line ?? 1}:${error.column ?? 1} ${error.message}`, error.hint);
  }
  const value = document?.value;
  const isScenario = typeof value === "object" && value !== null && "cluster" in value;
  return isScenario ? value.cluster : value;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new CliError("E_UNREADABLE", `${file} cannot be read: ${reason}`);
  }
}

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
  else if (isSettingOf("topics", { t: { [name]: "?" } })) setIn(raw, "topics", name, given);
  else if (isSettingOf("producers", { p: { [name]: "?" } })) setIn(raw, "producers", name, given);
  else raw["server"] = { ...(raw["server"] as object | undefined), [name]: given };
}

/** Is it among what this section takes? Some settings of a topic are also the servers' defaults: the topic is meant. */
function isSettingOf(section: "topics" | "producers", withIt: object): boolean {
  const parsed = parseCluster({ ...defaultCluster, [section]: withIt });
  const isElsewhere = (code: string) => code.startsWith("E_UNKNOWN") || code === "E_MISPLACED_PROPERTY";
  return !parsed.ok && !parsed.problems.some(({ code }) => isElsewhere(code));
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

export function requirementsOf(ids: readonly string[]): readonly Requirement[] {
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

export function secondsIn(text: string): number {
  const [, number, unit] = /^(\d+)(s|m)?$/.exec(text) ?? [];
  if (number === undefined) throw new CliError("E_USAGE", `--time ${text}: expected a time as 60s or 2m`);
  return Number(number) * (unit === "m" ? 60 : 1);
}

export function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new CliError("E_USAGE", `${name} is ${text === "" ? "empty" : text}; expected a whole number`);
}

function unknown(what: string, name: string, names: readonly string[]): CliError {
  const nearest = nearestName(name, names);
  const hint = nearest === null ? `there are ${names.join(", ")}` : didYouMean(nearest);
  return new CliError("E_USAGE", `there is no ${what} ${name}`, hint);
}
