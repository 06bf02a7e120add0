import { describe, expect, it } from "vitest";
import { FingerprintTable } from "../../explore/fingerprint-table.ts";
import { createRandom } from "../../explore/random.ts";

describe("FingerprintTable", () => {
  it("knows what was added, through every growth", () => {
    const table = new FingerprintTable(4);
    const known = new Set<string>();
    const random = createRandom(1);
    for (let n = 0; n < 20_000; n += 1) {
      // Few low words, so that cells collide; half of the fingerprints come again.
      const [low, high] = [random.below(300) | 0, (random.below(100) - 50) | 0];
      const key = `${low},${high === 0 ? 1 : high}`;
      expect(table.add(low, high)).toBe(!known.has(key));
      known.add(key);
    }
    expect(table.size).toBe(known.size);
    expect(known.size).toBeGreaterThan(10_000);
    // At most 7/10 and, after its last growth, more than 7/20 full.
    expect(table.bytes / 8).toBeGreaterThan(known.size / 0.7);
    expect(table.bytes / 8).toBeLessThan(known.size / 0.34);
  });

  it("tells words apart by both halves, and takes a high word of 0 for 1", () => {
    const table = new FingerprintTable(8);
    expect([table.add(5, 7), table.add(5, 8), table.add(6, 7), table.add(5 + 8, 7)]).toEqual([true, true, true, true]);
    expect([table.add(5, 7), table.add(-1, -1), table.add(-1, -1)]).toEqual([false, true, false]);
    expect([table.add(0, 0), table.add(0, 1), table.add(0, 0)]).toEqual([true, false, false]);
  });

  it("is warmed without a change", () => {
    const table = new FingerprintTable(8);
    table.add(3, 3);
    table.warm(Int32Array.of(3, 4, -5), 0, 3);
    expect([table.size, table.add(3, 3), table.add(4, 3)]).toEqual([1, false, true]);
  });

  it("knows when it will grow", () => {
    const table = new FingerprintTable(8);
    expect([table.growsWithin(5), table.growsWithin(6)]).toEqual([false, true]);
    for (let n = 1; n <= 5; n += 1) table.add(n, n);
    expect([table.bytes, table.growsWithin(0), table.growsWithin(1)]).toEqual([64, false, true]);
    table.add(6, 6);
    expect(table.bytes).toBe(128);
  });
});
