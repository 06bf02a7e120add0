/**
 * Every planted bug that a client can see is seen: a scenario directs the faults at it, and the checker of histories finds
 * the anomaly of its registry entry. The same scenario on the model without a bug gives a history that is not invalid.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { plantedBugById, plantedBugs } from "../../model/plants/planted-bugs.ts";
import { anomalyNamed } from "../../spec/history/check/anomalies.ts";
import { createHistoryChecker } from "../../spec/history/check/history-checker.ts";
import { contractOf } from "../../spec/history/check/history-contract.ts";
import { recordScenario } from "./record-scenario.ts";

/** Where faults have to be directed at a bug; the other scenarios are those of the suite. */
const own = "test/promises/plants";

/** By scenario: the bugs that it shows. */
const shownBy: Readonly<Record<string, readonly string[]>> = {
  [`${own}/after-a-fault.yaml`]: ["linger-never-fires"],
  [`${own}/checkpoint-without-log.yaml`]: ["checkpoint-above-log-end"],
  [`${own}/cut-from-controller.yaml`]: [
    ...["hw-by-majority", "shrink-assumes-success", "leaders-forget-tail"],
    ...["sent-is-acknowledged", "refused-is-acknowledged", "acknowledged-at-append"],
  ],
  [`${own}/deleted-below.yaml`]: ["out-of-range-to-latest"],
  [`${own}/deleted-then-restarted.yaml`]: ["log-start-forgotten", "offset-gap"],
  [`${own}/diverged.yaml`]: ["hw-is-log-end", "never-truncates", "epoch-not-stamped", "everyone-leads"],
  [`${own}/diverges-for-ever.yaml`]: ["truncates-one-too-few"],
  [`${own}/eligible-without-tail.yaml`]: ["unclean-stays-eligible"],
  [`${own}/isr-shrinks.yaml`]: ["hw-back"],
  [`${own}/joins-new-leader.yaml`]: [
    ...["join-at-once", "joins-below-epoch-start", "truncates-to-high-watermark", "epoch-not-raised"],
    ...["elects-outside-isr", "always-unclean"],
  ],
  [`${own}/known-metadata.yaml`]: ["known-metadata-drops-proposal"],
  [`${own}/newest-first.yaml`]: ["newest-batch-first"],
  [`${own}/old-proposal.yaml`]: ["no-compare-and-set"],
  [`${own}/read-before-committed.yaml`]: [
    ...["consumers-read-to-log-end", "followers-believe-log-end", "skips-a-record", "delivers-again"],
  ],
  [`${own}/read-below-min-isr.yaml`]: ["hw-not-frozen"],
  [`${own}/restarts-of-consumers.yaml`]: [
    ...["position-survives-crash", "commits-last", "commits-one-ahead", "ignores-committed", "offsets-forgotten"],
  ],
  [`${own}/silent-leader.yaml`]: ["silence-is-awaited"],
  [`${own}/stopped-followers.yaml`]: ["min-isr-ignored", "too-few-copies-acknowledged"],
  "scenarios/availability/factor-1.yaml": ["last-member-dropped", "isr-without-leader"],
  "scenarios/consumers/auto-commit.yaml": ["auto-commits-what-is-fetched"],
  "scenarios/partitioning/few-keys.yaml": ["key-by-value", "key-by-load"],
};

async function judge(scenario: string, id: string | null) {
  const { config, operations } = await recordScenario(scenario, id === null ? null : (plantedBugById(id) ?? null));
  const checker = createHistoryChecker(contractOf(config));
  for (const operation of operations) checker.take(operation);
  return checker.verdict();
}

it("has a scenario for every bug that a client can see, and a reason for every other", () => {
  const visible = plantedBugs.filter(({ anomaly }) => anomaly !== null).map(({ id }) => id);
  expect(Object.values(shownBy).flat().sort()).toEqual(visible.sort());
  for (const { id, anomaly } of plantedBugs) if (anomaly !== null) expect(anomalyNamed(anomaly), id).toBeDefined();
  const files = readdirSync(join(import.meta.dirname, "plants")).map((name) => `${own}/${name}`);
  expect(Object.keys(shownBy)).toEqual(expect.arrayContaining(files));
});

describe.each(Object.entries(shownBy))("%s", (scenario, ids) => {
  it("is not invalid without a bug", async () => {
    const { valid, anomalies } = await judge(scenario, null);
    expect({ valid, anomalies: anomalies.slice(0, 2) }).toEqual({ valid: true, anomalies: [] });
  });

  it.each(ids)("shows %s", async (id) => {
    const { valid, anomalies } = await judge(scenario, id);
    expect(valid).toBe(false);
    expect(anomalies.map(({ name }) => name)).toContain(plantedBugById(id)?.anomaly);
  });
});
