/** A worker of the pool: plays the seeds of a job and answers with the results. */
import { parentPort } from "node:worker_threads";
import { createCompiledStepper } from "../../model/cluster/compiled-stepper.ts";
import { createMachines, type Stepper } from "../../model/cluster/machines.ts";
import { plant } from "../../model/plants/plant.ts";
import { plantedBugById } from "../../model/plants/planted-bugs.ts";
import type { Job } from "./pool.ts";
import { type RunResult, runSeed } from "./run.ts";

const steppers = new Map<string | null, Stepper>();

export function stepperWith(id: string | null): Stepper {
  const found = steppers.get(id);
  if (found !== undefined) return found;
  const bug = id === null ? undefined : plantedBugById(id);
  const machines = createMachines();
  const stepper = createCompiledStepper(bug === undefined ? machines : plant(bug, machines));
  steppers.set(id, stepper);
  return stepper;
}

function play({ from, to, plant: id, until }: Job): readonly RunResult[] {
  const stepper = stepperWith(id);
  const results: RunResult[] = [];
  for (let seed = from; seed <= to; seed += 1) {
    const result = runSeed(seed, stepper);
    results.push(result);
    if (until !== null && result.violations.some((one) => one.id === until)) break;
  }
  return results;
}

parentPort?.on("message", (job: Job) => parentPort?.postMessage(play(job)));
