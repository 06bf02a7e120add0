/** The thread of checks: it searches, and tells how far it is and what it has found. */
import { parentPort } from "node:worker_threads";
import { type Checked, checkDesign } from "../check/check-design.ts";
import { checkLiveness, isAskedAlone } from "../check/check-liveness.ts";
import { checkRandomly } from "../check/check-randomly.ts";
import { plantedMachines } from "../check/cluster-of-design.ts";
import type { Design } from "../check/design.ts";
import type { SearchProgress } from "../explore/search-options.ts";
import { requirementsByIds } from "../spec/requirements/index.ts";

export interface CheckTask {
  readonly design: Design;
  /** Ids of those that are judged. */
  readonly requirements: readonly string[];
  /** Id of a planted bug. */
  readonly plant: string | null;
  readonly maxStates: number | null;
  /** Random runs in place of the whole search. */
  readonly random?: { readonly runs: number; readonly seed: number } | null;
  /** One violation is enough. */
  readonly stopAtFirst?: boolean;
  /** An Int32: the search ends when it is 1. */
  readonly stop: SharedArrayBuffer;
}

export type CheckNews = { readonly progress: SearchProgress } | { readonly checked: Checked };

function work(task: CheckTask, tell: (news: CheckNews) => void): void {
  const { design, plant: id, maxStates, random, stopAtFirst } = task;
  const signal = new Int32Array(task.stop);
  const shouldStop = () => Atomics.load(signal, 0) === 1;
  const planted = plantedMachines(design, id);
  const machines = planted === undefined ? {} : { machines: planted };
  const judged = requirementsByIds(task.requirements);
  if (random != null) {
    tell({ checked: checkRandomly(design, { requirements: judged, ...machines, ...random, shouldStop }) });
    return;
  }
  const search = {
    ...machines,
    ...(maxStates === null ? {} : { maxStates }),
    onProgress(progress: SearchProgress) {
      tell({ progress });
      return shouldStop() ? ("stop" as const) : undefined;
    },
  };
  const [first] = judged;
  const checked =
    first !== undefined && isAskedAlone(judged)
      ? checkLiveness(design, { requirement: first, ...search })
      : checkDesign(design, { requirements: judged, stopAtFirst: stopAtFirst === true, ...search });
  tell({ checked });
}

parentPort?.on("message", (task: CheckTask) => work(task, (news) => parentPort?.postMessage(news)));
