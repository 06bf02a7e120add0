/** The thread of checks: it searches, and tells how far it is and what it has found. */
import { parentPort } from "node:worker_threads";
import { type Checked, checkDesign } from "../check/check-design.ts";
import type { Design } from "../check/design.ts";
import type { SearchProgress } from "../explore/search-options.ts";
import { createMachines } from "../model/cluster/machines.ts";
import { plant } from "../model/plants/plant.ts";
import { plantedBugById } from "../model/plants/planted-bugs.ts";
import { requirements } from "../spec/requirements/index.ts";

export interface CheckTask {
  readonly design: Design;
  /** Ids of those that are judged. */
  readonly requirements: readonly string[];
  /** Id of a planted bug. */
  readonly plant: string | null;
  readonly maxStates: number | null;
  /** One violation is enough. */
  readonly stopAtFirst?: boolean;
  /** An Int32: the search ends when it is 1. */
  readonly stop: SharedArrayBuffer;
}

export type CheckNews = { readonly progress: SearchProgress } | { readonly checked: Checked };

function work(
  { design, requirements: ids, plant: id, maxStates, stopAtFirst, stop }: CheckTask,
  tell: (news: CheckNews) => void,
) {
  const bug = id === null ? undefined : plantedBugById(id);
  const signal = new Int32Array(stop);
  const checked = checkDesign(design, {
    requirements: requirements.filter((one) => ids.includes(one.id)),
    ...(bug === undefined
      ? {}
      : { machines: plant(bug, createMachines({}, design.config.server["log.reconciliation"])) }),
    ...(maxStates === null ? {} : { maxStates }),
    stopAtFirst: stopAtFirst === true,
    onProgress(progress) {
      tell({ progress });
      return Atomics.load(signal, 0) === 1 ? "stop" : undefined;
    },
  });
  tell({ checked });
}

parentPort?.on("message", (task: CheckTask) => work(task, (news) => parentPort?.postMessage(news)));
