/** What can be looked at (`expect`, `await`, and at the end), as it is written; every key is optional. */
import * as z from "zod";
import type { ReferenceKind } from "./references.ts";
import { duration, listOf, value } from "./scalars.ts";

// Expected values are typed, but not checked against the cluster: an impossible one is a failed expectation.
const perPartition = <Seen extends z.ZodType>(seen: Seen) => z.record(z.string(), seen).optional();
const number = z.int();

export const lookShape = {
  leader: perPartition(number.nullable()).meta({ description: "per partition, the leader; null: none" }),
  "leader-epoch": perPartition(number).meta({ description: "per partition" }),
  isr: perPartition(listOf(number)).meta({ description: "per partition, brokers ascending" }),
  "under-replicated": listOf(z.string())
    .optional()
    .meta({ description: "the partitions whose ISR is smaller than their set of replicas, ascending" }),
  "under-min-isr": listOf(z.string())
    .optional()
    .meta({ description: "the partitions whose ISR is smaller than the effective min ISR, ascending" }),
  "high-watermark": perPartition(number.nullable()).meta({
    description: "per partition (the leader's) or per broker/partition (that replica's)",
  }),
  "log-start": perPartition(number).meta({
    description: "per partition (the leader's) or per broker/partition (that replica's)",
  }),
  "log-end": perPartition(number).meta({ description: "per broker/partition" }),
  log: perPartition(listOf(value)).meta({ description: "per broker/partition, the values" }),
  committed: perPartition(number.nullable()).meta({ description: "per group/partition, the next offset; null: none" }),
  position: perPartition(number.nullable()).meta({ description: "per consumer/partition, the next offset" }),
  acknowledged: perPartition(listOf(value)).meta({ description: "per producer, the values" }),
  batches: perPartition(listOf(z.array(value))).meta({ description: "per producer, each batch's values" }),
  requests: perPartition(number).meta({ description: "per producer, produce requests sent" }),
  at: duration.optional().meta({ description: "time since the start" }),
};

export type Looks = z.output<z.ZodObject<typeof lookShape>>;
export type LookName = keyof typeof lookShape;

/** Looks that stand for themselves; all others are a map from owners to what is seen of them. */
export type UnownedLook = "at" | "under-replicated" | "under-min-isr";

/** Whose the keys under a look are. */
export const lookOwners: Readonly<Record<Exclude<LookName, UnownedLook>, ReferenceKind>> = {
  leader: "partition",
  "leader-epoch": "partition",
  isr: "partition",
  "high-watermark": "partition-or-replica",
  "log-start": "partition-or-replica",
  "log-end": "replica",
  log: "replica",
  committed: "group-partition",
  position: "consumer-partition",
  acknowledged: "producer",
  batches: "producer",
  requests: "producer",
};
