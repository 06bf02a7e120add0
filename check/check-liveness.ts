/**
 * Design validation of what must come to pass: from every state that a design can get into, a way leads to where all of it
 * has, without a further fault. What puts faults right (start, resume, heal) is a choice like any other.
 */
import { leadsTo } from "../explore/leads-to.ts";
import type { FaultState } from "../model/cluster/untimed-faults.ts";
import { createUntimedView, type SlotReader } from "../model/cluster/untimed-view.ts";
import type { Requirement, Violation } from "../spec/requirement.ts";
import type { Checked, CheckedRequirement, CheckOptions } from "./check-design.ts";
import { clusterOfDesign } from "./cluster-of-design.ts";
import { boundedConfig, type Design } from "./design.ts";
import { tell } from "./story.ts";

export interface LivenessOptions extends Pick<CheckOptions, "machines" | "maxStates" | "reduced" | "onProgress"> {
  /** One that has a `goal`. */
  readonly requirement: Requirement;
}

/** What must come to pass is asked on its own: it is a search of its own kind. */
export function isAskedAlone(requirements: readonly Requirement[]): boolean {
  return requirements.length === 1 && requirements[0]?.goal !== undefined;
}

export function checkLiveness(design: Design, { requirement, ...options }: LivenessOptions): Checked {
  const { maxStates, onProgress, ...machines } = options;
  const config = boundedConfig(design);
  const { setting, ...cluster } = clusterOfDesign(design, machines);
  const isPromised = ({ scope }: Violation) => requirement.promised(config, scope);
  const missing = (read: SlotReader) =>
    (requirement.goal?.(createUntimedView(setting, read).after) ?? []).filter(isPromised);
  const found = leadsTo(cluster, {
    goal: (read) => missing(read).length === 0,
    phase(read) {
      const { left } = read(setting.slots.faults) as FaultState;
      return Object.values(left).reduce((sum, count) => sum + count, 0);
    },
    ...(maxStates === undefined ? {} : { maxStates }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const { end, states, transitions, levels, collisionOdds, verdict, stuck, first } = found;
  const { id, title } = requirement;
  const judged: CheckedRequirement = {
    id,
    title,
    promised: requirement.promised(config, {}),
    verdict,
    reason:
      verdict === "inconclusive"
        ? "the search has ended before every state was looked at"
        : first === null
          ? null
          : `nothing leads from ${stuck} states to where it has come to pass; ${missing((slot) => first.state[slot])
              .map(({ text }) => text)
              .join(", ")}`,
    counterexample: first === null ? null : tell({ setting, ...cluster }, first.labels),
  };
  const depth = levels.length - 1;
  return { complete: end === "complete", end, states, transitions, depth, collisionOdds, requirements: [judged] };
}
