/** Design validation by random runs, where there are too many states to look at each: what was found in so many choices. */

import { shrink } from "../explore/shrink.ts";
import { uniformWalk } from "../explore/uniform-walk.ts";
import type { UntimedState } from "../model/cluster/untimed-cluster.ts";
import { requirements } from "../spec/requirements/index.ts";
import { type Checked, type CheckOptions, verdictOn } from "./check-design.ts";
import { clusterOfDesign } from "./cluster-of-design.ts";
import { boundedConfig, type Design } from "./design.ts";
import { Judging } from "./judging.ts";

/** Choices that a run has at most. */
export const choicesOfRun = 100;

/** A replay takes some hundred milliseconds; the shortest way is what an exhaustive search is for. */
const replaysMax = 150;

export interface RandomOptions extends Pick<CheckOptions, "requirements" | "machines"> {
  readonly runs: number;
  /** 0 to 2^32 - 1. */
  readonly seed: number;
  shouldStop?(): boolean;
}

/** Not complete: `holds` means that nothing was found. After each violation it goes on, looking for the others. */
export function checkRandomly(design: Design, options: RandomOptions): Checked {
  const { runs, seed, machines, shouldStop } = options;
  const judging = new Judging(options.requirements ?? requirements, boundedConfig(design));
  const cluster = clusterOfDesign(design, {
    judge: judging.judgeStep,
    ...(machines === undefined ? {} : { machines }),
  });
  const found = new Map<string, readonly string[]>();
  let invariants = judging.invariants(cluster);
  let [left, transitions, states, stopped] = [runs * choicesOfRun, 0, 0, false];
  while (left > 0 && !stopped) {
    const walk = uniformWalk(cluster, {
      seed,
      maxTransitions: left,
      invariants,
      ...(shouldStop === undefined ? {} : { shouldStop }),
    });
    transitions += walk.transitions;
    left -= Math.max(walk.transitions, 1);
    states = Math.max(states, walk.states);
    stopped = walk.end === "stopped";
    if (walk.violation === null) break;
    const { invariant, labels } = walk.violation;
    const judge = invariants.find(({ name }) => name === invariant);
    const isWrong = () => (state: UntimedState) =>
      judge?.checks.some((check) => !check((slot) => state[slot])) === true;
    const shorter = shrink(cluster, labels, { judge: isWrong, replaysMax, detourStepsMax: 0 });
    found.set(invariant, shorter.labels);
    invariants = invariants.filter(({ name }) => name !== invariant);
  }
  const depth = Math.max(0, ...[...found.values()].map(({ length }) => length));
  const judged = judging.requirements.map((requirement) => {
    const way = (name: "promised" | "allowed") => found.get(judging.nameOf(requirement, name)) ?? null;
    const ways = { promised: way("promised"), allowed: way("allowed") };
    return verdictOn(cluster, requirement, ways, !stopped, judging.isMet(requirement));
  });
  const end = stopped ? "stopped" : "runs";
  return { complete: false, end, states, transitions, depth, collisionOdds: 0, requirements: judged };
}
