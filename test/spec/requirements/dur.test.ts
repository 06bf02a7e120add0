import { describe, expect, it } from "vitest";
import type { ClusterView } from "../../../spec/cluster-view.ts";
import type { HistoryOperation } from "../../../spec/history/format.ts";
import { dur1, dur2 } from "../../../spec/requirements/dur.ts";
import {
  acknowledged,
  asDead,
  changed,
  configWith,
  delivered,
  failedOver,
  healthy,
  judge,
  log,
  partitionWith,
  said,
} from "../cluster-views.ts";

const producers = { p1: {}, p2: { acks: 1 }, p3: { acks: 0 } } as const;
const threeProducers = configWith({ producers });
const leaderless = { leader: null, leaderEpoch: 2 };
const allDead = { 1: asDead, 2: asDead, 3: asDead };

/** The last ISR member, broker 1, is dead. */
function offline(change: Partial<ClusterView["partitions"][number]>, logs: Record<number, string> = {}): ClusterView {
  const view = partitionWith(healthy(), { ...leaderless, isr: [1], ...change }, allDead);
  const replicas = Object.fromEntries(Object.entries(logs).map(([broker, text]) => [broker, { log: log(text) }]));
  return partitionWith(view, {}, replicas);
}

describe("DUR-1", () => {
  const lost: readonly [string, ClusterView, RegExp][] = [
    [
      "a new leader without the record",
      failedOver({ 2: { log: log("a0") } }),
      /^b of p1, acknowledged at offset 1: leader 2 of t-0 in epoch 2 has nothing: its log ends at 1$/,
    ],
    [
      "a new leader with another record there",
      failedOver({ 2: { log: log("a0 x2") } }),
      /offset 1: leader 2 .* has x \(epoch 2\)/,
    ],
    ["the leader itself, which has lost it", partitionWith(healthy(), {}, { 1: { log: log("a0") } }), /b of p1/],
    ["the value at another offset", failedOver({ 2: { log: log("a0 x2 b2") } }), /b of p1/],
    [
      "no leader, and the last ISR member without it",
      offline({}, { 1: "a0" }),
      /b of p1.*no leader, and nobody who may become one has it \(1\)/,
    ],
    ["no leader, and an ELR without it", offline({ isr: [], elr: [2] }, { 2: "a0" }), /\(2\)/],
    [
      "no leader, ISR and ELR empty, nobody with it",
      offline({ isr: [] }, { 1: "a0", 2: "a0", 3: "a0" }),
      /\(1, 2, 3\)/,
    ],
    [
      "acks=0 nowhere in the leader's log",
      { ...failedOver(), config: threeProducers, acknowledged: [acknowledged("z", null, "p3")] },
      /^z of p3, sent with acks=0: leader 2 .* has it nowhere/,
    ],
    [
      "acks=1 on the deposed leader alone",
      {
        ...failedOver({ 1: { log: log("a0 b1 c1 d1") } }),
        config: threeProducers,
        acknowledged: [acknowledged("d", 3, "p2")],
      },
      /^d of p2/,
    ],
  ];
  it.each(lost)("is violated by %s", (_name, view, text) => {
    const texts = said(judge(dur1, view));
    expect(texts).toHaveLength(1);
    expect(texts[0]).toMatch(text);
  });

  const kept: readonly [string, ClusterView, "holds" | "vacuous"][] = [
    ["the healthy cluster", healthy(), "holds"],
    ["a complete new leader", failedOver(), "holds"],
    ["a follower, not the leader, that lacks it", failedOver({ 3: { log: log("") } }), "holds"],
    ["a leader that has yet to take office", failedOver({ 2: { log: log("a0"), role: "follower" } }), "vacuous"],
    ["a leader still in its old epoch", failedOver({ 2: { log: log("a0"), leaderEpoch: 1 } }), "vacuous"],
    ["a leader that lies dead", partitionWith(healthy(), {}, { 1: { ...asDead, log: log("a0") } }), "vacuous"],
    ["no leader, and a dead ISR member with it", offline({}, { 2: "a0", 3: "a0" }), "holds"],
    ["no leader, and an ELR member with it", offline({ isr: [], elr: [3] }, { 1: "a0", 2: "a0" }), "holds"],
    ["no leader, one of two ISR members with it", offline({ isr: [1, 2] }, { 1: "a0" }), "holds"],
    ["no leader, no candidates, and anyone with it", offline({ isr: [] }, { 1: "a0", 2: "a0" }), "holds"],
    ["retention that has taken it", failedOver({ 2: { log: log("c1", 2), highWatermark: 2 } }), "holds"],
    [
      "retention at another replica, and another record there at the leader",
      failedOver({ 1: { log: log("c1", 2) }, 2: { log: log("a0 x0 c1") } }),
      "holds",
    ],
    [
      "a log with a gap (which LOG-1 tells) that has it all the same",
      partitionWith(healthy(), {}, { 1: { log: [...log("a0"), ...log("c1", 5), ...log("b1", 1)] } }),
      "holds",
    ],
    ["nothing acknowledged", healthy({ acknowledged: [] }), "vacuous"],
  ];
  it.each(kept)("is not violated by %s", (_name, view, judgement) => {
    expect(said(judge(dur1, view))).toBe(judgement);
  });

  it("takes an unclean election into account: an outsider with the record may still become leader", () => {
    const unclean = configWith({ topics: { t: { "unclean.leader.election.enable": true } } });
    expect(said(judge(dur1, { ...offline({}, { 1: "a0" }), config: unclean }))).toBe("vacuous");
    expect(said(judge(dur1, { ...offline({}, { 1: "a0", 2: "a0", 3: "a0" }), config: unclean }))).toHaveLength(1);
  });

  it("waits for a record of acks=0 that is still travelling, to this partition", () => {
    const view = { ...failedOver(), config: threeProducers, acknowledged: [acknowledged("z", null, "p3")] };
    expect(said(judge(dur1, { ...view, travelling: [{ partition: "t-0", value: "z" }] }))).toBe("vacuous");
    expect(said(judge(dur1, { ...view, travelling: [{ partition: "t-1", value: "z" }] }))).toHaveLength(1);
    const written = partitionWith(view, {}, { 2: { log: log("a0 b1 z2") } });
    expect(said(judge(dur1, written))).toBe("vacuous");
    const letGo = partitionWith(view, {}, { 2: { log: log("b1", 1) } });
    expect(said(judge(dur1, letGo))).toBe("vacuous");
  });

  it("names the loss that is promised not to happen first", () => {
    const records = [acknowledged("y", 5, "p2"), acknowledged("z", null, "p3"), acknowledged("x", 4, "p1")];
    const judgement = judge(dur1, healthy({ config: threeProducers, acknowledged: records }));
    expect(said(judgement)).toEqual([
      expect.stringMatching(/^x/),
      expect.stringMatching(/^y/),
      expect.stringMatching(/^z/),
    ]);
    if (typeof judgement === "string") throw new Error(judgement);
    expect(judgement.map(({ scope }) => dur1.promised(threeProducers, scope))).toEqual([true, false, false]);
    expect(judgement[1]?.scope).toEqual({ producer: "p2", partition: "t-0" });
  });

  it("counts only records under the promise as its premise", () => {
    const records = [acknowledged("a", 0, "p2"), acknowledged("b", null, "p3")];
    expect(said(judge(dur1, healthy({ config: threeProducers, acknowledged: records })))).toBe("vacuous");
  });

  it("looks again at what has changed, and at nothing else", () => {
    const before = healthy();
    const broken = partitionWith(before, {}, { 1: { log: log("a0") } });
    expect(said(judge(dur1, { ...before }, before))).toBe("vacuous");
    expect(said(judge(dur1, broken, before))).toHaveLength(1);
    expect(said(judge(dur1, { ...before, acknowledged: [acknowledged("z", 1)] }, before))).toHaveLength(1);
    const sent = { ...before, acknowledged: [acknowledged("z", null)], travelling: [{ partition: "t-0", value: "z" }] };
    expect(said(judge(dur1, { ...sent, travelling: [] }, sent))).toHaveLength(1);
  });

  it("judges each record by its own partition", () => {
    const config = configWith({ topics: { t: { partitions: 2 } } });
    const [partition] = healthy().partitions;
    if (partition === undefined) throw new Error("no partition");
    const empty = {
      ...partition,
      partition: "t-1",
      replicas: partition.replicas.map((one) => changed(one, { log: [] })),
    };
    const view = healthy({ config, partitions: [partition, empty] });
    expect(said(judge(dur1, view))).toBe("holds");
    expect(said(judge(dur1, { ...view, acknowledged: [{ ...acknowledged("a", 0), partition: "t-1" }] }))).toHaveLength(
      1,
    );
  });
});

