/** Every violation says whom it is about, and a partition is judged by what is its own, whichever stands beside it. */
import { describe, expect, it } from "vitest";
import type { ClusterView, Observation } from "../../../spec/cluster-view.ts";
import type { Judgement, Requirement, Scope } from "../../../spec/requirement.ts";
import { requirementById } from "../../../spec/requirements/index.ts";
import {
  acknowledged,
  asLeader,
  configWith,
  delivered,
  failedOver,
  healthy,
  log,
  observing,
  partitionWith,
} from "../cluster-views.ts";

const ofPartition: Scope = { partition: "t-0" };
const ofProducer: Scope = { producer: "p1", partition: "t-0" };
const ofConsumer: Scope = { consumer: "c1", partition: "t-0" };

const elected: Observation = { kind: "elected", partition: "t-0", leader: 2, leaderEpoch: 2, unclean: false };
const accepted = {
  kind: "accepted",
  producer: "p1",
  to: "t-0",
  partition: "t-0",
  key: null,
  value: "aaaaaaaaa",
} as const;
const positioned: Observation = {
  kind: "positioned",
  consumer: "c1",
  partition: "t-0",
  offset: 1,
  cause: "committed",
  committed: 1,
};
const given: Observation = { kind: "delivered", consumer: "c1", partition: "t-0", offset: 2, value: "c" };
const lonely = partitionWith(
  healthy(),
  { isr: [1] },
  { 1: { isr: [1], maximalIsr: [1] }, 2: { log: log("a0") }, 3: { log: log("a0") } },
);
const behind = { 3: { log: log("a0") } };

/** What is wrong, for which requirement, about whom, and the states that show it, the last of which is judged. */
const wrongs: readonly (readonly [string, string, Scope, readonly ClusterView[]])[] = [
  ["HW-1", "it falls", ofPartition, [healthy(), partitionWith(healthy(), {}, { 1: { highWatermark: 1 } })]],
  ["HW-2", "a member lacks what it covers", ofPartition, [partitionWith(healthy(), {}, { 1: { highWatermark: 3 } })]],
  ["HW-2", "too few copies", ofPartition, [lonely]],
  [
    "HW-3",
    "a consumer is served beyond it",
    ofConsumer,
    [
      observing(healthy(), {
        kind: "served",
        broker: 1,
        partition: "t-0",
        consumer: "c1",
        from: 1,
        to: 3,
        highWatermark: 3,
      }),
    ],
  ],
  ["LOG-1", "its bounds", ofPartition, [partitionWith(healthy(), {}, { 1: { logEnd: 9 } })]],
  ["LOG-1", "a log that starts below 0", ofPartition, [partitionWith(healthy(), {}, { 3: { log: log("a0 b0", -1) } })]],
  ["LOG-1", "a gap", ofPartition, [partitionWith(healthy(), {}, { 3: { log: [...log("a0"), ...log("b1", 2)] } })]],
  ["LOG-1", "an epoch goes down", ofPartition, [partitionWith(healthy(), {}, { 3: { log: log("a1 b0") } })]],
  ["LOG-1", "an epoch of the future", ofPartition, [partitionWith(healthy(), {}, { 3: { log: log("a0 b9") } })]],
  ["LOG-2", "one epoch, two records", ofPartition, [partitionWith(healthy(), {}, { 2: { log: log("a0 x1 c1") } })]],
  [
    "LOG-2",
    "two entries below both high watermarks",
    ofPartition,
    [partitionWith(healthy(), {}, { 2: { log: log("a0 x0 c1") } })],
  ],
  ["ISR-1", "a member lacks what is committed", ofPartition, [partitionWith(healthy(), {}, behind)]],
  [
    "ISR-1",
    "a member lacks what was acknowledged",
    ofPartition,
    [
      partitionWith(
        healthy(),
        {},
        { 1: { highWatermark: 0 }, 2: { highWatermark: 0 }, 3: { log: log("a0"), highWatermark: 0 } },
      ),
    ],
  ],
  ["ISR-1", "the leader is no member", ofPartition, [partitionWith(healthy(), { isr: [2, 3] })]],
  ["ELE-1", "two leaders", ofPartition, [partitionWith(healthy(), {}, { 2: { ...asLeader, leaderEpoch: 1 } })]],
  ["ELE-1", "an old epoch", ofPartition, [healthy(), observing(healthy(), { ...elected, leader: 1, leaderEpoch: 1 })]],
  [
    "ELE-1",
    "a replica that goes back",
    ofPartition,
    [healthy(), partitionWith(healthy(), {}, { 3: { leaderEpoch: 0 } })],
  ],
  [
    "ELE-2",
    "the elected lacks what is committed",
    ofPartition,
    [partitionWith(healthy(), {}, { 2: { log: log("a0") } }), observing(failedOver(), elected)],
  ],
  [
    "ACK-1",
    "too few copies",
    ofPartition,
    [
      observing(partitionWith(healthy(), {}, { 1: { highWatermark: 3 }, 2: { log: log("a0") } }), {
        kind: "answered",
        broker: 1,
        partition: "t-0",
        leaderEpoch: 1,
        acks: -1,
        baseOffset: 2,
        values: ["c"],
      }),
    ],
  ],
  ["DUR-1", "a leader lacks it", ofProducer, [failedOver({ 2: { log: log("a0") } })]],
  ["DUR-2", "a leader lacks it", ofConsumer, [failedOver({ 2: { log: log("a0") } })]],
  ["ALO-1", "a commit past it", { ...ofProducer, ...ofConsumer }, [healthy({ delivered: [delivered("a", 0)] })]],
  [
    "BAT-1",
    "a batch over its size",
    ofProducer,
    [
      observing(
        healthy(),
        accepted,
        { ...accepted, value: "b" },
        {
          kind: "sent",
          producer: "p1",
          partition: "t-0",
          broker: 1,
          values: ["aaaaaaaaa", "b"],
          bytes: 10,
          attempt: 1,
        },
      ),
    ],
  ],
  ["CON-1", "a skip", ofConsumer, [observing(healthy(), positioned, given)]],
  ["CON-2", "a restart elsewhere", ofConsumer, [observing(healthy(), positioned)]],
  ["CON-2", "a commit that is not kept", ofPartition, [healthy(), healthy({ committed: [] })]],
];

