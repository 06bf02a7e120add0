import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearestName } from "../../../spec/config/nearest-name.ts";

const names = ["acks", "linger.ms", "batch.size", "retries", "retry.backoff.ms", "retry.backoff.max.ms"];

describe("nearestName", () => {
  it.each([
    ["ackss", "acks"],
    ["ack", "acks"],
    ["akcs", "acks"],
    ["lingerms", "linger.ms"],
    ["LINGER.MS", "linger.ms"],
    ["batch-size", "batch.size"],
    ["retires", "retries"],
    ["retry.backoff", "retry.backoff.ms"],
    ["retry.backof.max.ms", "retry.backoff.max.ms"],
  ])("%s is near %s", (name, nearest) => {
    expect(nearestName(name, names)).toBe(nearest);
  });

  it.each(["", "x", "compression", "ab", "group.instance.id"])("%j is near none", (name) => {
    expect(nearestName(name, names)).toBeNull();
  });

  it("counts a swap of neighbours as one edit, anything else that differs as one each", () => {
    // A third of the length may differ: one edit in three letters, not two.
    expect(nearestName("bac", ["abc"])).toBe("abc");
    expect(nearestName("cba", ["abc"])).toBeNull();
    expect(nearestName("abxc", ["abc"])).toBe("abc");
    expect(nearestName("ab", ["abc"])).toBe("abc");
    expect(nearestName("axc", ["abc"])).toBe("abc");
    expect(nearestName("axd", ["abc"])).toBeNull();
  });

  it("takes the nearest, and of equally near ones the first", () => {
    expect(nearestName("abcdef", ["abcdxy", "abcdex"])).toBe("abcdex");
    expect(nearestName("abcdef", ["abcdex", "abcdey"])).toBe("abcdex");
    expect(nearestName("abcdef", [])).toBeNull();
  });

  it("finds a candidate itself, and its answer is a candidate", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (name, candidates) => {
        const nearest = nearestName(name, candidates);
        expect(nearest === null || candidates.includes(nearest)).toBe(true);
        expect(nearestName(name, [...candidates, name])?.toLowerCase()).toBe(name.toLowerCase());
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});
