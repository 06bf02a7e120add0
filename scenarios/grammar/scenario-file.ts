/** The top of a scenario file; cluster, steps and final expectations are validated by their own schemas. */
import * as z from "zod";
import { closedObject } from "./closed-object.ts";
import { name } from "./scalars.ts";

export const scenarioFile = closedObject({
  scenario: z.string().min(1).meta({ description: "title, one sentence" }),
  shows: z.array(name).default([]).meta({ description: "ids of the requirements that it shows" }),
  cluster: z.record(z.string(), z.unknown()),
  /** Left out where the cluster is refused, and only then. */
  steps: z.array(z.unknown()).min(1).optional(),
  expect: z.unknown().optional(),
});
