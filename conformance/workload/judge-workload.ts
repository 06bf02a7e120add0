/** What a recorded workload says of the promises: verdicts by the requirements, and anomalies by their names. */

import { combineVerdicts } from "../../scenarios/combine-verdicts.ts";
import type { ClusterConfig } from "../../spec/config/cluster-config.ts";
import type { HistoryOperation } from "../../spec/history/format.ts";
import { acknowledgedLost } from "../../spec/history/judge/acknowledged-lost.ts";
import type { Finding } from "../../spec/history/judge/finding.ts";
import { deliveredOrder, producerOrder } from "../../spec/history/judge/order.ts";
import { duplicates } from "../../spec/history/judge/read-twice.ts";
import type { RequirementVerdict } from "../../spec/requirement.ts";
import { requirements } from "../../spec/requirements/index.ts";
import { contradictions } from "./contradictions.ts";
import { lostCommits } from "./lost-commits.ts";

export interface Judged {
  readonly verdicts: readonly RequirementVerdict[];
  /** Those that no promise excuses. */
  readonly anomalies: readonly Finding[];
}

/** `mayRepeat`: a retry may have written a record twice, and nothing was promised against it. */
export function judgeWorkload(
  history: readonly HistoryOperation[],
  cluster: ClusterConfig,
  { mayRepeat }: { readonly mayRepeat: boolean },
): Judged {
  const verdicts = requirements.flatMap((requirement) =>
    requirement.judge === undefined
      ? []
      : [combineVerdicts(requirement, cluster, null, requirement.judge(history, cluster))],
  );
  const isLossPromised = verdicts.some(({ id, promised }) => id === "DUR-1" && promised);
  const twice = mayRepeat ? [] : duplicates(history).violations;
  const anomalies = [
    ...contradictions(history),
    ...lostCommits(history),
    ...(isLossPromised ? acknowledgedLost(history).violations : []),
    ...twice,
    ...(mayRepeat ? [] : producerOrder(history).violations),
    ...deliveredOrder(history).violations,
  ];
  return { verdicts, anomalies };
}
