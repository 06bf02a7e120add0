/** The JSON schema (draft 2020-12) of scenario files, for completion in editors; references are not in it. */
import * as z from "zod";
import { clusterSchema } from "../../spec/config/parse-cluster.ts";
import { finalExpectations } from "./final-expectations.ts";
import { scenarioFile } from "./scenario-file.ts";
import { stepSchemas } from "./steps.ts";

export function scenarioJsonSchema() {
  const steps = Object.entries(stepSchemas).map(([name, schema]) => z.strictObject({ [name]: schema }));
  const file = z.strictObject({
    ...scenarioFile.shape,
    cluster: clusterSchema,
    steps: z.array(z.union(steps)).min(1).optional(),
    expect: finalExpectations.optional(),
  });
  return z.toJSONSchema(file, { io: "input", target: "draft-2020-12" });
}
