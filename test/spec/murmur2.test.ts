import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { murmur2, partitionForKey } from "../../spec/murmur2.ts";

const hash = (text: string) => murmur2(new TextEncoder().encode(text));

describe("murmur2", () => {
  // The first six are Kafka's own (UtilsTest), the last one other clients of Kafka test too.
  it.each([
    ["21", -973932308],
    ["foobar", -790332482],
    ["a-little-bit-long-string", -985981536],
    ["a-little-bit-longer-string", -1486304829],
    ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
    ["abc", 479470107],
    ["", 0x106e08d9],
  ])("of %j is %d", (text, value) => {
    expect(hash(text)).toBe(value);
  });

  it("takes bytes as unsigned, wherever they lie in their buffer", () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(bytes, fc.nat(7), (data, shift) => {
        const shifted = new Uint8Array(data.length + shift + 3);
        shifted.set(data, shift);
        const value = murmur2(shifted.subarray(shift, shift + data.length));
        expect(value).toBe(slowMurmur2([...data]));
        expect(value).toBe(value | 0);
      }),
      { numRuns: 2000, seed: 3 },
    );
  });
});

describe("the partition of a key", () => {
  it("is that of the hash without its sign bit, which is another one than its absolute value", () => {
    expect(hash("bob")).toBeLessThan(0);
    expect(partitionForKey("bob", 3)).toBe((hash("bob") + 2 ** 31) % 3);
    expect(partitionForKey("bob", 3)).not.toBe(Math.abs(hash("bob")) % 3);
  });

  it("goes by the bytes of UTF-8", () => {
    expect([..."é日"].map((letter) => partitionForKey(letter, 1000))).toEqual(
      [
        [0xc3, 0xa9],
        [0xe6, 0x97, 0xa5],
      ].map((bytes) => (slowMurmur2(bytes) & 0x7fffffff) % 1000),
    );
  });

  it("is always a partition", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.integer({ min: 1, max: 16 }), (key, partitions) => {
        const partition = partitionForKey(key, partitions);
        expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(true);
      }),
      { numRuns: 1000, seed: 4 },
    );
  });
});

/** MurmurHash2 in exact arithmetic, each step cut to 32 bits. */
function slowMurmur2(bytes: readonly number[]): number {
  const cut = (value: bigint) => value & 0xffffffffn;
  const multiplier = 0x5bd1e995n;
  let value = 0x9747b28cn ^ BigInt(bytes.length);
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    let word = 0n;
    for (let place = 3; place >= 0; place -= 1) word = word * 256n + BigInt(bytes[at + place] ?? 0);
    word = cut(word * multiplier);
    word = cut((word ^ (word >> 24n)) * multiplier);
    value = cut(value * multiplier) ^ word;
  }
  let tail = 0n;
  for (let place = bytes.length - 1; place >= at; place -= 1) tail = tail * 256n + BigInt(bytes[place] ?? 0);
  if (at < bytes.length) value = cut((value ^ tail) * multiplier);
  value = cut((value ^ (value >> 13n)) * multiplier);
  return Number(BigInt.asIntN(32, value ^ (value >> 15n)));
}
