import { describe, expect, it } from "vitest";
import type { ClusterView, Observation } from "../../../spec/cluster-view.ts";
import { hw1, hw2, hw3 } from "../../../spec/requirements/hw.ts";
import {
  asDead,
  asLeader,
  configWith,
  failedOver,
  healthy,
  judge,
  log,
  observing,
  partitionWith,
  said,
} from "../cluster-views.ts";

describe("HW-1", () => {
  const before = healthy();
  const zombie = partitionWith(failedOver(), {}, { 1: { ...asLeader, alive: true, leaderEpoch: 1 } });

  const violations: readonly [string, ClusterView, ClusterView, RegExp][] = [
    [
      "a leader whose high watermark falls",
      partitionWith(before, {}, { 1: { highWatermark: 1 } }),
      before,
      /^high watermark of leader 1 of t-0 in epoch 1 went from 2 to 1$/,
    ],
    ["one that falls to nothing", partitionWith(before, {}, { 1: { highWatermark: 0 } }), before, /from 2 to 0/],
    [
      "a deposed leader whose high watermark falls",
      partitionWith(zombie, {}, { 1: { highWatermark: 1 } }),
      zombie,
      /leader 1 of t-0 in epoch 1/,
    ],
  ];
  it.each(violations)("is violated by %s", (_name, view, earlier, text) => {
    expect(said(judge(hw1, view, earlier))).toEqual([expect.stringMatching(text)]);
  });

  const fine: readonly [string, ClusterView, ClusterView | null, "holds" | "vacuous"][] = [
    ["one that rises", partitionWith(before, {}, { 1: { highWatermark: 3 } }), before, "holds"],
    ["one that stays", partitionWith(before, {}, {}), before, "holds"],
    ["a follower whose high watermark falls", partitionWith(before, {}, { 2: { highWatermark: 1 } }), before, "holds"],
    [
      "a new term",
      partitionWith(before, { leaderEpoch: 2 }, { 1: { highWatermark: 1, leaderEpoch: 2 } }),
      before,
      "vacuous",
    ],
    [
      "a leader that dies with an old checkpoint",
      partitionWith(before, {}, { 1: { ...asDead, highWatermark: 0 } }),
      before,
      "vacuous",
    ],
    ["a new leader behind the old one", failedOver({ 2: { highWatermark: 1 } }), before, "vacuous"],
    ["the first state", before, null, "vacuous"],
    ["an unchanged partition", { ...before }, before, "vacuous"],
    ["a leader that had committed nothing", before, partitionWith(before, {}, { 1: { highWatermark: 0 } }), "vacuous"],
  ];
  it.each(fine)("is not violated by %s", (_name, view, earlier, judgement) => {
    expect(said(judge(hw1, view, earlier))).toBe(judgement);
  });
});

