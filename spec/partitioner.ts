/**
 * The extension point: a user's own partitioner. It is a function of the record and of the number of partitions of its
 * topic, and of nothing else: no clock, no randomness, no memory, so that a run gives the same bytes every time.
 */
import type { ProducerRecord } from "./vocabulary.ts";

/** Returns a partition of the topic, 0 to `partitions` - 1. */
export type Partitioner = (record: ProducerRecord, partitions: number) => number;

/** By the name under which a configuration asks for them: `partitioner.class`. */
export type Partitioners = Readonly<Record<string, Partitioner>>;

/** Asks a user's partitioner. Throws what it throws, and `RangeError` where it returns something else than a partition. */
export function partitionBy(partitioner: Partitioner, record: ProducerRecord, partitions: number): number {
  const { value, key } = record;
  const partition: unknown = partitioner({ value, key }, partitions);
  const isWhole = typeof partition === "number" && Number.isInteger(partition);
  // Adding 0 makes -0 a 0.
  if (isWhole && partition >= 0 && partition < partitions) return partition + 0;
  const last = partitions - 1;
  throw new RangeError(
    `returned ${String(partition)}, expected ${last === 0 ? "0" : `a whole number from 0 to ${last}`}`,
  );
}
