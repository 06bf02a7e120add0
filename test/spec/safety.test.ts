import { describe, expect, it } from "vitest";
import type { ClusterView, DisksView } from "../../spec/cluster-view.ts";
import { circumstancesOf, whenHistoryHasSafeDisks } from "../../spec/history/check/circumstances.ts";
import type { HistoryOperation } from "../../spec/history/format.ts";
import { ele2 } from "../../spec/requirements/ele.ts";
import { requirementById } from "../../spec/requirements/index.ts";
import {
  cannotTakeOffice,
  comparesEpochs,
  inSomePartition,
  safeElections,
  strictMinIsr,
  whenDisksAreSafe,
  whileDisksAreWhole,
} from "../../spec/safety.ts";
import { asDead, configWith, failedOver, healthy, log, observing, partitionWith, wholeDisks } from "./cluster-views.ts";

const elections = (topic: object, server: object = {}) =>
  safeElections(configWith({ topics: { t: topic }, server }), "t-0");

describe("safe elections", () => {
  it("need unclean election off, for this topic", () => {
    expect(elections({ "unclean.leader.election.enable": false }, { "unclean.leader.election.enable": true })).toBe(
      true,
    );
    expect(elections({ "unclean.leader.election.enable": true })).toBe(false);
  });

  it("need a reconciliation that compares leader epochs and fences", () => {
    const all = ["high-watermark", "kip-101", "kip-279", "kip-320", "kip-595"] as const;
    expect(all.map(comparesEpochs)).toEqual([false, false, false, true, true]);
    expect(all.map((one) => elections({}, { "log.reconciliation": one }))).toEqual([false, false, false, true, true]);
  });
});

describe("strict min ISR", () => {
  const strict = (profile: "pre-3.7" | "3.7" | "4.1", topic: object) =>
    strictMinIsr(configWith({ profile, topics: { t: topic } }), "t-0");

  it("is there since 3.7, with two replicas or more to count", () => {
    const two = { "min.insync.replicas": 2 };
    expect([strict("pre-3.7", two), strict("3.7", two), strict("4.1", two)]).toEqual([false, true, true]);
    expect(strict("4.1", { "min.insync.replicas": 1 })).toBe(false);
    expect(strict("4.1", { ...two, "replication.factor": 1 })).toBe(false);
    expect(strict("4.1", { "min.insync.replicas": 9, "replication.factor": 2 })).toBe(true);
  });
});

describe("safe disks", () => {
  const lost = (disks: Partial<DisksView>, config = configWith()): boolean => {
    const [partition] = partitionWith(healthy(), { disks: { ...wholeDisks, lostRecords: true, ...disks } }).partitions;
    if (partition === undefined) throw new Error("no partition");
    return whenDisksAreSafe(config, partition).excuse === undefined;
  };
  const without = configWith({ server: { "eligible.leader.replicas.version": 0 } });
  const minIsr = (size: number) => configWith({ topics: { t: { "min.insync.replicas": size } } });

  it("are those that have lost nothing, whatever was killed", () => {
    expect([lost({ lostRecords: false, uncleanRestarts: 3 }), lost({ lostRecords: false }, without)]).toEqual([
      true,
      true,
    ]);
  });

  it("may have lost records with eligible leader replicas, up to fewer unclean restarts than min ISR", () => {
    expect([0, 1, 2].map((uncleanRestarts) => lost({ uncleanRestarts }))).toEqual([true, true, false]);
    expect([1, 2, 3].map((uncleanRestarts) => lost({ uncleanRestarts }, minIsr(3)))).toEqual([true, true, false]);
  });

  it("may have lost nothing without them, nor with min ISR 1", () => {
    expect([lost({}, without), lost({}, minIsr(1))]).toEqual([false, false]);
  });

  it("have no copies to count once any was lost", () => {
    const [whole] = healthy().partitions;
    if (whole === undefined) throw new Error("no partition");
    expect(whileDisksAreWhole(whole)).toEqual({});
    expect(whileDisksAreWhole({ ...whole, disks: { ...wholeDisks, lostRecords: true } }).excuse).toMatch(/power loss/);
  });

  it("keep a dead member without its tail from office only where eligible leader replicas are on", () => {
    const [whole] = healthy().partitions;
    if (whole === undefined) throw new Error("no partition");
    const partition = { ...whole, disks: { ...wholeDisks, withoutTail: [2] } };
    expect([1, 2].map((broker) => cannotTakeOffice(configWith(), partition, broker))).toEqual([false, true]);
    expect(cannotTakeOffice(without, partition, 2)).toBe(false);
  });

  const fault = (index: number, kind: string, target: string, type = "invoke") =>
    ({ index, time_ns: index, process: "nemesis", type, f: "fault", value: { kind, target } }) as HistoryOperation;
  const inHistory = (history: readonly HistoryOperation[], config = configWith()): boolean =>
    whenHistoryHasSafeDisks(circumstancesOf(history), config, { key: "t-0", operations: [1, 9] }).excuse === undefined;

  it("are told in a history by the faults before the finding", () => {
    expect(inHistory([fault(2, "kill", "1"), fault(3, "kill", "2")])).toBe(true);
    expect(inHistory([fault(2, "power-off", "1")])).toBe(true);
    expect(inHistory([fault(2, "power-off", "1"), fault(3, "power-off", "1")])).toBe(true);
    expect(inHistory([fault(2, "power-off", "1"), fault(3, "kill", "2")])).toBe(false);
    expect(inHistory([fault(2, "power-off", "1"), fault(3, "pause", "2")])).toBe(true);
    expect(inHistory([fault(2, "power-off", "1"), fault(9, "kill", "2")])).toBe(true);
    expect(inHistory([fault(2, "power-off", "1", "fail"), fault(3, "kill", "2")])).toBe(true);
    expect(inHistory([fault(2, "power-off", "1")], without)).toBe(false);
    expect(inHistory([fault(2, "power-off", "1")], minIsr(1))).toBe(false);
    expect(inHistory([fault(2, "kill", "1")], without)).toBe(true);
  });
});

