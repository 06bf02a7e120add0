/**
 * The history of a scenario that is played to its end, whatever comes of its expectations; with a bug planted in the model,
 * or with none. Then, unless it ends with a final read itself, everything is mended, every partition gets more records,
 * every consumer goes on for more than a minute, and a fresh reader reads everything.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createMachines } from "../../model/cluster/machines.ts";
import { type PlantedBug, plant } from "../../model/plants/plant.ts";
import { loadScenario } from "../../scenarios/load-scenario.ts";
import { playStep } from "../../scenarios/play-step.ts";
import { type ClusterConfig, partitionsOf } from "../../spec/config/cluster-config.ts";
import type { HistoryOperation } from "../../spec/history/format.ts";
import type { Subject } from "../../spec/subject.ts";
import { createModelSubject } from "../../subjects/model-subject.ts";

const root = join(import.meta.dirname, "../..");

/** `file` is relative to the root of the project. */
export async function recordScenario(
  file: string,
  bug: PlantedBug | null,
): Promise<{ readonly config: ClusterConfig; readonly operations: readonly HistoryOperation[] }> {
  const loaded = loadScenario(file, readFileSync(join(root, file), "utf8"));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  const { cluster: config, partitioners, steps } = loaded.scenario;
  const operations: HistoryOperation[] = [];
  const subject = createModelSubject({
    machines: (own, reconciliation) => {
      const usual = createMachines(own, reconciliation);
      return bug === null ? usual : plant(bug, usual);
    },
  });
  const refused = await subject.start(config, (operation) => operations.push(operation), partitioners);
  if (refused !== null) throw new Error(refused);
  for (const step of steps) await playStep(subject, step);
  if (steps.at(-1)?.name !== "final-read") await bringToAnEnd(subject, config);
  await subject.close();
  return { config, operations };
}

async function bringToAnEnd(subject: Subject, config: ClusterConfig): Promise<void> {
  await subject.fault({ kind: "heal-all" });
  for (let broker = 1; broker <= config.brokers; broker += 1) {
    await subject.fault({ kind: "resume", broker });
    await subject.fault({ kind: "start", broker });
  }
  await subject.elapse(71_000);
  const [producer] = Object.keys(config.producers);
  for (let round = 0; round < 3; round += 1) {
    for (const partition of producer === undefined ? [] : partitionsOf(config)) {
      const records = [{ key: null, value: `end${round}-${partition}` }];
      await subject.send({ producer: producer ?? "", to: partition, records, wait: true });
    }
  }
  for (let round = 0; round < 3; round += 1) {
    for (const consumer of Object.keys(config.consumers)) await subject.poll({ consumer, timeoutMs: 500 });
    await subject.elapse(31_000);
  }
  await subject.finalReads();
}
