/** A cluster is made of the machines that its configuration names, and every setting reaches the machine it is for. */
import { describe, expect, it } from "vitest";
import { brokersOf, initialMachines, nodesOf } from "../../../model/cluster/initial-machines.ts";
import { configWith } from "../../spec/cluster-views.ts";

const config = configWith();

/** The input of the machine with this id. */
function inputOf(id: string, changes: Parameters<typeof configWith>[0]): Record<string, unknown> {
  const machine = initialMachines(configWith(changes)).find((one) => one.id === id);
  if (machine === undefined) throw new Error(`no machine ${id}`);
  return machine.input as Record<string, unknown>;
}

describe("the machines of a cluster", () => {
  it("are sessions, partitions, coordinator, brokers with their replicas, clients, and a reader of ours", () => {
    const topics = { t: { partitions: 2, "replication.factor": 2 } };
    const machines = initialMachines(configWith({ topics })).map(({ id, kind }) => `${kind} ${id}`);
    expect(machines).toEqual([
      ...[1, 2, 3].map((broker) => `broker-session controller/b${broker}`),
      "partition controller/t-0",
      "partition controller/t-1",
      "coordinator coordinator",
      "broker b1",
      "replica b1/t-0",
      "disk b1/t-0/disk",
      "follower-lag b1/t-0/lag-2",
      "broker b2",
      "replica b2/t-0",
      "disk b2/t-0/disk",
      "follower-lag b2/t-0/lag-1",
      "replica b2/t-1",
      "disk b2/t-1/disk",
      "follower-lag b2/t-1/lag-3",
      "broker b3",
      "replica b3/t-1",
      "disk b3/t-1/disk",
      "follower-lag b3/t-1/lag-2",
      "producer p1",
      "consumer c1",
      ...[1, 2, 3].map((broker) => `fetch-in-flight c1/fetch-b${broker}`),
      "admin admin",
      "consumer final-reader",
      ...[1, 2, 3].map((broker) => `fetch-in-flight final-reader/fetch-b${broker}`),
    ]);
  });

  it("stand on nodes, in the order in which ties of time are broken", () => {
    expect(brokersOf(config)).toEqual([1, 2, 3]);
    expect(nodesOf(config)).toEqual([
      "controller",
      "coordinator",
      "b1",
      "b2",
      "b3",
      "p1",
      "c1",
      "admin",
      "final-reader",
    ]);
  });
});

