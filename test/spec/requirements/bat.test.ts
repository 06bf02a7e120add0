import { describe, expect, it } from "vitest";
import type { ClusterView, Observation } from "../../../spec/cluster-view.ts";
import { bat1 } from "../../../spec/requirements/bat.ts";
import { asDead, configWith, failedOver, healthy, partitionWith, said, watched } from "../cluster-views.ts";

const config = configWith({ producers: { p1: {}, p2: {} }, topics: { t: { partitions: 2 } } });

const accepted = (value: string, partition = "t-0", producer = "p1"): Observation => {
  return { kind: "accepted", producer, to: partition, partition, key: null, value };
};
const sent = (
  values: readonly string[],
  rest: { bytes?: number; attempt?: number; partition?: string; producer?: string } = {},
): Observation => {
  return {
    kind: "sent",
    producer: "p1",
    partition: "t-0",
    broker: 1,
    values,
    bytes: values.join("").length,
    attempt: 1,
    ...rest,
  };
};
const ended = (
  values: readonly string[],
  outcome: "ok" | "fail" | "unknown" = "ok",
  partition = "t-0",
): Observation => {
  return { kind: "outcome", producer: "p1", partition, values, outcome, error: null, baseOffset: 0, attempts: 1 };
};
const crashed: Observation = { kind: "crashed", client: "p1" };

/** Steps at a time, each in a state; the last judgement, after none of the others found anything. */
function last(
  steps: readonly (readonly [number | null, readonly Observation[], ClusterView?])[],
): string | readonly string[] {
  const views = steps.map(([time, observed, view = healthy()]): ClusterView => ({ ...view, config, time, observed }));
  const judgements = watched(bat1, views).map(said);
  expect(judgements.slice(0, -1).filter((one) => typeof one !== "string")).toEqual([]);
  return judgements.at(-1) ?? "vacuous";
}
const untimed = (...steps: readonly (readonly Observation[])[]) =>
  last(steps.map((observed) => [null, observed] as const));

describe("BAT-1, size", () => {
  const of = (values: readonly string[], bytes: number) =>
    untimed(
      values.map((value) => accepted(value)),
      [sent(values, { bytes })],
    );

  it("is violated by more than batch.size, which is 8, in more than one record", () => {
    expect(of(["a", "b"], 9)).toEqual(["p1 sent a batch of 2 records and 9 bytes to t-0; batch.size is 8"]);
    expect(of(["aaaaa", "bbbb"], 8)).toEqual([expect.stringMatching(/9 bytes/)]);
    expect(of(["éé", "ééé"], 1)).toEqual([expect.stringMatching(/10 bytes/)]);
    expect(of([], 0)).toEqual([expect.stringMatching(/empty batch/)]);
  });

  it("is kept by exactly batch.size, and by one record of any size", () => {
    expect(of(["a", "b"], 8)).toBe("holds");
    expect(of(["aaaaaaaaaaaaaaaa"], 16)).toBe("holds");
  });
});

describe("BAT-1, order", () => {
  const abc = [accepted("a"), accepted("b"), accepted("c")];

  it.each<[string, readonly (readonly Observation[])[], RegExp]>([
    ["a record that overtakes", [abc, [sent(["b"])]], /^p1 sent b to t-0; next in the order of acceptance was a$/],
    ["a swap within a batch", [abc, [sent(["b", "a"])]], /sent b, a .* was a, b/],
    ["a record left out of a batch", [abc, [sent(["a", "c"])]], /sent a, c .* was a, b/],
    ["a record sent a second time in a new batch", [abc, [sent(["a"])], [sent(["a", "b"])]], /sent a, b .* was b, c/],
    ["a record that was never accepted", [abc, [sent(["x"])]], /sent x .* was a/],
    [
      "a record of another partition",
      [abc, [accepted("d", "t-1")], [sent(["a"], { partition: "t-1" })]],
      /sent a to t-1; .* was d/,
    ],
    ["a retry after the end", [abc, [sent(["a"])], [ended(["a"])], [sent(["a"])]], /sent a .* was b/],
    ["a record of before a crash", [abc, [crashed], [sent(["a"])]], /sent a .* was nothing/],
    ["another producer's record", [abc, [sent(["a"], { producer: "p2" })]], /p2 sent a .* was nothing/],
  ])("is violated by %s", (_name, steps, text) => {
    expect(untimed(...steps)).toEqual([expect.stringMatching(text)]);
  });

  it.each<[string, readonly (readonly Observation[])[]]>([
    ["batches in order", [abc, [sent(["a", "b"])], [sent(["c"])]]],
    ["two batches in one step", [[...abc, sent(["a"]), sent(["b", "c"])]]],
    [
      "a retry, also after later batches",
      [abc, [sent(["a"])], [sent(["b"])], [sent(["a"], { attempt: 2 })], [sent(["c"])]],
    ],
    ["going on after a batch expired unsent", [abc, [ended(["a"], "unknown")], [sent(["b", "c"])]]],
    [
      "partitions, each in its own order",
      [abc, [accepted("d", "t-1")], [sent(["d"], { partition: "t-1" })], [sent(["a"])]],
    ],
    ["going on after a crash", [abc, [crashed], [accepted("d")], [sent(["d"])]]],
    ["acks=0, which ends at once", [abc, [sent(["a"]), ended(["a"])], [sent(["b"])]]],
  ])("is kept by %s", (_name, steps) => {
    expect(untimed(...steps)).toBe("holds");
  });

  it("is vacuous while nothing is sent", () => {
    expect(untimed(abc)).toBe("vacuous");
  });
});

