/** Every kind of bad input: code, line and column, and a hint where one can be given. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadScenario } from "../../scenarios/load-scenario.ts";
import { scenarioText } from "./scenario-text.ts";

/** `line:column code`, in the order of the report. */
function errorsOf(text: string): readonly string[] {
  const loaded = loadScenario("x.yaml", text);
  return loaded.ok ? [] : loaded.errors.map(({ line, column, code }) => `${line}:${column} ${code}`);
}

function hintsOf(text: string): readonly (string | null)[] {
  const loaded = loadScenario("x.yaml", text);
  return loaded.ok ? [] : loaded.errors.map(({ hint }) => hint);
}

const expectedOf = (expect: string) => scenarioText(["settle:"], expect);

describe("a sound file", () => {
  it("is read with everything filled in", () => {
    const file = join(import.meta.dirname, "fixtures/rollback.yaml");
    const loaded = loadScenario("rollback.yaml", readFileSync(file, "utf8"));
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
    const { scenario } = loaded;
    expect(scenario.name).toMatch(/^A consumer that crashes/);
    expect(scenario.shows).toEqual(["DUR-1"]);
    expect(scenario.cluster.topics["orders"]?.partitions).toBe(2);
    expect(scenario.steps.map(({ name }) => name).slice(0, 3)).toEqual(["send", "poll", "commit"]);
    expect(scenario.steps[0]).toMatchObject({ args: { wait: true, values: ["a", "b", "c"] } });
    expect(scenario.steps[1]).toMatchObject({ args: { timeout: 1000 } });
    expect(scenario.expect).toMatchObject({ holds: [], loses: [], at: 2 });
    expect(scenario.place(["steps", 1, "poll", "by"])).toBe("rollback.yaml:13:17");
    expect(scenario.place(["steps", 1, "poll", "by"], "key")).toBe("rollback.yaml:13:13");
    expect(scenario.place(["steps", 1, "poll", "not", "there"])).toBe("rollback.yaml:13:11");
  });

  it.each([
    ["commit: c1"],
    ["commit: { by: c1, offsets: { orders-0: 3 } }"],
    ["send: { by: p1, to: orders, values: [a, b], keys: [k, ''], expect: { partitions: [1, 0] } }"],
    ["flush: p1"],
    ["flush: { by: p1, expect: { outcome: ok } }"],
    ["seek: { by: c1, to: orders-0, offset: 3 }"],
    ["assign: { by: c1, partitions: [orders-0] }"],
    ["delete-records: { partition: orders-0, before: 3, expect: { error: OFFSET_OUT_OF_RANGE } }"],
    ["expect: { log-start: { orders-0: 0, 1/orders-0: 0 } }"],
    ["cut: [1, controller]"],
    ["power-off: 2"],
    ["power-off: { broker: 2 }"],
    ["power-off: { broker: 2, keeps: { orders-0: 3, orders-1: 0 } }"],
    ["expect: { under-replicated: [orders-0], under-min-isr: [] }"],
    ["expect: { under-replicated: { includes: [orders-9] } }"],
    ["heal: all"],
    ["hold: { from: 1, to: p1, message: produce-response }"],
    ["elapse: 2min"],
    ["settle:"],
    ["settle: all"],
    ["final-read:"],
    ["final-read: { expect: {} }"],
    ["await: { at: 3ms, within: 10ms }"],
    ["expect: { leader: { orders-0: null }, isr: { orders-0: { includes: [1] } }, at: 0ms }"],
    ["poll: { by: c1, expect: { error: OFFSET_OUT_OF_RANGE, outcome: fail } }"],
    // Impossible, but expectations are there to fail: not bad input.
    ["expect: { leader: { orders-0: 99 }, high-watermark: { orders-0: -1 }, isr: { orders-0: [] } }"],
  ])("may have the step %s", (step) => {
    expect(errorsOf(scenarioText([step]))).toEqual([]);
  });

  it("may use anchors", () => {
    const text = scenarioText([
      "send: { by: p1, to: orders-0, values: &all [a, b] }",
      "expect: { acknowledged: { p1: *all } }",
    ]);
    expect(errorsOf(text)).toEqual([]);
  });
});

