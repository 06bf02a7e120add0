/**
 * `npm run mutation -- [folder …] [flags of Stryker]`: mutates every folder below (all of `model`, `spec` and `explore`,
 * if none is named), one run and one report a folder, then prints the scores of all reports there are.
 * `npm run mutation:table` only prints.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, normalize } from "node:path/posix";
import { type MutationReport, scoreTable } from "./score-table.ts";

const reports = "reports/mutation";
const stryker = "node_modules/@stryker-mutator/core/bin/stryker.js";
const everything = ["model", "spec", "explore"];

/** The folder and those below it, where they hold sources of their own. */
function foldersIn(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  const below = entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
  const own = entries.some((entry) => entry.isFile() && entry.name.endsWith(".ts")) ? [folder] : [];
  return [...own, ...below.sort().flatMap(foldersIn)];
}

/** Exit code of Stryker; it keeps its results, for the next run and for the table, in one file a folder. */
function mutate(folder: string, flags: readonly string[]): number {
  console.log(`mutating ${folder}`);
  const report = join(reports, `${folder.replaceAll("/", "-")}.json`);
  const options = ["--mutate", `${folder}/*.ts`, "--incrementalFile", report, ...flags];
  const env = { ...process.env, MUTATED: folder };
  return spawnSync(process.execPath, [stryker, "run", ...options], { stdio: "inherit", env }).status ?? 1;
}

function printTable(): void {
  mkdirSync(reports, { recursive: true });
  const files = readdirSync(reports).filter((name) => name.endsWith(".json"));
  console.log(scoreTable(files.map((name) => JSON.parse(readFileSync(join(reports, name), "utf8")) as MutationReport)));
}

function main(args: readonly string[]): number {
  if (args[0] === "--table") {
    printTable();
    return 0;
  }
  const firstFlag = args.findIndex((arg) => arg.startsWith("-"));
  const named = args.slice(0, firstFlag < 0 ? args.length : firstFlag).map((arg) => normalize(arg).replace(/\/$/, ""));
  const unknown = named.find((folder) => !statSync(folder, { throwIfNoEntry: false })?.isDirectory());
  if (unknown !== undefined) {
    console.error(`no folder ${unknown}`);
    return 3;
  }
  const folders = (named.length === 0 ? everything : named).flatMap(foldersIn);
  const failed = folders.filter((folder) => mutate(folder, args.slice(named.length)) !== 0);
  printTable();
  for (const folder of failed) console.error(`no result for ${folder}: see above`);
  return failed.length === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
