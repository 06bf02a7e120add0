/**
 * What no log can have been, whatever was promised: read off a history alone. `inconsistent-offsets`: one offset of a key
 * was seen, or acknowledged, with two values. `phantom-read`: a value was read that nobody has sent there. `G1a`: a value
 * was read whose send had certainly failed.
 */
import type { HistoryOperation, SentRecord } from "../../spec/history/format.ts";
import type { Finding } from "../../spec/history/judge/finding.ts";
import type { TopicPartition } from "../../spec/vocabulary.ts";

interface Seen {
  readonly value: string;
  readonly index: number;
}

export function contradictions(history: readonly HistoryOperation[]): readonly Finding[] {
  const sent = new Set<string>();
  const failed = new Map<string, number>();
  for (const operation of history) {
    for (const { key, value } of sentIn(operation)) {
      if (operation.type === "invoke") sent.add(nameOf(key, value));
      if (operation.type === "fail") failed.set(nameOf(key, value), operation.index);
    }
  }
  const found: Finding[] = [];
  const standing = new Map<string, Seen>();
  const told = new Set<string>();
  const note = (
    name: string,
    key: TopicPartition,
    value: string,
    offset: number,
    text: string,
    operations: number[],
  ) => {
    if (told.has(`${name} ${key} ${value}`)) return;
    told.add(`${name} ${key} ${value}`);
    found.push({ name, key, value, offset, text, operations });
  };
  for (const operation of history) {
    for (const { key, value, offset } of placedIn(operation)) {
      const before = standing.get(`${key} ${offset}`);
      if (before === undefined) standing.set(`${key} ${offset}`, { value, index: operation.index });
      else if (before.value !== value) {
        const text = `${key}: offset ${offset} holds ${before.value} and ${value}`;
        note("inconsistent-offsets", key, value, offset, text, [before.index, operation.index]);
      }
      if (operation.f !== "poll") continue;
      if (!sent.has(nameOf(key, value))) {
        note("phantom-read", key, value, offset, `${key}: ${value} was read, and nobody has sent it`, [
          operation.index,
        ]);
      }
      const refused = failed.get(nameOf(key, value));
      if (refused !== undefined) {
        const text = `${key}: ${value} was read, and its send had failed for certain`;
        note("G1a", key, value, offset, text, [refused, operation.index]);
      }
    }
  }
  return found;
}

function nameOf(key: TopicPartition, value: string): string {
  return `${key} ${value}`;
}

function sentIn(operation: HistoryOperation): readonly SentRecord[] {
  return operation.f === "send" ? operation.value : [];
}

/** Where values stand, by polls and by acknowledgements. */
function placedIn(
  operation: HistoryOperation,
): readonly { readonly key: string; readonly value: string; readonly offset: number }[] {
  if (operation.type !== "ok") return [];
  if (operation.f === "poll") {
    return Object.entries(operation.value).flatMap(([key, records]) =>
      records.map(([offset, value]) => ({ key, value, offset })),
    );
  }
  return sentIn(operation).flatMap(({ key, value, offset }) => (offset === undefined ? [] : [{ key, value, offset }]));
}
