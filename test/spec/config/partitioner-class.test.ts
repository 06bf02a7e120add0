import { describe, expect, it } from "vitest";
import { type ConfigProblem, parseCluster } from "../../../spec/config/parse-cluster.ts";
import { isModulePath } from "../../../spec/config/partitioner-class.ts";

function read(value: unknown): string | null | ConfigProblem {
  const producers = { p1: { "partitioner.class": value } };
  const parsed = parseCluster({ brokers: 1, topics: { orders: {} }, producers });
  if (parsed.ok) return parsed.config.producers["p1"]?.["partitioner.class"] ?? null;
  const [problem] = parsed.problems;
  if (problem === undefined) throw new Error("no problem");
  return problem;
}

describe("partitioner.class", () => {
  it.each([
    [null, null],
    ["RoundRobinPartitioner", "RoundRobinPartitioner"],
    ["org.apache.kafka.clients.producer.RoundRobinPartitioner", "RoundRobinPartitioner"],
    ["TextbookPartitioner", "TextbookPartitioner"],
    ["./mine.ts", "./mine.ts"],
    ["../of/others.mjs", "../of/others.mjs"],
    ["./of.old/mine.js", "./of.old/mine.js"],
  ])("takes %j as %j", (written, normal) => {
    expect(read(written)).toBe(normal);
    expect(isModulePath(normal)).toBe(normal?.startsWith(".") ?? false);
  });

  it.each([
    "org.apache.kafka.clients.producer.internals.DefaultPartitioner",
    "org.apache.kafka.clients.producer.UniformStickyPartitioner",
    "UniformStickyPartitioner",
  ])("knows %s, and has it not yet", (name) => {
    expect(read(name)).toMatchObject({
      code: "E_UNSUPPORTED_VALUE",
      path: ["producers", "p1", "partitioner.class"],
      message: expect.stringContaining("the sticky choice of a partition is not in the model yet"),
    });
  });

  it.each([
    "com.example.RoundRobin",
    "mine.ts",
    "/mine.ts",
    "./mine",
    "./mine.java",
    "./mine.cts",
    "./.ts/",
    "",
    7,
    [],
  ])("refuses %j", (value) => {
    expect(read(value)).toMatchObject({
      code: "E_VALUE",
      expected: "null, RoundRobinPartitioner, TextbookPartitioner or the path of a module such as ./mine.ts",
    });
  });

  it("suggests the nearest name", () => {
    expect(read("RoundRobinPartitoner")).toMatchObject({ hint: "did you mean `RoundRobinPartitioner`?" });
  });
});
