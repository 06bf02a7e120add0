/** The verdict on a history, for people. */
import { anomalyNamed } from "../spec/history/check/anomalies.ts";
import type { Found, HistoryVerdict } from "../spec/history/check/history-checker.ts";
import type { Environment } from "./environment.ts";
import type { Timeline } from "./timeline.ts";

interface Shown {
  readonly timelines: ReadonlyMap<object, Timeline>;
  /** Was there a contract? */
  readonly isGiven: boolean;
  readonly seconds: number;
  readonly shownMax: number;
}

export function showVerdict(file: string, verdict: HistoryVerdict, shown: Shown, style: Environment["style"]): string {
  const { valid, reasons, anomalies, allowed, evidence } = verdict;
  const word = valid === true ? "valid" : valid === false ? "invalid" : "unknown";
  const colour = valid === true ? "green" : valid === false ? "red" : "yellow";
  const lines = [`${style(colour, word)}  ${file}: ${evidence.operations} operations`];
  for (const reason of reasons) lines.push(`  ${reason}`);
  for (const [name, found] of byName(anomalies)) {
    lines.push("", `${style("bold", name)}  ${count(found.length)}`, `  ${anomalyNamed(name)?.definition ?? ""}`);
    for (const one of found.slice(0, shown.shownMax)) lines.push(...inFull(one, shown.timelines.get(one), style));
    if (found.length > shown.shownMax) lines.push(`  and ${found.length - shown.shownMax} more (--json tells all)`);
  }
  if (allowed.length > 0) lines.push("", "allowed, as the contract does not promise otherwise:");
  for (const [name, found] of byName(allowed)) {
    const reasonsOf = [...new Set(found.map(({ because }) => because ?? ""))];
    const more = reasonsOf.length > 1 ? `, and ${reasonsOf.length - 1} other reasons` : "";
    lines.push(`  ${name}  ${count(found.length)}: ${reasonsOf[0] ?? ""}${more}`);
  }
  const unread = evidence.unreadKeys.length;
  lines.push(
    "",
    ...(shown.isGiven
      ? []
      : ["no contract was given: everything counts as promised (acks=all, clean elections, idempotence)"]),
    `evidence: ${evidence.finalReads} keys read to their end${unread > 0 ? `, ${unread} not` : ""}; ${evidence.unknownOutcomes} calls of unknown outcome; ${evidence.faults} faults`,
    `${shown.seconds} s`,
    "",
  );
  return lines.join("\n");
}

function inFull(one: Found, timeline: Timeline | undefined, style: Environment["style"]): readonly string[] {
  const lines = (timeline ?? []).map(({ index, isWitness, text }) => {
    const line = `    ${isWitness ? ">" : " "} ${String(index).padStart(6)}  ${text}`;
    return isWitness ? line : style("dim", line);
  });
  const where = timeline === undefined ? ` (operations ${one.operations.join(", ")})` : "";
  return [`  - ${one.text}${where}`, ...lines];
}

function byName(found: readonly Found[]): readonly (readonly [string, readonly Found[]])[] {
  const names = new Map<string, Found[]>();
  for (const one of found) {
    const known = names.get(one.name);
    if (known === undefined) names.set(one.name, [one]);
    else known.push(one);
  }
  return [...names];
}

function count(number: number): string {
  return number === 1 ? "once" : `${number} times`;
}
