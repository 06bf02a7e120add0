/** The cluster as an all-seeing observer has it: every replica in its role, and nothing made up. */
import { beforeEach, describe, expect, it } from "vitest";
import { type Cluster, createCluster } from "../../../model/cluster/cluster.ts";
import type { ClusterState } from "../../../model/cluster/state.ts";
import { createViewer } from "../../../model/cluster/view.ts";
import type { Fault } from "../../../spec/subject.ts";
import { configWith } from "../../spec/cluster-views.ts";

const config = configWith();
let cluster: Cluster;
let begin: ClusterState;
/** After two records have been written everywhere. */
let written: ClusterState;
let viewOf: ReturnType<typeof createViewer>;

beforeEach(() => {
  cluster = createCluster(config);
  begin = cluster.initial();
  written = runTo(send(begin, "a", "b"), 2000);
  viewOf = createViewer(config);
});

const strike = (state: ClusterState, fault: Fault) => cluster.apply(state, { kind: "fault", fault });
const send = (state: ClusterState, ...values: readonly string[]) =>
  cluster.apply(state, {
    kind: "client",
    client: "p1",
    operation: { f: "send", to: "t-0", records: values.map((value) => ({ key: null, value })) },
  });

/** Lets happen what happens by itself, up to this moment. */
function runTo(state: ClusterState, end: number): ClusterState {
  let now = state;
  for (let due = cluster.nextDue(now); due !== null && due <= end; due = cluster.nextDue(now)) {
    const [next] = cluster.enabled(now);
    if (next === undefined) throw new Error("nothing happens");
    now = cluster.apply(now, next);
  }
  return now;
}

const replicas = (state: ClusterState) => viewOf(state).partitions[0]?.replicas ?? [];

describe("a view", () => {
  it("shows a partition as the controller has it, with its replicas in the order of their assignment", () => {
    const [partition] = viewOf(begin).partitions;
    const { partition: name, topic, leader, leaderEpoch, isr, elr } = partition ?? {};
    const record = { name: "t-0", topic: "t", leader: 1, leaderEpoch: 0, isr: [1, 2, 3], elr: [] };
    expect({ name, topic, leader, leaderEpoch, isr, elr }).toEqual(record);
    expect(replicas(begin).map(({ broker, role, alive }) => [broker, role, alive])).toEqual([
      [1, "leader", true],
      [2, "follower", true],
      [3, "follower", true],
    ]);
  });

  it("shows the log and the high watermark of each replica, and an ISR only where it leads", () => {
    const log = ["a", "b"].map((value, offset) => ({ offset, epoch: 0, value, key: null }));
    const both = { leaderEpoch: 0, logStart: 0, logEnd: 2, highWatermark: 2, log };
    expect(replicas(written)[0]).toMatchObject({ ...both, isr: [1, 2, 3], maximalIsr: [1, 2, 3] });
    expect(replicas(written)[1]).toMatchObject({ ...both, isr: [], maximalIsr: [] });
  });

  it("shows of a dead process what its disk has: the log, and the high watermark of its last checkpoint", () => {
    const killed = strike(written, { kind: "kill", broker: 1 });
    const known = { role: "offline", alive: false, isr: [], maximalIsr: [], leaderEpoch: -1 };
    expect(replicas(killed)[0]).toMatchObject({ ...known, logEnd: 2, highWatermark: 0 });
    const later = strike(runTo(written, 5500), { kind: "kill", broker: 1 });
    expect(replicas(later)[0]).toMatchObject({ logEnd: 2, highWatermark: 2 });
  });

  it("shows a paused process as alive, in the role that it believes in", () => {
    const paused = strike(written, { kind: "pause", broker: 1 });
    expect(replicas(paused)[0]).toMatchObject({ role: "leader", alive: true });
  });

  it("shows as travelling what a client has sent and no leader has taken, of produce requests alone", () => {
    expect(viewOf(begin).travelling).toEqual([]);
    const sent = runTo(strike(send(begin, "a", "b"), { kind: "cut", between: ["p1", "b1"] }), 100);
    expect(viewOf(sent).travelling).toEqual([
      { partition: "t-0", value: "a" },
      { partition: "t-0", value: "b" },
    ]);
    expect(viewOf(written).travelling).toEqual([]);
  });

  it("shows what was acknowledged, what was committed, and the time", () => {
    expect(viewOf(begin)).toMatchObject({ config, time: 0, acknowledged: [], committed: [], observed: [] });
    expect(viewOf(written)).toMatchObject({
      time: written.now,
      acknowledged: [
        { producer: "p1", partition: "t-0", value: "a", offset: 0 },
        { producer: "p1", partition: "t-0", value: "b", offset: 1 },
      ],
    });
    const commit = { f: "commit", offsets: { "t-0": 2 } } as const;
    const committed = runTo(cluster.apply(written, { kind: "client", client: "c1", operation: commit }), 2100);
    expect(viewOf(committed).committed).toEqual([{ group: "g", partition: "t-0", offset: 2 }]);
  });

  it("says whether the schedule is bent, and only then", () => {
    expect("bent" in viewOf(begin)).toBe(false);
    expect(createViewer(config, 1)(begin).bent).toBe(true);
  });
});

describe("two views in a row", () => {
  it("share what has not changed between them, and nothing else", () => {
    const viewer = createViewer(config);
    const before = viewer(written);
    expect(viewer(strike(written, { kind: "heal-all" })).partitions).toBe(before.partitions);
    const after = viewer(strike(written, { kind: "kill", broker: 3 }));
    const [one, other] = [before.partitions[0], after.partitions[0]];
    expect(other).not.toBe(one);
    expect(other?.replicas[0]).toBe(one?.replicas[0]);
    expect(other?.replicas[2]).not.toBe(one?.replicas[2]);
  });
});

describe("a state of another cluster", () => {
  it("is refused", () => {
    expect(() => viewOf({ ...begin, machines: {} })).toThrow("no machine controller/t-0");
  });
});
