import { describe, expect, it } from "vitest";
import type { ClusterView } from "../../../spec/cluster-view.ts";
import { isr1 } from "../../../spec/requirements/isr.ts";
import {
  acknowledged,
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

/** A new leader whose high watermark lags behind what is committed. */
const lagging = failedOver({ 1: { highWatermark: 0 }, 2: { highWatermark: 0 }, 3: { highWatermark: 0 } });
const shortThird = partitionWith(lagging, {}, { 3: { log: log("a0") } });

describe("ISR-1", () => {
  const violations: readonly [string, ClusterView, RegExp][] = [
    [
      "a member that lags behind the leader's high watermark",
      partitionWith(healthy(), {}, { 3: { log: log("a0") } }),
      /^replica 3 is in the ISR of t-0 and has at offset 1 nothing: its log ends at 1; committed is b \(epoch 1\) below high watermark 2 of replica 1$/,
    ],
    [
      "a member with another record",
      partitionWith(healthy(), {}, { 2: { log: log("x0 b1 c1"), highWatermark: 0 } }),
      /replica 2 .* offset 0 x/,
    ],
    ["a dead member without it", partitionWith(healthy(), {}, { 3: { ...asDead, log: log("a0") } }), /replica 3/],
    [
      "a member behind the high watermark of a deposed leader",
      failedOver({ 1: { ...asLeader, alive: true, highWatermark: 3 } }),
      /replica 3 .*high watermark 3 of replica 1/,
    ],
    [
      "a member behind a follower's high watermark",
      failedOver({
        1: { highWatermark: 0 },
        3: { log: log("a0 b1 c1"), highWatermark: 3 },
        2: { log: log("a0 b1"), highWatermark: 0 },
      }),
      /replica 2 is in .*high watermark 3 of replica 3/,
    ],
    [
      "a member without what acks=all acknowledged, whatever high watermarks say",
      shortThird,
      /replica 3 .*acknowledged with acks=all is b/,
    ],
    [
      "a leader that is not in the ISR",
      partitionWith(healthy(), { isr: [2, 3] }),
      /^leader 1 of t-0 is not in the ISR 2, 3$/,
    ],
    [
      "a leader that is not in its own maximal ISR",
      partitionWith(healthy(), {}, { 1: { maximalIsr: [2, 3] } }),
      /leader 1 .* not in its own maximal ISR 2, 3/,
    ],
    [
      "a leader in office that does not reckon with a member",
      partitionWith(healthy(), {}, { 1: { maximalIsr: [1, 2] } }),
      /^3 in the ISR of t-0, not in the maximal ISR 1, 2 that leader 1 reckons with$/,
    ],
    [
      "a deposed leader that is not in its own",
      failedOver({ 1: { ...asLeader, alive: true, maximalIsr: [2] } }),
      /leader 1 .* maximal ISR 2/,
    ],
    [
      "a member that is no replica",
      partitionWith(healthy(), { isr: [1, 2, 3, 4] }, { 1: { maximalIsr: [1, 2, 3, 4] } }),
      /^4 in ISR of t-0 has no replica$/,
    ],
  ];
  it.each(violations)("is violated by %s", (_name, view, text) => {
    const texts = said(judge(isr1, view));
    expect(texts).toHaveLength(1);
    expect(texts[0]).toMatch(text);
  });

  it("names the first record that a member lacks, not all of them", () => {
    const empty = partitionWith(lagging, {}, { 3: { log: [] } });
    expect(said(judge(isr1, empty))).toEqual([expect.stringMatching(/offset 0 .*acknowledged with acks=all is a/)]);
    const behind = partitionWith(healthy(), {}, { 3: { log: [], highWatermark: 0 } });
    expect(said(judge(isr1, behind))).toEqual([expect.stringMatching(/offset 0 .*committed is a/)]);
  });

  const fine: readonly [string, ClusterView, "holds" | "vacuous"][] = [
    ["the healthy cluster", healthy(), "holds"],
    ["a new leader with a lagging high watermark", lagging, "holds"],
    ["an outsider that lags", partitionWith(healthy(), { isr: [1, 2] }, { 3: { log: [], highWatermark: 0 } }), "holds"],
    [
      "an ELR member is no ISR member",
      partitionWith(healthy(), { isr: [1], elr: [2] }, { 2: { log: [], highWatermark: 0 } }),
      "holds",
    ],
    [
      "a member that differs above every high watermark",
      partitionWith(healthy(), {}, { 2: { log: log("a0 b1 x0") } }),
      "holds",
    ],
    ["no leader", partitionWith(healthy(), { leader: null, isr: [1] }, { 1: asDead }), "holds"],
    [
      "a leader that has not heard yet that the expansion it proposed is committed",
      partitionWith(healthy(), {}, { 1: { isr: [1, 2], maximalIsr: [1, 2, 3] } }),
      "holds",
    ],
    [
      "what acks=1 acknowledged alone",
      { ...shortThird, config: configWith({ producers: { p1: { acks: 1 } } }) },
      "vacuous",
    ],
    ["an offset that nobody was told", { ...lagging, acknowledged: [acknowledged("z", null)] }, "vacuous"],
    [
      "retention at the member",
      { ...partitionWith(lagging, {}, { 3: { log: log("c1", 2), highWatermark: 2 } }) },
      "vacuous",
    ],
  ];
  it("asks for nothing that any replica has let go, and for all else", () => {
    const other = (leader: string, start: number) =>
      partitionWith(lagging, {}, { 1: { log: log(leader, start) }, 3: { log: log("a0 x0") } });
    expect(said(judge(isr1, other("b1 c1", 1)))).toEqual([
      expect.stringMatching(/replica 3 .*offset 1 x .*acknowledged with acks=all is b/),
    ]);
    expect(said(judge(isr1, other("c1", 2)))).toBe("vacuous");
  });

  it.each(fine)("is not violated by %s", (_name, view, judgement) => {
    expect(said(judge(isr1, view))).toBe(judgement);
  });

  it("looks again at what has changed", () => {
    const bad = partitionWith(healthy(), {}, { 3: { log: log("a0") } });
    expect(said(judge(isr1, { ...bad }, bad))).toBe("vacuous");
    expect(said(judge(isr1, { ...shortThird, acknowledged: [] }))).toBe("vacuous");
    expect(said(judge(isr1, shortThird, { ...shortThird, acknowledged: [] }))).toHaveLength(1);
  });
});
