/** A walk shows what the cluster shows: the same views, with or without a clock, whatever they share. */
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../explore/canonical-json.ts";
import { createTraceHash } from "../../explore/trace-hash.ts";
import { createUntimedView } from "../../model/cluster/untimed-view.ts";
import { createViewer } from "../../model/cluster/view.ts";
import { walkTimed, walkUntimed } from "../../report/walk.ts";
import type { ClusterView } from "../../spec/cluster-view.ts";
import { randomTimed, randomUntimed } from "./walks.ts";

const seeds = Array.from({ length: 25 }, (_, index) => index + 1);

/** Everything in a view but what was observed, as a text; a lazy view is read out. */
function dataOf({ config: _, observed: __, ...view }: ClusterView): string {
  return JSON.stringify({ ...view, partitions: view.partitions.map((one) => read(one)) });
}

function read(partition: ClusterView["partitions"][number]) {
  const replicas = partition.replicas.map(
    ({ broker, alive, role, leaderEpoch, isr, maximalIsr, logStart, logEnd, highWatermark, log }) => {
      return { broker, alive, role, leaderEpoch, isr, maximalIsr, logStart, logEnd, highWatermark, log };
    },
  );
  return { ...partition, replicas };
}

describe("a walk without a clock", () => {
  it("shows each state as it is, though views share what has not changed", () => {
    for (const seed of seeds) {
      const { cluster, labels, walk } = randomUntimed(seed);
      let state = cluster.initial();
      let before = dataOf(walk.begin.view);
      for (const [index, step] of walk.steps.entries()) {
        expect(dataOf(step.before)).toBe(before);
        expect(step.label).toBe(labels[index]);
        expect(step.after.view.observed).toEqual(cluster.observed(state, step.choice));
        state = cluster.apply(state, step.choice);
        before = dataOf(createUntimedView(cluster.setting, (slot) => state[slot]).after);
        expect(dataOf(step.after.view)).toBe(before);
      }
    }
  });

  it("shows messages on their way and cut links", () => {
    const moments = seeds.flatMap((seed) => randomUntimed(seed).walk.steps.map(({ after }) => after));
    expect(moments.some(({ connections }) => connections.some(({ requests }) => requests.length > 0))).toBe(true);
    expect(moments.some(({ connections }) => connections.some(({ responses }) => responses.length > 0))).toBe(true);
    expect(moments.some(({ cuts }) => cuts.length > 0)).toBe(true);
  });

  it("has a hash of every label and every change", () => {
    const { cluster, labels, walk } = randomUntimed(3);
    const hash = createTraceHash();
    let state = cluster.initial();
    for (const { choice, label } of walk.steps) {
      const next = cluster.apply(state, choice);
      hash.step(label, canonicalJson(next.flatMap((value, slot) => (value === state[slot] ? [] : [[slot, value]]))));
      state = next;
    }
    expect(walk.hash).toBe(hash.digest());
    expect(walkUntimed(cluster, labels.slice(1))).not.toMatchObject({ hash: walk.hash });
  });

  it("stops at a label that is not enabled, and says what is", () => {
    const { cluster, labels } = randomUntimed(1);
    const [first = ""] = labels;
    const stuck = walkUntimed(cluster, [first, "kill 9"]);
    expect(stuck).toMatchObject({ outcome: "stuck", at: 1, label: "kill 9" });
    expect(stuck.outcome === "stuck" && stuck.enabled.length).toBeGreaterThan(0);
  });
});

describe("a walk with a clock", () => {
  it("shows each state as it is, with what was observed of its step", () => {
    for (const seed of seeds) {
      const { cluster, config, labels, walk } = randomTimed(seed);
      let state = cluster.initial();
      for (const [index, { before, choice, label, after }] of walk.steps.entries()) {
        expect(dataOf(before)).toBe(dataOf(createViewer(config)(state)));
        expect(label).toBe(labels[index]);
        state = cluster.apply(state, choice);
        expect(dataOf(after.view)).toBe(dataOf(createViewer(config)(state)));
        expect(after.view.observed).toEqual(state.observed);
        expect([after.connections, after.cuts]).toEqual([state.connections, state.cuts]);
      }
    }
  });

  it("stops at a label that is not enabled", () => {
    const { cluster } = randomTimed(1);
    expect(walkTimed(cluster, ["wait until 7"])).toMatchObject({ outcome: "stuck", at: 0, label: "wait until 7" });
  });
});
