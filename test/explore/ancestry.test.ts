import { describe, expect, it } from "vitest";
import { Ancestry } from "../../explore/ancestry.ts";

describe("Ancestry", () => {
  it("tells the moves from the first state to any other", () => {
    const ancestry = new Ancestry();
    ancestry.add(0, 0);
    for (let state = 1; state < 5000; state += 1) ancestry.add((state - 1) >> 1, state);
    expect(ancestry.movesTo(0)).toEqual([]);
    expect(ancestry.movesTo(2)).toEqual([2]);
    expect(ancestry.movesTo(4000)).toEqual([2, 6, 14, 30, 61, 124, 249, 499, 999, 1999, 4000]);
    expect(ancestry.count).toBe(5000);
    expect(ancestry.bytes).toBe(8192 * 6);
  });

  it("takes moves that 16 bits do not hold", () => {
    const ancestry = new Ancestry();
    ancestry.add(0, 0);
    ancestry.add(0, 65_535);
    ancestry.add(1, 65_536);
    ancestry.add(2, 100_000);
    for (let state = 4; state < 3000; state += 1) ancestry.add(3, 7);
    expect(ancestry.movesTo(2999)).toEqual([65_535, 65_536, 100_000, 7]);
  });
});