describe("what is no YAML document", () => {
  it.each([
    ["nothing", "", ["1:1 E_EMPTY_FILE"]],
    ["comments only", "# a\n\n# b\n", ["1:1 E_EMPTY_FILE"]],
    ["an explicit nothing", "---\n", ["1:1 E_EMPTY_FILE"]],
    ["two documents", "a: 1\n---\nb: 2\n", ["3:1 E_SEVERAL_DOCUMENTS"]],
    ["two things left open", "a: [1, 2\nb: {c: d\n", ["2:1 E_YAML", "3:1 E_YAML"]],
    ["a tab as indentation", "a:\n\t- b\n", ["2:1 E_YAML"]],
    ["an unknown tag", "scenario: !secret x\n", ["1:11 E_YAML"]],
    ["an alias without anchor", "scenario: *x\n", ["1:11 E_YAML"]],
    ["an alias in its own anchor", "steps: &s [*s]\n", ["1:12 E_YAML"]],
    ["a list as key", "? [a]\n: b\n", ["1:3 E_TYPE"]],
    ["the key __proto__", "a: { __proto__: x }\n", ["1:6 E_UNKNOWN_KEY"]],
    ["absurd nesting", "[".repeat(20_000), ["1:1 E_YAML"]],
  ])("%s", (_, text, errors) => {
    expect(errorsOf(text)).toEqual(errors);
  });

  it("an alias bomb is refused, not built", () => {
    const tens = (name: string) => Array.from({ length: 10 }, () => `*${name}`).join(",");
    const bomb = `a: &a [${"x,".repeat(9)}x]\nb: &b [${tens("a")}]\nc: &c [${tens("b")}]\nd: [${tens("c")}]\n`;
    expect(errorsOf(bomb)).toEqual(["1:1 E_YAML"]);
  });

  it("a key that stands twice is reported beside everything else", () => {
    const text = scenarioText(["settle:", "kill: 9"]).replace("brokers: 3", "brokers: 3\n  brokers: 3");
    expect(errorsOf(text)).toEqual(["4:3 E_DUPLICATE_KEY", "13:11 E_UNKNOWN_REFERENCE"]);
    expect(errorsOf(expectedOf("{ leader: { 1: 1, '1': 1 } }"))).toContain("12:27 E_DUPLICATE_KEY");
  });
});

describe("the top of the file", () => {
  it.each([
    ["a list", "- a\n", ["1:1 E_TYPE"]],
    ["a wrong word", scenarioText(["settle:"]).replace("scenario:", "scenaro:"), ["1:1 E_UNKNOWN_KEY"]],
    ["nothing of what is needed", "shows: []\n", ["1:1 E_MISSING_KEY", "1:1 E_MISSING_KEY", "1:1 E_MISSING_KEY"]],
    ["a misspelt list of steps", scenarioText(["settle:"]).replace("steps:", "stpes:"), ["10:1 E_UNKNOWN_KEY"]],
    ["nulls", "scenario:\ncluster:\nsteps:\n", ["1:10 E_TYPE", "2:9 E_TYPE", "3:7 E_TYPE"]],
    ["a number as title", scenarioText(["settle:"]).replace("a test", "7"), ["1:11 E_TYPE"]],
    ["no steps", scenarioText([]).replace("steps:", "steps: []"), ["10:8 E_VALUE"]],
    [
      "an unknown id that it shows",
      `shows: [DUR-1, DRU-2]\n${scenarioText(["settle:"])}`,
      ["1:16 E_UNKNOWN_REFERENCE"],
    ],
  ])("%s", (_, text, errors) => {
    expect(errorsOf(text)).toEqual(errors);
  });

  it("suggests the nearest key, and the nearest id", () => {
    expect(hintsOf(scenarioText(["settle:"]).replace("scenario:", "scenaro:"))).toEqual(["did you mean `scenario`?"]);
    expect(hintsOf(expectedOf("{ holds: [DRU-1] }"))).toEqual(["did you mean `DUR-1`?"]);
  });
});

