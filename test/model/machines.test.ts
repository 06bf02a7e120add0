/** Every statechart keeps its rules, case by case. */
import { describe, expect, it } from "vitest";
import { createMachines, createStepper } from "../../model/cluster/machines.ts";
import { cases, partitioners } from "./cases/index.ts";
import { runCase } from "./machine-case.ts";

const kinds = [...new Set(cases.map(({ kind }) => kind))];

it("every machine has cases", () => {
  expect([...kinds].sort()).toEqual(Object.keys(createMachines()).sort());
});

describe.each(kinds)("%s:", (kind) => {
  const mine = cases.filter((one) => one.kind === kind);

  it("has cases with names of their own", () => {
    const names = mine.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  for (const one of mine) {
    it(one.name, () => {
      expect(Object.keys(one.expect).length, "a case that expects nothing").toBeGreaterThan(0);
      // Machines of its own, so that mutation testing can tell which cases reach which part of a chart.
      expect(runCase(createStepper(createMachines(partitioners, one.reconciliation)), one)).toStrictEqual(one.expect);
    });
  }
});
