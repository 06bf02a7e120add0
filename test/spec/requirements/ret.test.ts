import { describe, expect, it } from "vitest";
import type { ClusterView } from "../../../spec/cluster-view.ts";
import { ret1 } from "../../../spec/requirements/ret.ts";
import { asDead, configWith, healthy, judge, log, partitionWith, said, wholeDisks } from "../cluster-views.ts";

/** Replica 1 has let go what lay below offset 1, or the replicas that are told. */
const cut = partitionWith(healthy(), {}, { 1: { log: log("b1 c1", 1) } });
const unclean = configWith({ topics: { t: { "unclean.leader.election.enable": true } } });

describe("RET-1", () => {
  const violations: readonly [string, ClusterView, RegExp][] = [
    [
      "a log start beyond the high watermark",
      partitionWith(healthy(), {}, { 3: { log: log("c1", 2), highWatermark: 1 } }),
      /^replica 3 of t-0 has log start 2 and high watermark 1$/,
    ],
    [
      "a log that is empty below its high watermark",
      partitionWith(healthy(), {}, { 2: { log: [], logStart: 1 } }),
      /^replica 2 of t-0 has nothing at offset 1, between log start 1 and high watermark 2$/,
    ],
    [
      "a record that has gone from the middle",
      partitionWith(healthy(), {}, { 2: { log: [...log("a0"), ...log("c1", 2)] } }),
      /nothing at offset 1, between log start 0/,
    ],
  ];
  it.each(violations)("is violated by %s", (_name, view, text) => {
    expect(said(judge(ret1, view))).toEqual([expect.stringMatching(text)]);
  });

  const fine: readonly [string, ClusterView, "holds" | "vacuous"][] = [
    ["a log whose head has gone", cut, "holds"],
    ["a log of which nothing is left", partitionWith(healthy(), {}, { 1: { log: [], logStart: 2 } }), "holds"],
    ["the healthy cluster, in which nothing has gone", healthy(), "vacuous"],
    [
      "an old checkpoint of a dead broker's high watermark",
      partitionWith(cut, {}, { 1: { ...asDead, highWatermark: 0 } }),
      "holds",
    ],
    [
      "a tail beyond the high watermark that is not there",
      partitionWith(cut, {}, { 1: { log: log("b1", 1) } }),
      "holds",
    ],
  ];
  it.each(fine)("is not violated by %s", (_name, view, judgement) => {
    expect(said(judge(ret1, view))).toBe(judgement);
  });

  const back = "the log start of replica 1 of t-0 went from 1 to 0";

  it("is violated by a log start that goes back, of a dead process, too", () => {
    expect(said(judge(ret1, partitionWith(cut, {}, { 1: { log: log("a0 b1 c1") } }), cut))).toEqual([back]);
    const dead = partitionWith(cut, {}, { 1: asDead });
    expect(said(judge(ret1, partitionWith(cut, {}, { 1: { log: log("a0 b1 c1") } }), dead))).toEqual([back]);
    expect(said(judge(ret1, partitionWith(cut, {}, { 1: { log: log("c1", 2) } }), cut))).toBe("holds");
  });

  it("excuses a truncation below the log start only where elections may be unclean", () => {
    const truncated = partitionWith(cut, {}, { 1: { log: [], logStart: 0, highWatermark: 0 } });
    const judged = (config: ClusterView["config"], now: ClusterView) => judge(ret1, { ...now, config }, cut);
    expect(judged(configWith(), truncated)).toEqual([{ text: back, scope: { partition: "t-0" } }]);
    expect(judged(unclean, truncated)).toMatchObject([{ text: back, scope: { excuse: expect.any(String) } }]);
    const kept = partitionWith(cut, {}, { 1: { log: log("a0 b1 c1") } });
    expect(judged(unclean, kept)).toEqual([{ text: back, scope: { partition: "t-0" } }]);
    expect(ret1.promised(unclean, { partition: "t-0" })).toBe(true);
    expect(ret1.promised(unclean, { partition: "t-0", excuse: "…" })).toBe(false);
  });

  it("excuses it after a power loss that nothing protects from, too", () => {
    const truncated = { log: [], logStart: 0, highWatermark: 0 };
    const judgedAt = (uncleanRestarts: number) =>
      judge(
        ret1,
        partitionWith(cut, { disks: { ...wholeDisks, lostRecords: true, uncleanRestarts } }, { 1: truncated }),
        cut,
      );
    expect(judgedAt(2)).toMatchObject([{ text: back, scope: { excuse: expect.stringContaining("power loss") } }]);
    expect(judgedAt(1)).toEqual([{ text: back, scope: { partition: "t-0" } }]);
  });

  it("looks again at what has changed, and at nothing else", () => {
    const broken = violations[0]?.[1] ?? cut;
    expect(said(judge(ret1, { ...broken }, broken))).toBe("vacuous");
    const [partition] = broken.partitions;
    if (partition === undefined) throw new Error("no partition");
    expect(said(judge(ret1, { ...broken, partitions: [{ ...partition, leaderEpoch: 2 }] }, broken))).toBe("vacuous");
    expect(said(judge(ret1, broken, healthy()))).toHaveLength(1);
  });
});
