import { describe, expect, it } from "vitest";
import type { ClusterView } from "../../../spec/cluster-view.ts";
import type { HistoryOperation } from "../../../spec/history/format.ts";
import { alo1 } from "../../../spec/requirements/alo.ts";
import { acknowledged, configWith, delivered, healthy, judge, log, partitionWith, said } from "../cluster-views.ts";

const at = (offset: number) => [{ group: "g", partition: "t-0", offset }];
const twoGroups = configWith({ consumers: { c1: {}, c2: {}, d1: { "group.id": "h" } } });

describe("ALO-1", () => {
  const violations: readonly [string, ClusterView, RegExp][] = [
    [
      "a commit past a record that nobody was given",
      healthy({ delivered: [delivered("a", 0)] }),
      /^group g has committed 2 of t-0 without having been given b of p1 at offset 1$/,
    ],
    ["a commit past the first record", healthy({ delivered: [delivered("b", 1)] }), /a of p1 at offset 0/],
    ["a commit past all", healthy({ delivered: [], acknowledged: [acknowledged("b", 1)] }), /b of p1/],
    [
      "a delivery to another group",
      healthy({ config: twoGroups, delivered: [delivered("a", 0), delivered("b", 1, "d1")] }),
      /b of p1/,
    ],
    [
      "another record delivered at the offset",
      healthy({ delivered: [delivered("a", 0), delivered("x", 1)] }),
      /b of p1/,
    ],
    [
      "the record delivered at another offset",
      healthy({ delivered: [delivered("a", 0), delivered("b", 2)] }),
      /b of p1/,
    ],
    [
      "a delivery of another partition",
      healthy({ delivered: [delivered("a", 0), { ...delivered("b", 1), partition: "t-1" }] }),
      /b of p1/,
    ],
    [
      "a record that the leader has lost as well",
      partitionWith(healthy({ delivered: [delivered("a", 0)] }), {}, { 1: { log: log("a0") } }),
      /b of p1 at offset 1/,
    ],
  ];
  it.each(violations)("is violated by %s", (_name, view, text) => {
    expect(said(judge(alo1, view))).toEqual([expect.stringMatching(text)]);
  });

  const fine: readonly [string, ClusterView, "holds" | "vacuous"][] = [
    ["the healthy cluster", healthy(), "holds"],
    [
      "a commit exactly at the record: the offset is the next one to read",
      healthy({ delivered: [delivered("a", 0)], committed: at(1) }),
      "holds",
    ],
    [
      "a delivery to another member of the group",
      healthy({ config: twoGroups, delivered: [delivered("a", 0, "c2"), delivered("b", 1)] }),
      "holds",
    ],
    ["a record beyond the commit", healthy({ acknowledged: [acknowledged("a", 0), acknowledged("c", 2)] }), "holds"],
    ["nothing committed", healthy({ committed: [], delivered: [] }), "vacuous"],
    ["nothing acknowledged below the commit", healthy({ acknowledged: [acknowledged("c", 2)] }), "vacuous"],
    [
      "a commit of a group without members",
      healthy({ committed: [{ group: "x", partition: "t-0", offset: 2 }], delivered: [] }),
      "vacuous",
    ],
    [
      "a policy that is not earliest",
      healthy({ config: configWith({ consumers: { c1: { "auto.offset.reset": "latest" } } }) }),
      "vacuous",
    ],
  ];
  it.each(fine)("is not violated by %s", (_name, view, judgement) => {
    expect(said(judge(alo1, view))).toBe(judgement);
  });

  it("is promised to the group and the producer that are under the promise, and to no other", () => {
    const config = configWith({
      producers: { p1: {}, p2: { acks: 1 } },
      consumers: { c1: {}, c2: { "auto.offset.reset": "latest" }, d1: { "group.id": "h" } },
    });
    const committed = [...at(2), { group: "h", partition: "t-0", offset: 2 }];
    const records = [acknowledged("a", 0, "p2"), acknowledged("b", 1)];
    const judgement = judge(alo1, healthy({ config, committed, acknowledged: records, delivered: [] }));
    if (typeof judgement === "string") throw new Error(judgement);
    expect(judgement.map(({ scope }) => [scope.consumer, scope.producer, alo1.promised(config, scope)])).toEqual([
      ["d1", "p1", true],
      ["c1", "p2", false],
      ["c1", "p1", false],
      ["d1", "p2", false],
    ]);
  });

  it("finds a record of acks=0 in the leader's log", () => {
    const config = configWith({ producers: { p1: { acks: 0 } } });
    const view = healthy({ config, acknowledged: [acknowledged("b", null)], delivered: [] });
    expect(said(judge(alo1, view))).toEqual([expect.stringMatching(/b of p1 at offset 1/)]);
    expect(said(judge(alo1, { ...view, committed: at(1) }))).toBe("vacuous");
    expect(said(judge(alo1, { ...view, delivered: [delivered("b", 1)] }))).toBe("vacuous");
    expect(said(judge(alo1, partitionWith(view, {}, { 1: { log: log("a0") } })))).toBe("vacuous");
  });

  it("excuses what the application has passed over itself, as far as it did", () => {
    const passed = (from: number, to: number, consumer = "c1") =>
      judge(
        alo1,
        healthy({
          config: twoGroups,
          delivered: [delivered("a", 0)],
          passedOver: [{ consumer, partition: "t-0", from, to }],
        }),
      );
    expect(passed(1, 2)).toMatchObject([{ scope: { excuse: expect.any(String) } }]);
    expect(passed(0, 9, "c2")).toMatchObject([{ scope: { excuse: expect.any(String) } }]);
    for (const judgement of [passed(0, 1), passed(2, 3), passed(1, 2, "d1")]) {
      if (typeof judgement === "string") throw new Error(judgement);
      expect(judgement.map(({ scope }) => scope.excuse)).toEqual([undefined]);
    }
  });

  it("excuses what has gone from the head of some log before it was read, and nothing above", () => {
    const unread = healthy({ delivered: [] });
    const excuses = (view: ClusterView) => {
      const judgement = judge(alo1, view);
      return typeof judgement === "string" ? judgement : judgement.map(({ scope }) => scope.excuse !== undefined);
    };
    expect(excuses(unread)).toEqual([false, false]);
    expect(excuses(partitionWith(unread, {}, { 2: { log: log("b1 c1", 1) } }))).toEqual([false, true]);
    expect(excuses(partitionWith(unread, {}, { 1: { log: log("c1", 2) } }))).toEqual([true, true]);
  });

  it("looks again only when something can have become worse", () => {
    const before = healthy({ delivered: [] });
    expect(said(judge(alo1, { ...before }, before))).toBe("vacuous");
    expect(said(judge(alo1, { ...before, committed: at(1) }, before))).toHaveLength(1);
    expect(said(judge(alo1, partitionWith(before, {}), before))).toBe("vacuous");
    const unseen = partitionWith({ ...before, acknowledged: [acknowledged("b", null)] }, {}, { 1: { log: log("a0") } });
    expect(said(judge(alo1, partitionWith(unseen, {}, { 1: { log: log("a0 b1") } }), unseen))).toHaveLength(1);
  });
});

