/**
 * Plays a plan in two phases: first under fire, every promised requirement judged on every state; then everything is
 * mended, each partition gets one more record, the consumer goes on polling, and the cluster must come to rest.
 */
import { randomWalk } from "../../explore/random-walk.ts";
import type { ClusterChoice, ExternalChoice } from "../../model/cluster/choice.ts";
import { type Cluster, createCluster } from "../../model/cluster/cluster.ts";
import type { Stepper } from "../../model/cluster/machines.ts";
import type { ClusterState } from "../../model/cluster/state.ts";
import { createViewer } from "../../model/cluster/view.ts";
import type { ClusterView } from "../../spec/cluster-view.ts";
import { type ClusterConfig, partitionsOf } from "../../spec/config/cluster-config.ts";
import { createMonitor } from "../../spec/monitor.ts";
import type { RequirementVerdict } from "../../spec/requirement.ts";
import { liv1 } from "../../spec/requirements/liv.ts";
import { configOf, externalOf, mendingOf, type Plan } from "./plan.ts";

/** So long the cluster may take to come to rest, in virtual milliseconds: longer than any time-out of a plan. */
const restMsMax = 60_000;

export interface Played {
  readonly config: ClusterConfig;
  /** What was chosen under fire, by its labels. */
  readonly labels: readonly string[];
  /** How many steps it took until everything had come to rest. */
  readonly restSteps: number;
  readonly verdicts: readonly RequirementVerdict[];
  /** The verdicts as they stood before anything was mended. */
  readonly underFire: readonly RequirementVerdict[];
}

export interface PlayOptions {
  readonly stepper: Stepper;
  /** Told of every state; what is chosen is absent in the initial one. */
  onView?(view: ClusterView, label?: string): void;
}

/** The cluster of a plan, with everything that is offered from outside. */
export function clusterOf(plan: Plan, stepper: Stepper): Cluster {
  const config = configOf(plan);
  return createCluster(config, { external: externalOf(plan, config), slackMs: plan.schedule.slackMs, stepper });
}

export function playPlan(plan: Plan, { stepper, onView }: PlayOptions): Played {
  const cluster = clusterOf(plan, stepper);
  const { config } = cluster;
  const { seed, slackMs, stepsMax, clientWeight, faultWeight } = plan.schedule;
  const viewOf = createViewer(config, slackMs);
  const monitor = createMonitor(config);
  let view = viewOf(cluster.initial());
  monitor.see(view, null);
  onView?.(view);
  const see = (next: ClusterState, label: string) => {
    const seen = viewOf(next);
    monitor.see(seen, view);
    view = seen;
    onView?.(view, label);
  };
  const weightOf = ({ kind }: ClusterChoice) =>
    kind === "fault" ? faultWeight : kind === "client" ? clientWeight : 100;
  const { labels, state } = randomWalk(cluster, {
    seed,
    maxSteps: stepsMax,
    weight: weightOf,
    onStep(_state, _choice, label, next) {
      see(next, label);
      return undefined;
    },
  });
  const underFire = monitor.verdicts();
  const rest = bringToRest(
    createCluster(config, { stepper }),
    state,
    config,
    mendingOf(config, externalOf(plan, config)),
    see,
  );
  monitor.rest(view);
  return { config, labels, restSteps: rest, verdicts: monitor.verdicts(), underFire };
}

/** Mends everything and goes on by the default schedule; the number of steps that it took. */
function bringToRest(
  cluster: Cluster,
  from: ClusterState,
  config: ClusterConfig,
  mending: readonly ExternalChoice[],
  see: (state: ClusterState, label: string) => void,
): number {
  const viewOf = createViewer(config);
  const end = from.now + restMsMax;
  let state = from;
  let steps = 0;
  const apply = (choice: ClusterChoice) => {
    state = cluster.apply(state, choice);
    steps += 1;
    see(state, cluster.label(choice));
  };
  for (const choice of mending) apply(choice);
  for (const client of [...Object.keys(config.producers), ...Object.keys(config.consumers)]) {
    if (state.machines[client]?.value === "crashed") apply({ kind: "client", client, operation: { f: "restart" } });
  }
  for (const partition of partitionsOf(config)) {
    const records = [{ key: null, value: `last-${partition}` }];
    apply({ kind: "client", client: "p2", operation: { f: "send", to: partition, records } });
  }
  const isAtRest = () => !liv1.goal?.(viewOf(state)).some(({ scope }) => liv1.promised(config, scope));
  while (state.now < end && !isAtRest()) {
    if (isIdle(state, "c1")) apply({ kind: "client", client: "c1", operation: { f: "poll", timeoutMs: 500 } });
    const [next] = cluster.enabled(state);
    if (next === undefined) break;
    apply(next);
  }
  return steps;
}

function isIdle(state: ClusterState, consumer: string): boolean {
  const value = state.machines[consumer]?.value as { readonly running?: { readonly calls?: unknown } } | undefined;
  return value?.running?.calls === "idle";
}
