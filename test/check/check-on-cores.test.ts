/** All cores together say what one says. */
import { describe, expect, it } from "vitest";
import { checkDesign } from "../../check/check-design.ts";
import { checkOnCores } from "../../check/check-on-cores.ts";
import { plantedMachines } from "../../check/cluster-of-design.ts";
import { type Design, defaultBounds, defaultCluster } from "../../check/design.ts";
import { noFaults } from "../../model/cluster/untimed-faults.ts";
import { parseCluster } from "../../spec/config/parse-cluster.ts";
import { requirements } from "../../spec/requirements/index.ts";

function designWith(acks: "all" | 1): Design {
  const parsed = parseCluster({ ...defaultCluster, producers: { p: { ...defaultCluster.producers.p, acks } } });
  if (!parsed.ok) throw new Error("the cluster is refused");
  const bounds = { ...defaultBounds, records: 1 };
  return { config: parsed.config, faults: { ...noFaults, kill: 1 }, bounds, channels: "rendezvous" };
}

const asked = ["DUR-1", "HW-1", "ELE-2", "GRP-1"];

describe("checkOnCores", () => {
  it.each([
    ["all", null],
    [1, null],
    ["all", "hw-is-log-end"],
  ] as const)("finds what checkDesign finds, with the same stories (acks %s, planted %s)", async (acks, plant) => {
    const design = designWith(acks);
    const machines = plantedMachines(design, plant);
    const alone = checkDesign(design, {
      requirements: requirements.filter(({ id }) => asked.includes(id)),
      ...(machines === undefined ? {} : { machines }),
    });
    const together = await checkOnCores({ design, requirements: asked, plant }, { cores: 2, maxStates: null });
    expect(together).toEqual(alone);
    expect(alone.complete).toBe(true);
    expect(alone.requirements.length).toBeGreaterThan(2);
  });

  it("ends at its limits, and says so", async () => {
    const limits = { cores: 2, maxStates: 500 };
    const checked = await checkOnCores({ design: designWith("all"), requirements: ["DUR-1"], plant: null }, limits);
    expect(checked).toMatchObject({ complete: false, end: "maxStates", states: 500 });
    expect(checked.requirements[0]?.verdict).toBe("inconclusive");
  });
});
