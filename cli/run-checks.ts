/** Runs checks in threads of their own, so that an interrupt is heard; with one limit for them all. */
import { Worker } from "node:worker_threads";
import type { Checked } from "../check/check-design.ts";
import { isAskedAlone } from "../check/check-liveness.ts";
import { checkOnCores } from "../check/check-on-cores.ts";
import { estimatedStates } from "../check/design.ts";
import type { SearchProgress } from "../explore/search-options.ts";
import { requirementsByIds } from "../spec/requirements/index.ts";
import type { CheckNews, CheckTask } from "./check-worker.ts";
import type { Environment } from "./environment.ts";

export interface Checks {
  check(task: Omit<CheckTask, "stop">): Promise<Checked>;
  /** Seconds since the beginning, to the millisecond. */
  end(): number;
}

/** From so many states on it pays to share them between cores, each of which has to learn the same steps. */
const sharedFrom = 1e6;

interface ChecksOptions {
  /** In seconds. What runs when it is reached ends with what it has looked at so far, and so does all that follows. */
  readonly limit: number | null;
  readonly environment: Environment;
  /** How many threads may search together. */
  readonly cores: number;
}

export function beginChecks({ limit, environment, cores }: ChecksOptions): Checks {
  const stop = new SharedArrayBuffer(4);
  const begin = performance.now();
  const seconds = () => (performance.now() - begin) / 1000;
  const halt = () => Atomics.store(new Int32Array(stop), 0, 1);
  if (limit === 0) halt();
  const ignore = environment.onInterrupt(halt);
  const all: Worker[] = [];
  const idle: Worker[] = [];
  const hire = (): Worker => {
    const worker = new Worker(new URL("./check-worker.ts", import.meta.url));
    all.push(worker);
    return worker;
  };
  const follow = (progress: SearchProgress) => {
    if (environment.isTerminal) environment.err(`\r${progressLine(progress, seconds())}`);
    if (limit !== null && seconds() > limit) halt();
  };
  return {
    async check(task) {
      if (cores > 1 && isShared(task)) {
        return checkOnCores(task, {
          ...task,
          cores,
          onProgress(progress) {
            follow(progress);
            return Atomics.load(new Int32Array(stop), 0) === 1 ? "stop" : undefined;
          },
        });
      }
      const worker = idle.pop() ?? hire();
      const checked = await checkIn(worker, { ...task, stop }, follow);
      idle.push(worker);
      return checked;
    },
    end() {
      ignore();
      for (const worker of all) void worker.terminate();
      if (environment.isTerminal) environment.err("\n");
      return Math.round(seconds() * 1000) / 1000;
    },
  };
}

/** Is it an exhaustive search of states, and a large one? What leads to what is looked at in one graph. */
function isShared({ design, requirements, random, maxStates }: Omit<CheckTask, "stop">): boolean {
  if (random != null || isAskedAlone(requirementsByIds(requirements))) return false;
  return Math.min(estimatedStates(design), maxStates ?? Number.POSITIVE_INFINITY) >= sharedFrom;
}

function checkIn(worker: Worker, task: CheckTask, onProgress: (progress: SearchProgress) => void): Promise<Checked> {
  return new Promise((resolve, reject) => {
    worker.removeAllListeners();
    worker.on("message", (news: CheckNews) => {
      if ("progress" in news) onProgress(news.progress);
      else resolve(news.checked);
    });
    worker.on("error", reject);
    worker.postMessage(task);
  });
}

function progressLine({ states, depth, queued, bytes }: SearchProgress, seconds: number): string {
  const rate = Math.round(states / Math.max(seconds, 0.001) / 1000);
  return `${states} states (${rate} thousand a second), ${depth} choices deep, ${queued} waiting, ${Math.round(bytes / 2 ** 20)} MiB `;
}
