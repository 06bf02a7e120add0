/** Every planted bug breaks a rule of its machine: what is put in the place of a guard or an action is not the same again. */
import { isDeepStrictEqual } from "node:util";
import { expect, it } from "vitest";
import { createMachines, createStepper, type Stepper } from "../../../model/cluster/machines.ts";
import { plant } from "../../../model/plants/plant.ts";
import { plantedBugById, plantedBugs } from "../../../model/plants/planted-bugs.ts";
import { cases } from "../cases/index.ts";
import { type MachineCase, runCase } from "../machine-case.ts";

it.each(plantedBugs.map(({ id }) => id))("%s breaks a rule", (id) => {
  const bug = plantedBugById(id);
  if (bug === undefined) throw new Error(`no bug ${id}`);
  const stepper = createStepper(plant(bug, createMachines()));
  expect(cases.some((one) => one.kind === bug.machine && !isKept(stepper, one))).toBe(true);
});

it("an id that no bug has finds none", () => {
  expect(plantedBugById("none")).toBeUndefined();
});

function isKept(stepper: Stepper, one: MachineCase): boolean {
  try {
    return isDeepStrictEqual(runCase(stepper, one), one.expect);
  } catch {
    return false;
  }
}
