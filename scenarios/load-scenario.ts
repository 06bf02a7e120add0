/** Reads one scenario file: all of its problems with their places, or a scenario that can be played. */
import type { ClusterConfig } from "../spec/config/cluster-config.ts";
import { parseCluster } from "../spec/config/parse-cluster.ts";
import { didYouMean } from "../spec/config/read-settings.ts";
import type { Partitioners } from "../spec/partitioner.ts";
import { requirements } from "../spec/requirements/index.ts";
import { checkPartitioning } from "./check-partitioning.ts";
import { checkOrder } from "./grammar/check-order.ts";
import { checkReferences } from "./grammar/check-references.ts";
import { checkValues } from "./grammar/check-values.ts";
import { type FinalExpectations, finalExpectations } from "./grammar/final-expectations.ts";
import { parseStep } from "./grammar/parse-step.ts";
import { type Reference, referencesAtEnd, referencesOf } from "./grammar/references.ts";
import { scenarioFile } from "./grammar/scenario-file.ts";
import type { Step } from "./grammar/steps.ts";
import { problemsOf } from "./grammar/zod-problems.ts";
import type { Path } from "./json.ts";
import { loadPartitioners, noModules, type ReadModule } from "./load-partitioners.ts";
import type { Problem, ScenarioError } from "./problem.ts";
import type { Scenario } from "./scenario.ts";
import { parseYaml } from "./yaml-document.ts";

export type LoadedScenario =
  | { readonly ok: true; readonly scenario: Scenario }
  /** `name` is the title, where it could be read. Errors are in the order of their places. */
  | { readonly ok: false; readonly name: string | null; readonly errors: readonly ScenarioError[] };

/** `file` is the name to print; `text` is what it holds. `readModule` finds the user's own partitioners. Never throws. */
export function loadScenario(file: string, text: string, readModule: ReadModule = noModules): LoadedScenario {
  const { document, errors } = parseYaml(text);
  if (document === null)
    return { ok: false, name: null, errors: inOrder(errors.map((error) => withFile(file, error))) };
  const problems: Problem[] = [];
  const parts = readParts(document.value, problems, file, readModule);
  const all = [
    ...errors.map((error) => withFile(file, error)),
    ...problems.map(({ code, path, on, message, hint }) =>
      withFile(file, { code, ...document.place(path, on), message, hint }),
    ),
  ];
  if (all.length > 0 || parts === null) return { ok: false, name: nameIn(document.value), errors: inOrder(all) };
  const place: Scenario["place"] = (path, on = "value") => {
    const { line, column } = document.place(path, on);
    return `${file}:${line}:${column}`;
  };
  return { ok: true, scenario: { file, ...parts, place } };
}

type Parts = Omit<Scenario, "file" | "place">;

/** `null` only together with problems. */
function readParts(raw: unknown, problems: Problem[], file: string, readModule: ReadModule): Parts | null {
  const top = scenarioFile.safeParse(raw);
  if (!top.success) problems.push(...problemsOf(top.error, raw, []));
  const input: object = typeof raw === "object" && raw !== null ? raw : {};
  // What is wrong at the top does not keep the parts below from being read.
  const expected = readFinal(Reflect.get(input, "expect"), problems);
  const isRefused = expected?.refused !== undefined;
  const rawCluster: unknown = Reflect.get(input, "cluster");
  const cluster = isMap(rawCluster) ? readCluster(rawCluster, isRefused, problems) : null;
  const partitioners = cluster === null ? {} : readPartitioners(cluster, problems, file, readModule);
  const { steps, complete } = readSteps(Reflect.get(input, "steps"), problems);
  if (isMap(raw)) problems.push(...checkRefused(input, isRefused, problems));
  const references: Reference[] = steps.flatMap(({ index, step }) => referencesOf(step, ["steps", index, step.name]));
  if (expected !== null) references.push(...referencesAtEnd(expected, ["expect"]));
  if (top.success) {
    const shows = top.data.shows.map(
      (name, index): Reference => ({ kind: "requirement", name, path: ["shows", index], on: "value" }),
    );
    references.push(...shows);
  }
  const ids = requirements.map(({ id }) => id);
  problems.push(...checkReferences(references, cluster, ids), ...checkValues(steps, cluster));
  if (cluster !== null) problems.push(...checkPartitioning(steps, cluster, partitioners));
  if (complete) problems.push(...checkOrder(steps.map(({ step }) => step)));
  if (!top.success || cluster === null || expected === null) return null;
  const { scenario: name, shows } = top.data;
  return { name, shows, cluster, partitioners, steps: steps.map(({ step }) => step), expect: expected };
}

