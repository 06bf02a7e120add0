import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTraceHash, hashText } from "../../explore/trace-hash.ts";

type Step = readonly [label: string, changed: string];

function hashOf(steps: readonly Step[]): string {
  const hash = createTraceHash();
  for (const [label, changed] of steps) hash.step(label, changed);
  return hash.digest();
}

describe("createTraceHash", () => {
  it("is SHA-256 over every text behind its length", () => {
    const steps: Step[] = [
      ["deliver fetch b2→b1", '{"logEnd":2}'],
      ["", "😀"],
    ];
    const bytes = '21:deliver fetch b2→b112:{"logEnd":2}0:4:😀';
    expect(hashOf(steps)).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(hashOf(steps)).toBe("3839eda3d2544a5f5ac37bfde0cfaa14f97a3f8cfa4599309e2567e85c947c8a");
    expect(hashOf([])).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });

  it("gives a digest after every step and goes on from there", () => {
    const hash = createTraceHash();
    hash.step("a", "1");
    expect([hash.digest(), hash.digest()]).toEqual([hashOf([["a", "1"]]), hashOf([["a", "1"]])]);
    hash.step("b", "2");
    expect(hash.digest()).toBe(
      hashOf([
        ["a", "1"],
        ["b", "2"],
      ]),
    );
  });

  it("keeps runs apart that only concatenation would join", () => {
    const text = fc.string({ unit: fc.constantFrom("0", "1", "2", ":", "a"), maxLength: 4 });
    const run = fc.array(fc.tuple(text, text), { maxLength: 3 });
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(run, (steps) => {
        const hash = hashOf(steps);
        expect(seen.get(hash) ?? JSON.stringify(steps)).toBe(JSON.stringify(steps));
        seen.set(hash, JSON.stringify(steps));
      }),
      { numRuns: 3000, seed: 3 },
    );
    const alike: Step[][] = [
      [["ab", "c"]],
      [["a", "bc"]],
      [["abc", ""]],
      [["", "abc"]],
      [
        ["a", "b"],
        ["c", ""],
      ],
      [
        ["a", ""],
        ["b", "c"],
      ],
      [["a1:b", "c"]],
      [["a", "1:bc"]],
    ];
    expect(new Set(alike.map(hashOf)).size).toBe(alike.length);
  });

  it("refuses text that UTF-8 cannot keep apart", () => {
    const words = expect.objectContaining({ code: "E_TEXT", message: expect.stringContaining('"a\\ud800"') });
    expect(() => createTraceHash().step("a\ud800", "")).toThrow(words);
    expect(() => createTraceHash().step("", "a\ud800")).toThrow(words);
    expect(() => hashText("a\ud800")).toThrow(words);
  });
});

describe("hashText", () => {
  it("is SHA-256 of the text in UTF-8", () => {
    expect(hashText("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(hashText("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(hashText("ä→😀")).toBe(createHash("sha256").update("ä→😀", "utf8").digest("hex"));
  });
});