describe("the cluster", () => {
  const changed = (from: string, to: string) => scenarioText(["settle:"]).replace(from, to);
  it.each([
    [
      "a factor above the brokers",
      changed("replication.factor: 1", "replication.factor: 4"),
      ["5:50 E_REPLICATION_FACTOR"],
    ],
    ["a misspelt property", changed("acks:", "aks:"), ["7:11 E_UNKNOWN_PROPERTY"]],
    ["a value that is none", changed("acks: all", "acks: most"), ["7:17 E_VALUE"]],
    ["an unknown section", changed("topics:", "topix:"), ["3:3 E_MISSING_KEY", "4:3 E_UNKNOWN_KEY"]],
    [
      "a list",
      changed(/cluster:[\s\S]*steps:/.exec(scenarioText([]))?.[0] ?? "", "cluster: []\nsteps:"),
      ["2:10 E_TYPE"],
    ],
  ])("%s", (_, text, errors) => {
    expect(errorsOf(text)).toEqual(errors);
  });
});

describe("a step", () => {
  it.each([
    ["frobnicate: 1", ["11:5 E_UNKNOWN_STEP"]],
    ["subscribe: c1", ["11:5 E_UNSUPPORTED_STEP"]],
    ["begin: p1", ["11:5 E_UNSUPPORTED_STEP"]],
    ["commit-transaction: p1", ["11:5 E_UNSUPPORTED_STEP"]],
    ["abort-transaction: p1", ["11:5 E_UNSUPPORTED_STEP"]],
    ["shutdown: 1", ["11:5 E_UNSUPPORTED_STEP"]],
    ["settle", ["11:5 E_TYPE"]],
    ["[settle]", ["11:5 E_TYPE"]],
    ["{}", ["11:5 E_STEP"]],
    ["{ settle: , flush: p1 }", ["11:17 E_STEP"]],
    ["send: { by: p1, values: [a] }", ["11:11 E_MISSING_KEY"]],
    ["send: { by: p1, to: orders-0, values: [] }", ["11:43 E_VALUE"]],
    ["send: { by: p1, to: orders-0, values: [1, true, null, b] }", ["11:44 E_TYPE", "11:47 E_TYPE", "11:53 E_TYPE"]],
    ["send: { by: p1, to: orders-0, values: a }", ["11:43 E_TYPE"]],
    ["send: { by: p1, to: orders-0, values: [a], key: k, keys: [k] }", ["11:62 E_VALUE"]],
    ["send: { by: p1, to: orders-0, values: [a, b], keys: [k] }", ["11:57 E_VALUE"]],
    ["send: { by: p1, to: orders-0, values: [a], wait: maybe }", ["11:54 E_TYPE"]],
    ["send: { by: p1, to: orders-0, values: [a], expect: {} }", ["11:56 E_VALUE"]],
    ["send: { by: p1, to: orders-0, values: [a], expect: { outcome: good } }", ["11:67 E_VALUE"]],
    ["send: { by: p1, to: orders-0, values: [a], expect: { offset: [0] } }", ["11:58 E_UNKNOWN_KEY"]],
    ["poll: { by: c1, expect: { orders-0: [a] } }", ["11:42 E_TYPE"]],
    ["poll: { by: c1, expect: { orders-0: [[a, 0]] } }", ["11:43 E_TYPE", "11:46 E_TYPE"]],
    ["poll: { by: c1, timeout: 100 }", ["11:30 E_TYPE"]],
    ["elapse: 30", ["11:13 E_TYPE"]],
    ["elapse: '30'", ["11:13 E_VALUE"]],
    ["elapse: 3 parsecs", ["11:13 E_VALUE"]],
    ["kill: one", ["11:11 E_TYPE"]],
    ["kill: 1.5", ["11:11 E_TYPE"]],
    ["cut: [1]", ["11:10 E_VALUE"]],
    ["heal: everything", ["11:11 E_TYPE"]],
    ["settle: now", ["11:13 E_TYPE"]],
    ["hold: { from: 1, to: 2 }", ["11:11 E_MISSING_KEY"]],
    ["hold: { from: 1, to: 2, message: fetchh }", ["11:38 E_VALUE"]],
    ["await: { at: 1ms }", ["11:12 E_MISSING_KEY"]],
    ["expect: {}", ["11:13 E_VALUE"]],
    ["expect: { leadr: { orders-0: 1 } }", ["11:15 E_UNKNOWN_KEY"]],
    ["expect: { leader: 1 }", ["11:23 E_TYPE"]],
    ["expect: { at: 35 }", ["11:19 E_TYPE"]],
    ["expect: { isr: { orders-0: 1 } }", ["11:32 E_TYPE"]],
    ["expect: { isr: { orders-0: { includes: [] } } }", ["11:44 E_VALUE"]],
    ["expect: { isr: { orders-0: { include: [1] } } }", ["11:34 E_UNKNOWN_KEY"]],
    ["commit: { by: c1, offsets: { orders-0: -1 } }", ["11:44 E_VALUE"]],
  ])("%s", (step, errors) => {
    expect(errorsOf(scenarioText([step]))).toEqual(errors);
  });

  it.each([
    ["sned: { by: p1 }", "did you mean `send`?"],
    ["subscrib: c1", "did you mean `subscribe`?"],
    ["send: { bye: p1, to: orders-0, values: [a] }", "did you mean `by`?"],
    ["send: { by: p1, to: orders-0, values: [7] }", 'quote it: "7"'],
    ["send: { by: p1, to: orders-0, values: [a], expect: { outcome: okk } }", "did you mean `ok`?"],
    ["expect: { high-watermrk: { orders-0: 1 } }", "did you mean `high-watermark`?"],
    ["settle", "write `settle:`, with a colon"],
    ["elapse: '30'", "with its unit: 30ms"],
    ["send: { by: p2, to: orders-0, values: [a] }", null],
    ["send: { by: p1, to: ordrs-0, values: [a] }", "did you mean `orders-0`?"],
    ["send: { by: p1, to: orders-7, values: [a] }", "did you mean `orders-1`?"],
    ["send: { by: p1, to: order, values: [a] }", "did you mean `orders`?"],
    ["send: { by: p1, to: order-1, values: [a] }", "did you mean `orders-1`?"],
    ["hold: { from: 1, to: 2, message: fetchh }", "did you mean `fetch`?"],
    ["cut: [1, contoller]", "did you mean `controller`?"],
  ])("%s: one error, with a hint", (step, hint) => {
    expect(hintsOf(scenarioText([step]))).toEqual([hint]);
  });
});

