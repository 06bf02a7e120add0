/** Every scenario passes: what mutation testing of the network and the composition is judged by, without trace hashes. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { loadScenario } from "../../scenarios/load-scenario.ts";
import { playScenario } from "../../scenarios/play-scenario.ts";
import { requirements } from "../../spec/requirements/index.ts";
import { createModelSubject } from "../../subjects/model-subject.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

for (const name of readdirSync(join(root, "scenarios"), { recursive: true, encoding: "utf8" }).sort()) {
  if (!name.endsWith(".yaml")) continue;
  it(name, async () => {
    const file = `scenarios/${name}`;
    const loaded = loadScenario(file, readFileSync(join(root, file), "utf8"));
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
    const { result } = await playScenario(loaded.scenario, createModelSubject(), requirements, { trace: false });
    expect({ status: result.status, failure: result.failure }).toEqual({ status: "passed", failure: null });
  });
}