describe("a setting reaches its machine:", () => {
  const server: readonly (readonly [string, number, string, string])[] = [
    ["broker.session.timeout.ms", 7001, "controller/b2", "sessionTimeoutMs"],
    ["broker.heartbeat.interval.ms", 7002, "b2", "heartbeatIntervalMs"],
    ["broker.heartbeat.interval.ms", 7002, "b2", "retryMs"],
    ["replica.lag.time.max.ms", 7003, "b2/t-0", "lagTimeMs"],
    ["replica.lag.time.max.ms", 7003, "b2/t-0/lag-1", "lagTimeMs"],
    ["replica.fetch.wait.max.ms", 7004, "b2/t-0", "fetchWaitMs"],
    ["replica.fetch.backoff.ms", 7005, "b2/t-0", "fetchBackoffMs"],
    ["replica.socket.timeout.ms", 7006, "b2/t-0", "socketTimeoutMs"],
    ["replica.high.watermark.checkpoint.interval.ms", 7007, "b2/t-0", "checkpointMs"],
  ];
  it.each(server)("%s = %i: %s %s", (property, value, id, field) => {
    expect(inputOf(id, { server: { [property]: value } })[field]).toBe(value);
  });

  const producer: readonly (readonly [string, number, string])[] = [
    ["batch.size", 7001, "batchSize"],
    ["max.in.flight.requests.per.connection", 3, "maxInFlight"],
    ["request.timeout.ms", 7002, "requestTimeoutMs"],
    ["retry.backoff.ms", 7003, "retryBackoffMs"],
  ];
  it.each(producer)("%s = %i: producer %s", (property, value, field) => {
    expect(inputOf("p1", { producers: { p1: { [property]: value } } })[field]).toBe(value);
  });

  const batch: readonly (readonly [string, number, string])[] = [
    ["acks", 1, "acks"],
    ["linger.ms", 7001, "lingerMs"],
    ["retries", 9, "retries"],
    ["retry.backoff.ms", 7002, "retryBackoffMs"],
    ["retry.backoff.max.ms", 7003, "retryBackoffMaxMs"],
    ["request.timeout.ms", 7004, "requestTimeoutMs"],
    ["delivery.timeout.ms", 7005, "deliveryTimeoutMs"],
  ];
  it.each(batch)("%s = %i: %s of every batch", (property, value, field) => {
    expect(inputOf("p1", { producers: { p1: { [property]: value } } })["batch"]).toMatchObject({ [field]: value });
  });

  const consumer: readonly (readonly [string, unknown, string])[] = [
    ["group.id", "x", "group"],
    ["enable.auto.commit", true, "autoCommit"],
    ["auto.commit.interval.ms", 7001, "autoCommitIntervalMs"],
    ["auto.offset.reset", "none", "resetPolicy"],
    ["max.poll.records", 7, "maxPollRecords"],
    ["fetch.max.wait.ms", 7002, "fetchMaxWaitMs"],
    ["request.timeout.ms", 7003, "requestTimeoutMs"],
    ["retry.backoff.ms", 7004, "retryBackoffMs"],
  ];
  it.each(consumer)("%s = %s: consumer %s", (property, value, field) => {
    expect(inputOf("c1", { consumers: { c1: { [property]: value } } })[field]).toBe(value);
  });

  it("min ISR, as it is effective, unclean elections and ELR", () => {
    const topics = { t: { "min.insync.replicas": 5, "unclean.leader.election.enable": true } };
    expect(inputOf("controller/t-0", { topics })).toMatchObject({ effectiveMinIsr: 3, uncleanAllowed: true });
    expect(inputOf("b2/t-0", { topics })["effectiveMinIsr"]).toBe(3);
    for (const version of [0, 1] as const) {
      const { elrEnabled } = inputOf("controller/t-0", { server: { "eligible.leader.replicas.version": version } });
      expect(elrEnabled).toBe(version === 1);
    }
  });

  it("strict min ISR, by the profile", () => {
    const strict = (["pre-3.7", "3.7", "4.1"] as const).map(
      (profile) => inputOf("b1/t-0", { profile })["strictMinIsr"],
    );
    expect(strict).toEqual([false, true, true]);
  });
});

describe("what the machines know of each other at the beginning", () => {
  const topics = { t: { partitions: 2, "replication.factor": 2 } };

  it("is the assignment, and who leads by it", () => {
    const known = { brokers: [1, 2, 3], leaders: [0, 1].map((number) => leader(`t-${number}`, number + 1)) };
    for (const client of ["p1", "c1", "final-reader"]) {
      expect(inputOf(client, { topics })).toMatchObject({ ...known, client });
    }
    expect(inputOf("controller/t-1", { topics })).toMatchObject({
      partition: "t-1",
      replicas: [2, 3],
      brokers: [1, 2, 3],
    });
    expect(inputOf("controller/b2", { topics })).toMatchObject({
      broker: 2,
      brokers: [1, 2, 3],
      partitions: ["controller/t-0", "controller/t-1"],
    });
    expect(inputOf("b2", { topics })).toMatchObject({
      broker: 2,
      replicas: [
        { id: "b2/t-0", partition: "t-0" },
        { id: "b2/t-1", partition: "t-1" },
      ],
    });
    expect(inputOf("b2/t-1/lag-3", { topics })).toMatchObject({ follower: 3, replica: "b2/t-1" });
  });

  it("is, of a replica, its followers in ascending order", () => {
    expect(inputOf("b2/t-0", {})).toMatchObject({ broker: 2, partition: "t-0", followers: [1, 3] });
    expect(inputOf("b1/t-1", { topics: { t: { partitions: 2 } } })["followers"]).toEqual([2, 3]);
  });
});

describe("the reader of ours", () => {
  it("belongs to no group, commits nothing, and reads everything from the beginning", () => {
    const reader = { group: null, autoCommit: false, resetPolicy: "earliest" };
    expect(inputOf("final-reader", {})).toMatchObject(reader);
  });
});

function leader(partition: string, broker: number) {
  return { partition, leader: broker, leaderEpoch: 0 };
}
