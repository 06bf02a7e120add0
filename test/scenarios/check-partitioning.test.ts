/** Partitioners of a scenario: what can be loaded and chosen, and where an error points if it cannot. */
import { describe, expect, it } from "vitest";
import type { ModuleRead, ReadModule } from "../../scenarios/load-partitioners.ts";
import { loadScenario } from "../../scenarios/load-scenario.ts";

const textWith = (settings: string, steps: readonly string[]) =>
  `scenario: a test
cluster:
  brokers: 1
  topics:
    orders: { partitions: 3 }
  producers:
    p1: {}
    p2: { ${settings} }
steps:
${steps.map((step) => `  - ${step}\n`).join("")}`;

const sends = (rest: string) => `send: { by: p2, to: orders, values: [a, b], ${rest} }`;

function load(settings: string, steps: readonly string[], read: () => ModuleRead = () => ({ ok: true, exports: {} })) {
  const asked: (readonly [string, string])[] = [];
  const readModule: ReadModule = (path, from) => {
    asked.push([path, from]);
    return read();
  };
  const loaded = loadScenario("in/x.yaml", textWith(settings, steps), readModule);
  const errors = loaded.ok ? [] : loaded.errors;
  return { loaded, asked, errors, outline: errors.map(({ line, column, code }) => `${line}:${column} ${code}`) };
}

const own = "partitioner.class: ./mine.ts";
const exporting = (value: unknown) => (): ModuleRead => ({ ok: true, exports: { default: value } });

describe("a module of the user's", () => {
  it("is read relative to the scenario, once, and handed on by its path", () => {
    const mine = () => 1;
    const { loaded, asked } = load(own, [sends("keys: [x, null]")], exporting(mine));
    expect(loaded.ok && loaded.scenario.partitioners).toEqual({ "./mine.ts": mine });
    expect(loaded.ok && loaded.scenario.cluster.producers["p2"]?.["partitioner.class"]).toBe("./mine.ts");
    expect(asked).toEqual([["./mine.ts", "in/x.yaml"]]);
  });

  it("is not asked for where no producer has one", () => {
    const { loaded, asked } = load("partitioner.class: TextbookPartitioner", [sends("wait: true")]);
    expect([loaded.ok && loaded.scenario.partitioners, asked]).toEqual([{}, []]);
  });

  it("that is not there, or cannot be run, is told where it is named", () => {
    const gone = load(own, [sends("wait: true")], () => {
      return { ok: false, code: "E_NO_SUCH_FILE", message: "there is no file ./mine.ts" };
    });
    expect(gone.outline).toEqual(["8:30 E_NO_SUCH_FILE"]);
    expect(gone.errors[0]).toMatchObject({ hint: "the path is relative to this file" });
    const broken = load(own, [sends("wait: true")], () => ({ ok: false, code: "E_MODULE", message: "boom" }));
    expect(broken.outline).toEqual(["8:30 E_MODULE"]);
    expect(broken.errors[0]).toMatchObject({ message: "boom", hint: null });
  });

  it.each([[undefined], [null], [7], [{ partition: () => 0 }]])(
    "needs a function as its default export, not %j",
    (value) => {
      const { outline, errors } = load(own, [sends("wait: true")], exporting(value));
      expect(outline).toEqual(["8:30 E_NO_PARTITIONER"]);
      expect(errors[0]).toMatchObject({ hint: "export default (record, partitions) => 0" });
    },
  );

  it("cannot be had without files", () => {
    const loaded = loadScenario("x.yaml", textWith(own, ["settle:"]));
    expect(loaded.ok ? [] : loaded.errors.map(({ code, message }) => [code, message])).toEqual([
      ["E_MODULE", "the module ./mine.ts cannot be read here"],
    ]);
  });

  it("that throws is told at the value", () => {
    const throwing = ({ key }: { key: string | null }) => (key as string).length % 3;
    const { outline, errors } = load(own, [sends("keys: [x, null]")], exporting(throwing));
    expect(outline).toEqual(["10:45 E_PARTITIONER"]);
    expect(errors[0]?.message).toMatch(
      /^the partitioner \.\/mine\.ts fails for the record b \(key null\): Cannot read/,
    );
  });

  it("that throws something else than an error, over several lines, is told on one", () => {
    const throwing = () => {
      throw "no\n  way";
    };
    const { errors } = load(own, [sends("key: k")], exporting(throwing));
    expect(errors[0]?.message).toBe('the partitioner ./mine.ts fails for the record a (key "k"): no way');
  });

  it("that returns no partition is told at the first value, once a step", () => {
    const { outline, errors } = load(
      own,
      [sends("key: k"), "settle:"],
      exporting(() => 3),
    );
    expect(outline).toEqual(["10:42 E_PARTITIONER"]);
    expect(errors[0]?.message).toBe(
      'the partitioner ./mine.ts fails for the record a (key "k"): returned 3, expected a whole number from 0 to 2',
    );
  });

  it("that answers otherwise when it is asked again is no function of the record", () => {
    let count = 0;
    const { outline, errors } = load(
      own,
      [sends("key: k")],
      exporting(() => count++ % 3),
    );
    expect(outline).toEqual(["10:42 E_PARTITIONER"]);
    expect(errors[0]).toMatchObject({
      message: 'the partitioner ./mine.ts chose 0 for the record a (key "k"), and asked again 1',
      hint: "it may depend on nothing but the record and the number of partitions",
    });
  });

  it("is not asked about partitions that the file names itself, nor about other producers' records", () => {
    const steps = ["send: { by: p2, to: orders-1, values: [a] }", "send: { by: p1, to: orders, values: [b], key: k }"];
    expect(
      load(
        own,
        steps,
        exporting(() => 9),
      ).outline,
    ).toEqual([]);
  });
});

describe("Kafka's own choice", () => {
  it.each([
    ["acks: all", "key: k", []],
    ["acks: all", "keys: [k, '']", []],
    ["acks: all", "wait: true", ["10:42 E_UNSUPPORTED"]],
    ["acks: all", "keys: [k, null]", ["10:45 E_UNSUPPORTED"]],
    ["partitioner.ignore.keys: true", "key: k", ["10:42 E_UNSUPPORTED"]],
    ["partitioner.ignore.keys: true, partitioner.class: TextbookPartitioner", "key: k", []],
    ["partitioner.class: RoundRobinPartitioner", "keys: [k, null]", []],
  ])("with %s, and %s: %j", (settings, rest, outline) => {
    expect(load(settings, [sends(rest)]).outline).toEqual(outline);
  });

  it("is refused with what can be done instead", () => {
    expect(load("acks: all", [sends("wait: true")]).errors[0]).toMatchObject({
      message:
        "the record a has no key, and Kafka's own choice of a partition for it (KIP-794) is not in the model yet",
      hint: "set `partitioner.class` of p2 to RoundRobinPartitioner or TextbookPartitioner, or send to a partition such as orders-0",
    });
    expect(load("partitioner.ignore.keys: true", [sends("key: k")]).errors[0]?.message).toMatch(
      /^the record a may not go by its key \(`partitioner\.ignore\.keys`\), and/,
    );
  });

  it("is no concern of a name that is none", () => {
    const steps = ["send: { by: constructor, to: orders, values: [a] }", "send: { by: p2, to: toString, values: [b] }"];
    expect(load("acks: all", steps).outline).toEqual(["10:17 E_UNKNOWN_REFERENCE", "11:25 E_UNKNOWN_REFERENCE"]);
  });
});
