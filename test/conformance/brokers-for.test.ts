import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readModule } from "../../cli/read-module.ts";
import { brokersFor } from "../../conformance/brokers-for.ts";
import { loadScenario } from "../../scenarios/load-scenario.ts";

it.each([
  ["consumers/two-groups", 1],
  ["replication/failover", 3],
  ["availability/factor-2-min-isr-1", 2],
  ["availability/four-brokers-min-isr-2", 4],
  ["replication/unclean-election-off", 3],
  ["power/two-unclean-restarts", 4],
])("%s needs %i brokers", (name, brokers) => {
  const file = `scenarios/${name}.yaml`;
  const loaded = loadScenario(file, readFileSync(file, "utf8"), readModule);
  expect(loaded.ok && brokersFor(loaded.scenario)).toBe(brokers);
});
