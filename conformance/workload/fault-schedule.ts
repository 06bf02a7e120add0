/** What breaks during a workload, drawn by a seed: one broker at a time, mended before the next. */
import * as fc from "fast-check";

/** `cut`: from every other node; clients still reach it. */
export const workloadFaults = ["kill", "pause", "cut"] as const;
export type WorkloadFault = (typeof workloadFaults)[number];

export interface FaultMoment {
  readonly fault: WorkloadFault;
  /** Is it the leader of the first partition that is hit, or one of its followers? */
  readonly hitsLeader: boolean;
  /** How long it stays broken, in milliseconds. */
  readonly brokenMs: number;
  /** How long it is left in peace afterwards. */
  readonly restMs: number;
}

/** Kinds come in turn, so that none is left out. The first moment always hits a leader, so that an election is seen. */
export function faultSchedule(faults: readonly WorkloadFault[], moments: number, seed: number): readonly FaultMoment[] {
  const moment = fc.record({
    hitsLeader: fc.boolean(),
    // Longer than a broker's session and than the lag time of the clusters that we start.
    brokenMs: fc.integer({ min: 3_000, max: 5_000 }),
    restMs: fc.integer({ min: 500, max: 2_500 }),
  });
  return fc.sample(moment, { numRuns: moments, seed }).flatMap((one, index) => {
    const fault = faults[(seed + index) % faults.length];
    return fault === undefined ? [] : [{ fault, ...one, hitsLeader: index === 0 || one.hitsLeader }];
  });
}