describe("ALO-1 on a history", () => {
  let index = 0;
  const call = (process: string, f: string, asked: unknown, answer: unknown = asked) =>
    (["invoke", "ok"] as const).map(
      (type) =>
        ({
          index: index++,
          time_ns: index,
          process,
          type,
          f,
          value: type === "invoke" ? asked : answer,
        }) as HistoryOperation,
    );
  const send = () => call("p1", "send", [{ key: "t-0", value: "a" }], [{ key: "t-0", value: "a", offset: 0 }]);
  /** The client commits its positions; the application names the offset. */
  const commits = (offset: number, named: boolean, client = "c1") => {
    const value = { group: "g", offsets: { "t-0": offset } };
    return call(client, "commit", named ? value : { group: "g", offsets: {} }, value);
  };
  const commit = (offset: number) => commits(offset, false);
  const config = configWith();

  it("finds a commit past an undelivered record, with group and producer", () => {
    index = 0;
    const history = [...send(), ...commit(1)];
    expect(alo1.judge?.(history, config)).toMatchObject([
      { scope: { producer: "p1", consumer: "c1", partition: "t-0" } },
    ]);
  });

  it("excuses it after a seek of the group beyond the record", () => {
    index = 0;
    const sought = [...send(), ...call("c1", "seek", { "t-0": 1 }), ...commit(1)];
    expect(alo1.judge?.(sought, config)).toMatchObject([{ scope: { excuse: expect.any(String) } }]);
    index = 0;
    const before = [...send(), ...call("c1", "seek", { "t-0": 0 }), ...commit(1)];
    index = 0;
    const failed = [...send(), ...call("c1", "seek", { "t-0": 1 }), ...commit(1)].map((one) =>
      one.f === "seek" && one.type === "ok" ? { ...one, type: "fail" } : one,
    );
    for (const history of [before, failed]) {
      const judgement = alo1.judge?.(history as HistoryOperation[], config);
      expect(Array.isArray(judgement) && judgement[0]?.scope.excuse).toBe(undefined);
    }
  });

  const excuseOf = (...history: readonly HistoryOperation[][]) => {
    const judgement = alo1.judge?.(history.flat(), config);
    return typeof judgement === "object" ? judgement.map(({ scope }) => scope.excuse) : judgement;
  };
  const sendAll = (...values: readonly string[]) => {
    const asked = values.map((value) => ({ key: "t-0", value }));
    return call(
      "p1",
      "send",
      asked,
      asked.map((one, offset) => ({ ...one, offset })),
    );
  };
  const polls = (client: string, ...records: readonly (readonly [number, string])[]) =>
    call(client, "poll", {}, { "t-0": records });

  it("excuses it where the application has named an offset beyond what its polls had given it", () => {
    const byName = [expect.stringContaining("by an offset that it named")];
    index = 0;
    expect(excuseOf(send(), commits(1, true))).toEqual(byName);
    index = 0;
    expect(excuseOf(sendAll("a", "b"), polls("c1", [0, "a"]), commits(2, true))).toEqual(byName);
    index = 0;
    expect(excuseOf(sendAll("a", "b"), polls("c1", [0, "a"]), commits(2, false))).toEqual([undefined]);
    // What others were given, and what is given later, is not what it has processed.
    index = 0;
    expect(excuseOf(sendAll("a", "b", "c"), polls("x", [2, "c"]), commits(2, true), polls("c1", [2, "c"]))).toEqual([
      ...byName,
      ...byName,
    ]);
  });

  it("does not excuse a record that was skipped below what was delivered", () => {
    index = 0;
    expect(excuseOf(sendAll("a", "b", "c"), polls("c1", [0, "a"], [2, "c"]), commits(3, true))).toEqual([undefined]);
  });

  it("excuses it by an invocation alone, where its end is not known", () => {
    index = 0;
    const [asked] = commits(1, true);
    expect(excuseOf(send(), asked === undefined ? [] : [asked])).toEqual([expect.any(String)]);
  });

  it("does not excuse it after a seek of another group, nor of another partition", () => {
    const groups = configWith({ consumers: { c1: {}, c2: { "group.id": "h" } } });
    for (const [client, key] of [
      ["c2", "t-0"],
      ["c1", "t-1"],
    ] as const) {
      index = 0;
      const history = [...send(), ...call(client, "seek", { [key]: 5 }), ...commits(1, false)];
      const judgement = alo1.judge?.(history, groups);
      expect(Array.isArray(judgement) && judgement.map(({ scope }) => scope.excuse)).toEqual([undefined]);
    }
  });

  it("holds after a delivery, is open before, and vacuous without a group that consumes", () => {
    index = 0;
    expect(alo1.judge?.([...send(), ...call("c1", "poll", {}, { "t-0": [[0, "a"]] }), ...commit(1)], config)).toBe(
      "holds",
    );
    index = 0;
    expect(alo1.judge?.([...send(), ...call("c1", "assign", { group: "g", keys: ["t-0"] })], config)).toBe("pending");
    expect(alo1.judge?.([], config)).toBe("vacuous");
  });
});
