/** For each kind of look: the right expectation passes, a wrong one fails with what was expected and seen. */
import { describe, expect, it } from "vitest";
import { compareLooks } from "../../../scenarios/expectations/looks.ts";
import type { Looks } from "../../../scenarios/grammar/looks.ts";
import type { Json } from "../../../spec/history/format.ts";
import { type Capability, capabilities, type Snapshot } from "../../../spec/subject.ts";

const snapshot: Snapshot = {
  at: 35,
  partitions: [
    {
      partition: "orders-0",
      leader: 1,
      leaderEpoch: 4,
      isr: [1, 2],
      underReplicated: true,
      underMinIsr: true,
      logStart: 1,
      highWatermark: 3,
      replicas: [
        { broker: 1, logStart: 1, logEnd: 5, highWatermark: 3, values: ["a", "b"] },
        { broker: 2, logStart: 3, logEnd: 4, highWatermark: 2, values: ["a"] },
      ],
    },
    { partition: "orders-1", leader: null, highWatermark: null, underReplicated: false, underMinIsr: false },
  ],
  committed: [
    { group: "billing", partition: "orders-0", offset: 3 },
    { group: "audit/eu", partition: "orders-0", offset: 2 },
  ],
  consumers: [
    { consumer: "c1", partition: "orders-0", position: 7 },
    { consumer: "c1", partition: "orders-1", position: null },
  ],
  producers: [{ producer: "p1", acknowledged: ["a", "b"], batches: [["a", "b"], ["c"]], requests: 2 }],
};

const everything = new Set(Object.keys(capabilities).filter((one): one is Capability => one in capabilities));

const cases: readonly [look: keyof Looks, owner: string, right: Json, wrong: Json, needs: Capability][] = [
  ["leader", "orders-0", 1, 2, "see-leader"],
  ["leader", "orders-1", null, 1, "see-leader"],
  ["leader-epoch", "orders-0", 4, 5, "see-leader"],
  ["isr", "orders-0", [1, 2], [2, 1], "see-leader"],
  ["high-watermark", "orders-0", 3, 2, "see-high-watermark"],
  ["high-watermark", "2/orders-0", 2, 3, "see-high-watermark"],
  ["high-watermark", "orders-1", null, 0, "see-high-watermark"],
  ["log-start", "orders-0", 1, 0, "see-log"],
  ["log-start", "2/orders-0", 3, 1, "see-log"],
  ["log-start", "3/orders-0", null, 1, "see-log"],
  ["log-end", "1/orders-0", 5, 4, "see-log"],
  ["log", "2/orders-0", ["a"], ["a", "b"], "see-log"],
  ["log", "1/orders-0", ["a", "b"], [], "see-log"],
  ["committed", "billing/orders-0", 3, 2, "see-committed"],
  ["committed", "audit/eu/orders-0", 2, 3, "see-committed"],
  ["committed", "billing/orders-1", null, 0, "see-committed"],
  ["position", "c1/orders-0", 7, 6, "see-position"],
  ["position", "c1/orders-1", null, 0, "see-position"],
  ["acknowledged", "p1", ["a", "b"], ["b", "a"], "see-producer"],
  ["batches", "p1", [["a", "b"], ["c"]], [["a"], ["b", "c"]], "see-producer"],
  ["requests", "p1", 2, 1, "see-producer"],
];

function looks(look: keyof Looks, owner: string, value: Json): Looks {
  return { [look]: { [owner]: value } };
}

describe("looks", () => {
  it.each(cases)("%s of %s", (look, owner, right, wrong, needs) => {
    const seen = compareLooks(looks(look, owner, right), snapshot, everything);
    expect(seen).toEqual({ mismatches: [], compared: 1, lacking: [] });
    const other = compareLooks(looks(look, owner, wrong), snapshot, everything);
    expect(other.mismatches).toEqual([{ path: [look, owner], expected: wrong, seen: right }]);
    const blind = new Set(everything);
    blind.delete(needs);
    const nothing = compareLooks(looks(look, owner, wrong), snapshot, blind);
    expect(nothing).toEqual({ mismatches: [], compared: 0, lacking: [{ look, capability: needs }] });
  });

  it("at the clock", () => {
    expect(compareLooks({ at: 35 }, snapshot, everything).mismatches).toEqual([]);
    expect(compareLooks({ at: 36 }, snapshot, everything).mismatches).toEqual([
      { path: ["at"], expected: "36ms", seen: "35ms" },
    ]);
    expect(compareLooks({ at: 36 }, snapshot, new Set()).lacking).toEqual([{ look: "at", capability: "virtual-time" }]);
  });

  it.each(["under-replicated", "under-min-isr"] as const)("at the list of partitions that are %s", (look) => {
    const blind = new Set(everything);
    blind.delete("see-leader");
    expect(compareLooks({ [look]: ["orders-0"] }, snapshot, everything)).toEqual({
      mismatches: [],
      compared: 1,
      lacking: [],
    });
    expect(compareLooks({ [look]: { includes: ["orders-0"] } }, snapshot, everything).mismatches).toEqual([]);
    expect(compareLooks({ [look]: [] }, snapshot, everything).mismatches).toEqual([
      { path: [look], expected: [], seen: ["orders-0"] },
    ]);
    expect(compareLooks({ [look]: [] }, snapshot, blind).lacking).toEqual([{ look, capability: "see-leader" }]);
    const untold = { partitions: [{ partition: "orders-0" }] };
    for (const blank of [{}, untold]) {
      expect(compareLooks({ [look]: [] }, blank, everything).mismatches).toMatchObject([{ seen: null }]);
    }
  });

  it("tells the two apart", () => {
    const partitions = [{ partition: "orders-0", underReplicated: true, underMinIsr: false }];
    const expected = { "under-replicated": ["orders-0"], "under-min-isr": [] };
    expect(compareLooks(expected, { partitions }, everything).mismatches).toEqual([]);
  });

  it("at a part of a list", () => {
    const part = { batches: { p1: { includes: [["c"]] } }, isr: { "orders-0": { includes: [2] } } };
    expect(compareLooks(part, snapshot, everything).mismatches).toEqual([]);
    const more = { isr: { "orders-0": { includes: [3] } } };
    expect(compareLooks(more, snapshot, everything).mismatches).toEqual([
      { path: ["isr", "orders-0"], expected: { includes: [3] }, seen: [1, 2] },
    ]);
  });

  it("report everything that differs, in the order of the file", () => {
    const expected: Looks = { requests: { p1: 9 }, leader: { "orders-0": 9, "orders-1": null }, at: 9 };
    const { mismatches, compared } = compareLooks(expected, snapshot, everything);
    expect(mismatches.map(({ path }) => path)).toEqual([["requests", "p1"], ["leader", "orders-0"], ["at"]]);
    expect(compared).toBe(4);
  });

  it("at what a subject does not show see nothing", () => {
    const expected: Looks = {
      "high-watermark": { "orders-0": 1 },
      requests: { p1: 1 },
      "log-end": { "1/orders-0": 0 },
    };
    expect(compareLooks(expected, {}, everything).mismatches.map(({ seen }) => seen)).toEqual([null, null, null]);
  });
});
