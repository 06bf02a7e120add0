/** The sample programs: the correct ones keep every promise, each faulty one is rejected by the name of what it does. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runWorkload } from "../../conformance/workload/run-workload.ts";
import { clusterOf, type Workload } from "../../conformance/workload/workload.ts";
import { loadScenario } from "../../scenarios/load-scenario.ts";
import { playScenario } from "../../scenarios/play-scenario.ts";
import { requirements } from "../../spec/requirements/index.ts";
import { createProgramSubject } from "../../subjects/program/program-subject.ts";

const workload: Workload = {
  partitions: 1,
  acks: ["all", "all"],
  isIdempotent: false,
  "batch.size": 16_384,
  "linger.ms": 0,
  "max.poll.records": 500,
  operations: [
    { f: "send", producer: "p1", partition: 0, count: 3 },
    { f: "send", producer: "p2", partition: 0, count: 1 },
    { f: "send", producer: "p1", partition: 0, count: 4 },
    { f: "poll", consumer: "c1" },
    { f: "commit", consumer: "c1" },
    { f: "send", producer: "p1", partition: 0, count: 4 },
    { f: "restart", client: "c1" },
    { f: "poll", consumer: "c1" },
    { f: "poll", consumer: "c2" },
  ],
};

async function anomaliesOf(command: string): Promise<readonly string[]> {
  const run = await runWorkload(workload, clusterOf(workload, 3), await createProgramSubject(command));
  const violated = run.verdicts.filter(({ verdict }) => verdict === "violated").map(({ id }) => id);
  return [...new Set([...run.anomalies.map(({ name }) => name), ...violated])].sort();
}

const hasPython = spawnSync("python3", ["--version"]).status === 0;
const languages = ["node samples/broker.mjs", ...(hasPython ? ["python3 samples/broker.py"] : [])];

describe.each(languages)("%s", (command) => {
  it("keeps every promise that the workload can show", async () => {
    expect(await anomaliesOf(command)).toEqual([]);
  });

  it.each([
    [
      "lose-acknowledged",
      ["ALO-1", "DUR-1", "commit-past-undelivered", "inconsistent-offsets", "lost-write", "unseen"],
    ],
    ["duplicate", ["duplicate"]],
    ["reorder", ["int-nonmonotonic-send"]],
    ["wrong-offset", ["acknowledged-offset-differs", "duplicate", "inconsistent-offsets"]],
    ["lose-commit", ["resumed-elsewhere"]],
    ["dirty-read", ["G1a"]],
  ])("is rejected with --fault %s", async (fault, anomalies) => {
    expect(await anomaliesOf(`${command} --fault ${fault}`)).toEqual(anomalies);
  });
});

describe("node samples/broker.mjs", () => {
  it.each([
    ["skip", ["ALO-1", "DUR-1", "commit-past-undelivered", "int-poll-skip", "lost-write"]],
    ["phantom", ["ALO-1", "DUR-1", "commit-past-undelivered", "corrupted-read", "inconsistent-offsets", "lost-write"]],
  ])("is rejected with --fault %s", async (fault, anomalies) => {
    expect(await anomaliesOf(`node samples/broker.mjs --fault ${fault}`)).toEqual(anomalies);
  });

  it.each([
    ["none", "passed"],
    ["lose-commit", "failed"],
  ])("plays the roll-back with --fault %s: %s", async (fault, status) => {
    const file = "scenarios/consumers/two-groups.yaml";
    const loaded = loadScenario(file, readFileSync(file, "utf8"));
    if (!loaded.ok) throw new Error(`${file} is not in order`);
    const subject = await createProgramSubject(`node samples/broker.mjs --fault ${fault}`);
    expect((await playScenario(loaded.scenario, subject, requirements)).result.status).toBe(status);
  });
});
