/** A generated workload: a cluster's settings and what its clients do, one after the other. */
import * as fc from "fast-check";
import type { ClusterConfig } from "../../spec/config/cluster-config.ts";
import { parseCluster } from "../../spec/config/parse-cluster.ts";

export type WorkloadOperation =
  | { readonly f: "send"; readonly producer: string; readonly partition: number; readonly count: number }
  | { readonly f: "poll"; readonly consumer: string }
  | { readonly f: "commit"; readonly consumer: string }
  | { readonly f: "rewind"; readonly consumer: string; readonly partition: number }
  | { readonly f: "restart"; readonly client: string };

export interface Workload {
  readonly partitions: number;
  readonly acks: readonly ("all" | 1)[];
  readonly isIdempotent: boolean;
  readonly "batch.size": number;
  readonly "linger.ms": number;
  readonly "max.poll.records": number;
  readonly operations: readonly WorkloadOperation[];
}

const producers = ["p1", "p2"] as const;
const consumers = ["c1", "c2"] as const;

export const operationCountMax = 40;

const operation: fc.Arbitrary<WorkloadOperation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      f: fc.constant("send" as const),
      producer: fc.constantFrom(...producers),
      partition: fc.nat(2),
      count: fc.integer({ min: 1, max: 6 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ f: fc.constant("poll" as const), consumer: fc.constantFrom(...consumers) }) },
  { weight: 2, arbitrary: fc.record({ f: fc.constant("commit" as const), consumer: fc.constant("c1") }) },
  {
    weight: 1,
    arbitrary: fc.record({
      f: fc.constant("rewind" as const),
      consumer: fc.constantFrom(...consumers),
      partition: fc.nat(2),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ f: fc.constant("restart" as const), client: fc.constantFrom(...producers, "c1") }),
  },
);

const workload: fc.Arbitrary<Workload> = fc.record({
  partitions: fc.integer({ min: 1, max: 3 }),
  acks: fc.tuple(fc.constantFrom("all" as const, 1 as const), fc.constantFrom("all" as const, 1 as const)),
  isIdempotent: fc.boolean(),
  "batch.size": fc.constantFrom(0, 8, 16_384),
  "linger.ms": fc.constantFrom(0, 3),
  "max.poll.records": fc.constantFrom(2, 500),
  operations: fc.array(operation, { minLength: 8, maxLength: operationCountMax, size: "max" }),
});

/** The same for the same seed. */
export function workloads(count: number, seed: number): readonly Workload[] {
  return fc.sample(workload, { numRuns: count, seed });
}

/** `brokers` is how many the cluster has. */
export function clusterOf(given: Workload, brokers: number): ClusterConfig {
  const factor = Math.min(3, brokers);
  const producer = (acks: "all" | 1) => {
    return { acks, "batch.size": given["batch.size"], "linger.ms": given["linger.ms"], "request.timeout.ms": 5000 };
  };
  const consumer = {
    "auto.offset.reset": "earliest",
    "fetch.max.wait.ms": 100,
    "max.poll.records": given["max.poll.records"],
  };
  const parsed = parseCluster({
    brokers,
    topics: {
      orders: {
        partitions: given.partitions,
        "replication.factor": factor,
        "min.insync.replicas": Math.min(2, factor),
      },
    },
    producers: { p1: producer(given.acks[0] ?? "all"), p2: producer(given.acks[1] ?? "all") },
    consumers: { c1: { ...consumer, "group.id": "readers", "enable.auto.commit": false }, c2: consumer },
  });
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("; "));
  return given.isIdempotent ? withIdempotence(parsed.config) : parsed.config;
}

/** Idempotence needs acks=all. What the specification does not promise of it yet is judged by the anomalies' names. */
export function withIdempotence(config: ClusterConfig): ClusterConfig {
  const changed = Object.entries(config.producers).map(([name, producer]) => {
    return [name, producer.acks === -1 ? { ...producer, "enable.idempotence": true } : producer] as const;
  });
  return { ...config, producers: Object.fromEntries(changed) };
}