function required(id: string): Requirement {
  const requirement = requirementById(id);
  if (requirement === undefined) throw new Error(`no requirement ${id}`);
  return requirement;
}

/** The judgement on the last of these states. */
function last({ invariant, watch }: Requirement, views: readonly ClusterView[]): Judgement {
  const [first] = views;
  if (first === undefined) throw new Error("no state");
  const judge = watch?.(first.config) ?? invariant;
  const judgements = views.map((view, index) => judge?.(view, views[index - 1] ?? null) ?? "vacuous");
  return judgements.at(-1) ?? "vacuous";
}

const scopesOf = (judgement: Judgement) =>
  typeof judgement === "string" ? judgement : judgement.map(({ scope }) => scope);

const two = configWith({ topics: { t: { partitions: 2 } } });

/** The same happens in partition `t-1`, and beside it stands `t-0`, where all is well. */
function besideHealthy(view: ClusterView): ClusterView {
  const moved = <T extends object>(one: T): T => ("partition" in one ? { ...one, partition: "t-1" } : one);
  const well = healthy();
  return {
    ...view,
    config: two,
    partitions: [...well.partitions, ...view.partitions.map(moved)],
    acknowledged: [...well.acknowledged, ...view.acknowledged.map(moved)],
    delivered: [...well.delivered, ...view.delivered.map(moved)],
    committed: [...well.committed, ...view.committed.map(moved)],
    observed: view.observed.map(moved),
  };
}

describe.each(wrongs)("%s, %s:", (id, _what, scope, views) => {
  const requirement = required(id);

  const scopes = () => scopesOf(last(requirement, views));

  it("says whom it is about", () => {
    expect(scopes()).toEqual(Array.from({ length: Math.max(1, scopes().length) }, () => scope));
  });

  it("says the same of a partition that stands beside another one", () => {
    const moved = { ...scope, partition: "t-1" };
    const beside = scopesOf(last(requirement, views.map(besideHealthy)));
    expect(beside).toEqual(Array.from({ length: scopes().length }, () => moved));
  });
});

it("a healthy partition is not accused of what is acknowledged, given and committed in another", () => {
  const view = besideHealthy(healthy({ acknowledged: [acknowledged("x", 0)], delivered: [], committed: [] }));
  for (const id of ["DUR-1", "DUR-2", "ALO-1", "ISR-1"]) {
    const judgement = last(required(id), [{ ...view, partitions: view.partitions.slice(0, 1) }]);
    expect([id, scopesOf(judgement)]).toEqual([id, "holds"]);
  }
});
