/** LIV-1: each thing that has not come to pass is named, and what is not promised is told from what is. */
import { describe, expect, it } from "vitest";
import type { ClusterView } from "../../../spec/cluster-view.ts";
import { createMonitor } from "../../../spec/monitor.ts";
import { liv1 } from "../../../spec/requirements/liv.ts";
import { asDead, configWith, failedOver, healthy, log, partitionWith } from "../cluster-views.ts";

const same = { log: log("a0 b1 c1"), highWatermark: 3 };
const atRest: ClusterView = {
  ...partitionWith(healthy(), {}, { 1: same, 2: same, 3: same }),
  positions: [{ consumer: "c1", partition: "t-0", offset: 3 }],
};

function missing(view: ClusterView): readonly string[] | undefined {
  return liv1.goal?.(view).map(({ text }) => text);
}

describe("LIV-1", () => {
  it("asks for nothing more where everything has come to pass", () => {
    expect(missing(atRest)).toEqual([]);
  });

  it("does not ask a follower for the newest high watermark: it learns it by its next fetch", () => {
    expect(missing(partitionWith(atRest, {}, { 2: { highWatermark: 2 } }))).toEqual([]);
  });

  it.each<[string, ClusterView, string]>([
    ["a partition without a leader", partitionWith(atRest, { leader: null }), "t-0: no leader"],
    [
      "a leader that does not know it",
      partitionWith(atRest, {}, { 1: { role: "follower", isr: [] } }),
      "t-0: broker 1 does not lead",
    ],
    ["a leader that is dead", partitionWith(atRest, {}, { 1: asDead }), "t-0: broker 1 does not lead"],
    ["a replica outside the ISR", partitionWith(atRest, { isr: [1, 3] }), "t-0: 2 not in the ISR"],
    [
      "a high watermark that stands still",
      partitionWith({ ...atRest, positions: [] }, {}, { 1: { highWatermark: 2 } }),
      "t-0: high watermark 2, log end 3",
    ],
    [
      "a follower that has not everything",
      partitionWith(atRest, {}, { 3: { log: log("a0 b1") } }),
      "t-0: log end 2 at broker 3, 3 at the leader",
    ],
    [
      "a record whose end is open",
      { ...atRest, pending: [{ producer: "p1", partition: "t-0", value: "c" }] },
      "p1 has not learnt the end of c in t-0",
    ],
    [
      "a consumer that is not at the end",
      { ...atRest, positions: [{ consumer: "c1", partition: "t-0", offset: 2 }] },
      "c1 stands at 2 in t-0, the high watermark is 3",
    ],
    [
      "a consumer without a position",
      { ...atRest, positions: [{ consumer: "c1", partition: "t-0", offset: null }] },
      "c1 stands at null in t-0, the high watermark is 3",
    ],
  ])("names %s", (_name, view, text) => {
    expect(missing(view)).toEqual([text]);
  });

  it("is violated only by what a run at rest shows", () => {
    const monitor = createMonitor(configWith(), [liv1]);
    monitor.see(failedOver(), null);
    expect(monitor.verdicts()).toMatchObject([{ verdict: "inconclusive" }]);
    monitor.rest(failedOver());
    expect(monitor.verdicts()).toMatchObject([{ verdict: "violated", detail: "t-0: 1 not in the ISR" }]);
  });

  it("holds where the run at rest misses nothing", () => {
    const monitor = createMonitor(configWith(), [liv1]);
    monitor.rest(atRest);
    expect(monitor.verdicts()).toMatchObject([{ verdict: "holds" }]);
  });

  it("does not promise that a consumer without a reset policy finds its way", () => {
    const monitor = createMonitor(configWith({ consumers: { c1: { "auto.offset.reset": "none" } } }), [liv1]);
    monitor.rest({ ...atRest, positions: [{ consumer: "c1", partition: "t-0", offset: null }] });
    expect(monitor.verdicts()).toMatchObject([{ verdict: "expected-loss", promised: false }]);
  });
});