describe("what hangs on safe disks", () => {
  const disks = { lostRecords: true, withoutTail: [], uncleanRestarts: 2 };
  const dead = { ...asDead, log: log("") };
  const cases: readonly [string, ClusterView][] = [
    ["DUR-1", failedOver({ 2: { log: log("a0") } })],
    ["DUR-2", failedOver({ 2: { log: log("a0") } })],
    ["HW-2", partitionWith(healthy(), {}, { 2: { log: log("") } })],
    ["ISR-1", partitionWith(healthy(), {}, { 2: { log: log("") } })],
    ["LOG-2", partitionWith(healthy(), {}, { 2: { log: log("a0 x0") } })],
    ["ALO-1", { ...failedOver(), delivered: [] }],
  ];
  const excusesOf = (id: string, view: ClusterView) => {
    const requirement = requirementById(id);
    const judgement = requirement?.invariant?.(view, null) ?? "vacuous";
    if (requirement === undefined || typeof judgement === "string") throw new Error(`${id}: ${String(judgement)}`);
    return judgement.map(({ scope }) => requirement.promised(view.config, scope));
  };

  it.each(cases)("%s is promised while they are whole, and not afterwards", (id, view) => {
    expect(excusesOf(id, view)).toContain(true);
    expect(excusesOf(id, partitionWith(view, { disks }))).not.toContain(true);
  });

  it("one epoch has one record at an offset, whatever was lost", () => {
    const view = partitionWith(healthy(), { disks }, { 2: { log: log("a0 x1") } });
    expect(excusesOf("LOG-2", view)).toContain(true);
  });

  it("an election is judged by them, too", () => {
    const elected = { kind: "elected", partition: "t-0", leader: 2, leaderEpoch: 2, unclean: false } as const;
    const judged = (change: Partial<DisksView>) => {
      const before = partitionWith(healthy(), { disks: { ...wholeDisks, ...change } }, { 2: dead });
      const view = observing(partitionWith(before, { leader: 2, leaderEpoch: 2 }), elected);
      const judgement = ele2.invariant?.(view, before) ?? "vacuous";
      return typeof judgement === "string"
        ? judgement
        : judgement.map(({ scope }) => ele2.promised(view.config, scope));
    };
    expect(judged({})).toEqual([true]);
    expect(judged({ lostRecords: true, uncleanRestarts: 2 })).toEqual([false]);
    // The controller does not know yet that it is dead.
    expect(judged({ lostRecords: true, withoutTail: [2] })).toBe("vacuous");
  });

  it("copies are not counted any more, though elections are safe", () => {
    const answer = { kind: "answered", broker: 1, partition: "t-0", leaderEpoch: 1, acks: -1, baseOffset: 1 } as const;
    const view = observing(partitionWith(healthy(), {}, { 2: { log: log("") }, 3: { log: log("") } }), {
      ...answer,
      values: ["b"],
    });
    expect(excusesOf("ACK-1", view)).toEqual([true]);
    const one = { disks: { ...wholeDisks, lostRecords: true, uncleanRestarts: 1 } };
    expect(excusesOf("ACK-1", partitionWith(view, one))).toEqual([false]);
  });

  it("dead members without their tails are not looked at, where they cannot take office", () => {
    const view = partitionWith(
      healthy(),
      { disks: { ...wholeDisks, lostRecords: true, withoutTail: [2] } },
      { 2: dead },
    );
    const isr1 = requirementById("ISR-1");
    const hw2 = requirementById("HW-2");
    expect(isr1?.invariant?.(view, null)).toBe("holds");
    expect(hw2?.invariant?.(view, null)).toBe("holds");
    const without = { ...view, config: configWith({ server: { "eligible.leader.replicas.version": 0 } }) };
    expect(isr1?.invariant?.(without, null)).toHaveLength(1);
    expect(hw2?.invariant?.(without, null)).toHaveLength(1);
  });
});

describe("a condition without a partition", () => {
  it("is asked of every partition, and is met by one", () => {
    const config = configWith({ topics: { t: { "unclean.leader.election.enable": true, partitions: 2 }, u: {} } });
    expect(inSomePartition(config, undefined, safeElections)).toBe(true);
    expect(inSomePartition(config, "u-0", safeElections)).toBe(true);
    expect(inSomePartition(config, "t-1", safeElections)).toBe(false);
  });
});
