import { describe, expect, it } from "vitest";
import type { Observation } from "../../../spec/cluster-view.ts";
import type { ClusterConfig } from "../../../spec/config/cluster-config.ts";
import type { HistoryOperation, SentRecord } from "../../../spec/history/format.ts";
import { par1 } from "../../../spec/requirements/par.ts";
import { configWith, healthy, observing, said, watched } from "../cluster-views.ts";

const config = configWith({ producers: { p1: {}, p2: {} }, topics: { t: { partitions: 3 } } });
const with2 = (p2: Partial<ClusterConfig["producers"][string]>) =>
  configWith({ producers: { p1: {}, p2 }, topics: { t: { partitions: 3 } } });

/** `"p1 a k 0"`: p1 sends a with the key k to the topic, and it goes to t-0; `-` is no key, `''` the empty one. */
interface Choice {
  readonly producer: string;
  readonly value: string;
  readonly key: string | null;
  readonly partition: string;
}
function choice(text: string): Choice {
  const [producer = "", value = "", key = "", number = ""] = text.split(" ");
  return { producer, value, key: key === "-" ? null : key === "''" ? "" : key, partition: `t-${number}` };
}

/** What the states of a run say of it, the choices one after the other. */
function ofStates(texts: readonly string[], by: ClusterConfig = config) {
  const steps = texts.map((text) => {
    const observed: Observation = { kind: "accepted", to: "t", ...choice(text) };
    return observing(healthy({ config: by }), observed);
  });
  return said(watched(par1, steps).at(-1) ?? "vacuous");
}

/** What its history says, a send for each choice. */
function ofHistory(texts: readonly string[], by: ClusterConfig = config) {
  const history = texts.flatMap((text, index) => {
    const { producer, value, key, partition } = choice(text);
    return send(producer, index, [{ key: partition, value, partitionKey: key }]);
  });
  return said(par1.judge?.(history, by) ?? "vacuous");
}

function send(process: string, call: number, records: readonly SentRecord[]): HistoryOperation[] {
  const told = records.map(({ key, value }) => ({ key, value, offset: call }));
  const common = { time_ns: 0, process, f: "send" } as const;
  return [
    { ...common, index: 2 * call, type: "invoke", value: records },
    { ...common, index: 2 * call + 1, type: "ok", value: told },
  ];
}

const violated = (text: string) => [text];

describe("PAR-1", () => {
  const cases: readonly [string, readonly string[], string | readonly string[]][] = [
    ["one record", ["p1 a k 0"], "vacuous"],
    ["two keys", ["p1 a k 0", "p1 b l 1"], "vacuous"],
    ["records without a key", ["p1 a - 0", "p1 b - 1"], "vacuous"],
    ["an empty key and none", ["p1 a '' 0", "p1 b - 1"], "vacuous"],
    ["the same key twice", ["p1 a k 2", "p1 b k 2"], "holds"],
    ["the empty key twice", ["p1 a '' 2", "p1 b '' 2"], "holds"],
    [
      "the same key elsewhere",
      ["p1 a k 0", "p1 b l 1", "p1 c k 2"],
      violated('p1 sent c with the key "k" to t-2; p1 had sent a with the same key to t-0'),
    ],
    [
      "the empty key elsewhere",
      ["p1 a '' 0", "p1 b '' 1"],
      violated('p1 sent b with the key "" to t-1; p1 had sent a with the same key to t-0'),
    ],
    [
      "the same key of another producer elsewhere",
      ["p1 a k 0", "p2 b k 1"],
      violated('p2 sent b with the key "k" to t-1; p1 had sent a with the same key to t-0'),
    ],
  ];
  it.each(cases)("states: %s", (_name, texts, judgement) => {
    expect(ofStates(texts)).toEqual(judgement);
  });
  it.each(cases)("histories: %s", (_name, texts, judgement) => {
    expect(ofHistory(texts)).toEqual(judgement);
  });

  it("finds a later violation, and remembers where the key went first", () => {
    const texts = ["p1 a k 0", "p1 b k 1", "p1 c k 0"];
    expect(ofHistory(texts)).toEqual([expect.stringContaining("p1 sent b")]);
    expect(ofStates(texts)).toBe("holds");
  });

  it.each([
    ["round robin", { "partitioner.class": "RoundRobinPartitioner" }],
    ["the user's own", { "partitioner.class": "./mine.ts" }],
    ["one that may not go by keys", { "partitioner.ignore.keys": true }],
  ])("does not compare %s with those who go by the key, and promises nothing of it", (_name, settings) => {
    const by = with2(settings);
    expect(ofStates(["p1 a k 0", "p2 b k 1"], by)).toBe("vacuous");
    expect(ofStates(["p2 a k 0", "p2 b k 0"], by)).toBe("vacuous");
    const texts = ["p2 a k 0", "p2 b k 1"];
    expect(ofStates(texts, by)).toHaveLength(1);
    expect(ofHistory(texts, by)).toHaveLength(1);
    expect(par1.promised(by, { producer: "p2" })).toBe(false);
    expect(par1.promised(by, { producer: "p1" })).toBe(true);
    expect(par1.promised(by, {})).toBe(true);
  });

  it("compares Kafka's own choice with the textbooks': both go by the same hash", () => {
    const by = with2({ "partitioner.class": "TextbookPartitioner" });
    expect(ofStates(["p1 a k 0", "p2 b k 1"], by)).toHaveLength(1);
    expect(ofStates(["p1 a k 0", "p2 b k 0"], by)).toBe("holds");
  });

  it("does not mean a partition that the application has named", () => {
    const named = { kind: "accepted", producer: "p1", to: "t-1", partition: "t-1", key: "k", value: "b" } as const;
    const chosen = { ...named, to: "t", partition: "t-0", value: "a" } as const;
    const view = (observed: Observation) => observing(healthy({ config }), observed);
    expect(watched(par1, [view(chosen), view(named)]).at(-1)).toBe("vacuous");
    const history = [
      ...send("p1", 0, [{ key: "t-0", value: "a", partitionKey: "k" }]),
      ...send("p1", 1, [{ key: "t-1", value: "b" }]),
    ];
    expect(par1.judge?.(history, config)).toBe("vacuous");
  });

  it("knows topics apart, and one client's processes as one", () => {
    const records = (...keys: readonly string[]) =>
      keys.map((key, place) => ({ key, value: `v${place}`, partitionKey: "k" }));
    expect(par1.judge?.(send("p1", 0, records("t-0", "u-1")), config)).toBe("vacuous");
    const elsewhere = [...send("p1", 0, records("t-0")), ...send("p1/2", 1, records("t-1"))];
    expect(par1.judge?.(elsewhere, config)).toMatchObject([{ scope: { producer: "p1", partition: "t-1" } }]);
  });

  it("counts what was chosen, whatever became of the send", () => {
    const failed = send("p1", 0, [{ key: "t-0", value: "a", partitionKey: "k" }]).map((one) =>
      one.type === "ok" ? ({ ...one, type: "fail", error: "X" } as HistoryOperation) : one,
    );
    const never = send("p1", 1, [{ key: "t-1", value: "b", partitionKey: "k" }]).slice(0, 1);
    expect(par1.judge?.([...failed, ...never], config)).toHaveLength(1);
  });
});
