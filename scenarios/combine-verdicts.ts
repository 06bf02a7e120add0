/** One verdict on a requirement out of what the states of a run and what its recorded history say. */
import type { ClusterConfig } from "../spec/config/cluster-config.ts";
import type { Judgement, Requirement, RequirementVerdict, Verdict, Violation } from "../spec/requirement.ts";

/**
 * The weightiest verdict wins. A loss outweighs everything. Whoever has seen the requirement hold outweighs one who could
 * not tell: states show the logs that a history without final reads leaves open, and the end of a history closes what a
 * state leaves open.
 */
const weightiestFirst: readonly Verdict[] = [
  "violated",
  "expected-loss",
  "holds",
  "no-witness",
  "inconclusive",
  "not-applicable",
];

/** `states` is the subject's verdict, `judgement` that of the whole history; `null` where there is none. */
export function combineVerdicts(
  requirement: Requirement,
  config: ClusterConfig,
  states: RequirementVerdict | null,
  judgement: Judgement | null,
): RequirementVerdict {
  const promised = states?.promised ?? requirement.promised(config, {});
  const fromHistory = verdictOf(requirement, config, promised, judgement);
  const both = states === null ? [fromHistory] : [states, fromHistory];
  const heaviest = weightiestFirst.find((verdict) => both.some((one) => one.verdict === verdict));
  return both.find(({ verdict }) => verdict === heaviest) ?? fromHistory;
}

function verdictOf(
  requirement: Requirement,
  config: ClusterConfig,
  promised: boolean,
  judgement: Judgement | null,
): RequirementVerdict {
  const of = (verdict: Verdict, detail: string | null): RequirementVerdict => {
    return { id: requirement.id, verdict, promised, detail };
  };
  if (Array.isArray(judgement)) return ofViolations(requirement, config, judgement, of);
  if (judgement === "holds") return of(promised ? "holds" : "no-witness", null);
  if (!requirement.applies(config)) return of("not-applicable", "what it speaks of is no part of this cluster");
  if (!promised) return of("no-witness", null);
  if (judgement === "pending") return of("inconclusive", "its end is open");
  return of("inconclusive", judgement === null ? "the subject shows nothing of it" : "its premise never came up");
}

/** A promise may hold for one producer and not for another: each violation is weighed by whom it is about. */
function ofViolations(
  requirement: Requirement,
  config: ClusterConfig,
  violations: readonly Violation[],
  of: (verdict: Verdict, detail: string | null) => RequirementVerdict,
): RequirementVerdict {
  const broken = violations.find(({ scope }) => requirement.promised(config, scope));
  if (broken !== undefined) return of("violated", broken.text);
  const [lost] = violations;
  if (lost === undefined) return of("inconclusive", "its premise never came up");
  const { excuse } = lost.scope;
  return of("expected-loss", excuse === undefined ? lost.text : `${lost.text} (not promised: ${excuse})`);
}
