/** Which machines a cluster consists of, from its configuration, each with its input. */
import {
  assignmentOf,
  type ClusterConfig,
  deletesByTime,
  effectiveMinIsr,
  partitionsOf,
  topicOf,
} from "../../spec/config/cluster-config.ts";
import type { TopicPartition } from "../../spec/vocabulary.ts";
import type { ConsumerInput } from "../consumer/consumer-context.ts";
import type { MachineKind } from "./machines.ts";

/** Kafka's default of `default.api.timeout.ms`. */
const apiTimeoutMs = 60_000;

export interface InitialMachine {
  readonly id: string;
  readonly kind: MachineKind;
  readonly input: unknown;
}

/** Broker ids of a cluster: 1 to n. */
export function brokersOf(config: ClusterConfig): readonly number[] {
  return Array.from({ length: config.brokers }, (_, index) => index + 1);
}

/** Nodes in the fixed order in which ties of time are broken. */
export function nodesOf(config: ClusterConfig): readonly string[] {
  return [
    "controller",
    "coordinator",
    ...brokersOf(config).map((broker) => `b${broker}`),
    ...Object.keys(config.producers),
    ...Object.keys(config.consumers),
    admin,
    finalReader,
  ];
}

export function initialMachines(config: ClusterConfig): readonly InitialMachine[] {
  return [
    ...controllerMachines(config),
    { id: "coordinator", kind: "coordinator", input: undefined },
    ...brokersOf(config).flatMap((broker) => brokerMachines(config, broker)),
    ...producerMachines(config),
    ...consumerMachines(config),
    adminMachine(config),
    ...finalReaderMachines(config),
  ];
}

function controllerMachines(config: ClusterConfig): readonly InitialMachine[] {
  const brokers = brokersOf(config);
  const partitions = partitionsOf(config).map((partition) => `controller/${partition}`);
  const sessions = brokers.map((broker): InitialMachine => {
    const sessionTimeoutMs = config.server["broker.session.timeout.ms"];
    return {
      id: `controller/b${broker}`,
      kind: "broker-session",
      input: { broker, brokers, partitions, sessionTimeoutMs },
    };
  });
  const records = partitionsOf(config).map((partition): InitialMachine => {
    const topic = topicOf(config, partition);
    const input = {
      partition,
      replicas: assignmentOf(config, partition),
      brokers,
      effectiveMinIsr: effectiveMinIsr(config, partition),
      uncleanAllowed: topic["unclean.leader.election.enable"],
      elrEnabled: config.server["eligible.leader.replicas.version"] > 0,
    };
    return { id: `controller/${partition}`, kind: "partition", input };
  });
  return [...sessions, ...records];
}

function brokerMachines(config: ClusterConfig, broker: number): readonly InitialMachine[] {
  const { server } = config;
  const partitions = partitionsOf(config).filter((partition) => assignmentOf(config, partition).includes(broker));
  const process: InitialMachine = {
    id: `b${broker}`,
    kind: "broker",
    input: {
      broker,
      replicas: partitions.map((partition) => ({ id: `b${broker}/${partition}`, partition })),
      heartbeatIntervalMs: server["broker.heartbeat.interval.ms"],
      // Kafka retries a refused registration after a back-off of its own that is of the same order.
      retryMs: server["broker.heartbeat.interval.ms"],
    },
  };
  const lagTimeMs = server["replica.lag.time.max.ms"];
  const replicas = partitions.flatMap((partition): InitialMachine[] => {
    const followers = assignmentOf(config, partition).filter((other) => other !== broker);
    const id = `b${broker}/${partition}`;
    const input = {
      broker,
      partition,
      effectiveMinIsr: effectiveMinIsr(config, partition),
      strictMinIsr: config.profile !== "pre-3.7",
      lagTimeMs,
      fetchWaitMs: server["replica.fetch.wait.max.ms"],
      fetchBackoffMs: server["replica.fetch.backoff.ms"],
      socketTimeoutMs: server["replica.socket.timeout.ms"],
      checkpointMs: server["replica.high.watermark.checkpoint.interval.ms"],
      segmentBytes: topicOf(config, partition)["segment.bytes"],
      retentionBytes: topicOf(config, partition)["retention.bytes"],
      retentionChecks: retentionChecks(config, partition),
      retentionCheckMs: server["log.retention.check.interval.ms"],
      followers: [...followers].sort((one, other) => one - other),
    };
    const lags = followers.map((follower): InitialMachine => {
      return { id: `${id}/lag-${follower}`, kind: "follower-lag", input: { follower, replica: id, lagTimeMs } };
    });
    const disk: InitialMachine = {
      id: `${id}/disk`,
      kind: "disk",
      input: {
        replica: id,
        flushInterval: server["log.flush.interval.messages"],
        writebackMs: config["os.writeback.interval.ms"],
      },
    };
    return [{ id, kind: "replica", input }, disk, ...lags];
  });
  return [process, ...replicas];
}

