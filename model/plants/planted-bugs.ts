/** The registry of planted bugs. */
import { clientBugs } from "./client-bugs.ts";
import { controllerBugs } from "./controller-bugs.ts";
import { partitionerBugs } from "./partitioner-bugs.ts";
import type { PlantedBug } from "./plant.ts";
import { replicaBugs } from "./replica-bugs.ts";

export function plantedBugById(id: string): PlantedBug | undefined {
  return plantedBugs.find((bug) => bug.id === id);
}

export const plantedBugs: readonly PlantedBug[] = [
  ...replicaBugs,
  ...controllerBugs,
  ...clientBugs,
  ...partitionerBugs,
];
