/** What a run has met of what makes the promises hard to keep. A random run that meets nothing proves nothing. */
import type { ClusterView, Observation, PartitionView } from "../../spec/cluster-view.ts";
import type { RequirementVerdict } from "../../spec/requirement.ts";

export const conditions = [
  "election",
  "unclean election",
  "ISR shrink",
  "ISR expand",
  "truncation",
  "retry",
  "retry after append",
  "duplicate in the log",
  "unknown outcome",
  "two brokers down at once",
  "producer crash",
  "consumer restart",
  "delivery",
  "delivered twice",
  "expected loss of an acknowledged record",
] as const;

export type Condition = (typeof conditions)[number];

export interface Meter {
  see(view: ClusterView): void;
  met(verdicts: readonly RequirementVerdict[]): readonly Condition[];
}

export function createMeter(): Meter {
  const met = new Set<Condition>();
  const delivered = new Set<string>();
  let before: ClusterView | null = null;
  return {
    see(view) {
      if (before !== null) {
        for (const one of view.observed)
          for (const condition of ofObservation(one, before, delivered)) met.add(condition);
      }
      if (view.partitions !== before?.partitions) for (const condition of ofState(view.partitions)) met.add(condition);
      before = view;
    },
    met(verdicts) {
      const isLost = verdicts.some(({ id, verdict }) => id === "DUR-1" && verdict === "expected-loss");
      if (isLost) met.add("expected loss of an acknowledged record");
      return conditions.filter((condition) => met.has(condition));
    },
  };
}

function ofObservation(one: Observation, before: ClusterView, delivered: Set<string>): readonly Condition[] {
  switch (one.kind) {
    case "elected":
      return one.unclean ? ["election", "unclean election"] : ["election"];
    case "isr": {
      const old = before.partitions.find(({ partition }) => partition === one.partition)?.isr ?? [];
      const shrinks = old.some((broker) => !one.isr.includes(broker));
      const expands = one.isr.some((broker) => !old.includes(broker));
      return [...(shrinks ? (["ISR shrink"] as const) : []), ...(expands ? (["ISR expand"] as const) : [])];
    }
    case "truncated":
      return ["truncation"];
    case "sent": {
      if (one.attempt === 1) return [];
      const isWritten = before.partitions
        .filter(({ partition }) => partition === one.partition)
        .some(({ replicas }) => replicas.some(({ log }) => log.some(({ value }) => one.values.includes(value))));
      return isWritten ? ["retry", "retry after append"] : ["retry"];
    }
    case "outcome":
      return one.outcome === "unknown" ? ["unknown outcome"] : [];
    case "crashed":
      return [one.client.startsWith("c") ? "consumer restart" : "producer crash"];
    case "delivered": {
      const name = `${one.consumer} ${one.partition} ${one.value}`;
      const isKnown = delivered.has(name);
      delivered.add(name);
      return isKnown ? ["delivery", "delivered twice"] : ["delivery"];
    }
    default:
      return [];
  }
}

function ofState(partitions: readonly PartitionView[]): readonly Condition[] {
  const met: Condition[] = [];
  const dead = new Set(
    partitions.flatMap(({ replicas }) => replicas.filter(({ alive }) => !alive).map(({ broker }) => broker)),
  );
  if (dead.size >= 2) met.push("two brokers down at once");
  const hasDuplicate = partitions.some(({ replicas }) =>
    replicas.some(({ log }) => new Set(log.map(({ value }) => value)).size < log.length),
  );
  if (hasDuplicate) met.push("duplicate in the log");
  return met;
}
