/**
 * A way through a cluster, walked again choice by choice: every moment on it, as it looks and with what is on its way.
 * Both kinds of clusters are walked, the one with a clock and the one without.
 */
import { canonicalJson } from "../explore/canonical-json.ts";
import { replay } from "../explore/replay.ts";
import type { System } from "../explore/system.ts";
import { createTraceHash } from "../explore/trace-hash.ts";
import type { Cell } from "../model/cluster/cells.ts";
import { changedIn, changedSlots } from "../model/cluster/changed-in.ts";
import type { ClusterChoice } from "../model/cluster/choice.ts";
import type { Cluster } from "../model/cluster/cluster.ts";
import type { ClusterState, Connection } from "../model/cluster/state.ts";
import type { UntimedCluster, UntimedState } from "../model/cluster/untimed-cluster.ts";
import type { FaultState } from "../model/cluster/untimed-faults.ts";
import { createUntimedView } from "../model/cluster/untimed-view.ts";
import { createViewer } from "../model/cluster/view.ts";
import type { ClusterView } from "../spec/cluster-view.ts";

export interface Moment {
  readonly view: ClusterView;
  readonly connections: readonly Connection[];
  /** Links that are cut, each between two nodes. */
  readonly cuts: readonly (readonly [string, string])[];
}

export interface WalkedStep {
  readonly choice: ClusterChoice;
  /** The choice's label. */
  readonly label: string;
  /** How it looked before; what has not changed is the very same object in `after`. */
  readonly before: ClusterView;
  readonly after: Moment;
}

/** A label that is not enabled where it stands: `at` is its index. */
export interface StuckWalk {
  readonly outcome: "stuck";
  readonly at: number;
  readonly label: string;
  readonly enabled: readonly string[];
}

export interface Walk {
  readonly outcome: "walked";
  readonly begin: Moment;
  readonly steps: readonly WalkedStep[];
  /** Hash of the run: of every label and every change. */
  readonly hash: string;
}

/** With a clock. The hash is the one that the subject gives such a run. */
export function walkTimed(cluster: Cluster, labels: readonly string[]): Walk | StuckWalk {
  const viewOf = createViewer(cluster.config);
  const momentOf = (state: ClusterState): Moment => {
    return { view: viewOf(state), connections: state.connections, cuts: state.cuts };
  };
  const begin = momentOf(cluster.initial());
  let view = begin.view;
  return walk(cluster, labels, begin, (before, choice, after) => {
    const was = view;
    const moment = momentOf(after);
    view = moment.view;
    return {
      changed: changedIn(before, after),
      step: { choice, label: cluster.label(choice), before: was, after: moment },
    };
  });
}

/** Without a clock. */
export function walkUntimed(cluster: UntimedCluster, labels: readonly string[]): Walk | StuckWalk {
  const { setting } = cluster;
  const { plan, slots } = setting;
  const connectionsOf = (state: UntimedState) =>
    plan.pairs.flatMap((pair) => (state[plan.slotOfPair(...pair)] as Cell).connections);
  const cutsOf = (state: UntimedState) => (state[slots.faults] as FaultState).cuts;
  const initial = cluster.initial();
  const begin: Moment = {
    view: createUntimedView(setting, (slot) => initial[slot]).after,
    connections: connectionsOf(initial),
    cuts: cutsOf(initial),
  };
  return walk(cluster, labels, begin, (before, choice, after) => {
    const changed = changedSlots(before, after);
    const observed = cluster.observed(before, choice);
    const views = createUntimedView(setting, (slot) => before[slot], changed, observed);
    const moment: Moment = { view: views.after, connections: connectionsOf(after), cuts: cutsOf(after) };
    return {
      changed: canonicalJson([...changed]),
      step: { choice, label: cluster.label(choice), before: views.before, after: moment },
    };
  });
}

function walk<State>(
  system: System<State, ClusterChoice>,
  labels: readonly string[],
  begin: Moment,
  take: (before: State, choice: ClusterChoice, after: State) => { changed: string; step: WalkedStep },
): Walk | StuckWalk {
  const steps: WalkedStep[] = [];
  const hash = createTraceHash();
  const replayed = replay(system, labels, {
    mode: "strict",
    onStep(before, choice, label, after) {
      const { changed, step } = take(before, choice, after);
      hash.step(label, changed);
      steps.push(step);
    },
  });
  if (replayed.outcome === "stuck") {
    const { at, label, enabled } = replayed;
    return { outcome: "stuck", at, label, enabled };
  }
  return { outcome: "walked", begin, steps, hash: hash.digest() };
}
