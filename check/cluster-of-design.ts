/** The cluster that a design describes, as a search or a replay walks it. */
import { createCompiledStepper } from "../model/cluster/compiled-stepper.ts";
import { createMachines } from "../model/cluster/machines.ts";
import { createMemoizedStepper } from "../model/cluster/memoized-stepper.ts";
import { createUntimedCluster, type StepJudge, type UntimedCluster } from "../model/cluster/untimed-cluster.ts";
import { plant } from "../model/plants/plant.ts";
import { plantedBugById } from "../model/plants/planted-bugs.ts";
import { boundedConfig, type Design, programsOf } from "./design.ts";

export interface ClusterOfDesignOptions {
  /** Other machines than the usual ones (planted bugs). */
  readonly machines?: ReturnType<typeof createMachines>;
  /** What it finds becomes part of the states. */
  readonly judge?: StepJudge | null;
  /** Leave out moments in which nothing is decided; yes if not given. A way is walked again as it was found. */
  readonly reduced?: boolean;
}

/** The machines of a planted bug; undefined for the usual ones. */
export function plantedMachines({ config }: Design, id: string | null): ReturnType<typeof createMachines> | undefined {
  const bug = id === null ? undefined : plantedBugById(id);
  return bug === undefined ? undefined : plant(bug, createMachines({}, config.server["log.reconciliation"]));
}

export function clusterOfDesign(design: Design, options: ClusterOfDesignOptions = {}): UntimedCluster {
  const { machines, judge, reduced } = options;
  const config = boundedConfig(design);
  return createUntimedCluster(config, {
    faults: design.faults,
    programs: programsOf(design),
    channels: design.channels,
    leaderEpochMax: design.bounds.elections,
    reduced: reduced ?? true,
    // A planted bug may be in what the usual machines do with old news: nothing.
    trusted: machines === undefined,
    stepper: createMemoizedStepper(
      createCompiledStepper(machines ?? createMachines({}, config.server["log.reconciliation"])),
    ),
    ...(judge === undefined ? {} : { judge }),
  });
}
