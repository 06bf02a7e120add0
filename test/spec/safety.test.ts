import { describe, expect, it } from "vitest";
import { comparesEpochs, inSomePartition, safeElections, strictMinIsr } from "../../spec/safety.ts";
import { configWith } from "./cluster-views.ts";

const elections = (topic: object, server: object = {}) =>
  safeElections(configWith({ topics: { t: topic }, server }), "t-0");

describe("safe elections", () => {
  it("need unclean election off, for this topic", () => {
    expect(elections({ "unclean.leader.election.enable": false }, { "unclean.leader.election.enable": true })).toBe(
      true,
    );
    expect(elections({ "unclean.leader.election.enable": true })).toBe(false);
  });

  it("need a reconciliation that compares leader epochs and fences", () => {
    const all = ["high-watermark", "kip-101", "kip-279", "kip-320", "kip-595"] as const;
    expect(all.map(comparesEpochs)).toEqual([false, false, false, true, true]);
    expect(all.map((one) => elections({}, { "log.reconciliation": one }))).toEqual([false, false, false, true, true]);
  });
});

describe("strict min ISR", () => {
  const strict = (profile: "pre-3.7" | "3.7" | "4.1", topic: object) =>
    strictMinIsr(configWith({ profile, topics: { t: topic } }), "t-0");

  it("is there since 3.7, with two replicas or more to count", () => {
    const two = { "min.insync.replicas": 2 };
    expect([strict("pre-3.7", two), strict("3.7", two), strict("4.1", two)]).toEqual([false, true, true]);
    expect(strict("4.1", { "min.insync.replicas": 1 })).toBe(false);
    expect(strict("4.1", { ...two, "replication.factor": 1 })).toBe(false);
    expect(strict("4.1", { "min.insync.replicas": 9, "replication.factor": 2 })).toBe(true);
  });
});

describe("a condition without a partition", () => {
  it("is asked of every partition, and is met by one", () => {
    const config = configWith({ topics: { t: { "unclean.leader.election.enable": true, partitions: 2 }, u: {} } });
    expect(inSomePartition(config, undefined, safeElections)).toBe(true);
    expect(inSomePartition(config, "u-0", safeElections)).toBe(true);
    expect(inSomePartition(config, "t-1", safeElections)).toBe(false);
  });
});
