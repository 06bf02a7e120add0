/** What the recorded history says that no single look can show. */
import { clientOf, type HistoryOperation } from "../../spec/history/format.ts";
import type { ClientId, TopicPartition } from "../../spec/vocabulary.ts";

/** Values that a consumer was given more than once, each once, in the order of their first repetition. */
export function deliveredTwice(history: readonly HistoryOperation[], consumer: ClientId): readonly string[] {
  const seen = new Set<string>();
  const twice = new Map<string, string>();
  for (const operation of history) {
    if (operation.f !== "poll" || operation.type !== "ok" || operation.final === true) continue;
    if (clientOf(operation.process) !== consumer) continue;
    for (const [partition, records] of Object.entries(operation.value)) {
      for (const [, value] of records) {
        const key = JSON.stringify([partition, value]);
        if (seen.has(key)) twice.set(key, value);
        seen.add(key);
      }
    }
  }
  return [...twice.values()];
}

/**
 * Values of a partition that were acknowledged before a final read began, and that it has not returned, in the order of
 * their acknowledgement. `begin` is the index of the final read's first operation.
 */
export function acknowledgedLost(
  history: readonly HistoryOperation[],
  partition: TopicPartition,
  begin: number,
): readonly string[] {
  const found = new Set<string>();
  for (const operation of history.slice(begin)) {
    if (operation.f !== "poll" || operation.final !== true || operation.type !== "ok") continue;
    for (const [, value] of operation.value[partition] ?? []) found.add(value);
  }
  return history
    .slice(0, begin)
    .flatMap((operation) => (operation.f === "send" && operation.type === "ok" ? operation.value : []))
    .filter(({ key, value }) => key === partition && !found.has(value))
    .map(({ value }) => value);
}
