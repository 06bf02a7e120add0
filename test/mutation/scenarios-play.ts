/**
 * The suite of scenarios, one test each, for mutants of what composes the machines. Not part of `npm test`, where
 * test/promises/scenarios.test.ts plays them more sharply; here nothing is hashed, so that a mutant has to break a rule.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadScenario } from "../../scenarios/load-scenario.ts";
import { playScenario } from "../../scenarios/play-scenario.ts";
import { requirements } from "../../spec/requirements/index.ts";
import { createModelSubject } from "../../subjects/model-subject.ts";

const folder = join(import.meta.dirname, "../../scenarios");

const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".yaml"))
  .sort();

for (const file of files) {
  it(file, async () => {
    const loaded = loadScenario(file, readFileSync(join(folder, file), "utf8"));
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
    const { result } = await playScenario(loaded.scenario, createModelSubject(), requirements);
    expect(result).toMatchObject({ status: "passed", failure: null, reason: null });
  });
}
