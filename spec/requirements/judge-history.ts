/** Puts what a judge of histories has found into the form that every requirement answers in. */

import { clientOf, type HistoryOperation } from "../history/format.ts";
import { sentRecords } from "../history/judge/calls.ts";
import type { Finding, Findings } from "../history/judge/finding.ts";
import type { Judgement, Scope } from "../requirement.ts";
import type { ClientId } from "../vocabulary.ts";

/**
 * Violations outweigh everything; without any, evidence that is missing makes it vacuous, evidence that is not complete
 * pending. `scopeOf` says whom a finding is about, beyond its partition.
 */
export function judgementOf(findings: Findings, premise: boolean, scopeOf: (finding: Finding) => Scope): Judgement {
  if (findings.violations.length > 0) {
    return findings.violations.map((finding) => ({
      text: finding.text,
      scope: { partition: finding.key, ...scopeOf(finding) },
    }));
  }
  if (!premise) return "vacuous";
  return findings.conclusive ? "holds" : "pending";
}

/** The producer that sent the value in question; values are unique per partition. */
export function producerOf(history: readonly HistoryOperation[], { key, value }: Finding): { producer?: ClientId } {
  const send = history.find((operation) =>
    sentRecords(operation).some((record) => record.key === key && record.value === value),
  );
  return send === undefined ? {} : { producer: clientOf(send.process) };
}
