/**
 * `npm run mutation`: mutates one folder after another (or those that are named) and prints the score of each; with
 * `--table` only the scores of the last runs, as they stand in docs/trust.md.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const folders = [
  "model/broker",
  "model/cluster",
  "model/consumer",
  "model/controller",
  "model/coordinator",
  "model/producer",
  "model/replica",
  "spec/config",
  "spec/history",
  "spec/requirements",
];

interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>;
}

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const strange = wanted.filter((folder) => !folders.includes(folder));
if (strange.length > 0) {
  console.error(`E_USAGE: ${strange.join(", ")}: not one of ${folders.join(", ")}`);
  process.exit(3);
}
if (!process.argv.includes("--table")) {
  for (const folder of wanted.length > 0 ? wanted : folders) {
    const env = { ...process.env, MUTATED: folder };
    const { status } = spawnSync("stryker", ["run", "test/mutation/stryker.config.mjs"], { stdio: "inherit", env });
    if (status !== 0) process.exit(1);
  }
}
printTable();

function printTable(): void {
  const rows = folders.map((folder) => ({ folder, counts: countsOf(folder) }));
  console.log("| folder | mutants | noticed | score |\n|---|---|---|---|");
  for (const { folder, counts } of rows) console.log(row(`\`${folder}\``, counts));
  for (const floor of ["model", "spec"]) {
    const all = rows.flatMap(({ folder, counts }) => (folder.startsWith(floor) && counts !== null ? [counts] : []));
    const sum = (part: (counts: Counts) => number) => all.reduce((total, counts) => total + part(counts), 0);
    console.log(row(`**${floor}/**`, { mutants: sum((one) => one.mutants), noticed: sum((one) => one.noticed) }));
  }
}

interface Counts {
  readonly mutants: number;
  readonly noticed: number;
}

function row(name: string, counts: Counts | null): string {
  if (counts === null) return `| ${name} | not run | | |`;
  const score = ((100 * counts.noticed) / Math.max(1, counts.mutants)).toFixed(1);
  return `| ${name} | ${counts.mutants} | ${counts.noticed} | ${score} % |`;
}

/** Mutants that no test reaches count as unnoticed; those that do not compile do not count. */
function countsOf(folder: string): Counts | null {
  const file = `runs/mutation/${folder.replaceAll("/", "-")}.json`;
  if (!existsSync(file)) return null;
  const report = JSON.parse(readFileSync(file, "utf8")) as Report;
  const statuses = Object.values(report.files).flatMap(({ mutants }) => mutants.map(({ status }) => status));
  const mutants = statuses.filter((status) => !["CompileError", "RuntimeError", "Ignored"].includes(status)).length;
  const noticed = statuses.filter((status) => status === "Killed" || status === "Timeout").length;
  return { mutants, noticed };
}
