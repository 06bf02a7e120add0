/** What an observer remembers of disks: what was lost, and how many unclean restarts came in one spell below min ISR. */
import { describe, expect, it } from "vitest";
import { type DiskGhost, disksOf, rememberDisks } from "../../model/cluster/disk-ghosts.ts";
import type { Observation } from "../../spec/cluster-view.ts";
import { configWith } from "../spec/cluster-views.ts";

/** Three brokers; `t-0` has three replicas and min ISR 2, `u-0` one replica, on broker 1. */
const config = configWith({ topics: { u: { "replication.factor": 1, "min.insync.replicas": 1 } } });

const isr = (...members: readonly number[]): Observation => ({ kind: "isr", partition: "t-0", isr: members });
const lost = (broker: number, partition = "t-0"): Observation => {
  return { kind: "tail-lost", broker, partition, from: 2, to: 0 };
};
const restarted = (broker: number): Observation => ({ kind: "restarted", broker });

function left(...observed: readonly Observation[]) {
  const disks = observed.reduce<readonly DiskGhost[]>((known, one) => rememberDisks(known, [one], config), []);
  expect(rememberDisks([], observed, config), "in one step").toEqual(disks);
  return disksOf(disks, "t-0");
}

describe("the disks under a partition", () => {
  it("are whole at first, and whatever happens that is no power loss", () => {
    expect(left()).toEqual({ lostRecords: false, withoutTail: [], uncleanRestarts: 0 });
    const known = rememberDisks([], [isr(1)], config);
    expect(rememberDisks(known, [isr(1), { kind: "crashed", client: "c1" }], config)).toBe(known);
  });

  it("have lost records for good; the broker lies without its tail until it is registered again", () => {
    expect(left(lost(3), lost(2))).toMatchObject({ lostRecords: true, withoutTail: [2, 3] });
    expect(left(lost(3), lost(2), restarted(2))).toMatchObject({ lostRecords: true, withoutTail: [3] });
    expect(left(restarted(2), lost(2))).toMatchObject({ withoutTail: [2] });
  });

  it("are each partition's own", () => {
    const disks = rememberDisks([], [lost(1, "u-0")], config);
    expect(disksOf(disks, "t-0").lostRecords).toBe(false);
    expect(disksOf(disks, "u-0").lostRecords).toBe(true);
  });
});

describe("unclean restarts", () => {
  const count = (...observed: readonly Observation[]) => left(...observed).uncleanRestarts;

  it("count below min ISR alone, each broker once", () => {
    expect(count(isr(1, 2), restarted(3))).toBe(0);
    expect(count(isr(1), restarted(2), restarted(2))).toBe(1);
    expect(count(isr(1), restarted(2), isr(), restarted(1))).toBe(2);
  });

  it("count from the moment at which a broker lies dead without its tail", () => {
    expect(count(isr(1), lost(1))).toBe(1);
    expect(count(lost(1), lost(2))).toBe(0);
    expect(count(lost(1), lost(2), isr(3))).toBe(2);
    expect(count(isr(1), restarted(2), lost(1))).toBe(2);
    expect(count(isr(1), lost(2), restarted(2))).toBe(1);
  });

  it("are counted anew in the next spell; the most stays", () => {
    expect(count(isr(1), restarted(2), isr(1, 2), isr(2), restarted(1))).toBe(1);
    expect(count(isr(1), restarted(2), restarted(3), isr(1, 2), isr(2), restarted(1))).toBe(2);
  });

  it("are those of brokers with a replica", () => {
    const disks = rememberDisks([], [{ kind: "isr", partition: "u-0", isr: [] }, restarted(2)], config);
    expect(disksOf(disks, "u-0").uncleanRestarts).toBe(0);
    expect(disksOf(rememberDisks(disks, [restarted(1)], config), "u-0").uncleanRestarts).toBe(1);
  });
});
