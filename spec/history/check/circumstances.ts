/** What happened around the calls of a history: brokers that were struck, records that were deleted, how long it lasted. */
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { whenBrokersWereStopped } from "../../safety.ts";
import type { TopicPartition } from "../../vocabulary.ts";
import type { HistoryOperation } from "../format.ts";
import type { Finding } from "../judge/finding.ts";
import { createSteps, type Step } from "./step.ts";

export interface Circumstances {
  take(step: Step): void;
  /** Brokers that were killed or lost their power before an operation, and whether any lost its power. */
  stoppedBefore(index: number): { readonly brokers: number; readonly power: boolean };
  /** Up to where an administrator may have deleted; 0: nowhere. Ask when all was taken. */
  deletedBelow(key: TopicPartition): number;
  lastsMs(): number;
  /** Was the client started again, or did it crash? */
  hasRestarted(client: string): boolean;
}

export function createCircumstances(): Circumstances {
  /** At the first strike of each broker, and at the first power loss. */
  const strikes: { readonly index: number; readonly brokers: number; readonly power: boolean }[] = [];
  const stopped = new Set<string>();
  let power = false;
  const deleted = new Map<TopicPartition, number>();
  const deleting = new Map<string, HistoryOperation>();
  const restarted = new Set<string>();
  let begin: number | null = null;
  let end = 0;

  function strike({ index, value, f, type }: HistoryOperation): void {
    if (f !== "fault" || type === "fail" || (value.kind !== "power-off" && value.kind !== "kill")) return;
    const before = stopped.size;
    stopped.add(value.target);
    const isNews = stopped.size > before || (value.kind === "power-off" && !power);
    power ||= value.kind === "power-off";
    if (isNews) strikes.push({ index, brokers: stopped.size, power });
  }

  function remember(operation: HistoryOperation): void {
    if (operation.f !== "delete-records") return;
    for (const [key, offset] of Object.entries(operation.value)) {
      deleted.set(key, Math.max(deleted.get(key) ?? 0, offset));
    }
  }

  return {
    take({ operation, client }) {
      begin ??= operation.time_ns;
      end = operation.time_ns;
      strike(operation);
      if (operation.f === "crash" || operation.f === "restart") restarted.add(client);
      if (operation.f !== "delete-records") return;
      if (operation.type === "invoke") deleting.set(operation.process, operation);
      else {
        deleting.delete(operation.process);
        if (operation.type !== "fail") remember(operation);
      }
    },
    stoppedBefore(index) {
      let low = 0;
      let high = strikes.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((strikes[middle]?.index ?? 0) < index) low = middle + 1;
        else high = middle;
      }
      const { brokers, power: lost } = strikes[low - 1] ?? { brokers: 0, power: false };
      return { brokers, power: lost };
    },
    deletedBelow(key) {
      for (const operation of deleting.values()) remember(operation);
      deleting.clear();
      return deleted.get(key) ?? 0;
    },
    lastsMs: () => (end - (begin ?? 0)) / 1_000_000,
    hasRestarted: (client) => restarted.has(client),
  };
}

export function circumstancesOf(operations: readonly HistoryOperation[]): Circumstances {
  const steps = createSteps();
  const circumstances = createCircumstances();
  for (const operation of operations) circumstances.take(steps.take(operation));
  return circumstances;
}

/** The excuse where a power loss before the last operation of a finding may be to blame. */
export function whenHistoryHasSafeDisks(
  circumstances: Circumstances,
  config: ClusterConfig,
  { key, operations }: Pick<Finding, "key" | "operations">,
) {
  const end = operations.reduce((highest, index) => Math.max(highest, index), -1);
  return whenBrokersWereStopped(config, key, circumstances.stoppedBefore(end));
}
