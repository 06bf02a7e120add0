import { describe, expect, it } from "vitest";
import { permuteParts } from "../../explore/part-permutation.ts";

describe("permuteParts", () => {
  it("moves the parts, and renames each by the slot it comes from", () => {
    const permutation = { from: [1, 2, 0], rename: (slot: number, value: unknown) => `${value} from ${slot}` };
    expect(permuteParts(["a", "b", "c"], permutation)).toEqual(["b from 1", "c from 2", "a from 0"]);
  });
});
