/** A walk is judged as a search judges: the first violation counts, promised ones before others. */
import { describe, expect, it } from "vitest";
import { judgeWalk } from "../../report/judge-walk.ts";
import type { Moment, Walk, WalkedStep } from "../../report/walk.ts";
import type { AcknowledgedRecord, ClusterView, DeliveredRecord } from "../../spec/cluster-view.ts";
import type { Requirement } from "../../spec/requirement.ts";
import { fakeRequirement } from "../scenarios/fake-requirement.ts";
import { designWith } from "./walks.ts";

const { config } = designWith();

const record = (value: string): AcknowledgedRecord => ({ producer: "p", partition: "t-0", value, offset: 0 });
const given = (value: string): DeliveredRecord => ({ consumer: "c", partition: "t-0", value, offset: 0 });

function viewOf(acknowledged: readonly string[], delivered: readonly string[] = []): ClusterView {
  return {
    config,
    time: null,
    partitions: [],
    acknowledged: acknowledged.map(record),
    delivered: delivered.map(given),
    pending: [],
    knownLeaders: [],
    positions: [],
    travelling: [],
    passedOver: [],
    committed: [],
    observed: [],
  };
}

function walkOf(...views: readonly ClusterView[]): Walk {
  const [first = viewOf([])] = views;
  const moment = (view: ClusterView): Moment => ({ view, connections: [], cuts: [] });
  const steps = views.slice(1).map((view, index): WalkedStep => {
    const choice = { kind: "wait", until: index } as const;
    return { choice, label: `wait until ${index}`, before: views[index] ?? first, after: moment(view) };
  });
  return { outcome: "walked", begin: moment(first), steps, hash: "" };
}

/** Violated by every record with one of these values; those in capitals are promised against. */
function missing(...values: readonly string[]): Requirement {
  return {
    ...fakeRequirement("DUR-1"),
    promised: (_, { producer }) => producer !== "nobody",
    invariant: ({ acknowledged, delivered }) => {
      const bad = [...acknowledged, ...delivered].filter(({ value }) => values.includes(value));
      const scope = (value: string) => (value === value.toUpperCase() ? {} : { producer: "nobody" });
      return bad.length === 0 ? "holds" : bad.map(({ value }) => ({ text: `${value} is gone`, scope: scope(value) }));
    },
  };
}

describe("judging a walk", () => {
  it("finds nothing where nothing is violated", () => {
    expect(judgeWalk(walkOf(viewOf([]), viewOf(["a"])), config, [missing("b")])).toEqual([]);
  });

  it("names the step, and of all records those that make it a violation, with the step that told of them", () => {
    const walk = walkOf(viewOf([]), viewOf(["A"]), viewOf(["A", "B"]), { ...viewOf(["A", "B"], ["B"]), time: 7 });
    const late: Requirement = {
      ...missing("B"),
      invariant: (view, before) => (view.time === 7 ? (missing("B").invariant?.(view, before) ?? "holds") : "holds"),
    };
    expect(judgeWalk(walk, config, [late])).toMatchObject([
      {
        verdict: "violated",
        step: 3,
        text: "B is gone",
        lost: [
          { value: "B", client: "p", was: "acknowledged to", since: 2, offset: 0, partition: "t-0" },
          { value: "B", client: "c", was: "read by", since: 3, offset: 0, partition: "t-0" },
        ],
      },
    ]);
  });

  it("keeps the first loss, unless a promised one follows", () => {
    const walk = walkOf(viewOf([]), viewOf(["a"]), viewOf(["a", "b"]), viewOf(["a", "b", "C"]));
    expect(judgeWalk(walk, config, [missing("a", "b")])).toMatchObject([
      { verdict: "expected-loss", step: 1, text: "a is gone" },
    ]);
    expect(judgeWalk(walk, config, [missing("a", "C")])).toMatchObject([
      { verdict: "violated", step: 3, text: "C is gone" },
    ]);
  });

  it("sees what is wrong from the beginning", () => {
    expect(judgeWalk(walkOf(viewOf(["A"])), config, [missing("A")])).toMatchObject([{ step: 0, lost: [{ since: 0 }] }]);
  });

  it("blames no record for what has nothing to do with records", () => {
    const always: Requirement = { ...missing(), invariant: () => [{ text: "wrong", scope: {} }] };
    expect(judgeWalk(walkOf(viewOf(["A"])), config, [always])).toMatchObject([{ text: "wrong", lost: [] }]);
  });

  it("asks for single records as of the same step: from the same state before", () => {
    const ofSteps: Requirement = {
      ...missing("A"),
      invariant: (view, before) => (before === null ? "vacuous" : (missing("A").invariant?.(view, before) ?? "holds")),
    };
    expect(judgeWalk(walkOf(viewOf([]), viewOf(["A"])), config, [ofSteps])).toMatchObject([{ lost: [{ value: "A" }] }]);
    const ofBefore: Requirement = {
      ...missing("A"),
      invariant: (view, before) =>
        before === null || view.acknowledged === before.acknowledged
          ? "vacuous"
          : (missing("A").invariant?.(before, null) ?? "holds"),
    };
    const walk = walkOf(viewOf([]), viewOf(["A"]), viewOf(["A", "B"]));
    expect(judgeWalk(walk, config, [ofBefore])).toMatchObject([{ step: 2, lost: [{ value: "A", since: 1 }] }]);
  });

  it("judges each requirement by itself, in their order", () => {
    const found = judgeWalk(walkOf(viewOf([]), viewOf(["B"]), viewOf(["A", "B"])), config, [
      { ...missing("A"), id: "X-1" },
      { ...missing("c"), id: "X-2" },
      { ...missing("B"), id: "X-3" },
    ]);
    expect(found.map(({ requirement, step }) => [requirement, step])).toEqual([
      ["X-1", 2],
      ["X-3", 1],
    ]);
  });
});
