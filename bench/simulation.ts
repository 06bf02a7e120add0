/**
 * `npm run bench:simulation`: random clusters under fire with every requirement judged, as `npm run random` plays them:
 * events a second with the compiled steps and with XState's `transition()`, on one core and on all.
 */
import { availableParallelism } from "node:os";
import { createCompiledStepper } from "../model/cluster/compiled-stepper.ts";
import { createMachines, createStepper, type Stepper } from "../model/cluster/machines.ts";
import type { Plan } from "../test/random/plan.ts";
import { playPlan } from "../test/random/play.ts";
import { jobsOf, playJobs } from "../test/random/pool.ts";
import { planOf } from "../test/random/run.ts";
import { grouped, measured, median, printTable } from "./measure.ts";

const rounds = 3;
const runs = 300;
const runsOfTransition = 20;

const plans = Array.from({ length: runs }, (_, index) => planOf(index + 1));

function eventsOf(stepper: Stepper, of: readonly Plan[]): number {
  return of.reduce((events, plan) => {
    const { labels, restSteps } = playPlan(plan, { stepper });
    return events + labels.length + restSteps;
  }, 0);
}

/** Events a second of processor time. */
function rateOf(stepper: Stepper, of: readonly Plan[]): number {
  const { seconds, value } = measured(() => eventsOf(stepper, of));
  return value / seconds;
}

/** Runs a second of the clock on so many cores. */
async function runsPerSecond(cores: number): Promise<number> {
  const before = performance.now();
  await playJobs(jobsOf(1, 6 * runs, null), cores);
  return (6 * runs) / ((performance.now() - before) / 1_000);
}

const compiled = createCompiledStepper(createMachines());
const transition = createStepper(createMachines());
const rows: { compiled: number; transition: number; cores: number }[] = [];
for (let round = 0; round < rounds; round += 1) {
  const alone = await runsPerSecond(1);
  rows.push({
    compiled: rateOf(compiled, plans),
    transition: rateOf(transition, plans.slice(0, runsOfTransition)),
    cores: (await runsPerSecond(availableParallelism())) / alone,
  });
}
const rate = median(rows.map((row) => row.compiled));
const cores = median(rows.map((row) => row.cores));
printTable(
  `Random clusters under fire, everything judged: events a second of processor time, medians of ${rounds} rounds`,
  [
    ["transition()", "compiled steps", "ratio", `gain by ${availableParallelism()} cores`, "on all of them"],
    [
      grouped(median(rows.map((row) => row.transition))),
      grouped(rate),
      median(rows.map((row) => row.compiled / row.transition)).toFixed(1),
      cores.toFixed(2),
      grouped(rate * cores),
    ],
  ],
);
