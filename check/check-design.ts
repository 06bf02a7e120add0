/** Design validation: every state that a design can get into, within its bounds, and a verdict on every requirement. */

import type { AnyStateMachine } from "xstate";
import { search } from "../explore/search.ts";
import type { SearchProgress, SearchResult } from "../explore/search-options.ts";
import type { MachineKind } from "../model/cluster/machines.ts";
import type { UntimedCluster } from "../model/cluster/untimed-cluster.ts";
import type { Requirement, Verdict } from "../spec/requirement.ts";
import { requirements } from "../spec/requirements/index.ts";
import { clusterOfDesign } from "./cluster-of-design.ts";
import { boundedConfig, type Design } from "./design.ts";
import { Judging } from "./judging.ts";
import { type StoryStep, tell } from "./story.ts";

export interface CheckOptions {
  /** Which are judged; all that a state or a step can show, if not given. */
  readonly requirements?: readonly Requirement[];
  /** Other machines than the usual ones (planted bugs). */
  readonly machines?: Readonly<Record<MachineKind, AnyStateMachine>>;
  readonly maxStates?: number;
  /** Leave out moments in which nothing is decided; yes if not given. */
  readonly reduced?: boolean;
  /** End at the first violation, promised or not; the search goes on if not given. */
  readonly stopAtFirst?: boolean;
  onProgress?(progress: SearchProgress): "stop" | undefined;
}

/** What a search remembers of steps; what it has forgotten it must work out again. */
export const memoBytes = 2 ** 31;

export interface CheckedRequirement {
  readonly id: string;
  readonly title: string;
  readonly promised: boolean;
  readonly verdict: Verdict;
  /** Why it is inconclusive, or what has not come to pass; `null` otherwise. */
  readonly reason: string | null;
  /** The shortest way to a violation; `null` if none was found. */
  readonly counterexample: readonly StoryStep[] | null;
}

export interface Checked {
  /** Was every state within the bounds looked at? */
  readonly complete: boolean;
  readonly end: SearchResult<unknown>["end"] | "runs";
  readonly states: number;
  readonly transitions: number;
  /** How many choices lead to the states that are furthest away. */
  readonly depth: number;
  /** The odds that two states were taken for one. */
  readonly collisionOdds: number;
  readonly requirements: readonly CheckedRequirement[];
}

export function checkDesign(design: Design, options: CheckOptions = {}): Checked {
  const judged = judgedCluster(design, options);
  const { onProgress, maxStates } = options;
  const found = search(judged.cluster, {
    invariants: judged.judging.invariants(judged.cluster),
    onViolation: options.stopAtFirst === true ? "stop" : "go on",
    memoBytes,
    ...(maxStates === undefined ? {} : { maxStates }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  return checkedBy(judged, found);
}

export interface JudgedCluster {
  readonly cluster: UntimedCluster;
  readonly judging: Judging;
}

export function judgedCluster(
  design: Design,
  { requirements: asked, machines, reduced }: Pick<CheckOptions, "requirements" | "machines" | "reduced">,
): JudgedCluster {
  const judging = new Judging(asked ?? requirements, boundedConfig(design));
  const cluster = clusterOfDesign(design, {
    judge: judging.judgeStep,
    ...(machines === undefined ? {} : { machines }),
    ...(reduced === undefined ? {} : { reduced }),
  });
  return { cluster, judging };
}

/** What the search of a judged cluster says of each requirement. */
export function checkedBy({ cluster, judging }: JudgedCluster, found: SearchResult<unknown>): Checked {
  const { end, states, transitions, levels, collisionOdds } = found;
  const complete = end === "complete";
  const judged = judging.requirements.map((requirement) => {
    const { promised, allowed } = judging.resultsOf(requirement, found.invariants);
    const ways = { promised: promised?.first?.labels ?? null, allowed: allowed?.first?.labels ?? null };
    return verdictOn(cluster, requirement, ways, complete, judging.isMet(requirement));
  });
  return { complete, end, states, transitions, depth: levels.length - 1, collisionOdds, requirements: judged };
}

/** Ways to a violation of what is promised, and of what is not; `null` where none was found. */
export interface Ways {
  readonly promised: readonly string[] | null;
  readonly allowed: readonly string[] | null;
}

/** `whole`: was everything done that one wanted to do? */
export function verdictOn(
  cluster: UntimedCluster,
  { id, title, promised: isPromised }: Requirement,
  ways: Ways,
  whole: boolean,
  isMet: boolean,
): CheckedRequirement {
  const story = (labels: readonly string[] | null) => (labels === null ? null : tell(cluster, labels));
  const promised = isPromised(cluster.setting.config, {});
  const of = (verdict: Verdict, reason: string | null = null, counterexample: readonly StoryStep[] | null = null) => ({
    id,
    title,
    promised,
    verdict,
    reason,
    counterexample,
  });
  const broken = story(ways.promised);
  if (broken !== null) return of("violated", null, broken);
  const lost = story(ways.allowed);
  if (lost !== null && !promised) return of("expected-loss", null, lost);
  if (!promised) return of("no-witness");
  if (!whole) return of("inconclusive", "the search has ended before every state was looked at", lost);
  if (!isMet) return of("inconclusive", "its premise never came up");
  return lost === null ? of("holds") : of("expected-loss", null, lost);
}