describe("HW-2", () => {
  const zombie = { ...asLeader, alive: true, leaderEpoch: 1 };

  const violations: readonly [string, ClusterView, RegExp][] = [
    [
      "a high watermark beyond a member's log",
      partitionWith(healthy(), {}, { 1: { highWatermark: 3 } }),
      /leader 1 \(epoch 1\) of t-0 has high watermark 3 and at offset 2 c \(epoch 1\); replica 3, which may be elected, has nothing: its log ends at 2/,
    ],
    [
      "a member with another record",
      partitionWith(healthy(), {}, { 2: { log: log("a0 x1 c1") } }),
      /at offset 1 b \(epoch 1\); replica 2, .* x \(epoch 1\)/,
    ],
    [
      "a member with another epoch",
      partitionWith(healthy(), {}, { 3: { log: log("a1 b1") } }),
      /replica 3, .* a \(epoch 1\)/,
    ],
    [
      "a dead member without the record",
      partitionWith(healthy(), {}, { 3: { ...asDead, log: log("a0") } }),
      /replica 3/,
    ],
    [
      "an ELR member without the record",
      partitionWith(healthy(), { isr: [1, 2], elr: [3] }, { 3: { ...asDead, log: log("a0") } }),
      /replica 3/,
    ],
    [
      "a deposed leader that commits alone",
      failedOver({ 1: { ...zombie, highWatermark: 4, log: log("a0 b1 c1 d1") } }),
      /leader 1 \(epoch 1\).*high watermark 4/,
    ],
  ];
  it.each(violations)("is violated by %s", (_name, view, text) => {
    const texts = said(judge(hw2, view));
    expect(texts).not.toBe("holds");
    expect(texts[0]).toMatch(text);
  });

  it("wants min ISR copies below the high watermark, members or not, dead or alive", () => {
    const alone = (high: number) =>
      partitionWith(
        healthy(),
        { isr: [1] },
        { 1: { isr: [1], maximalIsr: [1], highWatermark: high }, 2: { log: log("a0 b1") } },
      );
    expect(said(judge(hw2, alone(3)))).toEqual([
      "leader 1 (epoch 1) of t-0 has high watermark 3, but only 1 of its replicas have everything below it; min ISR is 2",
    ]);
    expect(said(judge(hw2, alone(2)))).toBe("holds");
    const copyOnADeadDisk = partitionWith(alone(3), {}, { 2: { ...asDead, log: log("a0 b1 c1") } });
    expect(said(judge(hw2, copyOnADeadDisk))).toBe("holds");
    const one = configWith({ topics: { t: { "min.insync.replicas": 1 } } });
    expect(said(judge(hw2, { ...alone(3), config: one }))).toBe("vacuous");
  });

  const fine: readonly [string, ClusterView, "holds" | "vacuous"][] = [
    ["the healthy cluster", healthy(), "holds"],
    [
      "a member that differs above the high watermark",
      partitionWith(healthy(), {}, { 2: { log: log("a0 b1 x0") } }),
      "holds",
    ],
    ["an outsider that lags", partitionWith(healthy(), { isr: [1, 2] }, { 3: { log: [] } }), "holds"],
    ["a deposed leader with an old high watermark", failedOver({ 1: { ...zombie, log: log("a0 b1 c1 d1") } }), "holds"],
    ["a dead member with everything", partitionWith(healthy(), {}, { 3: asDead }), "holds"],
    ["a member whose retention is ahead", partitionWith(healthy(), {}, { 3: { log: log("b1", 1) } }), "holds"],
    [
      "a follower's high watermark, which is no leader's",
      failedOver({ 1: {}, 3: { highWatermark: 2, log: log("a0 b1") } }),
      "holds",
    ],
    ["nothing committed", partitionWith(healthy(), {}, { 1: { highWatermark: 0 } }), "vacuous"],
    [
      "nobody in the role of leader",
      partitionWith(healthy(), {}, { 1: { role: "follower", log: log("a0 x0") } }),
      "vacuous",
    ],
  ];
  it.each(fine)("is not violated by %s", (_name, view, judgement) => {
    expect(said(judge(hw2, view))).toBe(judgement);
  });

  it("tells keys apart", () => {
    const keyed = log("a0 b1").map((entry) => ({ ...entry, key: "" }));
    expect(said(judge(hw2, partitionWith(healthy(), {}, { 3: { log: keyed } })))).toHaveLength(1);
  });

  it("skips what has been judged", () => {
    const bad = partitionWith(healthy(), {}, { 3: { log: [] } });
    expect(said(judge(hw2, { ...bad }, bad))).toBe("vacuous");
  });
});

describe("HW-3", () => {
  const served = (from: number, to: number, highWatermark = 2, broker = 1): Observation => {
    return { kind: "served", broker, partition: "t-0", consumer: "c1", from, to, highWatermark };
  };
  const at = (...observed: readonly Observation[]) => observing(healthy(), ...observed);

  it.each([
    ["more than the high watermark that it names", at(served(0, 3))],
    ["an offset at the high watermark", at(served(2, 3))],
    ["what lies above its real high watermark, whatever it names", at(served(0, 3, 3))],
    ["what lies above its own high watermark, though not above the leader's", at(served(0, 2, 2, 3))],
    ["one bad answer after a good one", at(served(0, 1), served(1, 3))],
  ])("is violated by %s", (_name, view) => {
    expect(said(judge(hw3, view, healthy()))).toEqual([expect.stringMatching(/served c1 the offsets/)]);
  });

  it.each([
    ["everything below it", at(served(0, 2)), "holds"],
    ["a part of it", at(served(1, 2)), "holds"],
    ["nothing, from beyond it", at(served(5, 5)), "vacuous"],
    ["no fetch", at(), "vacuous"],
  ])("is not violated by %s", (_name, view, judgement) => {
    expect(said(judge(hw3, view, healthy()))).toBe(judgement);
  });

  it("allows for a high watermark that moves within the step", () => {
    const before = partitionWith(healthy(), {}, { 1: { highWatermark: 1 } });
    expect(said(judge(hw3, at(served(0, 2)), before))).toBe("holds");
    const died = partitionWith(at(served(0, 2)), {}, { 1: { ...asDead, highWatermark: 0 } });
    expect(said(judge(hw3, died, healthy()))).toBe("holds");
  });

  it("says what was served", () => {
    expect(said(judge(hw3, at(served(1, 3))))).toEqual([
      "broker 1 served c1 the offsets 1 to 2 of t-0 with high watermark 2",
    ]);
  });
});
