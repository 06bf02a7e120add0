import { describe, expect, it } from "vitest";
import type { ClusterView, Observation } from "../../../spec/cluster-view.ts";
import type { HistoryOperation } from "../../../spec/history/format.ts";
import { con1, con2, con3 } from "../../../spec/requirements/con.ts";
import { configWith, healthy, log, partitionWith, said, watched } from "../cluster-views.ts";

const config = configWith({ consumers: { c1: {}, c2: {}, n1: { "group.id": null } } });
type Cause = Extract<Observation, { kind: "positioned" }>["cause"];

const positioned = (
  offset: number,
  cause: Cause = "seek",
  committed: number | null = null,
  consumer = "c1",
): Observation => {
  return { kind: "positioned", consumer, partition: "t-0", offset, cause, committed };
};
const given = (offset: number, consumer = "c1", partition = "t-0"): Observation => {
  return { kind: "delivered", consumer, partition, offset, value: `v${offset}` };
};
const commits = (offset: number): Observation => ({ kind: "committed", group: "g", partition: "t-0", offset });
const crashed = (client = "c1"): Observation => ({ kind: "crashed", client });

/** The last judgement of a run of steps; `committed` is what the coordinator has after each. */
function last(
  requirement: typeof con1,
  steps: readonly (readonly Observation[])[],
  first: number | null = null,
): string | readonly string[] {
  let committed = first;
  const views = steps.map((observed): ClusterView => {
    for (const one of observed) if (one.kind === "committed") committed = one.offset;
    const known = committed === null ? [] : [{ group: "g", partition: "t-0", offset: committed }];
    return healthy({ config, observed, committed: known });
  });
  const judgements = watched(requirement, views);
  expect(judgements.slice(0, -1).every((one) => typeof one === "string")).toBe(true);
  return said(judgements.at(-1) ?? "vacuous");
}

describe("CON-1", () => {
  it.each<[string, readonly (readonly Observation[])[], RegExp]>([
    ["a skip", [[positioned(0), given(0)], [given(2)]], /^c1 was given v2 at offset 2 of t-0 at position 1$/],
    ["a repetition", [[positioned(0), given(0)], [given(0)]], /offset 0 of t-0 at position 1/],
    ["a step back", [[positioned(5), given(5)], [given(4)]], /offset 4 of t-0 at position 6/],
    ["a skip within one poll", [[positioned(0)], [given(0), given(2)]], /offset 2 of t-0 at position 1/],
    ["a first record beyond the position", [[positioned(3)], [given(4)]], /offset 4 of t-0 at position 3/],
    ["a first record before the position", [[positioned(3)], [given(2)]], /offset 2 of t-0 at position 3/],
    ["a delivery without a position", [[given(0)]], /offset 0 of t-0 without a position/],
    [
      "reading on after a crash as if nothing had been",
      [[positioned(0), given(0)], [crashed()], [given(1)]],
      /offset 1 of t-0 without a position/,
    ],
    [
      "a position taken from another partition",
      [[positioned(0), given(0)], [given(1, "c1", "t-1")]],
      /offset 1 of t-1 without a position/,
    ],
  ])("is violated by %s", (_name, steps, text) => {
    expect(last(con1, steps)).toEqual([expect.stringMatching(text)]);
  });

  it.each<[string, readonly (readonly Observation[])[], "holds" | "vacuous"]>([
    ["one record after the other", [[positioned(0)], [given(0), given(1)], [given(2)]], "holds"],
    ["reading again after a seek", [[positioned(0), given(0)], [positioned(0)], [given(0)]], "holds"],
    ["reading on after a reset", [[positioned(0), given(0)], [positioned(0, "out-of-range")], [given(0)]], "holds"],
    [
      "a restart at the committed offset",
      [[positioned(0), given(0)], [crashed()], [positioned(0, "committed", 0)], [given(0)]],
      "holds",
    ],
    [
      "two consumers at different places",
      [[positioned(0), given(0)], [positioned(5, "seek", null, "c2"), given(5, "c2")], [given(1)]],
      "holds",
    ],
    ["another client's crash", [[positioned(0), given(0)], [crashed("c2")], [given(1)]], "holds"],
    ["no delivery", [[positioned(0)]], "vacuous"],
  ])("is not violated by %s", (_name, steps, judgement) => {
    expect(last(con1, steps)).toBe(judgement);
  });

  it("goes on from what was given, and remembers nothing of another run", () => {
    const run = [[positioned(0)], [given(1)], [given(2)]].map((observed) => healthy({ config, observed }));
    const first = watched(con1, run);
    expect(first.map(said)).toEqual(["vacuous", [expect.any(String)], "holds"]);
    expect(watched(con1, run).map(said)).toEqual(first.map(said));
  });

  it("holds a reset to its policy", () => {
    const policies = configWith({
      consumers: {
        c1: {},
        c2: { "auto.offset.reset": "latest" },
        n1: { "auto.offset.reset": "none" },
      },
    });
    const of = (consumer: string, offset: number, cause: Cause, change: Partial<ClusterView> = {}) => {
      const cut = partitionWith(healthy(), {}, { 2: { log: log("c1", 2) } });
      const observed = [positioned(offset, cause, null, consumer)];
      return said(watched(con1, [{ ...cut, config: policies, observed, ...change }])[0] ?? "vacuous");
    };
    for (const cause of ["reset", "out-of-range"] as const) {
      expect(of("c1", 2, cause)).toBe("vacuous");
      expect(of("c1", 0, cause)).toBe("vacuous");
      expect(of("c1", 3, cause)).toEqual(["c1 was reset to offset 3 of t-0 by policy earliest; no log starts above 2"]);
      expect(of("c2", 3, cause)).toBe("vacuous");
      expect(of("n1", 2, cause)).toEqual(["n1 was reset to offset 2 of t-0 by policy none"]);
    }
    expect(of("c1", 3, "seek")).toBe("vacuous");
    const unclean = {
      ...policies,
      topics: configWith({ topics: { t: { "unclean.leader.election.enable": true } } }).topics,
    };
    expect(of("c1", 3, "reset", { config: unclean })).toBe("vacuous");
  });

  it("judges the order of a history", () => {
    const poll = (index: number, offset: number) =>
      (["invoke", "ok"] as const).map(
        (type, half) =>
          ({
            index: index + half,
            time_ns: index + half,
            process: "c1",
            type,
            f: "poll",
            value: type === "ok" ? { "t-0": [[offset, `v${offset}`]] } : {},
          }) as HistoryOperation,
      );
    expect(con1.judge?.([...poll(0, 0), ...poll(2, 1)], config)).toBe("holds");
    expect(con1.judge?.([...poll(0, 1), ...poll(2, 0)], config)).toMatchObject([
      { scope: { consumer: "c1", partition: "t-0" } },
    ]);
    expect(con1.judge?.([], config)).toBe("vacuous");
  });
});

