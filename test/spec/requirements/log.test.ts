import { describe, expect, it } from "vitest";
import type { ClusterView } from "../../../spec/cluster-view.ts";
import { log1, log2 } from "../../../spec/requirements/log.ts";
import {
  asDead,
  asLeader,
  configWith,
  failedOver,
  healthy,
  judge,
  log,
  partitionWith,
  said,
} from "../cluster-views.ts";

const gap = [...log("a0 b1"), { offset: 3, epoch: 1, value: "c", key: null }];

describe("LOG-1", () => {
  const violations: readonly [string, ClusterView, RegExp][] = [
    [
      "a gap",
      partitionWith(healthy(), {}, { 2: { log: gap } }),
      /^replica 2 of t-0 has offset 3 where offset 2 belongs$/,
    ],
    [
      "an offset that stands twice",
      partitionWith(healthy(), {}, { 2: { log: [...log("a0 b1"), ...log("c1", 1)] } }),
      /offset 1 where offset 2/,
    ],
    [
      "a first offset that is not the log start",
      partitionWith(healthy(), {}, { 3: { logStart: 1 } }),
      /offset 0 where offset 1/,
    ],
    [
      "a log end beyond the log",
      partitionWith(healthy(), {}, { 1: { logEnd: 4 } }),
      /replica 1 of t-0 has 3 entries from log start 0 to log end 4/,
    ],
    ["a log end within the log", partitionWith(healthy(), {}, { 1: { logEnd: 2 } }), /log end 2/],
    [
      "an epoch that goes down",
      partitionWith(healthy(), {}, { 3: { log: log("a1 b0") } }),
      /replica 3 of t-0 has epoch 0 at offset 1 after epoch 1/,
    ],
    [
      "an epoch of the future",
      partitionWith(healthy(), {}, { 3: { log: log("a0 b2") } }),
      /epoch 2 at offset 1, but the partition is in epoch 1/,
    ],
    [
      "a high watermark beyond the log end",
      partitionWith(healthy(), {}, { 3: { highWatermark: 3 } }),
      /replica 3 of t-0 has high watermark 3 and a log from 0 to 2/,
    ],
    [
      "a high watermark before the log start",
      partitionWith(healthy(), {}, { 3: { log: log("c1", 2), highWatermark: 1 } }),
      /high watermark 1 and a log from 2 to 3/,
    ],
    ["a dead broker's log with a gap", partitionWith(healthy(), {}, { 2: { ...asDead, log: gap } }), /where offset 2/],
  ];
  it.each(violations)("is violated by %s", (_name, view, text) => {
    const texts = said(judge(log1, view));
    expect(texts).not.toBe("holds");
    expect(texts[0]).toMatch(text);
  });

  const fine: readonly [string, ClusterView, "holds" | "vacuous"][] = [
    ["the healthy cluster", healthy(), "holds"],
    ["logs that differ", failedOver({ 1: { log: log("a0 b1 x1 y1") } }), "holds"],
    ["a log that retention has cut", partitionWith(healthy(), {}, { 1: { log: log("c1", 2) } }), "holds"],
    [
      "an old checkpoint on a dead broker's disk",
      partitionWith(healthy(), {}, { 3: { ...asDead, highWatermark: 9 } }),
      "holds",
    ],
    ["empty logs", partitionWith(healthy(), {}, { 1: empty(), 2: empty(), 3: empty() }), "vacuous"],
  ];
  it.each(fine)("is not violated by %s", (_name, view, judgement) => {
    expect(said(judge(log1, view))).toBe(judgement);
  });

  it("names the first offset that is out of place, not all that follow from it", () => {
    const shifted = log("a0 b1 c1", 1);
    expect(said(judge(log1, partitionWith(healthy(), {}, { 2: { log: shifted, logStart: 0 } })))).toEqual([
      "replica 2 of t-0 has offset 1 where offset 0 belongs",
    ]);
  });

  it("excuses an epoch that goes down, and only that, where followers do not compare epochs", () => {
    const config = configWith({ server: { "log.reconciliation": "kip-279" } });
    const of = (replica: object) => judge(log1, { ...partitionWith(healthy(), {}, { 3: replica }), config });
    expect(of({ log: log("a1 b0") })).toMatchObject([
      { scope: { partition: "t-0", excuse: expect.stringContaining("kip-279") } },
    ]);
    expect(of({ log: gap })).toEqual([{ text: expect.any(String), scope: { partition: "t-0" } }]);
    expect(judge(log1, partitionWith(healthy(), {}, { 3: { log: log("a1 b0") } }))).toMatchObject([
      { scope: { partition: "t-0" } },
    ]);
  });
});

