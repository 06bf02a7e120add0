/** `highwater schema`: prints the JSON schema of scenario files. */
import { scenarioJsonSchema } from "../scenarios/grammar/json-schema.ts";
import type { Environment } from "./environment.ts";
import { exitCode } from "./exit-code.ts";

export function schema(environment: Environment): number {
  environment.out(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
  return exitCode.ok;
}
