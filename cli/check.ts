/** `highwater check`: can this design lose, duplicate or disorder a record, and how? */
import { availableParallelism } from "node:os";
import type { Checked } from "../check/check-design.ts";
import { isAskedAlone } from "../check/check-liveness.ts";
import { type Design, estimatedStates, statesMax } from "../check/design.ts";
import { changed, changesThatPromise } from "../check/suggest.ts";
import type { Requirement } from "../spec/requirement.ts";
import { type CounterexampleFiles, counterexampleFiles } from "./check-files.ts";
import { CliError } from "./cli-error.ts";
import { type DesignOptions, designOf, requirementsOf, secondsIn, wholeNumber } from "./design-options.ts";
import type { Environment } from "./environment.ts";
import { exitCode } from "./exit-code.ts";
import { plantOf } from "./plant-option.ts";
import { beginChecks } from "./run-checks.ts";
import { type Suggestion, showCheck, showComparison, showSuggestion } from "./show-check.ts";
import { version } from "./version.ts";

export interface CheckOptions extends DesignOptions {
  readonly json?: boolean;
  readonly requirement?: readonly string[];
  readonly maxStates?: string;
  readonly runs?: string;
  readonly seed?: string;
  readonly time?: string;
  readonly plant?: string;
  readonly out?: string;
  readonly timeline?: boolean;
  readonly suggest?: boolean;
  readonly compare?: string;
}

/** Interrupted, or at its time limit, it reports what it has looked at so far. */
export async function check(
  file: string | undefined,
  options: CheckOptions,
  environment: Environment,
): Promise<number> {
  const { design, setAside } = designOf(file, options);
  const other = options.compare === undefined ? null : designOf(options.compare, withoutFrom(options)).design;
  const requirements = askedFor(options).map(({ id }) => id);
  const plant = plantOf(options.plant)?.id ?? null;
  const maxStates = options.maxStates === undefined ? null : wholeNumber("--max-states", options.maxStates);
  const random = randomOf(options);
  const limit = options.time === undefined ? null : secondsIn(options.time);
  if (limit === null && maxStates === null && random === null) refuseEndless(design);
  const search = beginChecks({ limit, environment, cores: availableParallelism() });
  const checkOf = (one: Design, ids = requirements) =>
    search.check({ design: one, requirements: ids, plant, maxStates, random });
  const checked = await checkOf(design);
  const compared = other === null ? null : await checkOf(other);
  const suggestion = options.suggest === true ? await suggest(design, checked, (one, id) => checkOf(one, [id])) : null;
  const took = search.end();
  const wantsFiles = options.out !== undefined || options.timeline === true;
  const files = wantsFiles
    ? counterexampleFiles(design, plant, checked, options.out ?? null, environment.style)
    : new Map<string, CounterexampleFiles>();
  const report = {
    version: version(),
    ...design,
    setAside,
    mode: random === null ? "exhaustive" : "random",
    runs: null,
    seed: null,
    ...random,
  };
  const extra = {
    ...(suggestion === null ? {} : { suggestion }),
    ...(other === null || compared === null ? {} : { compared: { ...other, ...inJson(compared, new Map()) } }),
  };
  environment.out(
    options.json === true
      ? `${JSON.stringify({ ...report, ...inJson(checked, files), ...extra, seconds: took }, null, 2)}\n`
      : [
          showCheck(design, checked, took, environment.style, {
            files,
            timeline: options.timeline === true,
            seed: random?.seed ?? null,
            setAside,
          }),
          ...(suggestion === null ? [] : [showSuggestion(suggestion)]),
          ...(other === null || compared === null ? [] : [showComparison(checked, other, compared)]),
        ].join("\n"),
  );
  return exitCodeOf(checked, random !== null, (options.requirement ?? []).length > 0);
}

/** What must come to pass is looked at in the graph of all states, not in each of them, and not in a run. */
function askedFor({ requirement: ids = [], runs, seed }: CheckOptions): readonly Requirement[] {
  const asked = requirementsOf(ids);
  const eventual = ids.length === 0 ? undefined : asked.find(({ goal }) => goal !== undefined);
  if (eventual === undefined || (isAskedAlone(asked) && runs === undefined && seed === undefined)) return asked;
  const hint = `ask for it alone: --requirement ${eventual.id}, without --runs`;
  throw new CliError("E_USAGE", `${eventual.id} (${eventual.title}) is a search of its own`, hint);
}

function randomOf({ runs, seed, maxStates }: CheckOptions): { runs: number; seed: number } | null {
  if (runs === undefined && seed === undefined) return null;
  if (maxStates !== undefined)
    throw new CliError("E_USAGE", "--max-states is for an exhaustive search, not for --runs");
  const drawn = wholeNumber("--seed", seed ?? "1");
  if (drawn >= 2 ** 32) throw new CliError("E_USAGE", `--seed is ${drawn}; expected a number below 2^32`);
  return { runs: wholeNumber("--runs", runs ?? "100"), seed: drawn };
}

function refuseEndless(design: Design): void {
  const estimate = estimatedStates(design);
  if (estimate <= statesMax) return;
  throw new CliError(
    "E_BOUNDS",
    `there may be 10^${Math.round(Math.log10(estimate))} states within these bounds: nobody will see the end of it`,
    "say how far to look with --time or --max-states, or take fewer records, faults or replicas",
  );
}

/** What is compared is a file; faults and bounds are the same. */
function withoutFrom({ faults, bound, channels }: CheckOptions): DesignOptions {
  return { faults, channels, ...(bound === undefined ? {} : { bound }) };
}

/** The first set of changes under which what was lost holds; `null` where nothing was lost. */
async function suggest(
  design: Design,
  { requirements }: Checked,
  checkOne: (design: Design, requirement: string) => Promise<Checked>,
): Promise<Suggestion | null> {
  const lost = requirements.find(({ verdict }) => verdict === "expected-loss");
  if (lost === undefined) return null;
  for (const changes of changesThatPromise(design, lost.id)) {
    const better = await checkOne(changed(design, changes), lost.id);
    if (better.requirements[0]?.verdict !== "holds") continue;
    const settings = changes.map(({ name, value }) => ({ name, value }));
    return { requirement: lost.id, changes: settings, states: better.states };
  }
  return { requirement: lost.id, changes: null, states: 0 };
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
function exitCodeOf({ requirements: judged, complete, end }: Checked, isRandom: boolean, isAskedFor: boolean): number {
  if (judged.some(({ verdict }) => verdict === "violated")) return exitCode.violated;
  const isOpen = judged.some(({ verdict }) => verdict === "inconclusive");
  const isCutShort = isRandom ? end === "stopped" : !complete;
  return isOpen && (isAskedFor || isCutShort) ? exitCode.inconclusive : exitCode.ok;
}