function empty() {
  return { log: [], logStart: 0, highWatermark: 0 };
}

describe("LOG-2", () => {
  const violations: readonly [string, ClusterView, RegExp][] = [
    [
      "one epoch with two records",
      partitionWith(healthy(), {}, { 2: { log: log("a0 b1 x1") } }),
      /at offset 2 of t-0 replica 1 has c \(epoch 1\), replica 2 has x \(epoch 1\): one epoch, two records/,
    ],
    [
      "one epoch with two records above both high watermarks",
      failedOver({ 1: { log: log("a0 b1 c1 d1") }, 2: { log: log("a0 b1 c1 x1") } }),
      /replica 1 has d .*replica 2 has x/,
    ],
    [
      "a record that differs below both high watermarks",
      partitionWith(healthy(), {}, { 3: { log: log("x1 b1") } }),
      /at offset 0 .*both below their high watermarks/,
    ],
    [
      "only the epoch differs below both",
      partitionWith(healthy(), {}, { 2: { log: log("a0 b0 c1") } }),
      /offset 1 .*below their high watermarks/,
    ],
    [
      "a dead replica that differs",
      partitionWith(healthy(), {}, { 2: { ...asDead, log: log("a0 x1 c1") } }),
      /replica 2 has x/,
    ],
    [
      "two followers that differ",
      partitionWith(healthy(), {}, { 2: { log: log("a0 b1 c1 d1") }, 3: { log: log("a0 b1 c1 x1") } }),
      /replica 2 has d .*replica 3 has x/,
    ],
    [
      "a follower whose high watermark runs ahead of its truncation",
      failedOver({ 3: { log: log("a0 x0"), highWatermark: 2 } }),
      /offset 1 .*replica 3 has x \(epoch 0\), both below their high watermarks/,
    ],
    [
      "a hole below both high watermarks",
      partitionWith(healthy(), {}, { 2: { log: log("a0"), highWatermark: 2, logEnd: 3 } }),
      /offset 1 .*nothing/,
    ],
  ];
  it.each(violations)("is violated by %s", (_name, view, text) => {
    const texts = said(judge(log2, view));
    expect(texts).not.toBe("holds");
    expect(texts[0]).toMatch(text);
  });

  const fine: readonly [string, ClusterView, "holds" | "vacuous"][] = [
    ["the healthy cluster", healthy(), "holds"],
    [
      "a divergence above one of the high watermarks",
      failedOver({ 1: { log: log("a0 b1 c1"), highWatermark: 3 }, 2: { log: log("a0 b1 d2") } }),
      "holds",
    ],
    [
      "a deposed leader's tail of its own epoch",
      failedOver({ 1: { ...asLeader, alive: true, log: log("a0 b1 c1 d1") }, 2: { log: log("a0 b1 c1 x2") } }),
      "holds",
    ],
    ["logs that start apart", partitionWith(healthy(), {}, { 1: { log: log("c1", 2) } }), "holds"],
    ["empty logs", partitionWith(healthy(), {}, { 1: empty(), 2: empty(), 3: empty() }), "vacuous"],
    ["only one log with entries", partitionWith(healthy(), {}, { 2: empty(), 3: empty() }), "vacuous"],
  ];
  it.each(fine)("is not violated by %s", (_name, view, judgement) => {
    expect(said(judge(log2, view))).toBe(judgement);
  });

  it("compares keys: no key is not the empty key", () => {
    const keyed = log("a0 b1").map((entry) => ({ ...entry, key: "" }));
    expect(said(judge(log2, partitionWith(healthy(), {}, { 3: { log: keyed } })))).toHaveLength(2);
  });

  it("skips what has been judged", () => {
    const bad = partitionWith(healthy(), {}, { 3: { log: log("x0 y1") } });
    expect(said(judge(log2, { ...bad }, bad))).toBe("vacuous");
    expect(said(judge(log2, bad, healthy()))).toHaveLength(2);
  });
});
