/** A timeline is the walk, and nothing of what happened in the logs is left out of it. */
import { describe, expect, it } from "vitest";
import { clusterOfDesign } from "../../check/cluster-of-design.ts";
import { judgeWalk } from "../../report/judge-walk.ts";
import { type PartitionShown, type Timeline, timelineOf } from "../../report/timeline.ts";
import { walkUntimed } from "../../report/walk.ts";
import { requirements } from "../../spec/requirements/index.ts";
import { acks1, randomTimed, randomUntimed, shortestWay, walked } from "./walks.ts";

const seeds = Array.from({ length: 25 }, (_, index) => index + 1);

const timelines = seeds.flatMap((seed) =>
  [randomUntimed(seed), randomTimed(seed)].map(({ config, walk, labels }) => {
    return { labels, timeline: timelineOf(walk, config, []) };
  }),
);

/** The partitions after one more step. */
function changed(known: readonly PartitionShown[], changes: readonly PartitionShown[]): readonly PartitionShown[] {
  return known.map((partition) => {
    const news = changes.find((one) => one.partition === partition.partition);
    const replicas = partition.replicas.map(
      (replica) => news?.replicas.find(({ broker }) => broker === replica.broker) ?? replica,
    );
    return { ...partition, record: news?.record ?? partition.record, replicas };
  });
}

describe("a timeline", () => {
  it("leads by its changes from the beginning to the end", () => {
    for (const { timeline } of timelines) {
      const end = timeline.steps.reduce((known, { changes }) => changed(known, changes), timeline.begin);
      expect(end).toEqual(timeline.end);
    }
  });

  it("shows nothing as changed that is as it was", () => {
    for (const { timeline } of timelines) {
      let known = timeline.begin;
      for (const { changes } of timeline.steps) {
        for (const { partition, record, replicas } of changes) {
          const was = known.find((one) => one.partition === partition);
          expect(record === null && replicas.length === 0).toBe(false);
          if (record !== null) expect(record).not.toEqual(was?.record);
          for (const replica of replicas) expect(was?.replicas).not.toContainEqual(replica);
        }
        known = changed(known, changes);
      }
    }
  });

  it("has a step for each choice, numbered from 1, and lanes for all whom it touches", () => {
    for (const { labels, timeline } of timelines) {
      expect(timeline.steps.map(({ choice }) => choice)).toEqual(labels);
      expect(timeline.steps.map(({ number }) => number)).toEqual(labels.map((_, index) => index + 1));
      const met = timeline.steps.flatMap(({ event: { from, to } }) => [from, to]).filter((node) => node !== null);
      expect(met.filter((node) => !timeline.lanes.includes(node))).toEqual([]);
      expect(new Set(timeline.lanes).size).toBe(timeline.lanes.length);
    }
  });

  it("calls quiet only steps that are told in the words of their choice alone", () => {
    const quiet = timelines.flatMap(({ timeline }) => timeline.steps.filter((step) => step.quiet));
    expect(quiet.length).toBeGreaterThan(100);
    expect(quiet.filter(({ text, changes }) => text.includes("; ") || changes.length > 0)).toEqual([]);
    expect(quiet.filter(({ choice }) => !/^(deliver|fire) /.test(choice))).toEqual([]);
  });

  it("tells how each step looks from its lanes", () => {
    const events = new Map(
      timelines.flatMap(({ timeline }) => timeline.steps.map(({ choice, event }) => [choice, event])),
    );
    const seen = (pattern: RegExp) => [...events].find(([choice]) => pattern.test(choice))?.[1];
    expect(seen(/^deliver fetch b2\/\S+→b1/)).toEqual({ kind: "message", from: "b2", to: "b1" });
    expect(seen(/^deliver fetch-response b2\/\S+→b1/)).toEqual({ kind: "message", from: "b1", to: "b2" });
    expect(seen(/^kill 1$/)).toEqual({ kind: "break", from: "b1", to: "b1" });
    expect(seen(/^start 1$/)).toEqual({ kind: "mend", from: "b1", to: "b1" });
    expect(seen(/^cut b1 b2$/)).toEqual({ kind: "break", from: "b1", to: "b2" });
    expect(seen(/^heal b1 b2$/)).toEqual({ kind: "mend", from: "b1", to: "b2" });
    expect(seen(/^fire isr-check b1/)).toEqual({ kind: "local", from: "b1", to: "b1" });
    expect(seen(/^p send /)).toEqual({ kind: "local", from: "p", to: "p" });
  });
});

describe("the timeline of a loss", () => {
  const { labels } = shortestWay(acks1, "DUR-1", null, 2_000);
  const walk = walked(walkUntimed(clusterOfDesign(acks1), labels));
  const findings = judgeWalk(
    walk,
    acks1.config,
    requirements.filter(({ id }) => id === "DUR-1"),
  );
  const timeline: Timeline = timelineOf(walk, acks1.config, findings);

  it("has what was found, and the record that is lost", () => {
    expect(timeline.lanes).toEqual(["p", "controller", "b1", "b2", "b3"]);
    expect(timeline.findings).toEqual([
      {
        requirement: "DUR-1",
        title: "acknowledged records are never lost",
        verdict: "expected-loss",
        step: 5,
        text: "a of p, acknowledged at offset 0: leader 2 of t-0 in epoch 1 has nothing: its log ends at 0",
        lost: [{ partition: "t-0", offset: 0, value: "a", client: "p", was: "acknowledged to", since: 2 }],
      },
    ]);
  });

  it("is plain data", () => {
    expect(JSON.parse(JSON.stringify(timeline))).toEqual(timeline);
  });
});