/** The first check that finds a segment's last append at least `retention.ms` ago, rounded up to whole intervals. */
function retentionChecks(config: ClusterConfig, partition: TopicPartition): number | null {
  const topic = topicOf(config, partition);
  const interval = config.server["log.retention.check.interval.ms"];
  return deletesByTime(topic) ? Math.ceil(topic["retention.ms"] / interval) + 1 : null;
}

/** A client starts with the metadata of the cluster as it is created. */
function firstLeaders(config: ClusterConfig) {
  return partitionsOf(config).map((partition) => ({
    partition,
    leader: assignmentOf(config, partition)[0] ?? null,
    leaderEpoch: 0,
  }));
}

function producerMachines(config: ClusterConfig): readonly InitialMachine[] {
  return Object.entries(config.producers).map(([client, settings]) => ({
    id: client,
    kind: "producer",
    input: {
      client,
      brokers: brokersOf(config),
      batchSize: settings["batch.size"],
      maxInFlight: settings["max.in.flight.requests.per.connection"],
      requestTimeoutMs: settings["request.timeout.ms"],
      retryBackoffMs: settings["retry.backoff.ms"],
      batch: {
        acks: settings.acks,
        lingerMs: settings["linger.ms"],
        retries: settings.retries,
        retryBackoffMs: settings["retry.backoff.ms"],
        retryBackoffMaxMs: settings["retry.backoff.max.ms"],
        requestTimeoutMs: settings["request.timeout.ms"],
        deliveryTimeoutMs: settings["delivery.timeout.ms"],
      },
      partitioner: settings["partitioner.class"],
      ignoreKeys: settings["partitioner.ignore.keys"],
      // Put right by KAFKA-17632 (3.9) and KAFKA-18295 (4.0).
      choosesAgainForNewBatch: config.profile !== "4.1",
      leaders: firstLeaders(config),
    },
  }));
}

function consumerMachines(config: ClusterConfig): readonly InitialMachine[] {
  return Object.entries(config.consumers).flatMap(([client, settings]) =>
    consumerWithFetches({
      client,
      group: settings["group.id"],
      brokers: brokersOf(config),
      autoCommit: settings["enable.auto.commit"],
      autoCommitIntervalMs: settings["auto.commit.interval.ms"],
      resetPolicy: settings["auto.offset.reset"],
      maxPollRecords: settings["max.poll.records"],
      fetchMaxWaitMs: settings["fetch.max.wait.ms"],
      requestTimeoutMs: settings["request.timeout.ms"],
      apiTimeoutMs,
      retryBackoffMs: settings["retry.backoff.ms"],
      leaders: firstLeaders(config),
    }),
  );
}

function consumerWithFetches(input: ConsumerInput): readonly InitialMachine[] {
  const { client, requestTimeoutMs } = input;
  const fetches = input.brokers.map((broker): InitialMachine => {
    const id = `${client}/fetch-b${broker}`;
    return { id, kind: "fetch-in-flight", input: { consumer: client, broker, requestTimeoutMs } };
  });
  return [{ id: client, kind: "consumer", input }, ...fetches];
}

/** Whoever deletes records by command; there is one for all. */
export const admin = "admin";

function adminMachine(config: ClusterConfig): InitialMachine {
  const input = {
    client: admin,
    brokers: brokersOf(config),
    requestTimeoutMs: 30_000,
    retryBackoffMs: 100,
    apiTimeoutMs,
  };
  return { id: admin, kind: "admin", input };
}

/** Belongs to no application: it reads everything from the beginning when a run is over. Nothing of it is observed. */
export const finalReader = "final-reader";

function finalReaderMachines(config: ClusterConfig): readonly InitialMachine[] {
  return consumerWithFetches({
    client: finalReader,
    group: null,
    brokers: brokersOf(config),
    autoCommit: false,
    autoCommitIntervalMs: 0,
    resetPolicy: "earliest",
    maxPollRecords: Number.MAX_SAFE_INTEGER,
    fetchMaxWaitMs: 500,
    requestTimeoutMs: 30_000,
    apiTimeoutMs,
    retryBackoffMs: 100,
    leaders: firstLeaders(config),
  });
}
