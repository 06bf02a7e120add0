/** Builds views for the tests of requirements: one healthy cluster, and ways to change one thing about it. */
import type { ClusterView, DisksView, Observation, PartitionView, ReplicaView } from "../../spec/cluster-view.ts";
import type {
  ClusterConfig,
  ConsumerConfig,
  ProducerConfig,
  ServerConfig,
  TopicConfig,
} from "../../spec/config/cluster-config.ts";
import { parseCluster } from "../../spec/config/parse-cluster.ts";
import type { Judgement, Requirement } from "../../spec/requirement.ts";
import type { LogEntry } from "../../spec/vocabulary.ts";

const parsed = parseCluster({
  profile: "4.1",
  brokers: 3,
  topics: { t: { partitions: 1, "replication.factor": 3, "min.insync.replicas": 2 } },
  producers: { p1: { acks: "all", "enable.idempotence": false, "linger.ms": 10, "batch.size": 8 } },
  consumers: { c1: { "group.id": "g", "enable.auto.commit": false, "auto.offset.reset": "earliest" } },
});
if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
const { config: base } = parsed;

interface Changes {
  readonly profile?: ClusterConfig["profile"];
  readonly server?: Partial<ServerConfig>;
  /** Of each topic by name; `t` is there in any case. */
  readonly topics?: Readonly<Record<string, Partial<TopicConfig>>>;
  /** All clients, each with what differs from `p1` and `c1`. */
  readonly producers?: Readonly<Record<string, Partial<ProducerConfig>>>;
  readonly consumers?: Readonly<Record<string, Partial<ConsumerConfig>>>;
}

/** Profile 4.1, three brokers, topic `t` (1 partition, 3 replicas, min ISR 2), `p1` with acks=all, `c1` in group `g`. */
export function configWith(changes: Changes = {}): ClusterConfig {
  const { profile = "4.1", topics = {}, producers = { p1: {} }, consumers = { c1: {} } } = changes;
  const [topic, producer, consumer] = [base.topics["t"], base.producers["p1"], base.consumers["c1"]];
  if (topic === undefined || producer === undefined || consumer === undefined) throw new Error("no base");
  const over = <T>(one: T, all: Readonly<Record<string, Partial<T>>>) =>
    Object.fromEntries(Object.entries(all).map(([name, change]) => [name, { ...one, ...change }]));
  return {
    ...base,
    profile,
    server: { ...base.server, ...changes.server },
    topics: over(topic, { t: {}, ...topics }),
    producers: over(producer, producers),
    consumers: over(consumer, consumers),
  };
}

/** `log("a0 b1")`: value a of epoch 0 at offset 0, value b of epoch 1 at offset 1. */
export function log(text: string, start = 0): readonly LogEntry[] {
  const words = text.split(" ").filter((word) => word !== "");
  return words.map((word, index) => ({
    offset: start + index,
    epoch: Number(word.slice(1)),
    value: word.slice(0, 1),
    key: null,
  }));
}

/** What a log implies comes with it: `logEnd`, and `logStart` where it is not empty. */
export function changed(replica: ReplicaView, change: Partial<ReplicaView>): ReplicaView {
  const next = { ...replica, ...change };
  const logStart = change.logStart ?? change.log?.[0]?.offset ?? replica.logStart;
  return { ...next, logStart, logEnd: change.logEnd ?? logStart + next.log.length };
}

const follower: ReplicaView = changed(
  {
    broker: 2,
    alive: true,
    role: "follower",
    leaderEpoch: 1,
    isr: [],
    maximalIsr: [],
    logStart: 0,
    logEnd: 0,
    highWatermark: 2,
    log: [],
  },
  { log: log("a0 b1 c1") },
);

export const asLeader = { role: "leader", isr: [1, 2, 3], maximalIsr: [1, 2, 3] } as const;
export const asDead = { role: "offline", alive: false, isr: [], maximalIsr: [] } as const;

export const wholeDisks: DisksView = { lostRecords: false, withoutTail: [], uncleanRestarts: 0 };

const healthyPartition: PartitionView = {
  partition: "t-0",
  topic: "t",
  leader: 1,
  leaderEpoch: 1,
  isr: [1, 2, 3],
  elr: [],
  replicas: [
    changed(follower, { ...asLeader, broker: 1 }),
    follower,
    changed(follower, { broker: 3, log: log("a0 b1"), highWatermark: 1 }),
  ],
  disks: wholeDisks,
};

/**
 * Broker 1 leads `t-0` in epoch 1, all are in the ISR. a, b are committed, acknowledged to `p1`, delivered to `c1` and
 * committed by `g`; c has not reached broker 3 yet, which also lags with its high watermark.
 */
export function healthy(change: Partial<ClusterView> = {}): ClusterView {
  return {
    config: configWith(),
    time: null,
    partitions: [healthyPartition],
    acknowledged: [acknowledged("a", 0), acknowledged("b", 1)],
    delivered: [delivered("a", 0), delivered("b", 1)],
    passedOver: [],
    travelling: [],
    pending: [],
    knownLeaders: [{ producer: "p1", partition: "t-0", leader: 1 }],
    positions: [{ consumer: "c1", partition: "t-0", offset: 2 }],
    committed: [{ group: "g", partition: "t-0", offset: 2 }],
    observed: [],
    ...change,
  };
}

export function acknowledged(value: string, offset: number | null, producer = "p1") {
  return { producer, partition: "t-0", value, offset };
}

export function delivered(value: string, offset: number, consumer = "c1") {
  return { consumer, partition: "t-0", value, offset };
}

/** The partition changed, and its replicas by broker. */
export function partitionWith(
  view: ClusterView,
  change: Partial<PartitionView>,
  replicas: Readonly<Record<number, Partial<ReplicaView>>> = {},
): ClusterView {
  return {
    ...view,
    partitions: view.partitions.map((partition) => ({
      ...partition,
      ...change,
      replicas: partition.replicas.map((replica) => changed(replica, replicas[replica.broker] ?? {})),
    })),
  };
}

/** Broker 2 has taken over in epoch 2, broker 1 is dead and out of the ISR. */
export function failedOver(replicas: Readonly<Record<number, Partial<ReplicaView>>> = {}): ClusterView {
  return partitionWith(
    healthy(),
    { leader: 2, leaderEpoch: 2, isr: [2, 3] },
    {
      1: { ...asDead, ...replicas[1] },
      2: { role: "leader", leaderEpoch: 2, isr: [2, 3], maximalIsr: [2, 3], ...replicas[2] },
      3: { leaderEpoch: 2, ...replicas[3] },
    },
  );
}

export function observing(view: ClusterView, ...observed: readonly Observation[]): ClusterView {
  return { ...view, observed };
}

export function judge(requirement: Requirement, view: ClusterView, before: ClusterView | null = null): Judgement {
  return requirement.invariant?.(view, before) ?? "vacuous";
}

/** The texts of the violations; what the judgement says, if there are none. */
export function said(judgement: Judgement): string | readonly string[] {
  return typeof judgement === "string" ? judgement : judgement.map(({ text }) => text);
}

/** Shows a requirement with a memory one state after the other, each with these observations; the last judgement. */
export function watched(requirement: Requirement, steps: readonly ClusterView[]): readonly Judgement[] {
  const watch = requirement.watch?.(steps[0]?.config ?? configWith());
  if (watch === undefined) throw new Error(`${requirement.id} has no memory`);
  return steps.map((view, index) => watch(view, steps[index - 1] ?? null));
}
