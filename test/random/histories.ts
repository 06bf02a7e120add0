/**
 * `npm run random:histories`: the histories of random runs of the model under faults, and their verdicts. None may be
 * invalid, and four in five have to be valid. `-- --seed 1 --runs 2000 --plant ID`
 */
import { parseArgs } from "node:util";
import { plantedBugById } from "../../model/plants/planted-bugs.ts";
import { judgeSeed, type Shown, showable } from "./judge-history.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    runs: { type: "string", default: "2000" },
    plant: { type: "string" },
  },
});
const first = Number(values.seed);
const runs = Number(values.runs);
const bug = values.plant === undefined ? null : (plantedBugById(values.plant) ?? null);

const split = { valid: 0, invalid: 0, unknown: 0 };
const reasons = new Map<string, number>();
const evidence = new Map<Shown, number>();
for (let seed = first; seed < first + runs; seed += 1) {
  const { valid, anomalies, allowed, shown } = await judgeSeed(seed, bug);
  split[valid === true ? "valid" : valid === false ? "invalid" : "unknown"] += 1;
  for (const name of new Set(allowed.map((one) => one.name))) reasons.set(name, (reasons.get(name) ?? 0) + 1);
  for (const one of shown) evidence.set(one, (evidence.get(one) ?? 0) + 1);
  for (const { name, text } of anomalies.slice(0, 3)) console.log(`seed ${seed}: ${name}: ${text}`);
}
console.log(`${runs} runs: ${split.valid} valid, ${split.unknown} unknown, ${split.invalid} invalid`);
for (const one of showable) console.log(`  ${evidence.get(one) ?? 0} with ${one}`);
for (const [name, count] of [...reasons].sort(([, a], [, b]) => b - a)) console.log(`  allowed in ${count}: ${name}`);
process.exitCode = bug === null && (split.invalid > 0 || split.valid < 0.8 * runs) ? 1 : 0;
