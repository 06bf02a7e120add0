/** Which partition a record with a key went to: `key-moved`, `wrong-partition`. */
import { partitionForKey } from "../../murmur2.ts";
import { parseTopicPartition } from "../../vocabulary.ts";
import { sentRecords } from "../judge/calls.ts";
import { type Finding, witness } from "../judge/finding.ts";
import type { Step } from "./step.ts";
import type { Suspicion } from "./suspicion.ts";

interface Routed {
  readonly key: string;
  readonly producer: string;
  readonly value: string;
  readonly index: number;
}

export interface Routing {
  take(step: Step): void;
  readonly suspicions: readonly Suspicion[];
}

/**
 * `partitionsOf`: how many partitions the contract gives a topic, `null` where it does not name it. Who goes by the key
 * goes by the same hash; everyone else has ways of his own. Memory: one entry for each key of records.
 */
export function createRouting(
  partitionsOf: (topic: string) => number | null,
  goesByKey: (producer: string) => boolean,
): Routing {
  const suspicions: Suspicion[] = [];
  const firsts = new Map<string, Routed>();

  function judge(topic: string, partition: number, recordKey: string, record: Routed): void {
    const { key, producer, value, index } = record;
    const byKey = goesByKey(producer);
    const place = JSON.stringify([byKey ? null : producer, topic, recordKey]);
    const first = firsts.get(place);
    if (first === undefined) firsts.set(place, record);
    const words = `${producer} sent ${value} with the key ${JSON.stringify(recordKey)} to ${key}`;
    const premises = [{ kind: "by-key", producer } as const];
    if (first !== undefined && first.key !== key) {
      const text = `${words}; ${first.producer} had sent ${first.value} with the same key to ${first.key}`;
      const operations = witness(first.index, index);
      const finding: Finding = { name: "key-moved", key, value, client: producer, text, operations };
      suspicions.push({ finding, premises });
    }
    const partitions = partitionsOf(topic);
    if (!byKey || partitions === null) return;
    const expected = partitionForKey(recordKey, partitions);
    if (expected === partition) return;
    const text = `${words}; of ${partitions} partitions the key goes to ${topic}-${expected}`;
    const finding: Finding = { name: "wrong-partition", key, value, client: producer, text, operations: [index] };
    suspicions.push({ finding, premises });
  }

  return {
    take({ operation, client }) {
      if (operation.type !== "invoke") return;
      for (const { key, value, partitionKey } of sentRecords(operation)) {
        if (partitionKey === undefined || partitionKey === null) continue;
        const parsed = parseTopicPartition(key);
        if (parsed === null) continue;
        judge(parsed.topic, parsed.partition, partitionKey, { key, producer: client, value, index: operation.index });
      }
    },
    suspicions,
  };
}
