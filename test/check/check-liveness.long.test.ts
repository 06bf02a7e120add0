/** Liveness: from every state that a design can get into, once no further fault strikes, all that is promised comes to pass. */
import { describe, expect, it } from "vitest";
import { checkLiveness } from "../../check/check-liveness.ts";
import { type Design, defaultBounds } from "../../check/design.ts";
import { createMachines } from "../../model/cluster/machines.ts";
import { type FaultBudget, noFaults } from "../../model/cluster/untimed-faults.ts";
import { plant } from "../../model/plants/plant.ts";
import { plantedBugById } from "../../model/plants/planted-bugs.ts";
import { parseCluster } from "../../spec/config/parse-cluster.ts";
import type { Requirement } from "../../spec/requirement.ts";
import { liv1 } from "../../spec/requirements/liv.ts";
import { runCli } from "../cli/run-cli.ts";

function designOf(replicas: number, faults: Partial<FaultBudget>): Design {
  const parsed = parseCluster({
    brokers: replicas,
    server: { "unclean.leader.election.enable": false },
    topics: { t: { partitions: 1, "replication.factor": replicas, "min.insync.replicas": Math.min(replicas, 2) } },
    producers: { p: { acks: "all", "linger.ms": 0 } },
  });
  if (!parsed.ok) throw new Error("the cluster is refused");
  const bounds = { ...defaultBounds, records: 1 };
  return { config: parsed.config, faults: { ...noFaults, ...faults }, bounds, channels: "rendezvous" };
}

describe("all that is promised comes to pass", () => {
  it.each([
    [3, { kill: 1 }],
    [3, { pause: 1 }],
    [3, { "power-off": 1 }],
    [3, { cut: 1 }],
    [2, { kill: 1, delay: 1 }],
    [2, { kill: 1, cut: 1 }],
    [2, { kill: 2 }],
  ])("from every state of %i replicas after %o", (replicas, faults) => {
    const checked = checkLiveness(designOf(replicas, faults), { requirement: liv1 });
    expect(checked).toMatchObject({ complete: true, requirements: [{ verdict: "holds", reason: null }] });
    expect(checked.states).toBeGreaterThan(1_000);
  });

  it.each([null, "truncates-one-too-few"])("or does not, with reductions and without: planted is %s", (id) => {
    const bug = id === null ? undefined : plantedBugById(id);
    const machines = bug === undefined ? createMachines() : plant(bug, createMachines());
    const of = (reduced: boolean) => checkLiveness(designOf(2, { kill: 1 }), { requirement: liv1, machines, reduced });
    const [reduced, whole] = [of(true), of(false)];
    expect(whole.states).toBeGreaterThan(2 * reduced.states);
    expect(reduced.requirements[0]?.verdict).toBe(id === null ? "holds" : "violated");
    expect(whole.requirements[0]?.verdict).toBe(reduced.requirements[0]?.verdict);
  });

  it("without a further fault: what only a kill can bring about does not", () => {
    const requirement: Requirement = {
      ...liv1,
      goal: ({ partitions }) => (partitions[0]?.leaderEpoch === 0 ? [{ text: "no election yet", scope: {} }] : []),
    };
    const checked = checkLiveness(designOf(1, { kill: 1 }), { requirement });
    expect(checked.requirements).toMatchObject([
      { verdict: "violated", reason: expect.stringContaining("no election") },
    ]);
    expect(checked.requirements[0]?.counterexample?.map(({ choice }) => choice)).not.toContain("kill 1");
  });

  it("is open where the search ends too early", () => {
    const checked = checkLiveness(designOf(2, { kill: 1 }), { requirement: liv1, maxStates: 100 });
    expect(checked).toMatchObject({ complete: false, end: "maxStates", requirements: [{ verdict: "inconclusive" }] });
  });
});

describe("highwater check --requirement LIV-1", () => {
  const small = ["--set", "brokers=2", "--set", "replication.factor=2", "--bound", "records=1"];

  it("says what has not come to pass", async () => {
    const { code, out } = await runCli([
      "check",
      ...small,
      "--requirement",
      "LIV-1",
      "--plant",
      "truncates-one-too-few",
    ]);
    expect(code).toBe(1);
    expect(out).toMatch(
      /LIV-1 {2}violated .*nothing leads from \d+ states to where it has come to pass; t-0: 1 not in the ISR/,
    );
  });

  it.each([[["--requirement", "DUR-1"]], [["--runs", "3"]]])(
    "is a search of its own, refused with %s",
    async (more) => {
      const { code, err } = await runCli(["check", ...small, "--requirement", "LIV-1", ...more]);
      expect(code).toBe(3);
      expect(err).toContain("E_USAGE LIV-1");
    },
  );
});
