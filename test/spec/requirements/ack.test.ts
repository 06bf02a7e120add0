import { describe, expect, it } from "vitest";
import type { ClusterView, Observation } from "../../../spec/cluster-view.ts";
import { ack1 } from "../../../spec/requirements/ack.ts";
import { asDead, configWith, healthy, judge, log, observing, partitionWith, said } from "../cluster-views.ts";

function answered(values: readonly string[], baseOffset: number, acks: 0 | 1 | -1 = -1): Observation {
  return { kind: "answered", broker: 1, partition: "t-0", leaderEpoch: 1, acks, baseOffset, values };
}
const at = (view: ClusterView, ...observed: readonly Observation[]) => observing(view, ...observed);
const minIsr = (size: number) => configWith({ topics: { t: { "min.insync.replicas": size } } });
/** Only the leader has c, which its high watermark covers. */
const alone = partitionWith(healthy(), {}, { 1: { highWatermark: 3 }, 2: { log: log("a0 b1") } });

describe("ACK-1", () => {
  const violations: readonly [string, ClusterView, RegExp][] = [
    [
      "an answer before the high watermark is past the record",
      at(healthy(), answered(["c"], 2)),
      /^broker 1 answered for the offsets 2 to 2 of t-0 with high watermark 2$/,
    ],
    ["one of whose records the last is not covered", at(healthy(), answered(["b", "c"], 1)), /the offsets 1 to 2/],
    [
      "too few copies",
      at(alone, answered(["c"], 2)),
      /^broker 1 answered for c of t-0, which stands on 1 only; min ISR is 2$/,
    ],
    [
      "copies of one record of the batch only",
      at(alone, answered(["b", "c"], 1)),
      /for b, c of t-0, which stands on 1 only/,
    ],
    ["no copy at all: another record stands there", at(healthy(), answered(["x"], 1)), /which stands nowhere/],
    [
      "a copy too few for min ISR 3",
      at({ ...partitionWith(healthy(), {}, { 3: { log: log("a0") } }), config: minIsr(3) }, answered(["b"], 1)),
      /on 1, 2 only; min ISR is 3/,
    ],
    [
      "the leader alone without a copy",
      at(partitionWith(healthy(), {}, { 1: { log: log("a0") }, 3: { log: log("a0") } }), answered(["b"], 1)),
      /on 2 only/,
    ],
  ];
  it.each(violations)("is violated by %s", (_name, view, text) => {
    expect(said(judge(ack1, view))).toEqual([expect.stringMatching(text)]);
  });

  const fine: readonly [string, ClusterView, "holds" | "vacuous"][] = [
    ["an answer for what is committed", at(healthy(), answered(["a", "b"], 0)), "holds"],
    [
      "a copy on the disk of a dead member",
      at(partitionWith(healthy(), {}, { 2: asDead, 3: { log: log("a0") } }), answered(["b"], 1)),
      "holds",
    ],
    ["copies outside the ISR", at(partitionWith(healthy(), { isr: [1] }), answered(["b"], 1)), "holds"],
    ["the leader's copy alone at min ISR 1", at({ ...alone, config: minIsr(1) }, answered(["c"], 2)), "holds"],
    [
      "min ISR beyond the number of replicas, which caps it",
      at({ ...healthy(), config: minIsr(9) }, answered(["b"], 1)),
      "holds",
    ],
    ["acks=1", at(alone, answered(["c"], 2, 1)), "vacuous"],
    ["acks=0", at(alone, answered(["c"], 2, 0)), "vacuous"],
    ["no answer", healthy(), "vacuous"],
    [
      "an answer of a broker that holds no replica",
      at(healthy(), { ...answered(["c"], 2), broker: 4 } as Observation),
      "vacuous",
    ],
  ];
  it.each(fine)("is not violated by %s", (_name, view, judgement) => {
    expect(said(judge(ack1, view))).toBe(judgement);
  });

  it("excuses missing copies, and only them, where a follower may truncate what it had fetched", () => {
    const config = configWith({ topics: { t: { "unclean.leader.election.enable": true } } });
    expect(judge(ack1, at({ ...alone, config }, answered(["c"], 2)))).toMatchObject([
      { scope: { excuse: expect.any(String) } },
    ]);
    expect(judge(ack1, at({ ...healthy(), config }, answered(["c"], 2)))).toEqual([
      { text: expect.any(String), scope: { partition: "t-0" } },
    ]);
    expect(ack1.promised(config, { partition: "t-0", excuse: "…" })).toBe(false);
  });
});
