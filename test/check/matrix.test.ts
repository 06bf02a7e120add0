/** The matrix: the contract's cells as literal data, and what a search finds where the cell is small. */
import { describe, expect, it } from "vitest";
import { checkDesign } from "../../check/check-design.ts";
import { agrees, foundIn, type MatrixCell, matrixCells } from "../../check/matrix.ts";
import { createMachines } from "../../model/cluster/machines.ts";
import { plant } from "../../model/plants/plant.ts";
import { plantedBugById } from "../../model/plants/planted-bugs.ts";
import { type DurabilityCase, durabilityCell } from "../../spec/durability-contract.ts";
import { requirementById } from "../../spec/requirements/index.ts";
import { runCli } from "../cli/run-cli.ts";

const cells = matrixCells({ replicas: 2, profiles: ["4.1", "3.7"] });
const dur1 = requirementById("DUR-1");

function cellOf(of: Partial<DurabilityCase>): MatrixCell {
  const wanted = { acks: -1, minIsr: 2, unclean: false, profile: "4.1", ...of } as const;
  const found = cells.find((cell) =>
    Object.entries(wanted).every(([name, value]) => Reflect.get(cell.of, name) === value),
  );
  if (found === undefined) throw new Error("no such cell");
  return found;
}

function search({ design, expected }: MatrixCell, bug: string | null = null) {
  const planted = bug === null ? undefined : plantedBugById(bug);
  const machines = planted === undefined ? createMachines() : plant(planted, createMachines());
  const requirements = dur1 === undefined ? [] : [dur1];
  return checkDesign(design, { requirements, machines, stopAtFirst: expected !== "holds" });
}

describe("the contract", () => {
  it("has a cell for every case, few reasons for open ones, and none that is open without a fault", () => {
    expect(cells).toHaveLength(2 * 3 * 2 * 2 * 6);
    const open = cells.filter(({ expected }) => expected === "open");
    expect(new Set(open.map(({ reason }) => reason)).size).toBeLessThanOrEqual(6);
    expect(open.filter(({ of }) => of.faults === "none" || of.acks !== -1)).toEqual([]);
  });

  it("says of each line of the published contract what it says", () => {
    const base = { acks: -1, minIsr: 2, replicas: 3, unclean: false, profile: "4.1", faults: "kill" } as const;
    const of = (change: Partial<DurabilityCase>) => durabilityCell({ ...base, ...change }).expected;
    expect(of({})).toBe("holds");
    expect([of({ acks: 0 }), of({ acks: 1 }), of({ unclean: true })]).toEqual(["loses", "loses", "loses"]);
    expect(of({ faults: "cut+power-loss", profile: "3.7" })).toBe("loses");
    expect(of({ faults: "cut+power-loss" })).toBe("holds");
    expect(of({ faults: "cut+power-loss", minIsr: 1 })).toBe("loses");
    expect(of({ faults: "none", acks: 0 })).toBe("holds");
  });
});

describe("what a search finds", () => {
  it.each([
    ["acks=1, one kill", { acks: 1, faults: "kill" }, "loses", 5],
    ["acks=0, one kill", { acks: 0, faults: "kill" }, "loses", 4],
    ["acks=1, one pause", { acks: 1, faults: "pause" }, "loses", 5],
    ["unclean election", { minIsr: 1, unclean: true, faults: "kill" }, "loses", 10],
    ["the last replica standing, 3.7", { profile: "3.7", faults: "cut+power-loss" }, "loses", 8],
    ["alone under min ISR 1", { minIsr: 1, faults: "cut+power-loss" }, "loses", 7],
    ["acks=all, one kill", { faults: "kill" }, "holds", null],
    ["acks=all, a power loss, eligible leader replicas", { faults: "power-loss" }, "holds", null],
    ["acks=1, no fault", { acks: 1, faults: "none" }, "holds", null],
  ] as const)("%s", (_, of, found, length) => {
    const cell = cellOf(of);
    const checked = search(cell);
    expect(foundIn(checked)).toBe(found);
    expect(checked.requirements[0]?.counterexample?.length ?? null).toBe(length);
    expect(agrees(cell, foundIn(checked))).toBe(true);
  });

  it("a planted bug makes a cell disagree", () => {
    const cell = cellOf({ faults: "kill" });
    expect(agrees(cell, foundIn(search(cell, "hw-is-log-end")))).toBe(false);
  });
});

describe("highwater matrix", () => {
  it("is inconclusive where its time is over, and shows the table all the same", async () => {
    const { code, out } = await runCli(["matrix", "--quick", "--time", "0s"]);
    expect(code).toBe(2);
    expect(out).toContain("| 4.1 | all | 2 | off | not-complete |");
  });
});
