/** The planted bug that `--plant` names. */
import type { PlantedBug } from "../model/plants/plant.ts";
import { plantedBugById, plantedBugs } from "../model/plants/planted-bugs.ts";
import { nearestName } from "../spec/config/nearest-name.ts";
import { didYouMean } from "../spec/config/read-settings.ts";
import { CliError } from "./cli-error.ts";

/** `null` where none is named. */
export function plantOf(plant: string | undefined): PlantedBug | null {
  if (plant === undefined) return null;
  const bug = plantedBugById(plant);
  if (bug !== undefined) return bug;
  const nearest = nearestName(
    plant,
    plantedBugs.map(({ id }) => id),
  );
  const hint = nearest === null ? "highwater explain --plants lists them" : didYouMean(nearest);
  throw new CliError("E_UNKNOWN_PLANT", `there is no planted bug ${plant}`, hint);
}