describe("BAT-1, linger.ms of 10", () => {
  const late = (due: number, now: number) =>
    `p1 accepted b for t-0 at 5 ms, could have sent it by ${due} ms (linger.ms 10), and has not at ${now} ms`;
  const b = [accepted("b")] as const;

  it("is violated by a record that is still there after it", () => {
    expect(
      last([
        [5, b],
        [16, []],
      ]),
    ).toEqual([late(15, 16)]);
    expect(
      last([
        [0, [accepted("a"), sent(["a"])]],
        [5, [...b, ended(["a"])]],
        [15, []],
        [20, []],
      ]),
    ).toEqual([late(15, 20)]);
  });

  it("is kept by a record that leaves at the last moment, and says nothing before", () => {
    expect(
      last([
        [5, b],
        [15, []],
      ]),
    ).toBe("vacuous");
    expect(
      last([
        [5, b],
        [15, [sent(["b"])]],
        [99, []],
      ]),
    ).toBe("vacuous");
    expect(
      last([
        [5, b],
        [16, [sent(["b"])]],
      ]),
    ).toBe("holds");
  });

  it("counts from the oldest record that waits", () => {
    expect(
      last([
        [5, b],
        [15, [sent(["b"]), ended(["b"]), accepted("c")]],
        [25, []],
      ]),
    ).toBe("vacuous");
    expect(
      last([
        [5, [...b]],
        [12, [accepted("c")]],
        [16, []],
      ]),
    ).toEqual([late(15, 16)]);
  });

  it("starts anew when what stood in the way is gone", () => {
    const first: readonly [number, readonly Observation[]] = [0, [accepted("a"), sent(["a"])]];
    expect(last([first, [5, b], [40, []], [50, [ended(["a"])]]])).toBe("vacuous");
    expect(last([first, [5, b], [40, []], [50, [ended(["a"])]], [51, []]])).toEqual([late(50, 51)]);
  });

  const dead = partitionWith(healthy(), {}, { 1: asDead });
  /** Broker 2 leads, and the producer takes that one for the leader. */
  const knowing = (leader: number | null): ClusterView => {
    return { ...failedOver(), knownLeaders: [{ producer: "p1", partition: "t-0", leader }] };
  };
  it.each<[string, readonly (readonly [number | null, readonly Observation[], ClusterView?])[]]>([
    [
      "something is on its way to this partition",
      [
        [0, [accepted("a"), sent(["a"])]],
        [5, b],
        [99, []],
      ],
    ],
    [
      "something is on its way to another one",
      [
        [0, [accepted("a", "t-1"), sent(["a"], { partition: "t-1" })]],
        [5, b],
        [99, []],
      ],
    ],
    [
      "the leader is dead",
      [
        [5, b],
        [99, [], dead],
      ],
    ],
    [
      "the leader has yet to take office",
      [
        [5, b],
        [99, [], partitionWith(failedOver(), {}, { 2: { role: "follower" } })],
      ],
    ],
    [
      "the metadata of the producer names no leader though the new one has answered",
      [
        [0, []],
        [1, [accepted("a"), { ...sent(["a"]), broker: 2 } as Observation], failedOver()],
        [2, [ended(["a"])], failedOver()],
        [5, b, knowing(null)],
        [16, [], knowing(null)],
      ],
    ],
    [
      "the producer may not have heard of the new leader",
      [
        [5, b],
        [12, [], failedOver()],
        [99, [], failedOver()],
      ],
    ],
    [
      "the last request came to no good end",
      [
        [0, [accepted("a"), sent(["a"])]],
        [2, [ended(["a"], "unknown")]],
        [5, b],
        [99, []],
      ],
    ],
    [
      "a request to another partition came to no good end",
      [
        [0, [accepted("a", "t-1"), sent(["a"], { partition: "t-1" })]],
        [2, [ended(["a"], "fail", "t-1")]],
        [5, b],
        [99, []],
      ],
    ],
    [
      "the producer has crashed",
      [
        [5, b],
        [12, [crashed]],
        [99, []],
      ],
    ],
    [
      "the producer is new after a crash",
      [
        [0, [crashed]],
        [5, b],
        [99, []],
      ],
    ],
    [
      "the run has no time",
      [
        [null, b],
        [null, []],
      ],
    ],
    [
      "the schedule is bent",
      [
        [5, b, { ...healthy(), bent: true }],
        [99, [], { ...healthy(), bent: true }],
      ],
    ],
    [
      "the batch has ended unsent",
      [
        [5, b],
        [12, [ended(["b"], "unknown")]],
        [99, []],
      ],
    ],
  ])("says nothing while %s", (_name, steps) => {
    expect(last(steps)).toBe("vacuous");
  });

  it("speaks again once the new leader has answered", () => {
    const toSecond = { ...sent(["a"]), broker: 2 } as Observation;
    const steps = (first: Observation): readonly (readonly [number, readonly Observation[], ClusterView?])[] => [
      [0, []],
      [1, [accepted("a"), first], failedOver()],
      [2, [ended(["a"])], failedOver()],
      [5, b, knowing(2)],
      [16, [], knowing(2)],
    ];
    expect(last(steps(toSecond))).toEqual([late(15, 16)]);
    expect(last(steps(sent(["a"])))).toBe("vacuous");
  });
});
