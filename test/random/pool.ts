/** Many runs on all cores. What comes out does not depend on how many there are. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { RunResult } from "./run.ts";

export interface Job {
  readonly from: number;
  readonly to: number;
  readonly plant: string | null;
  /** Stops at the first run that violates this requirement. */
  readonly until: string | null;
}

/** Plays the jobs, each from its first seed to its last one; the results in the order of the jobs. */
export async function playJobs(jobs: readonly Job[], workersMax = availableParallelism()): Promise<RunResult[][]> {
  const results: RunResult[][] = jobs.map(() => []);
  let next = 0;
  const workers = Array.from({ length: Math.min(workersMax, jobs.length) }, async () => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url));
    try {
      while (next < jobs.length) {
        const index = next;
        next += 1;
        results[index] = await ask(worker, jobs[index]);
      }
    } finally {
      await worker.terminate();
    }
  });
  await Promise.all(workers);
  return results;
}

function ask(worker: Worker, job: Job | undefined): Promise<RunResult[]> {
  return new Promise((resolve, reject) => {
    worker.removeAllListeners();
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.postMessage(job);
  });
}

/** Cuts a range of seeds into jobs. */
export function jobsOf(seed: number, runs: number, plant: string | null, size = 100): readonly Job[] {
  return Array.from({ length: Math.ceil(runs / size) }, (_, index) => {
    const from = seed + index * size;
    return { from, to: Math.min(from + size, seed + runs) - 1, plant, until: null };
  });
}