describe("CON-2", () => {
  it.each<[string, readonly (readonly Observation[])[], RegExp]>([
    [
      "a start one below the committed offset",
      [[commits(2)], [crashed()], [positioned(1, "committed", 2)]],
      /^c1 starts at offset 1 of t-0 by committed, though it was told that 2 is committed$/,
    ],
    ["a start one above it", [[commits(2)], [crashed()], [positioned(3, "committed", 2)]], /starts at offset 3/],
    [
      "an answer that was never committed",
      [[commits(2)], [crashed()], [positioned(3, "committed", 3)]],
      /told that 3 is committed; group g had 2/,
    ],
    [
      "an answer from before the crash",
      [[commits(2)], [commits(4)], [crashed()], [positioned(2, "committed", 2)]],
      /told that 2 is committed; group g had 4/,
    ],
    [
      "an answer from before the last delivery",
      [[positioned(0, "reset")], [commits(1)], [given(0)], [positioned(0, "reset")]],
      /told that none is committed; group g had 1/,
    ],
    [
      "a reset although an offset is committed",
      [[commits(2)], [crashed()], [positioned(0, "reset")]],
      /told that none is committed; group g had 2/,
    ],
    [
      "a reset although it was told of the offset",
      [[commits(2)], [crashed()], [positioned(0, "reset", 2)]],
      /by reset, though it was told that 2 is committed/,
    ],
    [
      "a first record after the committed offset",
      [[commits(2)], [crashed()], [positioned(2, "committed", 2)], [given(3)]],
      /^c1 started at the committed offset 2 of t-0 and was then given offset 3$/,
    ],
    [
      "a first record before it",
      [[commits(2)], [crashed()], [positioned(2, "committed", 2), given(1)]],
      /was then given offset 1/,
    ],
  ])("is violated by %s", (_name, steps, text) => {
    const texts = last(con2, steps);
    expect(texts).toEqual([expect.stringMatching(text)]);
  });

  it.each<[string, readonly (readonly Observation[])[], "holds" | "vacuous"]>([
    ["a restart at the committed offset", [[commits(2)], [crashed()], [positioned(2, "committed", 2)]], "holds"],
    [
      "reading on from there",
      [[commits(2)], [crashed()], [positioned(2, "committed", 2)], [given(2)], [given(3)]],
      "vacuous",
    ],
    [
      "a commit that overtakes the answer",
      [[commits(2)], [crashed()], [commits(4)], [positioned(2, "committed", 2)]],
      "holds",
    ],
    [
      "a commit that went back on purpose",
      [[commits(4)], [commits(2)], [crashed()], [positioned(2, "committed", 2)]],
      "holds",
    ],
    ["another member's start", [[commits(2)], [positioned(2, "committed", 2, "c2")]], "holds"],
    ["a reset where nothing is committed", [[positioned(0, "reset")]], "vacuous"],
    ["a reset as a commit was on its way", [[crashed()], [commits(2)], [positioned(0, "reset")]], "vacuous"],
    [
      "a reset of a position that is out of range",
      [[commits(2)], [given(1)], [positioned(0, "out-of-range")]],
      "vacuous",
    ],
    [
      "a seek away from the committed offset",
      [[commits(2)], [crashed()], [positioned(2, "committed", 2)], [positioned(7)], [given(7)]],
      "vacuous",
    ],
    [
      "a crash before the first delivery",
      [[commits(2)], [positioned(2, "committed", 2)], [crashed()], [given(9)]],
      "vacuous",
    ],
    ["a consumer without a group", [[commits(2)], [positioned(0, "reset", null, "n1")], [given(0, "n1")]], "vacuous"],
  ])("is not violated by %s", (_name, steps, judgement) => {
    expect(last(con2, steps)).toBe(judgement);
  });

  it("takes what is committed in the first state as given", () => {
    expect(last(con2, [[], [positioned(7, "committed", 7)]], 7)).toBe("holds");
    expect(last(con2, [[], [positioned(0, "reset")]], 7)).toEqual([expect.stringMatching(/group g had 7/)]);
  });

  it("is violated by a coordinator that forgets, changes or invents a commit", () => {
    const stands = (offset: number | null) =>
      healthy({ config, committed: offset === null ? [] : [{ group: "g", partition: "t-0", offset }] });
    const then = (offset: number | null) =>
      watched(con2, [{ ...stands(2), observed: [] }, stands(offset)]).map(said)[1];
    expect(then(null)).toEqual(["group g has nothing committed for t-0, its last commit was 2"]);
    expect(then(1)).toEqual([expect.stringMatching(/has 1 committed for t-0, its last commit was 2/)]);
    expect(then(2)).toBe("vacuous");
    expect(watched(con2, [stands(null), stands(2)]).map(said)[1]).toEqual([expect.stringMatching(/has 2 .* was none/)]);
  });

  it("keeps groups and partitions apart", () => {
    const committed = ["g t-0", "g t-1", "h t-0"].map((name, offset) => {
      const [group = "", partition = ""] = name.split(" ");
      return { group, partition, offset };
    });
    const first = healthy({ config, committed });
    expect(watched(con2, [first, { ...first }]).map(said)).toEqual(["vacuous", "vacuous"]);
    expect(watched(con2, [first, { ...first, committed: committed.slice(1) }]).map(said)[1]).toEqual([
      "group g has nothing committed for t-0, its last commit was 0",
    ]);
  });

  it("is promised to consumers with a group", () => {
    expect([
      con2.promised(config, {}),
      con2.promised(config, { consumer: "c1" }),
      con2.promised(config, { consumer: "n1" }),
    ]).toEqual([true, true, false]);
  });
});

