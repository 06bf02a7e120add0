/**
 * `npm run random`: random clusters under fire, what they met and what they showed; one run as a story; the smallest
 * plan that still fails. `npm run plants`: every planted bug, what catches it and how soon.
 */
import { parseArgs } from "node:util";
import { shrink as shrinkLabels } from "../../explore/shrink.ts";
import type { ClusterState } from "../../model/cluster/state.ts";
import { createViewer } from "../../model/cluster/view.ts";
import { plantedBugs } from "../../model/plants/planted-bugs.ts";
import type { ClusterView } from "../../spec/cluster-view.ts";
import { createMonitor } from "../../spec/monitor.ts";
import { requirements } from "../../spec/requirements/index.ts";
import { conditions } from "./met.ts";
import type { Plan } from "./plan.ts";
import { clusterOf, playPlan } from "./play.ts";
import { jobsOf, playJobs } from "./pool.ts";
import { checkSeed, planOf, type RunResult, reproductionOf, violationsOf } from "./run.ts";
import { stepperWith } from "./worker.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    runs: { type: "string", default: "10000" },
    plant: { type: "string" },
    story: { type: "boolean", default: false },
    shrink: { type: "boolean", default: false },
    plants: { type: "boolean", default: false },
  },
});

const verdicts = ["holds", "violated", "expected-loss", "no-witness", "inconclusive", "not-applicable"] as const;

const seed = numberOf("--seed", values.seed);
const runs = numberOf("--runs", values.runs);
const bug = values.plant ?? null;
if (bug !== null && !plantedBugs.some(({ id }) => id === bug)) refuse(`no planted bug ${bug}; see explain --plants`);

if (values.plants) process.exitCode = await plantAll();
else if (values.shrink) process.exitCode = shrink(seed);
else if (values.story) process.exitCode = tell(planOf(seed));
else process.exitCode = await summarize();

/** Exit codes as those of the program: 1 where a promise was violated. */
async function summarize(): Promise<number> {
  const results = (await playJobs(jobsOf(seed, runs, bug))).flat();
  const steps = results.map((result) => result.steps).sort((one, other) => one - other);
  console.log(`${results.length} runs, seeds ${seed} to ${seed + runs - 1}; ${sum(steps)} choices under fire,`);
  console.log(`median ${steps[Math.floor(steps.length / 2)]}, then healed and brought to rest\n`);
  for (const condition of conditions) {
    const met = results.filter((result) => result.met.includes(condition)).length;
    console.log(`${((100 * met) / results.length).toFixed(1).padStart(5)} %  ${condition}`);
  }
  console.log(`\n${"".padEnd(8)}${verdicts.map((verdict) => verdict.padStart(15)).join("")}`);
  for (const { id } of requirements) {
    const counts = verdicts.map((verdict) => results.filter((result) => result.verdicts[id] === verdict).length);
    console.log(`${id.padEnd(8)}${counts.map((count) => String(count).padStart(15)).join("")}`);
  }
  const bad = results.filter(({ violations }) => violations.length > 0);
  for (const { seed: at, violations } of bad.slice(0, 5)) {
    for (const { id, text } of violations) console.log(`\n${id} violated: ${text}\n  ${reproductionOf(at, bug)}`);
  }
  return bad.length === 0 ? 0 : 1;
}

/** Every step of one run, with what was seen. */
function tell(plan: Plan): number {
  console.log(JSON.stringify(plan.cluster));
  let index = 0;
  const played = playPlan(plan, {
    stepper: stepperWith(bug),
    onView(view, label) {
      const seen = view.observed.map(({ kind, ...rest }) => `${kind} ${JSON.stringify(rest)}`).join("; ");
      if (label !== undefined) console.log(`${String(index).padStart(4)} ${view.time} ms  ${label}  ${seen}`);
      index += 1;
    },
  });
  console.log(`\nmended after ${played.labels.length} choices, at rest ${played.restSteps} later`);
  const violations = violationsOf(played);
  for (const { id, text } of violations) console.log(`${id} violated: ${text}`);
  return violations.length === 0 ? 0 : 1;
}

/** The smallest plan that fast-check finds below that of the seed, and its story. */
function shrink(at: number): number {
  const isKept = (plan: Plan) => violationsOf(playPlan(plan, { stepper: stepperWith(bug) })).length === 0;
  const found = checkSeed(at, isKept, true);
  const [plan] = found.counterexample ?? [];
  if (plan === undefined) {
    console.log(`seed ${at} violates nothing`);
    return 0;
  }
  console.log(`plan shrunk ${found.numShrinks} times`);
  const cluster = clusterOf(plan, stepperWith(bug));
  const played = playPlan(plan, { stepper: stepperWith(bug) });
  const [violated] = violationsOf({ verdicts: played.underFire });
  // Choices can be left out as long as nothing has been mended.
  if (violated === undefined) return tell(plan);
  const judge = () => {
    const viewOf = createViewer(cluster.config, plan.schedule.slackMs);
    const monitor = createMonitor(
      cluster.config,
      requirements.filter(({ id }) => id === violated.id),
    );
    let before: ClusterView | null = null;
    return (state: ClusterState) => {
      const view = viewOf(state);
      monitor.see(view, before);
      before = view;
      return monitor.verdicts().some(({ verdict }) => verdict === "violated");
    };
  };
  const { labels, replays } = shrinkLabels(cluster, played.labels, { judge });
  console.log(`${played.labels.length} choices shrunk to ${labels.length} in ${replays} replays\n`);
  console.log(JSON.stringify(plan.cluster));
  for (const label of labels) console.log(`  ${label}`);
  console.log(`\n${violated.id} violated: ${violated.text}`);
  return 1;
}

async function plantAll(): Promise<number> {
  const jobs = plantedBugs.map(({ id, requirement }) => ({
    from: seed,
    to: seed + runs - 1,
    plant: id,
    until: requirement,
  }));
  const results = await playJobs(jobs);
  const rows = plantedBugs.map(({ id, title, requirement }, index) => {
    const caught = catchingRun(results[index] ?? [], requirement);
    return { id, title, requirement, runs: caught === undefined ? null : caught.seed - seed + 1 };
  });
  for (const row of rows) {
    const after = row.runs === null ? `NOT CAUGHT in ${runs}` : `after ${row.runs} runs`;
    console.log(`${row.id.padEnd(30)} ${row.requirement.padEnd(6)} ${after.padEnd(20)} ${row.title}`);
  }
  const caught = rows.filter((row) => row.runs !== null).length;
  console.log(`\n${caught} of ${rows.length} planted bugs caught, seeds from ${seed}`);
  return caught === rows.length ? 0 : 1;
}

function catchingRun(results: readonly RunResult[], requirement: string): RunResult | undefined {
  return results.find(({ violations }) => violations.some(({ id }) => id === requirement));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function numberOf(option: string, text: string): number {
  const number = Number(text);
  return Number.isSafeInteger(number) && number >= 0 ? number : refuse(`${option} ${text} is no whole number`);
}

function refuse(message: string): never {
  console.error(`E_USAGE: ${message}`);
  process.exit(3);
}
