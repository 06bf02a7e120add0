/**
 * `npm run bench:simulation`: random clusters under fire with every requirement judged, as `npm run random` plays them:
 * events that machines take, and choices (a delivery, a timer, a call, a fault), a second; with the compiled steps and
 * with XState's `transition()`, on one core and on all.
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

function choicesOf(stepper: Stepper, of: readonly Plan[]): number {
  return of.reduce((choices, plan) => {
    const { labels, restSteps } = playPlan(plan, { stepper });
    return choices + labels.length + restSteps;
  }, 0);
}

/** How many events machines take in these runs, beginnings included. */
function eventsOf(of: readonly Plan[]): number {
  let events = 0;
  const counting: Stepper = {
    create(kind, input) {
      events += 1;
      return compiled.create(kind, input);
    },
    step(state, event) {
      events += 1;
      return compiled.step(state, event);
    },
  };
  choicesOf(counting, of);
  return events;
}

/** Choices a second of processor time. */
function rateOf(stepper: Stepper, of: readonly Plan[]): number {
  const { seconds, value } = measured(() => choicesOf(stepper, of));
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
rateOf(compiled, plans); // The first time round goes to the just-in-time compiler.
const rows: { compiled: number; transition: number; cores: number }[] = [];
for (let round = 0; round < rounds; round += 1) {
  const alone = await runsPerSecond(1);
  rows.push({
    compiled: rateOf(compiled, plans),
    transition: rateOf(transition, plans.slice(0, runsOfTransition)),
    cores: (await runsPerSecond(availableParallelism())) / alone,
  });
}
const choices = median(rows.map((row) => row.compiled));
const cores = median(rows.map((row) => row.cores));
const eventsPerChoice = eventsOf(plans) / choicesOf(compiled, plans);
const ratio = median(rows.map((row) => row.compiled / row.transition)).toFixed(1);
printTable(`Random clusters under fire, everything judged: a second of processor time, medians of ${rounds} rounds`, [
  ["", "transition()", "compiled steps", "ratio", `gain by ${availableParallelism()} cores`, "on all of them"],
  ...(
    [
      ["choices", 1],
      ["events of machines", eventsPerChoice],
    ] as const
  ).map(([what, each]) => [
    what,
    grouped(median(rows.map((row) => row.transition)) * each),
    grouped(choices * each),
    ratio,
    cores.toFixed(2),
    grouped(choices * each * cores),
  ]),
]);
