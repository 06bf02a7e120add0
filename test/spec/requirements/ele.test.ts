import { describe, expect, it } from "vitest";
import type { ClusterView, Observation } from "../../../spec/cluster-view.ts";
import { ele1, ele2 } from "../../../spec/requirements/ele.ts";
import {
  acknowledged,
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

const elected = (leader: number, leaderEpoch: number): Observation => {
  return { kind: "elected", partition: "t-0", leader, leaderEpoch, unclean: false };
};
const before = healthy();

describe("ELE-1", () => {
  const rival = { ...asLeader, leaderEpoch: 1 };
  const violations: readonly [string, ClusterView, ClusterView | null, RegExp][] = [
    [
      "two leaders in one epoch",
      partitionWith(before, {}, { 2: rival }),
      null,
      /^brokers 1 and 2 both lead t-0 in epoch 1$/,
    ],
    [
      "two deposed leaders in one epoch",
      partitionWith(failedOver(), {}, { 1: { ...rival, alive: true }, 3: rival }),
      null,
      /brokers 1 and 3 both lead t-0 in epoch 1/,
    ],
    [
      "a leader whom the controller has not elected",
      partitionWith(before, { leader: 2 }),
      null,
      /broker 1 leads t-0 in epoch 1, in which the controller has 2 leader/,
    ],
    [
      "a leader where the controller has none",
      partitionWith(before, { leader: null }),
      null,
      /the controller has no leader/,
    ],
    [
      "a replica in an epoch of the future",
      partitionWith(before, {}, { 3: { leaderEpoch: 2 } }),
      null,
      /replica 3 of t-0 is in epoch 2, the controller in epoch 1/,
    ],
    [
      "a controller that goes back",
      partitionWith(
        before,
        { leaderEpoch: 0 },
        { 1: { leaderEpoch: 0 }, 2: { leaderEpoch: 0 }, 3: { leaderEpoch: 0 } },
      ),
      before,
      /the controller is in epoch 0 of t-0 after epoch 1/,
    ],
    [
      "a new leader in the old epoch",
      partitionWith(before, { leader: 2 }, { 1: asDead }),
      before,
      /the leader of t-0 went from 1 to 2, the epoch from 1 to 1/,
    ],
    [
      "an election without a new epoch",
      observing(before, elected(1, 1)),
      before,
      /broker 1 was elected leader of t-0 in epoch 1 after epoch 1/,
    ],
    [
      "two elections in one epoch",
      observing(failedOver(), elected(2, 2), elected(3, 2)),
      before,
      /broker 3 was elected leader of t-0 in epoch 2 after epoch 2/,
    ],
    [
      "an election in an epoch beyond the controller's",
      observing(failedOver(), elected(2, 3)),
      before,
      /in epoch 2 of t-0 after epoch 3/,
    ],
    [
      "a replica that goes back to an older epoch",
      partitionWith(before, {}, { 2: { leaderEpoch: 0 } }),
      before,
      /replica 2 of t-0 went from epoch 1 to 0/,
    ],
  ];
  it.each(violations)("is violated by %s", (_name, view, earlier, text) => {
    const texts = said(judge(ele1, view, earlier));
    expect(texts).not.toBe("holds");
    expect(texts).toContainEqual(expect.stringMatching(text));
  });

  const fine: readonly [string, ClusterView, ClusterView | null, "holds" | "vacuous"][] = [
    ["the healthy cluster", before, null, "holds"],
    ["an election", observing(failedOver(), elected(2, 2)), before, "holds"],
    [
      "two elections in one step",
      observing(
        partitionWith(failedOver(), { leaderEpoch: 3 }, { 2: { leaderEpoch: 3 } }),
        elected(3, 2),
        elected(2, 3),
      ),
      before,
      "holds",
    ],
    ["a deposed leader in its own epoch", failedOver({ 1: { ...asLeader, alive: true } }), before, "holds"],
    [
      "a leader that has yet to hear of its election",
      partitionWith(before, { leader: 2, leaderEpoch: 2 }),
      before,
      "holds",
    ],
    [
      "the loss of a leader, without a new epoch",
      partitionWith(before, { leader: null }, { 1: asDead }),
      before,
      "vacuous",
    ],
    ["a restart, which forgets the epoch", partitionWith(before, {}, { 3: { leaderEpoch: -1 } }), before, "holds"],
    [
      "a replica that was dead",
      partitionWith(before, {}, { 3: { leaderEpoch: 0 } }),
      partitionWith(before, {}, { 3: asDead }),
      "holds",
    ],
    ["an unchanged partition", { ...before }, before, "vacuous"],
  ];
  it.each(fine)("is not violated by %s", (_name, view, earlier, judgement) => {
    expect(said(judge(ele1, view, earlier))).toBe(judgement);
  });
});

describe("ELE-2", () => {
  const electing = (broker: number) => observing(failedOver(), elected(broker, 2));
  const short = (text: string, highWatermark = 0) =>
    partitionWith(before, {}, { 2: { log: log(text), highWatermark } });
  const onlyAcknowledged = (view: ClusterView) =>
    partitionWith(view, {}, { 1: { highWatermark: 0 }, 2: { highWatermark: 0 }, 3: { highWatermark: 0 } });

  const violations: readonly [string, ClusterView, RegExp][] = [
    [
      "an elected one behind the leader's high watermark",
      short("a0"),
      /^broker 2, elected leader of t-0 in epoch 2, has at offset 1 nothing: its log ends at 1; replica 1 has b \(epoch 1\) below its high watermark 2$/,
    ],
    ["one with another record", short("x0 b1"), /offset 0 x/],
    ["one with the record of another epoch", short("a0 b0"), /offset 1 b \(epoch 0\)/],
    [
      "one behind a follower's high watermark only",
      partitionWith(onlyAcknowledged(short("a0")), {}, { 3: { highWatermark: 2 } }),
      /replica 3 has b/,
    ],
    [
      "one behind a dead replica's high watermark only",
      partitionWith(onlyAcknowledged(short("a0")), {}, { 1: { ...asDead, highWatermark: 2 } }),
      /replica 1 has b/,
    ],
    ["one without what acks=all acknowledged", onlyAcknowledged(short("a0")), /b was acknowledged to p1/],
    ["one with nothing", short(""), /offset 0 nothing/],
  ];
  it.each(violations)("is violated by %s", (_name, earlier, text) => {
    expect(said(judge(ele2, electing(2), earlier))).toEqual([expect.stringMatching(text)]);
  });

  it("is violated by the election of one that has no replica", () => {
    expect(said(judge(ele2, electing(4), before))).toEqual([expect.stringMatching(/broker 4, .* has no replica/)]);
  });

  const fine: readonly [string, ClusterView, ClusterView | null, "holds" | "vacuous"][] = [
    ["a complete one", electing(2), before, "holds"],
    ["one without what is not committed", electing(3), before, "holds"],
    [
      "one that lacks it after the step only",
      observing(failedOver({ 2: { log: log("a0") } }), elected(2, 2)),
      before,
      "holds",
    ],
    ["no election", failedOver({ 2: { log: log("a0") } }), short("a0"), "vacuous"],
    [
      "an election of another partition",
      observing(failedOver(), { ...elected(2, 2), partition: "t-1" } as Observation),
      short("a0"),
      "vacuous",
    ],
    [
      "what acks=1 acknowledged alone",
      { ...electing(2), config: configWith() },
      { ...onlyAcknowledged(short("a0")), config: configWith({ producers: { p1: { acks: 1 } } }) },
      "vacuous",
    ],
    [
      "a first election, with nothing committed",
      electing(2),
      { ...onlyAcknowledged(before), acknowledged: [] },
      "vacuous",
    ],
    ["the first state", electing(2), null, "vacuous"],
    ["a partition that is new", electing(2), { ...short("a0"), partitions: [] }, "vacuous"],
    ["retention", electing(2), partitionWith(before, {}, { 2: { log: log("c1", 2) } }), "holds"],
  ];
  it.each(fine)("is not violated by %s", (_name, view, earlier, judgement) => {
    expect(said(judge(ele2, view, earlier))).toBe(judgement);
  });

  it("asks for what was acknowledged before the step, by any producer with acks=all", () => {
    const config = configWith({ producers: { p1: { acks: 1 }, p2: {} } });
    const earlier = { ...onlyAcknowledged(short("a0")), config, acknowledged: [acknowledged("b", 1, "p2")] };
    expect(said(judge(ele2, electing(2), earlier))).toEqual([expect.stringMatching(/b was acknowledged to p2/)]);
  });
});
