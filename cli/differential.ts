/** `npm run differential`: writes `docs/differential.md`; fails where a difference is not explained. */
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCluster } from "../conformance/cluster/start-cluster.ts";
import {
  compareScenario,
  type DifferentialRow,
  differentialPage,
  unexplained,
} from "../conformance/differential/differential.ts";
import { loadScenario } from "../scenarios/load-scenario.ts";
import { createKafkaSubject } from "../subjects/kafka/kafka-subject.ts";

import { readModule } from "./read-module.ts";

const page = "docs/differential.md";
const note = (text: string) => process.stderr.write(`${text}\n`);

/** Scenarios that need eligible leader replicas off have a cluster of their own. */
async function playAll(
  withElr: boolean,
  files: readonly string[],
): Promise<{ rows: DifferentialRow[]; version: string }> {
  const folder = mkdtempSync(join(tmpdir(), "highwater-"));
  const cluster = await startCluster({ version: null, brokers: 4, withElr, secured: null, folder, note });
  const wire = { bootstrap: cluster.bootstrap, security: cluster.security, isPinned: false };
  const interrupted = () => cluster.stop().finally(() => process.exit(130));
  process.once("SIGINT", interrupted);
  try {
    const rows: DifferentialRow[] = [];
    for (const file of files) {
      const loaded = loadScenario(file, readFileSync(file, "utf8"), readModule);
      if (!loaded.ok) continue;
      const isOwn = (loaded.scenario.cluster.server["eligible.leader.replicas.version"] === 1) === withElr;
      if (!isOwn) continue;
      const subjectOf = async () => createKafkaSubject({ ...wire, name: "kafka", control: cluster.control });
      rows.push(await compareScenario(loaded.scenario, subjectOf));
      note(`${file}: ${rows.at(-1)?.difference ?? "alike"}`);
      await cluster.mend();
    }
    return { rows, version: cluster.version };
  } finally {
    process.off("SIGINT", interrupted);
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const files = globSync("scenarios/*/*.yaml").sort();
const [on, off] = [await playAll(true, files), await playAll(false, files)];
const rows = [...on.rows, ...off.rows].sort((one, other) => (one.file < other.file ? -1 : 1));
writeFileSync(page, differentialPage(rows, on.version));
const open = unexplained(rows);
for (const { file, difference } of open) note(`unexplained: ${file}: ${difference}`);
process.exitCode = open.length > 0 ? 1 : 0;
