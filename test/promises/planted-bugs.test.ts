/** Every planted bug is caught by the requirement that its registry entry names, by the random walks of default seeds. */
import { describe, expect, it } from "vitest";
import { createMachines } from "../../model/cluster/machines.ts";
import { plant } from "../../model/plants/plant.ts";
import { plantedBugs } from "../../model/plants/planted-bugs.ts";
import { requirementById } from "../../spec/requirements/index.ts";
import { walkCluster } from "../model/random-clusters.ts";

const seedsMax = 150;
const maxSteps = 700;

const machines = createMachines();

describe("the registry", () => {
  it("has ids of its own, and requirements that there are", () => {
    expect(new Set(plantedBugs.map(({ id }) => id)).size).toBe(plantedBugs.length);
    for (const { id, requirement } of plantedBugs) expect(requirementById(requirement), id).toBeDefined();
  });

  it("refuses a name that the machine does not have", () => {
    const misspelt = {
      id: "x",
      title: "x",
      machine: "replica",
      replaces: { guards: { meetMinIsr: () => true } },
      requirement: "HW-2",
      anomaly: null,
    } as const;
    expect(() => plant(misspelt, machines)).toThrow("x: the machine replica has no guard meetMinIsr");
  });
});

describe("a planted bug is caught:", () => {
  for (const bug of plantedBugs) {
    it(`${bug.id} by ${bug.requirement}`, () => {
      const planted = plant(bug, machines);
      const seeds = Array.from({ length: seedsMax }, (_, index) => index + 1);
      const caught = seeds.find((seed) => isCaught(seed, planted, bug.requirement));
      expect(caught, `${bug.requirement} within ${seedsMax} seeds`).toBeDefined();
    });
  }
});

function isCaught(seed: number, planted: typeof machines, requirement: string): boolean {
  const { verdicts } = walkCluster(seed, { maxSteps, machines: planted });
  return verdicts.some(({ id, verdict }) => id === requirement && verdict === "violated");
}
