/**
 * The histories of the model are judged as those of any broker: under faults none is invalid under its contract, and most
 * are valid. `npm run random:histories` looks at many more.
 */
import { describe, expect, it } from "vitest";
import { judgeSeed } from "../random/judge-history.ts";

const runs = 16;

describe(`the histories of ${runs} random runs of the model under faults`, () => {
  it("are never invalid, and four in five are valid", async () => {
    const verdicts = [];
    for (let seed = 1; seed <= runs; seed += 1) verdicts.push({ seed, ...(await judgeSeed(seed, null)) });
    const invalid = verdicts.filter(({ valid }) => valid === false);
    expect(invalid.map(({ seed, anomalies }) => ({ seed, anomalies: anomalies.slice(0, 2) }))).toEqual([]);
    expect(verdicts.filter(({ valid }) => valid === true).length).toBeGreaterThanOrEqual(0.8 * runs);
    expect(verdicts.some(({ allowed }) => allowed.length > 0)).toBe(true);
  });
});
