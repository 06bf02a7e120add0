/** Final reads on a real cluster: a reader of its own reads every partition from the beginning until nothing more comes. */
import type { PollResult } from "../../spec/subject.ts";
import type { TopicPartition } from "../../spec/vocabulary.ts";
import type { CallLog } from "../call-log.ts";
import type { WireConsumer } from "./wire-consumer.ts";

const finalReader = "final-reader";

/** How long the reader waits for leaders altogether before it gives up. */
const patienceMs = 15_000;

const pollMs = 1_000;

/** Unknown if a partition could not be read to its end; what was read is told all the same. */
export async function readFinally(
  reader: WireConsumer,
  partitions: readonly TopicPartition[],
  log: CallLog,
): Promise<PollResult> {
  const found: Record<TopicPartition, (readonly [number, string])[]> = {};
  reader.assign(partitions);
  log.note(finalReader, { f: "assign", value: { keys: partitions } });
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    const call = log.open(finalReader, { f: "poll", value: {}, final: true });
    const { outcome, error, records } = await reader.poll(pollMs);
    for (const [partition, polled] of Object.entries(records)) {
      found[partition] = [...(found[partition] ?? []), ...polled];
    }
    const isEmpty = Object.keys(records).length === 0;
    // An empty poll counts as an answer only if every leader gave one.
    if (outcome !== "ok" || (isEmpty && !reader.isAtEnd())) {
      call.complete("info", { f: "poll", value: records, final: true, error: error ?? "TIMEOUT" });
    } else {
      call.complete("ok", { f: "poll", value: records, final: true });
      if (isEmpty) return { outcome: "ok", error: null, records: inOrder(found) };
    }
  }
  return { outcome: "unknown", error: "TIMEOUT", records: inOrder(found) };
}

function inOrder(records: Record<TopicPartition, readonly (readonly [number, string])[]>): PollResult["records"] {
  return Object.fromEntries(Object.entries(records).sort(([one], [other]) => (one < other ? -1 : 1)));
}
