/** The yardstick does the whole work: the counts that were published for KIP-320, which it knows nothing of. */
import { describe, expect, it } from "vitest";
import { naiveSearch } from "../../bench/naive.ts";

describe("naiveSearch", () => {
  it.each([
    { bounds: { replicas: 2, logSize: 1, maxRecords: 1, largestEpoch: 1 }, states: 277, depth: 12 },
    { bounds: { replicas: 2, logSize: 2, maxRecords: 2, largestEpoch: 1 }, states: 957, depth: 15 },
    { bounds: { replicas: 2, logSize: 2, maxRecords: 2, largestEpoch: 2 }, states: 5973, depth: 18 },
    { bounds: { replicas: 2, logSize: 3, maxRecords: 3, largestEpoch: 2 }, states: 21_493, depth: 22 },
    { bounds: { replicas: 3, logSize: 2, maxRecords: 2, largestEpoch: 1 }, states: 39_619, depth: 22 },
  ])("finds $states states", ({ bounds, states, depth }) => {
    expect(naiveSearch(bounds)).toEqual({ states, depth, violations: 0 });
  });
});
