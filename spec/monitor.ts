/**
 * Judges every requirement on every state of one run, and says at the end what the run shows.
 *
 * One run proves nothing but a violation: `holds` here means that the premise came up and nothing was violated.
 */
import type { ClusterView } from "./cluster-view.ts";
import type { ClusterConfig } from "./config/cluster-config.ts";
import type { Judgement, Requirement, RequirementVerdict, Verdict, Violation, Watch } from "./requirement.ts";
import { requirements } from "./requirements/index.ts";

export interface Monitor {
  /** The next state of the run and the state before it; `null` with the initial one. In order, each once. */
  see(view: ClusterView, before: ClusterView | null): void;
  /** The run has come to rest: everything was mended, and nothing more is to be awaited. Judges what must come to pass. */
  rest(view: ClusterView): void;
  /** One verdict on each requirement, in their order, on what was seen so far. */
  verdicts(): readonly RequirementVerdict[];
}

interface Watched {
  readonly requirement: Requirement;
  readonly judge: Watch;
  met: boolean;
  pending: boolean;
  first: { readonly violation: Violation; readonly isPromised: boolean } | null;
}

export function createMonitor(config: ClusterConfig, judged: readonly Requirement[] = requirements): Monitor {
  const all = judged.map((requirement) => ({ requirement, watched: watch(requirement, config) }));
  return {
    see(view, before) {
      for (const { watched } of all) {
        // Nothing outweighs a promised violation.
        if (watched !== null && watched.first?.isPromised !== true) {
          take(watched, config, watched.judge(view, before));
        }
      }
    },
    rest(view) {
      for (const { requirement, watched } of all) {
        const missing = requirement.goal?.(view);
        if (watched !== null && missing !== undefined) take(watched, config, missing.length === 0 ? "holds" : missing);
      }
    },
    verdicts: () => all.map(({ requirement, watched }) => verdictOf(requirement, watched, config)),
  };
}

/** `null` if the cluster has nothing that it speaks of. */
function watch(requirement: Requirement, config: ClusterConfig): Watched | null {
  if (!requirement.applies(config)) return null;
  const plain: Watch = (view, before) => requirement.invariant?.(view, before) ?? "vacuous";
  const judge = requirement.watch?.(config) ?? plain;
  return { requirement, judge, met: false, pending: false, first: null };
}

/** Keeps the first violation; the first promised one takes the place of one that is not promised. */
function take(watched: Watched, config: ClusterConfig, judgement: Judgement): void {
  if (typeof judgement === "string") {
    watched.met ||= judgement === "holds";
    watched.pending = judgement === "pending";
    return;
  }
  const isPromised = ({ scope }: Violation) => watched.requirement.promised(config, scope);
  const promised = judgement.find(isPromised);
  const violation = promised ?? judgement[0];
  if (violation === undefined || (watched.first !== null && promised === undefined)) return;
  watched.first = { violation, isPromised: promised !== undefined };
}

function verdictOf(requirement: Requirement, watched: Watched | null, config: ClusterConfig): RequirementVerdict {
  const { id } = requirement;
  if (watched === null) return { id, verdict: "not-applicable", promised: false, detail: null };
  if (watched.first !== null) {
    const { violation, isPromised } = watched.first;
    const { excuse } = violation.scope;
    const detail = excuse === undefined ? violation.text : `${violation.text} (not promised: ${excuse})`;
    return { id, verdict: isPromised ? "violated" : "expected-loss", promised: isPromised, detail };
  }
  const of = (verdict: Verdict, promised: boolean, detail: string | null) => ({ id, verdict, promised, detail });
  if (!requirement.promised(config, {})) return of("no-witness", false, null);
  if (watched.pending) return of("inconclusive", true, "its end is open");
  return watched.met ? of("holds", true, null) : of("inconclusive", true, "its premise never came up");
}