describe("CON-3", () => {
  const commitsPosition = (offset: number, consumer = "c1"): Observation => {
    return { kind: "committing", consumer, partition: "t-0", offset };
  };
  const next = (offset: number): Observation => given(offset);

  it.each<[string, readonly (readonly Observation[])[]]>([
    ["a commit of the offset after the last record", [[positioned(0)], [next(0)], [next(1)], [commitsPosition(2)]]],
    ["a commit of where it was to start", [[positioned(5, "committed", 5)], [commitsPosition(5)]]],
    ["a commit after a seek", [[positioned(0)], [next(0)], [positioned(7)], [commitsPosition(7)]]],
    ["the same commit again", [[positioned(0)], [next(0)], [commitsPosition(1)], [commitsPosition(1)]]],
  ])("holds for %s", (_name, steps) => {
    expect(last(con3, steps)).toBe("holds");
  });

  it.each<[string, readonly (readonly Observation[])[], string]>([
    [
      "the offset of the last record itself",
      [[positioned(0)], [next(0)], [next(1)], [commitsPosition(1)]],
      "c1 commits offset 1 of t-0, the next to read is 2",
    ],
    [
      "an offset beyond what was handed out",
      [[positioned(0)], [next(0)], [commitsPosition(2)]],
      "c1 commits offset 2 of t-0, the next to read is 1",
    ],
    [
      "a position of before a crash",
      [[positioned(0)], [next(0)], [crashed()], [commitsPosition(1)]],
      "c1 commits offset 1 of t-0, the next to read is not known",
    ],
    [
      "another consumer's position",
      [[positioned(3, "committed", 3, "c2")], [commitsPosition(3)]],
      "c1 commits offset 3 of t-0, the next to read is not known",
    ],
  ])("is violated by %s", (_name, steps, text) => {
    expect(last(con3, steps)).toEqual([text]);
  });

  it("says nothing of a commit of named offsets, which is only seen at the coordinator", () => {
    expect(last(con3, [[positioned(0)], [next(0)], [commits(9)]])).toBe("vacuous");
  });

  it("is promised to consumers with a group", () => {
    expect(con3.promised(config, { consumer: "c1" })).toBe(true);
    expect(con3.promised(config, { consumer: "n1" })).toBe(false);
  });
});
