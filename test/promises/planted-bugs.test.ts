/** Every planted bug is caught by the requirement that its registry entry names, by the random runs of default seeds. */
import { beforeAll, describe, expect, it } from "vitest";
import { createMachines } from "../../model/cluster/machines.ts";
import { plant } from "../../model/plants/plant.ts";
import { plantedBugs } from "../../model/plants/planted-bugs.ts";
import { requirementById } from "../../spec/requirements/index.ts";
import { playJobs } from "../random/pool.ts";
import { type RunResult, reproductionOf } from "../random/run.ts";

const runsMax = 2000;

describe("the registry", () => {
  it("has 30 bugs and more, with ids of their own, and requirements that there are", () => {
    expect(plantedBugs.length).toBeGreaterThanOrEqual(30);
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
      unseenBecause: "x",
    } as const;
    expect(() => plant(misspelt, createMachines())).toThrow("x: the machine replica has no guard meetMinIsr");
  });
});

describe(`within ${runsMax} random runs a planted bug is caught:`, () => {
  let results: readonly (readonly RunResult[])[] = [];

  beforeAll(async () => {
    const jobs = plantedBugs.map(({ id, requirement }) => ({ from: 1, to: runsMax, plant: id, until: requirement }));
    results = await playJobs(jobs);
  }, 20 * 60_000);

  it.each(plantedBugs.map((bug, index) => ({ ...bug, index })))("$id by $requirement", ({ id, requirement, index }) => {
    const last = results[index]?.at(-1);
    const caught = last?.violations.map((violation) => violation.id) ?? [];
    expect(caught, reproductionOf(last?.seed ?? 1, id)).toContain(requirement);
  });
});
