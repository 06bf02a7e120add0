/** Ways through clusters, for the tests of timelines: the shortest loss with acks=1, and random ones of both kinds. */
import { checkDesign } from "../../check/check-design.ts";
import { clusterOfDesign } from "../../check/cluster-of-design.ts";
import { type Design, defaultBounds, defaultCluster } from "../../check/design.ts";
import { randomWalk } from "../../explore/random-walk.ts";
import type { ClusterChoice } from "../../model/cluster/choice.ts";
import { createCluster } from "../../model/cluster/cluster.ts";
import { createCompiledStepper } from "../../model/cluster/compiled-stepper.ts";
import { createMachines } from "../../model/cluster/machines.ts";
import { noFaults } from "../../model/cluster/untimed-faults.ts";
import { plant } from "../../model/plants/plant.ts";
import { plantedBugById } from "../../model/plants/planted-bugs.ts";
import { type StuckWalk, type Walk, walkTimed, walkUntimed } from "../../report/walk.ts";
import { parseCluster } from "../../spec/config/parse-cluster.ts";
import { requirementById } from "../../spec/requirements/index.ts";
import { configOf, externalOf } from "../random/plan.ts";
import { planOf } from "../random/run.ts";

export function designWith(producer: object = {}, more: Partial<Design> = {}): Design {
  const parsed = parseCluster({ ...defaultCluster, producers: { p: { "linger.ms": 0, ...producer } } });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return {
    config: parsed.config,
    faults: { ...noFaults, kill: 1 },
    bounds: { ...defaultBounds, records: 1 },
    channels: "rendezvous",
    ...more,
  };
}

/** With acks=1 and a kill the last acknowledged record goes. */
export const acks1 = designWith({ acks: 1 });

/** The labels of the shortest way that a check finds. */
export function shortestWay(design: Design, requirement: string, bug: string | null = null, maxStates = 20_000) {
  const judged = requirementById(requirement);
  const planted = bug === null ? undefined : plantedBugById(bug);
  const [found] = checkDesign(design, {
    maxStates,
    ...(judged === undefined ? {} : { requirements: [judged] }),
    ...(planted === undefined ? {} : { machines: plant(planted, createMachines()) }),
  }).requirements;
  if (found?.counterexample == null) throw new Error(`${requirement} is ${found?.verdict}`);
  return { verdict: found.verdict, labels: found.counterexample.map(({ choice }) => choice) };
}

export function walked(walk: Walk | StuckWalk): Walk {
  if (walk.outcome === "stuck") throw new Error(`${walk.label} is not enabled`);
  return walk;
}

/** With two records, all kinds of faults and a consumer's cluster left out. */
export function randomUntimed(seed: number) {
  const faults = { kill: 1, "power-off": 1, pause: 1, cut: 1, delay: 2 };
  const channels = seed % 2 === 0 ? "queued" : "rendezvous";
  const design = designWith({ acks: "all" }, { faults, channels, bounds: { ...defaultBounds, attempts: 2 } });
  const cluster = clusterOfDesign(design);
  const { labels, state } = randomWalk(cluster, { seed, maxSteps: 60, weight: weightOf });
  return { config: design.config, cluster, labels, state, walk: walked(walkUntimed(cluster, labels)) };
}

const stepper = createCompiledStepper(createMachines());

export function randomTimed(seed: number) {
  const plan = planOf(seed);
  const config = configOf(plan);
  const cluster = createCluster(config, { external: externalOf(plan, config), stepper });
  const { labels, state } = randomWalk(cluster, { seed, maxSteps: 200, weight: weightOf });
  return { config, cluster, labels, state, walk: walked(walkTimed(cluster, labels)) };
}

function weightOf({ kind }: ClusterChoice): number {
  return kind === "fault" ? 5 : kind === "client" ? 10 : 30;
}
