/**
 * What may be missing from a history because it was let go and not because it was lost. A history does not show
 * retention: where the contract lets records go, one that nobody has read accuses nobody. It does show who deleted what.
 */
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { type Circumstances, circumstancesOf } from "../check/circumstances.ts";
import { contractOf, retentionMayTake } from "../check/history-contract.ts";
import type { HistoryOperation } from "../format.ts";
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
  const circumstances = circumstancesOf(operations);
  const violations = findings.violations.filter((finding) => !mayHaveGone(finding, circumstances, config));
  return {
    ...findings,
    violations,
    conclusive: findings.conclusive && violations.length === findings.violations.length,
  };
}

function mayHaveGone({ key, offset }: Finding, circumstances: Circumstances, config: ClusterConfig): boolean {
  if (circumstances.deletedBelow(key) > (offset ?? 0)) return true;
  return retentionMayTake(contractOf(config), key, circumstances.lastsMs());
}
