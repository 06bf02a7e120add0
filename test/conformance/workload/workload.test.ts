import { describe, expect, it } from "vitest";
import { faultSchedule } from "../../../conformance/workload/fault-schedule.ts";
import { shrinkWorkload } from "../../../conformance/workload/shrink-workload.ts";
import { clusterOf, operationCountMax, type Workload, workloads } from "../../../conformance/workload/workload.ts";

describe("generated workloads", () => {
  it("are the same for the same seed, and others for another", () => {
    expect(workloads(5, 7)).toEqual(workloads(5, 7));
    expect(workloads(5, 7)).not.toEqual(workloads(5, 8));
  });

  it("are as long as they may be, and use everything there is", () => {
    const all = workloads(200, 1);
    const lengths = all.map(({ operations }) => operations.length);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(8);
    expect(Math.max(...lengths)).toBe(operationCountMax);
    const kinds = new Set(all.flatMap(({ operations }) => operations.map(({ f }) => f)));
    expect([...kinds].sort()).toEqual(["commit", "poll", "restart", "rewind", "send"]);
    expect(new Set(all.map(({ isIdempotent }) => isIdempotent)).size).toBe(2);
  });

  it("fit the cluster that they are for", () => {
    for (const brokers of [1, 2, 3, 5]) {
      for (const workload of workloads(20, brokers)) {
        const topic = clusterOf(workload, brokers).topics["orders"];
        expect(topic?.["replication.factor"]).toBe(Math.min(3, brokers));
        expect(topic?.["min.insync.replicas"]).toBe(Math.min(2, brokers));
      }
    }
  });

  it("are idempotent only with acks=all", () => {
    for (const workload of workloads(50, 3)) {
      for (const { acks, "enable.idempotence": isIdempotent } of Object.values(clusterOf(workload, 3).producers)) {
        expect(isIdempotent).toBe(workload.isIdempotent && acks === -1);
      }
    }
  });
});

describe("a schedule of faults", () => {
  it("hits a leader first, lasts longer than a session, and is the same for the same seed", () => {
    const schedule = faultSchedule(["kill", "pause"], 6, 4);
    expect(schedule).toEqual(faultSchedule(["kill", "pause"], 6, 4));
    expect(schedule).toHaveLength(6);
    expect(schedule[0]?.hitsLeader).toBe(true);
    expect(schedule.every(({ brokenMs }) => brokenMs >= 3000)).toBe(true);
    expect(new Set(schedule.map(({ hitsLeader }) => hitsLeader)).size).toBe(2);
    for (const seed of [1, 2, 3]) {
      const kinds = faultSchedule(["kill", "pause", "cut"], 4, seed).map(({ fault }) => fault);
      expect([...new Set(kinds)].sort()).toEqual(["cut", "kill", "pause"]);
    }
    expect(faultSchedule(["pause"], 6, 4).map(({ fault }) => fault)).toEqual(Array(6).fill("pause"));
  });
});

describe("shrinking a workload", () => {
  const [whole] = workloads(1, 11);
  const isWrong = async ({ operations }: Workload) =>
    operations.some(({ f }) => f === "restart") && operations.some(({ f }) => f === "commit");
  const given = (): Workload => {
    if (whole === undefined) throw new Error("nothing was generated");
    const both = [{ f: "restart", client: "c1" } as const, { f: "commit", consumer: "c1" } as const];
    return { ...whole, operations: [...whole.operations, ...both] };
  };

  it("leaves what it takes", async () => {
    const { workload, complete } = await shrinkWorkload(given(), isWrong, () => true);
    expect(workload.operations.map(({ f }) => f).sort()).toEqual(["commit", "restart"]);
    expect(complete).toBe(true);
  });

  it("ends with time, and with something that goes wrong", async () => {
    let attempts = 0;
    const isTimeLeft = () => {
      attempts += 1;
      return attempts < 6;
    };
    const { workload, complete } = await shrinkWorkload(given(), isWrong, isTimeLeft);
    expect(complete).toBe(false);
    expect(await isWrong(workload)).toBe(true);
  });
});
