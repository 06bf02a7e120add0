/** What `partitioner.class` can be: Kafka's own choice, a partitioner that we have by name, or a module of the user's. */
import * as z from "zod";
import type { Domain } from "./domain.ts";

/** Kafka's of the same name: each record to the next available partition, whatever its key. */
export const roundRobinPartitioner = "RoundRobinPartitioner";

/** Ours, as the textbooks have it: by the key's hash, and without a key to each partition in turn. */
export const textbookPartitioner = "TextbookPartitioner";

const names = [
  roundRobinPartitioner,
  `org.apache.kafka.clients.producer.${roundRobinPartitioner}`,
  textbookPartitioner,
] as const;

/** Relative, so that a file means the same wherever it lies. */
const modulePath = /^\.{1,2}\/.+\.m?[jt]s$/;

/** Normal form: `null` for Kafka's own choice, a name without its package, or the path of a module as it was written. */
export const partitionerClass: Domain<string | null> = {
  schema: z.union([z.literal(names), z.string().regex(modulePath), z.null()]),
  expected: `null, ${roundRobinPartitioner}, ${textbookPartitioner} or the path of a module such as ./mine.ts`,
  words: names,
  normalize: (input) =>
    typeof input === "string" ? input.replace(/^org\.apache\.kafka\.clients\.producer\./, "") : null,
};

/** Is it a module of the user's? */
export function isModulePath(partitioner: string | null): partitioner is string {
  return partitioner !== null && modulePath.test(partitioner);
}
