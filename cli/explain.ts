/** `highwater explain`: what the requirements say, where they come from, and which scenarios show them. */
import { plantedBugs } from "../model/plants/planted-bugs.ts";
import { loadScenario } from "../scenarios/load-scenario.ts";
import { nearestName } from "../spec/config/nearest-name.ts";
import { didYouMean } from "../spec/config/read-settings.ts";
import { type Anomaly, anomalies, anomalyNamed } from "../spec/history/check/anomalies.ts";
import type { Requirement } from "../spec/requirement.ts";
import { requirementById, requirements } from "../spec/requirements/index.ts";
import { CliError } from "./cli-error.ts";
import type { Environment } from "./environment.ts";
import { exitCode } from "./exit-code.ts";
import { readModule } from "./read-module.ts";
import { scenarioFiles } from "./scenario-files.ts";

/** One requirement as `--json` prints it. */
interface Explained {
  readonly id: string;
  readonly title: string;
  readonly statement: string;
  readonly kind: string;
  readonly area: string;
  readonly promisedWhen: string;
  readonly sources: readonly string[];
  readonly scenarios: readonly { readonly file: string; readonly name: string }[];
}

export interface ExplainOptions {
  readonly json?: boolean;
  readonly plants?: boolean;
  readonly anomalies?: boolean;
}

/** Throws `CliError` for an unknown id. */
export function explain(id: string | undefined, options: ExplainOptions, environment: Environment): number {
  if (options.plants === true) return explainPlants(options, environment);
  if (options.anomalies === true) return explainAnomalies(anomalies, options, environment);
  const anomaly = id === undefined ? undefined : anomalyNamed(id);
  if (anomaly !== undefined) return explainAnomalies([anomaly], options, environment);
  const chosen = id === undefined ? requirements : [find(id)];
  const suite = scenariosById();
  const explained = chosen.map(({ title, statement, kind, area, promisedWhen, sources, ...rest }): Explained => {
    const scenarios = suite.get(rest.id) ?? [];
    return { id: rest.id, title, statement, kind, area, promisedWhen, sources, scenarios };
  });
  if (options.json === true) environment.out(`${JSON.stringify({ requirements: explained }, null, 2)}\n`);
  else
    for (const one of explained)
      environment.out(`${id === undefined ? inList(one, environment) : inFull(one, environment)}\n`);
  return exitCode.ok;
}

/** The planted bugs, each with the requirement that has to notice it. */
function explainPlants(options: { readonly json?: boolean }, environment: Environment): number {
  const plants = plantedBugs.map(({ id, title, machine, requirement, anomaly, unseenBecause = null }) => {
    return { id, title, machine, requirement, anomaly, unseenBecause };
  });
  if (options.json === true) environment.out(`${JSON.stringify({ plants }, null, 2)}\n`);
  for (const { id, title, requirement, anomaly, unseenBecause } of options.json === true ? [] : plants) {
    const visible = anomaly ?? `not seen by a client: ${unseenBecause}`;
    environment.out(`${environment.style("bold", id)}  ${title} (${requirement}; ${visible})\n`);
  }
  return exitCode.ok;
}

function explainAnomalies(shown: readonly Anomaly[], options: ExplainOptions, { out, style }: Environment): number {
  if (options.json === true) out(`${JSON.stringify({ anomalies: shown }, null, 2)}\n`);
  for (const { name, definition, countsWhen, sources } of options.json === true ? [] : shown) {
    out(`${style("bold", name)}  ${definition}\n  counts: ${countsWhen}\n`);
    if (shown.length === 1) out(`  sources: ${sources.join("; ")}\n`);
  }
  return exitCode.ok;
}

function find(id: string): Requirement {
  const found = requirementById(id.toUpperCase());
  if (found !== undefined) return found;
  const ids = requirements.map((one) => one.id);
  const nearest = nearestName(id, [...ids, ...anomalies.map(({ name }) => name)]);
  throw new CliError(
    "E_UNKNOWN_ID",
    `there is no requirement or anomaly ${id}`,
    nearest === null ? `there are ${ids.join(", ")}` : didYouMean(nearest),
  );
}

function scenariosById(): ReadonlyMap<string, readonly { file: string; name: string }[]> {
  const suite = new Map<string, { file: string; name: string }[]>();
  for (const found of scenarioFiles([])) {
    const loaded = "text" in found ? loadScenario(found.file, found.text, readModule) : null;
    if (loaded?.ok !== true) continue;
    const { file, name, shows } = loaded.scenario;
    for (const id of shows) suite.set(id, [...(suite.get(id) ?? []), { file, name }]);
  }
  return suite;
}

function inList({ id, title, promisedWhen }: Explained, { style }: Environment): string {
  return `${style("bold", id.padEnd(6))} ${title}\n       ${style("dim", `promised: ${promisedWhen}`)}`;
}

function inFull({ id, title, statement, promisedWhen, sources, scenarios }: Explained, { style }: Environment): string {
  const shown = scenarios.map(({ file, name }) => `  ${name} (${file})`);
  return [
    style("bold", `${id}  ${title}`),
    "",
    statement,
    "",
    `promised: ${promisedWhen}`,
    "sources:",
    ...sources.map((source) => `  ${source}`),
    "shown by:",
    ...(shown.length > 0 ? shown : ["  no scenario yet"]),
  ].join("\n");
}
