/**
 * What may be missing from a history because it was let go and not because it was lost. A history does not show
 * retention: where the contract lets records go, one that nobody has read accuses nobody. It does show who deleted what.
 */
import { type ClusterConfig, topicOf } from "../../config/cluster-config.ts";
import type { HistoryOperation } from "../format.ts";
import { mayTakeEffect, partnersOf } from "./calls.ts";
import type { Finding, Findings } from "./finding.ts";

/**
 * Without the violations about records that retention, or a call to delete them that is not `fail`, may have taken; if
 * there are such, nothing is conclusive any more.
 * By size, any record may be gone (what a record takes on disk is not in the history); by age, where the history lasts
 * `retention.ms` or longer.
 */
export function withoutWhatMayHaveGone(
  findings: Findings,
  operations: readonly HistoryOperation[],
  config: ClusterConfig,
): Findings {
  const violations = findings.violations.filter((finding) => !mayHaveGone(finding, operations, config));
  return {
    ...findings,
    violations,
    conclusive: findings.conclusive && violations.length === findings.violations.length,
  };
}

function mayHaveGone(
  { key, offset }: Finding,
  operations: readonly HistoryOperation[],
  config: ClusterConfig,
): boolean {
  const partners = partnersOf(operations);
  const isDeleted = operations.some(
    (operation, place) =>
      operation.f === "delete-records" &&
      mayTakeEffect(operation, partners[place] ?? null) &&
      (operation.value[key] ?? 0) > (offset ?? 0),
  );
  const topic = topicOf(config, key);
  const lastsMs = ((operations.at(-1)?.time_ns ?? 0) - (operations[0]?.time_ns ?? 0)) / 1_000_000;
  const byAge = topic["retention.ms"] !== -1 && lastsMs >= topic["retention.ms"];
  return isDeleted || byAge || topic["retention.bytes"] !== -1;
}
