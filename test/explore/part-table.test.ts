import { describe, expect, it } from "vitest";
import { contentHash } from "../../explore/content-hash.ts";
import { PartTable } from "../../explore/part-table.ts";

describe("PartTable", () => {
  it("numbers slots with values by content, in the order in which they come", () => {
    const parts = new PartTable(2);
    const values = [{ a: 1, b: 2 }, { b: 2, a: 1 }, { a: 1, b: 3 }, 'key"', { 'key"': 1 }, { 'key"': 1 }];
    expect(values.map((value) => parts.intern(0, value))).toEqual([0, 0, 1, 2, 3, 3]);
    expect(parts.intern(1, { a: 1, b: 2 })).toBe(4);
    expect(parts.intern(0, { a: 1, b: 2 })).toBe(0);
    expect(parts.size).toBe(5);
    expect(parts.value(0)).toEqual({ a: 1, b: 2 });
    expect(parts.value(4)).toEqual({ a: 1, b: 2 });
  });

  it("keeps a frozen copy", () => {
    const parts = new PartTable(1);
    const value = { b: [{ c: 1 }], a: 0 };
    const kept = parts.value(parts.intern(0, value)) as typeof value;
    value.b.push({ c: 2 });
    expect(JSON.stringify(kept)).toBe('{"a":0,"b":[{"c":1}]}');
    expect([kept, kept.b, kept.b[0]].every(Object.isFrozen)).toBe(true);
    expect(parts.value(parts.intern(0, null))).toBeNull();
  });

  it("hashes slot and content, however many parts there are", () => {
    const parts = new PartTable(3);
    for (let n = 0; n < 1000; n += 1) parts.intern(n % 3, n);
    for (const n of [0, 1, 127, 128, 999]) {
      const { low, high } = contentHash(`${n % 3}:${n}`);
      expect([...parts.hashes.subarray(2 * n, 2 * n + 2)]).toEqual([low, high]);
    }
    const few = new PartTable(3).bytes;
    expect(parts.bytes).toBeGreaterThan(few + 1000 * 8);
  });

  it("refuses what is no plain data, also if its text is known", () => {
    const parts = new PartTable(1);
    parts.intern(0, {});
    parts.intern(0, [null]);
    for (const value of [new Map(), [undefined], [Number.NaN], { at: undefined }]) {
      expect(() => parts.intern(0, value)).toThrow(expect.objectContaining({ code: "E_NOT_PLAIN_JSON" }));
    }
    expect(() => parts.intern(1, 0)).toThrow(RangeError);
  });
});