describe("a reference", () => {
  it.each([
    ["send: { by: p2, to: orders-0, values: [a] }", ["11:17 E_UNKNOWN_REFERENCE"]],
    ["send: { by: c1, to: orders-0, values: [a] }", ["11:17 E_UNKNOWN_REFERENCE"]],
    ["send: { by: p1, to: orderz, values: [a] }", ["11:25 E_UNKNOWN_REFERENCE"]],
    ["send: { by: p1, to: orders-2, values: [a] }", ["11:25 E_UNKNOWN_REFERENCE"]],
    ["flush: c1", ["11:12 E_UNKNOWN_REFERENCE"]],
    ["poll: { by: p1 }", ["11:17 E_UNKNOWN_REFERENCE"]],
    ["poll: { by: c1, expect: { orders-9: [] } }", ["11:31 E_UNKNOWN_REFERENCE"]],
    ["final-read: { expect: { orders-9: [] } }", ["11:29 E_UNKNOWN_REFERENCE"]],
    ["commit: { by: c1, offsets: { orders-9: 1 } }", ["11:34 E_UNKNOWN_REFERENCE"]],
    ["commit: p1", ["11:13 E_UNKNOWN_REFERENCE"]],
    ["seek: { by: p1, to: orders-9, offset: 1 }", ["11:17 E_UNKNOWN_REFERENCE", "11:25 E_UNKNOWN_REFERENCE"]],
    ["assign: { by: p1, partitions: [orders-9] }", ["11:19 E_UNKNOWN_REFERENCE", "11:36 E_UNKNOWN_REFERENCE"]],
    ["delete-records: { partition: orders-9, before: 1 }", ["11:34 E_UNKNOWN_REFERENCE"]],
    ["crash: c2", ["11:12 E_UNKNOWN_REFERENCE"]],
    ["kill: 4", ["11:11 E_UNKNOWN_REFERENCE"]],
    ["pause: 4", ["11:12 E_UNKNOWN_REFERENCE"]],
    ["cut: [4, p9]", ["11:11 E_UNKNOWN_REFERENCE", "11:14 E_UNKNOWN_REFERENCE"]],
    ["hold: { from: 4, to: x, message: fetch }", ["11:19 E_UNKNOWN_REFERENCE", "11:26 E_UNKNOWN_REFERENCE"]],
    ["expect: { leader: { orders-9: 1 } }", ["11:25 E_UNKNOWN_REFERENCE"]],
    ["expect: { isr: { 1/orders-0: [1] } }", ["11:22 E_UNKNOWN_REFERENCE"]],
    [
      "expect: { high-watermark: { orders-0: 1, 4/orders-0: 1, 1/orders-9: 1 } }",
      ["11:46 E_UNKNOWN_REFERENCE", "11:61 E_UNKNOWN_REFERENCE"],
    ],
    ["expect: { log: { orders-0: [] } }", ["11:22 E_UNKNOWN_REFERENCE"]],
    // With one replica each, the second partition is on broker 2 alone.
    ["expect: { log-end: { 1/orders-1: 0 } }", ["11:26 E_UNKNOWN_REFERENCE"]],
    [
      "expect: { committed: { biling/orders-0: 1, billing/orders-9: 1 } }",
      ["11:28 E_UNKNOWN_REFERENCE", "11:48 E_UNKNOWN_REFERENCE"],
    ],
    ["expect: { position: { p1/orders-0: 1 } }", ["11:27 E_UNKNOWN_REFERENCE"]],
    [
      "expect: { requests: { c1: 1 }, batches: { p9: [] }, acknowledged: { c1: [] } }",
      ["11:27 E_UNKNOWN_REFERENCE", "11:47 E_UNKNOWN_REFERENCE", "11:73 E_UNKNOWN_REFERENCE"],
    ],
    ["await: { leader: { orders-9: 1 }, within: 1s }", ["11:24 E_UNKNOWN_REFERENCE"]],
  ])("%s", (step, errors) => {
    expect(errorsOf(scenarioText([step]))).toEqual(errors);
  });

  it.each([
    ["{ holds: [DUR-1, NO-1] }", ["12:26 E_UNKNOWN_REFERENCE"]],
    ["{ loses: [NO-1] }", ["12:19 E_UNKNOWN_REFERENCE"]],
    ["{ delivered-twice: { p1: [a] } }", ["12:30 E_UNKNOWN_REFERENCE"]],
    ["{ acknowledged-lost: { orders-9: [] } }", ["12:32 E_UNKNOWN_REFERENCE"]],
    ["{ leader: { orders-9: 1 } }", ["12:21 E_UNKNOWN_REFERENCE"]],
    ["{ hold: [DUR-1] }", ["12:11 E_UNKNOWN_KEY"]],
    ["{ holds: DUR-1 }", ["12:18 E_TYPE"]],
    ["[]", ["12:9 E_TYPE"]],
    ["{ holds: [DUR-1], loses: [DUR-1] }", ["12:35 E_CONTRADICTION"]],
  ])("at the end: %s", (text, errors) => {
    expect(errorsOf(expectedOf(text))).toEqual(errors);
  });

  it("to a requirement is checked though the cluster is broken", () => {
    const text = scenarioText(["kill: 9"], "{ holds: [NO-1] }").replace("acks: all", "acks: most");
    expect(errorsOf(text)).toEqual(["7:17 E_VALUE", "12:19 E_UNKNOWN_REFERENCE"]);
  });
});

