/**
 * Makes a workload that goes wrong shorter: delta debugging on its operations, each attempt played anew, as long as the
 * time lasts. What is left goes wrong by the same anomaly.
 *
 * Source: Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input (2002).
 */
import type { Workload, WorkloadOperation } from "./workload.ts";

export interface ShrunkWorkload {
  readonly workload: Workload;
  readonly attempts: number;
  /** Was everything tried, or did time end it? */
  readonly complete: boolean;
}

/** `isWrong` plays a workload, and tells whether it goes wrong as before. */
export async function shrinkWorkload(
  workload: Workload,
  isWrong: (candidate: Workload) => Promise<boolean>,
  isTimeLeft: () => boolean,
): Promise<ShrunkWorkload> {
  let operations = workload.operations;
  let attempts = 0;
  for (let size = Math.ceil(operations.length / 2); size >= 1; ) {
    const shorter = await firstShorter(operations, size, async (candidate) => {
      if (!isTimeLeft()) return false;
      attempts += 1;
      return isWrong({ ...workload, operations: candidate });
    });
    if (!isTimeLeft())
      return { workload: { ...workload, operations: shorter ?? operations }, attempts, complete: false };
    if (shorter !== null) operations = shorter;
    else if (size === 1) break;
    else size = Math.ceil(size / 2);
    size = Math.min(size, Math.max(1, operations.length));
  }
  return { workload: { ...workload, operations }, attempts, complete: true };
}

/** Leaves out `size` operations at a time, from the end on. */
async function firstShorter(
  operations: readonly WorkloadOperation[],
  size: number,
  isWrong: (candidate: readonly WorkloadOperation[]) => Promise<boolean>,
): Promise<readonly WorkloadOperation[] | null> {
  for (let end = operations.length; end > 0; end -= size) {
    const candidate = [...operations.slice(0, Math.max(0, end - size)), ...operations.slice(end)];
    if (candidate.length > 0 && (await isWrong(candidate))) return candidate;
  }
  return null;
}
