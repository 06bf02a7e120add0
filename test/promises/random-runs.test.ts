/**
 * Whole random clusters under fire keep every promise, come to rest once everything is mended, and meet what makes the
 * promises hard to keep. `npm run random` plays 10,000 of them, and prints the figures.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { requirements } from "../../spec/requirements/index.ts";
import { type Condition, conditions } from "../random/met.ts";
import { jobsOf, playJobs } from "../random/pool.ts";
import { type RunResult, reproductionOf } from "../random/run.ts";

const runs = 4_000;
const seed = 1;

describe(`${runs} random runs, seeds from ${seed}`, () => {
  let results: readonly RunResult[] = [];

  beforeAll(async () => {
    results = (await playJobs(jobsOf(seed, runs, null))).flat();
  }, 20 * 60_000);

  it("violate no promise, and come to rest", () => {
    const failures = results
      .filter(({ violations }) => violations.length > 0)
      .map(({ seed: at, violations }) => [
        ...violations.map(({ id, text }) => `${id}: ${text}`),
        reproductionOf(at, null),
      ]);
    expect(failures.slice(0, 3)).toEqual([]);
    expect(results).toHaveLength(runs);
  });

  it("are long enough: 150 executed choices and more in half of them, before anything is mended", () => {
    const steps = results.map((result) => result.steps).sort((one, other) => one - other);
    expect(steps[Math.floor(steps.length / 2)]).toBeGreaterThanOrEqual(150);
  });

  const often: readonly Condition[] = ["election", "truncation", "ISR shrink", "ISR expand", "retry after append"];

  it.each(often)("meet in every twentieth of them at least: %s", (condition) => {
    expect(results.filter(({ met }) => met.includes(condition)).length).toBeGreaterThanOrEqual(runs / 20);
  });

  it.each(conditions.filter((condition) => !often.includes(condition)))("meet sometimes: %s", (condition) => {
    expect(results.some(({ met }) => met.includes(condition))).toBe(true);
  });

  it.each(requirements.map(({ id }) => id))("find the premise of %s at least once in a hundred", (id) => {
    expect(results.filter(({ verdicts }) => verdicts[id] === "holds").length).toBeGreaterThanOrEqual(runs / 100);
  });
});
