/** Every statechart keeps its rules, case by case. */
import { describe, expect, it } from "vitest";
import { createMachines, createStepper } from "../../model/cluster/machines.ts";
import { cases, partitioners } from "./cases/index.ts";
import { runCase } from "./machine-case.ts";

const stepper = createStepper(createMachines(partitioners));

describe.each(Object.keys(createMachines(partitioners)))("%s:", (kind) => {
  const mine = cases.filter((one) => one.kind === kind);

  it("has cases, each with a name of its own", () => {
    const names = mine.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(new Set(names).size).toBe(names.length);
  });

  for (const one of mine) {
    it(one.name, () => {
      expect(Object.keys(one.expect).length, "a case that expects nothing").toBeGreaterThan(0);
      expect(runCase(stepper, one)).toStrictEqual(one.expect);
    });
  }
});
