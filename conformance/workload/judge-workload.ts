/** What a recorded workload says of the promises: verdicts by the requirements, and anomalies by their names. */
import { combineVerdicts } from "../../scenarios/combine-verdicts.ts";
import type { ClusterConfig } from "../../spec/config/cluster-config.ts";
import { createHistoryChecker } from "../../spec/history/check/history-checker.ts";
import { clientOf, type HistoryOperation } from "../../spec/history/format.ts";
import type { Finding } from "../../spec/history/judge/finding.ts";
import type { RequirementVerdict } from "../../spec/requirement.ts";
import { requirements } from "../../spec/requirements/index.ts";

export interface Judged {
  readonly verdicts: readonly RequirementVerdict[];
  /** Those that no promise excuses. */
  readonly anomalies: readonly Finding[];
}

/** `mayRepeat`: a retry may have written a record twice, where its producer is not idempotent. */
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
  const producers = Object.entries(cluster.producers);
  // Where nothing is retried, nothing may stand there twice or in another order, whatever the settings.
  const strict = producers.filter(([, settings]) => !mayRepeat || settings["enable.idempotence"]);
  const idempotent = new Set(strict.map(([name]) => name));
  const checker = createHistoryChecker({ config: cluster, idempotent, readCommitted: new Set() });
  for (const operation of history) {
    // Nothing was on its way when they crashed, so no session of theirs had anything to write anew.
    const isRestart = operation.f === "crash" || operation.f === "restart";
    if (!mayRepeat && isRestart && Object.hasOwn(cluster.producers, clientOf(operation.process))) continue;
    checker.take(operation);
  }
  return { verdicts, anomalies: checker.verdict().anomalies };
}
