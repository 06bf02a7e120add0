/** The JSON schema accepts what the loader accepts, and refuses what it can see to be wrong. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { scenarioJsonSchema } from "../../../scenarios/grammar/json-schema.ts";
import { stepSchemas } from "../../../scenarios/grammar/steps.ts";
import { scenarioText } from "../scenario-text.ts";

const schema = scenarioJsonSchema();
const validator = z.fromJSONSchema(JSON.parse(JSON.stringify(schema)));
const accepts = (text: string) => validator.safeParse(parse(text)).success;

describe("the JSON schema of scenario files", () => {
  it("is of draft 2020-12 and names every step", () => {
    expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
    const text = JSON.stringify(schema);
    for (const step of Object.keys(stepSchemas)) expect(text).toContain(`"properties":{"${step}":`);
    for (const key of ["replication.factor", "linger.ms", "auto.offset.reset"]) expect(text).toContain(`"${key}"`);
  });

  it("accepts every scenario of the suite and of the tests", () => {
    for (const folder of ["scenarios", "test/scenarios/fixtures"]) {
      const root = join(import.meta.dirname, "../../..", folder);
      const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".yaml"));
      for (const file of files) expect(accepts(readFileSync(join(root, file), "utf8")), file).toBe(true);
    }
  });

  it.each([
    ["settle:", true],
    ["commit: c1", true],
    ["commit: { by: c1, offsets: { orders-0: 3 } }", true],
    ["poll: { by: c1, expect: { orders-0: [[0, a]] } }", true],
    ["final-read:", true],
    ["sned: { by: p1 }", false],
    ["subscribe: c1", false],
    ["send: { by: p1 }", false],
    ["send: { by: p1, to: orders-0, values: [1] }", false],
    ["elapse: 30", false],
    ["expect: { leadr: { orders-0: 1 } }", false],
  ])("%s: %s", (step, accepted) => {
    expect(accepts(scenarioText([step]))).toBe(accepted);
  });
});
