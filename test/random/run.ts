/** One random run by its seed: fast-check draws the plan, the plan is played. */
import fc from "fast-check";
import type { Stepper } from "../../model/cluster/machines.ts";
import type { Verdict } from "../../spec/requirement.ts";
import { type Condition, createMeter } from "./met.ts";
import { type Plan, plans } from "./plan.ts";
import { type Played, playPlan } from "./play.ts";

export interface RunResult {
  readonly seed: number;
  /** Choices executed under fire. */
  readonly steps: number;
  readonly met: readonly Condition[];
  readonly verdicts: Readonly<Record<string, Verdict>>;
  /** What went against a promise: requirement and text. */
  readonly violations: readonly { readonly id: string; readonly text: string }[];
}

/** The one run that fast-check makes of a seed; with `shrinks` it looks for a smaller plan where that fails. */
export function checkSeed(seed: number, isKept: (plan: Plan) => boolean, shrinks = false) {
  return fc.check(fc.property(plans, isKept), { seed, numRuns: 1, unbiased: true, endOnFailure: !shrinks });
}

/** The same seed is the same plan, and so the same run. */
export function planOf(seed: number): Plan {
  const drawn: Plan[] = [];
  checkSeed(seed, (plan) => drawn.push(plan) > 0);
  const [plan] = drawn;
  if (plan === undefined) throw new Error(`no plan of seed ${seed}`);
  return plan;
}

export function runSeed(seed: number, stepper: Stepper): RunResult {
  const meter = createMeter();
  const played = playPlan(planOf(seed), { stepper, onView: (view) => meter.see(view) });
  return {
    seed,
    steps: played.labels.length,
    met: meter.met(played.verdicts),
    verdicts: Object.fromEntries(played.verdicts.map(({ id, verdict }) => [id, verdict])),
    violations: violationsOf(played),
  };
}

export function violationsOf({ verdicts }: Pick<Played, "verdicts">): RunResult["violations"] {
  return verdicts
    .filter(({ verdict }) => verdict === "violated")
    .map(({ id, detail }) => ({ id, text: detail ?? "violated" }));
}

/** The command that repeats a run. */
export function reproductionOf(seed: number, plant: string | null): string {
  return `npm run random -- --seed ${seed} --runs 1 --story${plant === null ? "" : ` --plant ${plant}`}`;
}
