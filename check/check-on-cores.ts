/** Design validation by all cores of a machine together. It finds what `checkDesign` finds, and tells it alike. */
import type { SearchProgress } from "../explore/search-options.ts";
import { searchOnCores } from "../search-workers/search-on-cores.ts";
import type { Searched } from "../search-workers/search-source.ts";
import { requirementsByIds } from "../spec/requirements/index.ts";
import { type Checked, checkedBy, type JudgedCluster, judgedCluster, memoBytes } from "./check-design.ts";
import { plantedMachines } from "./cluster-of-design.ts";
import type { Design } from "./design.ts";

/** What every thread builds for itself; plain data. */
export interface CheckedDesign {
  readonly design: Design;
  /** Ids of those that are judged. */
  readonly requirements: readonly string[];
  /** Id of a planted bug. */
  readonly plant: string | null;
}

export interface CoresLimits {
  readonly cores: number;
  readonly maxStates: number | null;
  /** One violation is enough. */
  readonly stopAtFirst?: boolean;
  onProgress?(progress: SearchProgress): "stop" | undefined;
}

/** Throws what a thread throws. */
export async function checkOnCores(asked: CheckedDesign, limits: CoresLimits): Promise<Checked> {
  const { cores, maxStates, stopAtFirst, onProgress } = limits;
  const source = { module: import.meta.url, create: createCheckSearch.name, argument: asked };
  const { result, reports } = await searchOnCores(source, {
    cores,
    onViolation: stopAtFirst === true ? "stop" : "go on",
    memoBytes: memoBytes * cores,
    ...(maxStates === null ? {} : { maxStates }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const judged = judgedDesign(asked);
  for (const met of reports as readonly (readonly string[])[]) judged.judging.noteMet(met);
  return checkedBy(judged, result);
}

/** @public Every thread calls it, by its name. */
export function createCheckSearch(asked: CheckedDesign): Searched {
  const { cluster, judging } = judgedDesign(asked);
  return {
    system: cluster as unknown as Searched["system"],
    invariants: judging.invariants(cluster),
    report: () => judging.met,
  };
}

function judgedDesign({ design, requirements: ids, plant }: CheckedDesign): JudgedCluster {
  const machines = plantedMachines(design, plant);
  return judgedCluster(design, {
    requirements: requirementsByIds(ids),
    ...(machines === undefined ? {} : { machines }),
  });
}
