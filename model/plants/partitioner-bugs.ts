/** Bugs of how a producer chooses a partition for a key. */
import { raise } from "xstate";
import { partitionForKey } from "../../spec/murmur2.ts";
import { partitionsOf } from "../producer/partitioning-actions.ts";
import type { ProducerContext, ProducerEvent } from "../producer/producer-context.ts";
import type { PlantedBug } from "./plant.ts";

type Append = Extract<ProducerEvent, { type: "append" }>;

/** Puts another choice in the place of the one by key. */
function choosing(
  choose: (append: Append, partitions: number, context: ProducerContext) => number,
): PlantedBug["replaces"] {
  const partitionByKey = raise(({ context, event }: { context: ProducerContext; event: Append }) => {
    const { to, record } = event;
    const number = choose(event, partitionsOf(context.leaders, to).length, context);
    return { type: "partitioned", to, partition: `${to}-${number}`, record, isFirstOfTwo: false };
  });
  return { actions: { partitionByKey } };
}

export const partitionerBugs: readonly PlantedBug[] = [
  {
    id: "key-by-value",
    title: "the hash is taken of the value, not of the key",
    machine: "producer",
    replaces: choosing(({ record }, partitions) => partitionForKey(record.value, partitions)),
    requirement: "PAR-1",
    anomaly: "key-moved",
  },
  {
    id: "key-by-load",
    title: "a key's partition moves on while batches wait",
    machine: "producer",
    replaces: choosing(({ record }, partitions, { queue, inFlight }) => {
      return (partitionForKey(record.key ?? "", partitions) + queue.length + inFlight.length) % partitions;
    }),
    requirement: "PAR-1",
    anomaly: "key-moved",
  },
];