describe("DUR-1 on a history", () => {
  const operation = (
    index: number,
    process: string,
    type: "invoke" | "ok",
    f: "send" | "poll",
    value: unknown,
    rest = {},
  ) => ({ index, time_ns: index, process, type, f, value, ...rest }) as HistoryOperation;
  const sent = (process: string) => [
    operation(0, process, "invoke", "send", [{ key: "t-0", value: "a" }]),
    operation(1, process, "ok", "send", [{ key: "t-0", value: "a", offset: 0 }]),
  ];
  const read = (records: readonly unknown[]) => [
    operation(2, "f", "invoke", "poll", {}, { final: true }),
    operation(3, "f", "ok", "poll", { "t-0": records }, { final: true }),
    operation(4, "f", "invoke", "poll", {}, { final: true }),
    operation(5, "f", "ok", "poll", { "t-0": [] }, { final: true }),
  ];

  it("finds a loss, with the producer whose record it was", () => {
    const both = [
      { key: "t-0", value: "z", offset: 0 },
      { key: "t-0", value: "a", offset: 1 },
    ];
    const pair = sent("p2").map((one) => ({ ...one, value: both })) as HistoryOperation[];
    expect(dur1.judge?.([...pair, ...read([[0, "z"]])], threeProducers)).toMatchObject([{ scope: { producer: "p2" } }]);
    expect(dur1.judge?.([...sent("p2/1"), ...read([])], threeProducers)).toMatchObject([
      { scope: { producer: "p2", partition: "t-0" } },
    ]);
  });

  const polled = (index: number, process: string, ...records: readonly (readonly [number, string])[]) => [
    operation(index, process, "invoke", "poll", {}),
    operation(index + 1, process, "ok", "poll", { "t-0": records }),
  ];
  const three = [
    { key: "t-0", value: "z", offset: 0 },
    { key: "t-0", value: "a", offset: 1 },
    { key: "t-0", value: "y", offset: 2 },
  ];
  const sentThree = sent("p1").map((one) => ({ ...one, value: three })) as HistoryOperation[];

  it("accuses nobody because of a reader that began behind the record", () => {
    expect(dur1.judge?.([...sentThree, ...polled(2, "c1", [2, "y"])], threeProducers)).toBe("pending");
    const seek = [operation(4, "c1", "invoke", "poll", {}), operation(5, "c1", "ok", "poll", { "t-0": [] })].map(
      (one) => ({ ...one, f: "seek", value: { "t-0": 2 } }),
    ) as HistoryOperation[];
    const sought = [...sentThree, ...polled(2, "c1", [0, "z"]), ...seek, ...polled(6, "c1", [2, "y"])];
    expect(dur1.judge?.(sought, threeProducers)).toBe("pending");
    const others = [...sentThree, ...polled(2, "c1", [0, "z"]), ...polled(4, "c2", [2, "y"])];
    expect(dur1.judge?.(others, threeProducers)).toBe("pending");
  });

  it("finds a loss that a reader has passed over, without a final read", () => {
    const passed = [...sentThree, ...polled(2, "c1", [0, "z"]), ...polled(4, "c1", [2, "y"])];
    expect(dur1.judge?.(passed, threeProducers)).toMatchObject([{ scope: { producer: "p1" } }]);
    const atOnce = [...sentThree, ...polled(2, "c1", [0, "z"], [2, "y"])];
    expect(dur1.judge?.(atOnce, threeProducers)).toMatchObject([{ scope: { producer: "p1" } }]);
  });

  it("goes on with a reader over its commits, and over what others do", () => {
    const commit = (index: number) =>
      [operation(index, "c1", "invoke", "poll", {}), operation(index + 1, "c1", "ok", "poll", {})].map((one) => ({
        ...one,
        f: "commit",
        value: { group: "g", offsets: { "t-0": 1 } },
      })) as HistoryOperation[];
    const passed = [...sentThree, ...polled(2, "c1", [0, "z"]), ...commit(4), ...polled(6, "c1", [2, "y"])];
    expect(dur1.judge?.(passed, threeProducers)).toMatchObject([{ scope: { producer: "p1" } }]);
  });

  it("holds, is open without a final read, and is vacuous where nothing promised was acknowledged", () => {
    expect(dur1.judge?.([...sent("p1"), ...read([[0, "a"]])], threeProducers)).toBe("holds");
    expect(dur1.judge?.(sent("p1"), threeProducers)).toBe("pending");
    expect(dur1.judge?.([...sent("p2"), ...read([[0, "a"]])], threeProducers)).toBe("vacuous");
    const unanswered = sent("p1")
      .slice(0, 1)
      .map((one) => ({ ...one, value: [{ key: "t-0", value: "b" }] }));
    expect(
      dur1.judge?.([...unanswered, ...sent("p2"), ...read([[0, "a"]])] as HistoryOperation[], threeProducers),
    ).toBe("vacuous");
    const unpromised = configWith({ producers: { p2: { acks: 1 } } });
    expect(dur1.judge?.([...sent("p2"), ...read([[0, "a"]])], unpromised)).toBe("holds");
    expect(dur1.judge?.([], unpromised)).toBe("vacuous");
  });
});