/** Codes of the configuration that are about a key and not about what stands under it. */
const keyCodes: ReadonlySet<string> = new Set([
  "E_UNKNOWN_KEY",
  "E_UNKNOWN_PROPERTY",
  "E_UNSUPPORTED_PROPERTY",
  "E_MISPLACED_PROPERTY",
  "E_UNSUPPORTED",
  "E_NAME",
  "E_DUPLICATE_NAME",
]);

/** Steps are a must; but a cluster that is refused plays none, and nothing else can be expected of it. */
function checkRefused(input: object, isRefused: boolean, known: readonly Problem[]): readonly Problem[] {
  if (!isRefused) {
    // A misspelt key is both unknown and missing; the hint at the misspelling says it all.
    const isMisspelt = known.some(({ hint }) => hint === didYouMean("steps"));
    const message = "missing `steps`, expected a list";
    if ("steps" in input || isMisspelt) return [];
    return [{ code: "E_MISSING_KEY", path: ["steps"], on: "value", message, hint: null }];
  }
  const others = Object.keys(Object(Reflect.get(input, "expect"))).filter((key) => key !== "refused");
  const paths: readonly Path[] = [...("steps" in input ? [["steps"]] : []), ...others.map((key) => ["expect", key])];
  return paths.map((path) => {
    const message = `\`${path.at(-1)}\` stands beside \`refused\`: there is no cluster then`;
    return { code: "E_CONTRADICTION", path, on: "key", message, hint: null };
  });
}

/** With `isRefused` what only Kafka would refuse is no problem of the file. */
function readCluster(raw: unknown, isRefused: boolean, problems: Problem[]): ClusterConfig | null {
  const parsed = parseCluster(raw);
  if (parsed.ok) return parsed.config;
  if (isRefused && parsed.refused !== null) return parsed.refused;
  for (const { code, path, message, expected, hint } of parsed.problems) {
    const whole = message.includes(expected) ? message : `${message}, expected ${expected}`;
    problems.push({ code, path: ["cluster", ...path], on: keyCodes.has(code) ? "key" : "value", message: whole, hint });
  }
  return null;
}

function readPartitioners(
  cluster: ClusterConfig,
  problems: Problem[],
  file: string,
  readModule: ReadModule,
): Partitioners {
  const loaded = loadPartitioners(cluster, file, readModule);
  problems.push(...loaded.problems);
  return loaded.partitioners;
}

function readSteps(raw: unknown, problems: Problem[]) {
  const steps: { readonly index: number; readonly step: Step }[] = [];
  const list: readonly unknown[] = Array.isArray(raw) ? raw : [];
  for (const [index, one] of list.entries()) {
    const parsed = parseStep(one, ["steps", index]);
    if (parsed.ok) steps.push({ index, step: parsed.step });
    else problems.push(...parsed.problems);
  }
  return { steps, complete: steps.length === list.length };
}

function readFinal(raw: unknown, problems: Problem[]): FinalExpectations | null {
  const parsed = finalExpectations.safeParse(raw ?? {});
  if (!parsed.success) {
    problems.push(...problemsOf(parsed.error, raw, ["expect"]));
    return null;
  }
  const { holds, loses } = parsed.data;
  for (const [index, id] of loses.entries()) {
    if (!holds.includes(id)) continue;
    const message = `${id} stands under \`holds\` too`;
    problems.push({ code: "E_CONTRADICTION", path: ["expect", "loses", index], on: "value", message, hint: null });
  }
  return parsed.data;
}

function isMap(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function nameIn(raw: unknown): string | null {
  const name: unknown = isMap(raw) ? Reflect.get(Object(raw), "scenario") : null;
  return typeof name === "string" ? name : null;
}

function withFile(file: string, { code, line, column, message, hint }: Omit<ScenarioError, "file">): ScenarioError {
  return { code, file, line, column, message, hint };
}

function inOrder(errors: readonly ScenarioError[]): readonly ScenarioError[] {
  const place = (error: ScenarioError) => [error.line ?? 0, error.column ?? 0] as const;
  return [...errors].sort((a, b) => {
    const [lineA, columnA] = place(a);
    const [lineB, columnB] = place(b);
    return lineA - lineB || columnA - columnB;
  });
}
