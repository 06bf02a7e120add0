/** What the trials of the machines call plain, and what they would notice. */
import { describe, expect, it } from "vitest";
import { createPlainness } from "./plainness.ts";

describe("a context", () => {
  const plain = { name: "p1", queue: [{ slot: 0, bytes: 3 }], leader: null };

  it("is plain", () => {
    const plainness = createPlainness();
    plainness.check(plain);
    plainness.check({ ...plain, queue: [] });
  });

  it.each([
    ["undefined", { ...plain, leader: undefined }],
    ["NaN", { ...plain, queue: [{ slot: 0, bytes: Number.NaN }] }],
    ["a Map", { ...plain, queue: new Map() }],
    ["a Set", { ...plain, queue: new Set() }],
    ["a date", { ...plain, name: new Date(0) }],
    ["an infinite number", { ...plain, leader: Number.POSITIVE_INFINITY }],
    ["a function", { ...plain, leader: () => 1 }],
  ])("is not plain with %s in it", (_what, context) => {
    expect(() => createPlainness().check(context)).toThrow("Only plain JSON data");
  });

  it.each([
    ["its own keys", { queue: plain.queue, name: "p1", leader: null }],
    ["the keys of something in it", { ...plain, queue: [{ bytes: 3, slot: 0 }] }],
  ])("is not written like another with %s in another order", (_what, context) => {
    const plainness = createPlainness();
    plainness.check(plain);
    expect(() => plainness.check(context)).toThrow("in another order than before");
  });
});
