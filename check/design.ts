/** A design to be checked: a cluster's configuration, what its producers do, what may strike it, and the bounds of the search. */
import type { ClientOperation } from "../model/client-operation.ts";
import type { FaultBudget } from "../model/cluster/untimed-faults.ts";
import { type ClusterConfig, partitionsOf } from "../spec/config/cluster-config.ts";

export interface Bounds {
  /** Records, sent one by one by each producer. */
  readonly records: number;
  /** Elections of a partition after its first: no leader epoch gets beyond it. */
  readonly elections: number;
  /** A batch is sent so often at most, whatever `retries` says. */
  readonly attempts: number;
}

export const defaultBounds: Bounds = { records: 2, elections: 3, attempts: 1 };

export interface Design {
  readonly config: ClusterConfig;
  readonly faults: FaultBudget;
  readonly bounds: Bounds;
  readonly channels: "rendezvous" | "queued";
}

/** The cluster that is checked where nothing else is said, as a user would write it. */
export const defaultCluster = {
  profile: "4.1",
  brokers: 3,
  server: { "unclean.leader.election.enable": false },
  topics: { t: { partitions: 1, "replication.factor": 3, "min.insync.replicas": 2 } },
  producers: { p: { acks: "all", "enable.idempotence": false, "linger.ms": 0 } },
} as const;

/** The configuration with its retries within the bound. */
export function boundedConfig({ config, bounds }: Design): ClusterConfig {
  const producers = Object.entries(config.producers).map(([id, producer]) => {
    return [id, { ...producer, retries: Math.min(producer.retries, bounds.attempts - 1) }];
  });
  return { ...config, producers: Object.fromEntries(producers) };
}

/** Each producer sends its records one after the other, to the partitions in turn. */
export function programsOf({ config, bounds }: Design): Readonly<Record<string, readonly ClientOperation[]>> {
  const partitions = partitionsOf(config);
  const clients = Object.keys(config.producers);
  const programs = clients.map((client) => {
    const operations = Array.from({ length: bounds.records }, (_, index): ClientOperation => {
      const value = clients.length === 1 ? letter(index) : `${client}-${letter(index)}`;
      const to = partitions[index % partitions.length] ?? "";
      return { f: "send", to, records: [{ key: null, value }] };
    });
    return [client, operations] as const;
  });
  return Object.fromEntries(programs);
}

/** a, b, …, z, r26, … */
function letter(index: number): string {
  return index < 26 ? String.fromCharCode("a".charCodeAt(0) + index) : `r${index}`;
}

/** What an ordinary machine goes through in some minutes. */
export const statesMax = 2e7;

/**
 * Roughly how many states there are within the bounds. Rules of thumb, from searches of three brokers at a rendezvous: 13 with
 * one record and no fault; each further record makes it 12 to 20 times as many, each fault 30 to 600 times.
 */
export function estimatedStates({ config, faults, bounds }: Design): number {
  const replicas = Math.max(...Object.values(config.topics).map((topic) => topic["replication.factor"]));
  const growth: FaultBudget = { kill: 90, "power-off": 600, pause: 500, cut: 110, delay: 30 };
  const struck = Object.entries(growth).map(([kind, times]) => times ** faults[kind as keyof FaultBudget]);
  const records = bounds.records * Object.keys(config.producers).length;
  return 40 * 16 ** (records - 1) * struck.reduce((product, times) => product * times, 1) * 20 ** (replicas - 3);
}
