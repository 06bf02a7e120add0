import { describe, expect, it } from "vitest";
import { createRandom, randomFromState } from "../../explore/random.ts";

function take(count: number, draw: () => number): number[] {
  return Array.from({ length: count }, draw);
}

/** Pearson's statistic of counts that should all be equal. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe("randomFromState", () => {
  it("gives the numbers of the authors' C program (version 1.1) from the state 1, 2, 3, 4", () => {
    expect(take(10, randomFromState([1, 2, 3, 4]).next)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });
});

describe("createRandom", () => {
  // From a C program of the same definition.
  it.each([
    [0, [3809008728, 1133695204, 53579671, 2891528803, 139681546, 2203266335]],
    [1, [2442144158, 3238099751, 3819917871, 2104621829, 2021136066, 4223536128]],
    [42, [2837322924, 544945897, 479756282, 3500138142, 339756180, 113173290]],
    [4294967295, [835879718, 1921286648, 2356205009, 1885780724, 980451116, 1053911718]],
  ])("gives known numbers for seed %i", (seed, numbers) => {
    expect(take(6, createRandom(seed).next)).toEqual(numbers);
  });

  it("keeps its state to itself: two generators do not disturb each other", () => {
    const first = createRandom(7);
    const second = createRandom(7);
    const mixed = take(20, () => first.next() - second.next());
    expect(mixed).toEqual(take(20, () => 0));
  });

  it.each([-1, 1.5, 2 ** 32, Number.NaN, Number.POSITIVE_INFINITY])("refuses the seed %d", (seed) => {
    expect(() => createRandom(seed)).toThrow(expect.objectContaining({ code: "E_NUMBER" }));
  });
});

describe("below", () => {
  it("gives each number about equally often", () => {
    for (const n of [2, 3, 7, 10]) {
      const counts = take(n, () => 0);
      const random = createRandom(n);
      for (let draw = 0; draw < 10_000 * n; draw += 1) {
        const number = random.below(n);
        counts[number] = (counts[number] ?? Number.NaN) + 1;
      }
      // The 0.999 quantile at 9 degrees of freedom; a NaN (a number out of range) fails too.
      expect(chiSquare(counts), `below(${n}): ${counts}`).toBeLessThan(27.88);
      expect(counts).toHaveLength(n);
    }
  });

  it("draws again where the remainder would favour small numbers", () => {
    // The lower third of 3 * 2^30 would come up in half of the draws if 2^32 were merely divided.
    const random = createRandom(5);
    const thirds = [0, 0, 0];
    for (let draw = 0; draw < 30_000; draw += 1) {
      const third = Math.floor(random.below(3 * 2 ** 30) / 2 ** 30);
      thirds[third] = (thirds[third] ?? Number.NaN) + 1;
    }
    // The 0.999 quantile at 2 degrees of freedom.
    expect(chiSquare(thirds), `${thirds}`).toBeLessThan(13.82);
  });

  it("draws again at the very first number beyond the largest multiple", () => {
    const [first, second] = [3809008728, 1133695204];
    expect(take(2, createRandom(0).next)).toEqual([first, second]);
    expect(createRandom(0).below(first)).toBe(second);
    expect(createRandom(0).below(first + 1)).toBe(first);
  });

  it("reaches both ends of its range", () => {
    const random = createRandom(6);
    const plain = createRandom(6);
    expect(take(5, () => random.below(2 ** 32))).toEqual(take(5, plain.next));
    expect(take(5, () => random.below(1))).toEqual([0, 0, 0, 0, 0]);
  });

  it.each([0, -1, 1.5, 2 ** 32 + 1, Number.NaN])("refuses %d", (n) => {
    expect(() => createRandom(1).below(n)).toThrow(expect.objectContaining({ code: "E_NUMBER" }));
  });
});
