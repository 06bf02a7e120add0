/**
 * A search that leaves out moments in which nothing is decided finds what the whole search finds: the same verdicts, by
 * ways of the same length.
 */
import { describe, expect, it } from "vitest";
import { type Checked, checkDesign } from "../../check/check-design.ts";
import { type Design, defaultBounds } from "../../check/design.ts";
import { createMachines } from "../../model/cluster/machines.ts";
import { type FaultBudget, noFaults } from "../../model/cluster/untimed-faults.ts";
import { plant } from "../../model/plants/plant.ts";
import { plantedBugById } from "../../model/plants/planted-bugs.ts";
import { parseCluster } from "../../spec/config/parse-cluster.ts";

function designOf(acks: 1 | "all", minIsr: number, unclean: boolean, faults: Partial<FaultBudget>): Design {
  const parsed = parseCluster({
    profile: "4.1",
    brokers: 2,
    server: { "unclean.leader.election.enable": unclean },
    topics: { t: { partitions: 1, "replication.factor": 2, "min.insync.replicas": minIsr } },
    producers: { p: { acks, "linger.ms": 0 } },
  });
  if (!parsed.ok) throw new Error("the cluster is refused");
  const bounds = { ...defaultBounds, records: 1, elections: 2 };
  return { config: parsed.config, faults: { ...noFaults, ...faults }, bounds, channels: "rendezvous" };
}

const verdictsOf = ({ requirements }: Checked) =>
  requirements.map(({ id, verdict, counterexample }) => [id, verdict, counterexample?.length ?? null]);

function compare(design: Design, bug: string | null): void {
  const planted = bug === null ? undefined : plantedBugById(bug);
  if (bug !== null) expect(planted).toBeDefined();
  const machines = planted === undefined ? createMachines() : plant(planted, createMachines());
  const [whole, reduced] = [false, true].map((isReduced) => checkDesign(design, { machines, reduced: isReduced }));
  if (whole === undefined || reduced === undefined) throw new Error("nothing was checked");
  expect([whole.complete, reduced.complete]).toEqual([true, true]);
  expect(verdictsOf(reduced)).toEqual(verdictsOf(whole));
  expect(reduced.states).toBeLessThan(whole.states / 2);
}

describe("the same verdicts, and stories of the same length, from a fraction of the states", () => {
  it.each([
    ["all", 2, false, { kill: 1 }],
    ["all", 1, true, { kill: 1 }],
    ["all", 2, false, { delay: 1 }],
    [1, 1, true, { "power-off": 1 }],
  ] as const)("acks=%s, min ISR %i, unclean election %s, %o", (...design) => {
    const [acks, minIsr, unclean, faults] = design;
    compare(designOf(acks, minIsr, unclean, faults), null);
  });

  it.each(["hw-is-log-end", "elects-outside-isr"])("planted: %s", (bug) => {
    compare(designOf("all", 2, false, { kill: 1 }), bug);
  });
});

describe("where the whole graph is endless, as connections are given up again and again", () => {
  it.each(["pause", "cut"] as const)("%s: the reduced one ends", (kind) => {
    const checked = checkDesign(designOf("all", 2, false, { [kind]: 1 }));
    expect(checked.complete).toBe(true);
    expect(checked.requirements.filter(({ verdict }) => verdict === "violated")).toEqual([]);
  });
});
