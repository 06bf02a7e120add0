import { describe, expect, it } from "vitest";
import { initialMachines } from "../../model/cluster/initial-machines.ts";
import { parseCluster } from "../../spec/config/parse-cluster.ts";

function retentionChecks(retention: object, interval: string): readonly unknown[] {
  const server = { "log.retention.check.interval.ms": interval };
  const parsed = parseCluster({ brokers: 2, server, topics: { t: { "replication.factor": 2, ...retention } } });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const replicas = initialMachines(parsed.config).filter(({ kind }) => kind === "replica");
  return replicas.map(({ input }) => (input as { retentionChecks: number | null }).retentionChecks);
}

describe("the age at which a segment goes, in checks", () => {
  it.each([
    // The first check comes at any time up to an interval after the append, and so counts for nothing.
    [{ "retention.ms": "5s" }, "1s", 6],
    [{ "retention.ms": "5001ms" }, "1s", 7],
    [{ "retention.ms": "1s" }, "5s", 2],
    [{ "retention.ms": 0 }, "5s", 1],
    [{ "retention.ms": -1 }, "5s", null],
    [{ "retention.bytes": 10 }, "5s", null],
    [{}, "5s", null],
  ])("%j, looked at every %s, is %j", (retention, interval, checks) => {
    expect(retentionChecks(retention, interval)).toEqual([checks, checks]);
  });
});
