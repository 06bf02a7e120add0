/** What the all-seeing observer remembers: acknowledged, delivered, passed over; sets that only grow. */
import { describe, expect, it } from "vitest";
import { type Ghosts, noGhosts, remember, rememberCall } from "../../../model/cluster/ghosts.ts";
import type { ConsumerContext } from "../../../model/consumer/consumer-context.ts";
import type { Observation } from "../../../spec/cluster-view.ts";
import { configWith } from "../../spec/cluster-views.ts";

const config = configWith();
const seeing = (ghosts: Ghosts, observed: readonly Observation[]) => remember(ghosts, observed, config);

type Of<Kind extends Observation["kind"]> = Extract<Observation, { kind: Kind }>;

const outcome = (change: Partial<Of<"outcome">> = {}): Observation => ({
  kind: "outcome",
  producer: "p1",
  partition: "t-0",
  values: ["a", "b"],
  outcome: "ok",
  error: null,
  baseOffset: 4,
  attempts: 1,
  ...change,
});
const delivery = (change: Partial<Of<"delivered">> = {}): Observation => {
  return { kind: "delivered", consumer: "c1", partition: "t-0", offset: 4, value: "a", ...change };
};

describe("what was acknowledged", () => {
  it("is every record of a batch whose success was told, at its own offset", () => {
    expect(seeing(noGhosts, [outcome()]).acknowledged).toEqual([
      { producer: "p1", partition: "t-0", value: "a", offset: 4 },
      { producer: "p1", partition: "t-0", value: "b", offset: 5 },
    ]);
  });

  it("has no offset where the producer learns none", () => {
    const { acknowledged } = seeing(noGhosts, [outcome({ baseOffset: null })]);
    expect(acknowledged.map(({ offset }) => offset)).toEqual([null, null]);
  });

  it("is nothing that failed or may have failed", () => {
    const failed = [outcome({ outcome: "fail" }), outcome({ outcome: "unknown" })];
    expect(seeing(noGhosts, failed)).toBe(noGhosts);
  });

  it("grows at its end", () => {
    const before = seeing(noGhosts, [outcome({ values: ["a"] })]);
    const { acknowledged } = seeing(before, [outcome({ values: ["b"], baseOffset: 5 })]);
    expect(acknowledged.map(({ value }) => value)).toEqual(["a", "b"]);
  });
});

describe("what was delivered", () => {
  const first = () => seeing(noGhosts, [delivery()]);

  it("is remembered once for each consumer, partition, offset and value", () => {
    const once = first();
    expect(once.delivered).toEqual([{ consumer: "c1", partition: "t-0", offset: 4, value: "a" }]);
    expect(seeing(once, [delivery()])).toBe(once);
    for (const other of [{ consumer: "c2" }, { partition: "t-1" }, { offset: 5 }, { value: "b" }]) {
      expect(seeing(once, [delivery(other)]).delivered).toHaveLength(2);
    }
  });

  it("stays when something is acknowledged, and the other way round", () => {
    const both = seeing(first(), [outcome()]);
    expect([both.delivered.length, both.acknowledged.length]).toEqual([1, 2]);
    expect(seeing(both, [delivery({ offset: 5, value: "b" })]).acknowledged).toEqual(both.acknowledged);
  });
});

describe("what an application passes over by its own will", () => {
  const consumer = {
    client: "c1",
    positions: [
      { partition: "t-0", offset: 3 },
      { partition: "t-1", offset: null },
    ],
  } as unknown as ConsumerContext;
  const passed = (operation: Parameters<typeof rememberCall>[2]) =>
    rememberCall(noGhosts, consumer, operation).passedOver;

  it("is what lies between its position and where it seeks", () => {
    const over = [{ consumer: "c1", partition: "t-0", from: 3, to: 6 }];
    expect(passed({ f: "seek", partition: "t-0", offset: 6 })).toEqual(over);
  });

  it("is what a commit of an offset of its own choice leaves out, from the beginning where it has read nothing", () => {
    expect(passed({ f: "commit", offsets: { "t-0": 4, "t-1": 2 } })).toEqual([
      { consumer: "c1", partition: "t-0", from: 3, to: 4 },
      { consumer: "c1", partition: "t-1", from: 0, to: 2 },
    ]);
  });

  it("is nothing where it goes back, stays, or commits its position", () => {
    for (const offset of [2, 3]) {
      const operation = { f: "seek", partition: "t-0", offset } as const;
      expect(rememberCall(noGhosts, consumer, operation)).toBe(noGhosts);
    }
    expect(passed({ f: "commit", offsets: null })).toEqual([]);
    expect(passed({ f: "poll", timeoutMs: 9 })).toEqual([]);
  });

  it("grows at its end", () => {
    const once = rememberCall(noGhosts, consumer, { f: "seek", partition: "t-0", offset: 6 });
    const twice = rememberCall(once, consumer, { f: "seek", partition: "t-1", offset: 1 });
    expect(twice.passedOver.map(({ partition }) => partition)).toEqual(["t-0", "t-1"]);
  });
});