describe("values", () => {
  it("are unique per partition over the whole file", () => {
    const steps = [
      "send: { by: p1, to: orders-0, values: [a, b] }",
      "send: { by: p1, to: orders-1, values: [a] }",
      "send: { by: p1, to: orders-0, values: [c, a, c] }",
    ];
    expect(errorsOf(scenarioText(steps))).toEqual(["13:47 E_VALUE_NOT_UNIQUE", "13:50 E_VALUE_NOT_UNIQUE"]);
    expect(errorsOf(scenarioText(steps.slice(0, 2)))).toEqual([]);
  });

  it("are unique in a topic, where a partitioner chooses", () => {
    const first = "send: { by: p1, to: orders-0, values: [a] }";
    const chosen = "send: { by: p1, to: orders, values: [a], key: k }";
    const other = "send: { by: p1, to: orders-1, values: [b, a] }";
    expect(errorsOf(scenarioText([first, chosen]))).toEqual(["12:42 E_VALUE_NOT_UNIQUE"]);
    expect(errorsOf(scenarioText([chosen, other]))).toEqual(["12:47 E_VALUE_NOT_UNIQUE"]);
    expect(errorsOf(scenarioText([chosen, chosen]))).toEqual(["12:42 E_VALUE_NOT_UNIQUE"]);
    expect(hintsOf(scenarioText([first, first]))).toEqual(["every value of a partition is sent once in a file"]);
    expect(hintsOf(scenarioText([chosen, other]))).toEqual([
      "what is sent to a topic may get to any of its partitions: every value of the topic is sent once then",
    ]);
    // Also where the cluster is broken, and says nothing of its topics.
    const broken = scenarioText([first, chosen]).replace("brokers: 3", "brokers: x");
    expect(errorsOf(broken)).toEqual(["3:12 E_VALUE", "12:42 E_VALUE_NOT_UNIQUE"]);
  });
});