describe("DUR-2", () => {
  const lost: readonly [string, ClusterView, RegExp][] = [
    [
      "a new leader without what was read",
      failedOver({ 2: { log: log("a0") } }),
      /^b, given to c1 at offset 1: leader 2/,
    ],
    ["a new leader with another record there", failedOver({ 2: { log: log("a0 x2 c1") } }), /has x \(epoch 2\)/],
    ["a record that never stood anywhere", healthy({ delivered: [delivered("z", 0)] }), /^z, given to c1 at offset 0/],
    ["no leader, and the last ISR member without it", offline({}, { 1: "a0" }), /no leader/],
  ];
  it.each(lost)("is violated by %s", (_name, view, text) => {
    const texts = said(judge(dur2, view));
    expect(texts).toHaveLength(1);
    expect(texts[0]).toMatch(text);
  });

  const kept: readonly [string, ClusterView, "holds" | "vacuous"][] = [
    ["the healthy cluster", healthy(), "holds"],
    ["a lost record that nobody has read", failedOver({ 2: { log: log("a0 b1") } }), "holds"],
    ["a leader that has yet to take office", failedOver({ 2: { log: log("a0"), role: "follower" } }), "vacuous"],
    ["retention that has taken it", failedOver({ 2: { log: log("c1", 2), highWatermark: 2 } }), "holds"],
    [
      "retention at another replica, and another record there at the leader",
      failedOver({ 1: { log: log("c1", 2) }, 2: { log: log("a0 x0 c1") } }),
      "holds",
    ],
    ["no leader, one of two ISR members with it", offline({ isr: [1, 2] }, { 1: "a0" }), "holds"],
    ["nothing delivered", healthy({ delivered: [] }), "vacuous"],
    ["a cluster in which it is not promised", healthy({ config: configWith({ profile: "pre-3.7" }) }), "vacuous"],
  ];
  it.each(kept)("is not violated by %s", (_name, view, judgement) => {
    expect(said(judge(dur2, view))).toBe(judgement);
  });

  it("looks again at what has changed", () => {
    const before = healthy();
    expect(said(judge(dur2, { ...before }, before))).toBe("vacuous");
    expect(said(judge(dur2, { ...before, delivered: [delivered("z", 0)] }, before))).toHaveLength(1);
    expect(said(judge(dur2, partitionWith(before, {}, { 1: { log: [] } }), before))).toHaveLength(2);
  });
});
