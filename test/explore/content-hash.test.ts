import { describe, expect, it } from "vitest";
import { contentHash } from "../../explore/content-hash.ts";

describe("contentHash", () => {
  it("is the same today and tomorrow", () => {
    const words = ["", "a", '0:{"leader":1}', "ä→😀"].map(contentHash);
    expect(words).toMatchInlineSnapshot(`
      [
        {
          "high": -1547365677,
          "low": 1544194061,
        },
        {
          "high": -534019377,
          "low": 362434855,
        },
        {
          "high": -485349576,
          "low": -903181073,
        },
        {
          "high": 76294941,
          "low": -494513572,
        },
      ]
    `);
  });

  it("gives signed 32-bit words", () => {
    for (let n = 0; n < 1000; n += 1) {
      const { low, high } = contentHash(`${n}`);
      expect([low | 0, high | 0]).toEqual([low, high]);
    }
  });

  it("keeps short texts apart, in either word as far as 32 bits can", () => {
    const count = 300_000;
    const both = new Set<string>();
    const lows = new Set<number>();
    const highs = new Set<number>();
    for (let n = 0; n < count; n += 1) {
      const { low, high } = contentHash(`${n % 7}:[${n},${n % 3}]`);
      both.add(`${low},${high}`);
      lows.add(low);
      highs.add(high);
    }
    expect(both.size).toBe(count);
    // n^2 / 2^33 = 10.5 pairs share a word.
    for (const { size } of [lows, highs]) expect(count - size).toBeLessThan(30);
  });

  it("changes every bit with a chance of a half when any bit of the text changes", () => {
    const texts = 500;
    const flips = new Array<number>(64).fill(0);
    let pairs = 0;
    for (let n = 0; n < texts; n += 1) {
      const text = `state ${n}`;
      const hash = contentHash(text);
      for (let bit = 0; bit < 16; bit += 1) {
        const at = n % text.length;
        const other = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << bit)) + text.slice(at + 1);
        const changed = contentHash(other);
        pairs += 1;
        for (let word = 0; word < 64; word += 1) {
          const difference = word < 32 ? hash.low ^ changed.low : hash.high ^ changed.high;
          flips[word] = (flips[word] ?? 0) + ((difference >>> (word % 32)) & 1);
        }
      }
    }
    // Six standard deviations about a half.
    for (const count of flips) expect(Math.abs(count - pairs / 2)).toBeLessThan(6 * Math.sqrt(pairs / 4));
  });
});