describe("a cluster that is to be refused", () => {
  const refused = (expect: string, steps = "") =>
    scenarioText([], expect).replace("steps:\n", steps).replace("replication.factor: 1", "replication.factor: 4");

  it("has no steps, and may be what only Kafka refuses", () => {
    expect(errorsOf(refused("{ refused: INVALID_REPLICATION_FACTOR }"))).toEqual([]);
    expect(errorsOf(scenarioText([], "{ refused: X }").replace("steps:\n", ""))).toEqual([]);
  });

  it("may not be wrong otherwise", () => {
    const wrong = refused("{ refused: X }").replace("acks: all", "acks: most");
    expect(errorsOf(wrong)).toEqual(["5:50 E_REPLICATION_FACTOR", "7:17 E_VALUE"]);
  });

  it("is expected to do nothing else", () => {
    expect(errorsOf(refused("{ refused: X, holds: [DUR-1], at: 1s }", "steps: [settle: ]\n"))).toEqual([
      "10:1 E_CONTRADICTION",
      "11:23 E_CONTRADICTION",
      "11:39 E_CONTRADICTION",
    ]);
  });

  it("cannot be told from its steps", () => {
    expect(errorsOf(scenarioText([]).replace("steps:\n", ""))).toEqual(["1:1 E_MISSING_KEY"]);
  });
});

describe("several errors", () => {
  it("are all reported, in the order of the file", () => {
    const text = scenarioText(["sned: x", "kill: 9", "elapse: 3"], "{ holds: [NO-1] }").replace(
      "acks: all",
      "acks: most",
    );
    expect(errorsOf(text)).toEqual([
      "7:17 E_VALUE",
      "11:5 E_UNKNOWN_STEP",
      "13:13 E_TYPE",
      "14:19 E_UNKNOWN_REFERENCE",
    ]);
    const sound = text.replace("acks: most", "acks: all");
    expect(errorsOf(sound)).toContain("12:11 E_UNKNOWN_REFERENCE");
  });

  it("carry the file's name and what was expected", () => {
    const loaded = loadScenario("dir/x.yaml", scenarioText(["kill: one"]));
    expect(loaded).toEqual({
      ok: false,
      name: "a test",
      errors: [
        {
          code: "E_TYPE",
          file: "dir/x.yaml",
          line: 11,
          column: 11,
          message: 'expected a whole number, found "one"',
          hint: null,
        },
      ],
    });
  });
});
