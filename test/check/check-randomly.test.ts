/** Random runs of a design: what they find is told as a way there, and nothing found is not called complete. */
import { describe, expect, it } from "vitest";
import { checkRandomly } from "../../check/check-randomly.ts";
import { type Design, defaultBounds, defaultCluster } from "../../check/design.ts";
import { createMachines } from "../../model/cluster/machines.ts";
import { noFaults } from "../../model/cluster/untimed-faults.ts";
import { plant } from "../../model/plants/plant.ts";
import { plantedBugById } from "../../model/plants/planted-bugs.ts";
import { parseCluster } from "../../spec/config/parse-cluster.ts";
import { requirementById } from "../../spec/requirements/index.ts";

function designOf(acks: 1 | "all"): Design {
  const parsed = parseCluster({ ...defaultCluster, producers: { p: { acks, "linger.ms": 0 } } });
  if (!parsed.ok) throw new Error("the cluster is refused");
  const bounds = { ...defaultBounds, records: 1 };
  return { config: parsed.config, faults: { ...noFaults, kill: 1 }, bounds, channels: "rendezvous" };
}

const dur1 = requirementById("DUR-1");
const requirements = dur1 === undefined ? [] : [dur1];

describe("random runs", () => {
  it("find a loss that is not promised against, and tell a way there that cannot be cut", () => {
    const checked = checkRandomly(designOf(1), { requirements, runs: 100, seed: 1 });
    expect(checked).toMatchObject({ complete: false, end: "runs" });
    const [found] = checked.requirements;
    expect(found?.verdict).toBe("expected-loss");
    expect(found?.counterexample?.some(({ choice }) => choice.startsWith("kill "))).toBe(true);
    expect(found?.counterexample?.length).toBeLessThan(12);
  });

  it("are the same for the same seed", () => {
    const [one, other] = [7, 7].map((seed) => checkRandomly(designOf("all"), { requirements, runs: 10, seed }));
    expect(one).toEqual(other);
  });

  it("find a planted bug", () => {
    const bug = plantedBugById("hw-is-log-end");
    if (bug === undefined) throw new Error("no such bug");
    const machines = plant(bug, createMachines());
    const checked = checkRandomly(designOf("all"), { requirements, machines, runs: 200, seed: 1 });
    expect(checked.requirements[0]?.verdict).toBe("violated");
  });

  it("end when they are told to, and are inconclusive then", () => {
    const checked = checkRandomly(designOf("all"), { requirements, runs: 50, seed: 1, shouldStop: () => true });
    expect(checked.requirements).toMatchObject([{ verdict: "inconclusive" }]);
  });
});
