/** `highwater matrix`: can an acknowledged record be lost? Cell by cell, and held against the contract. */
import { availableParallelism } from "node:os";
import type { Checked } from "../check/check-design.ts";
import { statesMax } from "../check/design.ts";
import { agrees, type Found, foundIn, type MatrixCell, matrixCells } from "../check/matrix.ts";
import { faultClasses } from "../spec/durability-contract.ts";
import { secondsIn } from "./design-options.ts";
import type { Environment } from "./environment.ts";
import { exitCode } from "./exit-code.ts";
import { beginChecks } from "./run-checks.ts";
import { version } from "./version.ts";

export interface MatrixOptions {
  readonly quick?: boolean;
  readonly json?: boolean;
  readonly time?: string;
}

interface Result {
  readonly cell: MatrixCell;
  readonly checked: Checked;
  readonly found: Found;
}

export async function matrix(options: MatrixOptions, environment: Environment): Promise<number> {
  const limit = options.time === undefined ? null : secondsIn(options.time);
  const cells = matrixCells(
    options.quick === true
      ? { replicas: 2, profiles: ["4.1", "3.7"] }
      : { replicas: 3, profiles: ["4.1", "3.7", "pre-3.7"] },
  );
  // Cells are searched side by side, each on one core.
  const checks = beginChecks({ limit, environment, cores: 1 });
  const results: Result[] = [];
  let next = 0;
  const takeTurns = async (): Promise<void> => {
    for (let index = next++; index < cells.length; index = next++) {
      const cell = cells[index] as MatrixCell;
      const { design } = cell;
      const stopAtFirst = cell.expected !== "holds";
      const task = { design, requirements: ["DUR-1"], plant: null, maxStates: statesMax, stopAtFirst };
      const checked = await checks.check(task);
      results[index] = { cell, checked, found: foundIn(checked) };
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, takeTurns)).finally(checks.end);
  const seconds = checks.end();
  environment.out(options.json === true ? inJson(results, seconds) : show(results, seconds));
  if (results.some(({ cell, found }) => !agrees(cell, found))) return exitCode.violated;
  return results.some(({ found }) => found === "not-complete") ? exitCode.inconclusive : exitCode.ok;
}

function lengthOf({ requirements }: Checked): number | null {
  const lengths = requirements.flatMap(({ counterexample }) =>
    counterexample === null ? [] : [counterexample.length],
  );
  return lengths[0] ?? null;
}

function inJson(results: readonly Result[], seconds: number): string {
  const cells = results.map(({ cell: { of, expected, reason, design }, checked, found }) => ({
    ...of,
    acks: of.acks === -1 ? "all" : of.acks,
    budget: design.faults,
    expected,
    reason,
    found,
    agrees: agrees({ expected, reason }, found),
    states: checked.states,
    complete: checked.complete,
    witness: checked.requirements.find(({ counterexample }) => counterexample !== null)?.counterexample ?? null,
  }));
  return `${JSON.stringify({ version: version(), cells, seconds }, null, 2)}\n`;
}

function show(results: readonly Result[], seconds: number): string {
  const [first] = results;
  const replicas = first?.cell.of.replicas;
  const states = results.reduce((sum, { checked }) => sum + checked.states, 0);
  const head = ["profile", "acks", "min ISR", "unclean", ...faultClasses];
  const rows = new Map<string, string[]>();
  for (const { cell, checked, found } of results) {
    const { profile, acks, minIsr, unclean } = cell.of;
    const cells = [profile, acks === -1 ? "all" : `${acks}`, `${minIsr}`, unclean ? "on" : "off"];
    const row = rows.get(cells.join()) ?? cells;
    rows.set(cells.join(), [...row, shown(cell, checked, found)]);
  }
  const table = [head, head.map(() => "---"), ...rows.values()].map((cells) => `| ${cells.join(" | ")} |`);
  const open = [...new Set(results.flatMap(({ cell }) => (cell.expected === "open" ? [cell.reason] : [])))];
  const incomplete = results.filter(({ found }) => found === "not-complete").length;
  const wrong = results.filter(({ cell, found }) => !agrees(cell, found));
  return [
    `Can an acknowledged record be lost? ${replicas} replicas, 1 record, 2 elections, rendezvous channels`,
    "",
    ...table,
    "",
    "holds: in every state within these bounds. loses (n): the shortest way there has n choices. (open): the contract leaves it open:",
    ...open.map((reason) => `- ${reason}`),
    "",
    [
      wrong.length === 0
        ? `${results.length - incomplete} of ${results.length} cells agree with the contract`
        : `${wrong.length} of ${results.length} cells disagree with the contract (!)`,
      ...(incomplete === 0 ? [] : [`${incomplete} were not searched to their end (${statesMax} states, or the time)`]),
      `${states} states, ${seconds.toFixed(1)} s`,
    ].join("; "),
    "",
  ].join("\n");
}

function shown(cell: MatrixCell, checked: Checked, found: Found): string {
  const word = found === "loses" ? `loses (${lengthOf(checked)})` : found;
  if (!agrees(cell, found)) return `${word} (!)`;
  return cell.expected === "open" ? `${word} (open)` : word;
}
