import { describe, expect, it } from "vitest";
import {
  assignmentOf,
  type ClusterConfig,
  deletesByTime,
  deletesRecords,
  effectiveMinIsr,
  partitionsOf,
  type TopicConfig,
  topicOf,
} from "../../../spec/config/cluster-config.ts";
import { parseCluster } from "../../../spec/config/parse-cluster.ts";

/** The parser takes one topic for now; the helpers take any number. */
function cluster(brokers: number, topics: Record<string, Partial<TopicConfig>>): ClusterConfig {
  const parsed = parseCluster({ brokers, topics: { only: {} } });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const usual = topicOf(parsed.config, "only-0");
  const all = Object.entries(topics).map(([name, settings]) => [name, { ...usual, ...settings }]);
  return { ...parsed.config, topics: Object.fromEntries(all) };
}

describe("partitionsOf", () => {
  it("lists topics by name, code unit by code unit, and partitions by number", () => {
    const config = cluster(1, { b: { partitions: 2 }, a: { partitions: 11 }, Z: {}, 9: {}, 10: {} });
    const ofA = ["a-0", "a-1", "a-2", "a-3", "a-4", "a-5", "a-6", "a-7", "a-8", "a-9", "a-10"];
    expect(partitionsOf(config)).toEqual(["10-0", "9-0", "Z-0", ...ofA, "b-0", "b-1"]);
  });
});

describe("topicOf", () => {
  const config = cluster(3, { orders: { partitions: 2, "replication.factor": 3 } });

  it("finds the topic of a partition", () => {
    expect(topicOf(config, "orders-1")).toBe(config.topics["orders"]);
  });

  it.each(["orders-2", "orders", "orders-01", "other-0", "constructor-0", "toString-0", "__proto__-0"])(
    "knows no partition %s",
    (partition) => {
      expect(() => topicOf(config, partition)).toThrow(RangeError);
      expect(() => assignmentOf(config, partition)).toThrow(RangeError);
    },
  );
});

describe("assignmentOf", () => {
  it("puts replica j of partition i on broker (i + j) mod brokers + 1", () => {
    const config = cluster(4, { orders: { partitions: 5, "replication.factor": 3 } });
    expect(partitionsOf(config).map((partition) => assignmentOf(config, partition))).toEqual([
      [1, 2, 3],
      [2, 3, 4],
      [3, 4, 1],
      [4, 1, 2],
      [1, 2, 3],
    ]);
  });
});

describe("effectiveMinIsr", () => {
  it.each([
    [1, 3, 1],
    [2, 3, 2],
    [3, 3, 3],
    [4, 3, 3],
    [2, 1, 1],
  ])("min.insync.replicas %d of %d replicas needs %d", (minIsr, factor, needed) => {
    const config = cluster(3, { orders: { "min.insync.replicas": minIsr, "replication.factor": factor } });
    expect(effectiveMinIsr(config, "orders-0")).toBe(needed);
    expect(effectiveMinIsr({ ...config, profile: "3.7" }, "orders-0")).toBe(needed);
    expect(effectiveMinIsr({ ...config, profile: "pre-3.7" }, "orders-0"), "no cap before 3.7").toBe(minIsr);
  });
});

describe("retention", () => {
  it.each([
    [{}, false, false],
    [{ "retention.ms": -1 }, false, false],
    [{ "retention.ms": 86_400_000 }, false, false],
    [{ "retention.ms": 86_399_999 }, true, true],
    [{ "retention.ms": 0 }, true, true],
    [{ "retention.bytes": 0 }, false, true],
    [{ "retention.bytes": 10, "retention.ms": 10 }, true, true],
  ] as const)("%j deletes by time: %s, at all: %s", (settings, byTime, atAll) => {
    const topic = topicOf(cluster(1, { orders: settings }), "orders-0");
    expect([deletesByTime(topic), deletesRecords(topic)]).toEqual([byTime, atAll]);
  });
});
