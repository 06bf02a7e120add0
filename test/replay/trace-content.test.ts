/** The content of trace files is read strictly: what was written comes back, anything else is a problem with its path. */
import { describe, expect, it } from "vitest";
import type { Design } from "../../check/design.ts";
import type { ClientOperation } from "../../model/client-operation.ts";
import type { ExternalChoice } from "../../model/cluster/choice.ts";
import { contentOfDesign, readTraceContent } from "../../replay/trace-content.ts";
import type { Fault } from "../../spec/subject.ts";
import { designWith } from "../report/walks.ts";

const design: Design = designWith({ acks: 1 }, { channels: "queued" });
const found = [{ requirement: "DUR-1", verdict: "violated" }] as const;
const check = contentOfDesign(design, "hw-is-log-end", [...found]);

const operations: readonly ClientOperation[] = [
  { f: "send", to: "t-0", records: [{ key: null, value: "a" }] },
  { f: "flush" },
  { f: "poll", timeoutMs: 0 },
  { f: "commit", offsets: null },
  { f: "commit", offsets: { "t-0": 1 } },
  { f: "assign", partitions: ["t-0"] },
  { f: "seek", partition: "t-0", offset: 2 },
  { f: "delete-records", partition: "t-0", before: -1 },
  { f: "crash" },
  { f: "restart" },
];

const faults: readonly Fault[] = [
  { kind: "kill", broker: 1 },
  { kind: "start", broker: 1 },
  { kind: "pause", broker: 1 },
  { kind: "resume", broker: 1 },
  { kind: "power-off", broker: 1, keeps: { "t-0": 1 } },
  { kind: "cut", between: ["b1", "b2"] },
  { kind: "heal", between: ["b1", "b2"] },
  { kind: "heal-all" },
  { kind: "hold", from: "b1", to: "b2", message: "fetch" },
  { kind: "release", from: "b1", to: "b2", message: "fetch" },
];

const external: readonly ExternalChoice[] = [
  ...operations.map((operation): ExternalChoice => ({ kind: "client", client: "p", operation })),
  ...faults.map((fault): ExternalChoice => ({ kind: "fault", fault })),
  { kind: "wait", until: 1000 },
];

const run = { kind: "run", file: "a.yaml", cluster: design.config, external, plant: null, found: [] };

const asFile = (content: object): unknown => JSON.parse(JSON.stringify(content));

describe("the content of a trace file", () => {
  it("comes back as it was written, of a check and of a run with everything that can come from outside", () => {
    expect(readTraceContent(asFile(check))).toEqual({ ok: true, content: check });
    expect(readTraceContent(asFile(run))).toEqual({ ok: true, content: run });
  });

  it.each<[string, object, string, readonly (string | number)[]]>([
    ["another kind", { ...check, kind: "walk" }, "E_TYPE", ["config", "kind"]],
    ["an unknown key", { ...check, seed: 1 }, "E_UNKNOWN_KEY", ["config", "seed"]],
    [
      "a misspelt fault",
      { ...check, faults: { ...design.faults, kil: 1 } },
      "E_UNKNOWN_KEY",
      ["config", "faults", "kil"],
    ],
    ["a fault that is missing", { ...check, faults: { kill: 1 } }, "E_MISSING_KEY", ["config", "faults", "power-off"]],
    [
      "a fault below none",
      { ...check, faults: { ...design.faults, kill: -1 } },
      "E_VALUE",
      ["config", "faults", "kill"],
    ],
    [
      "half a record",
      { ...check, bounds: { ...design.bounds, records: 0.5 } },
      "E_TYPE",
      ["config", "bounds", "records"],
    ],
    [
      "a number that fills the memory",
      { ...check, bounds: { ...design.bounds, records: 1e9 } },
      "E_VALUE",
      ["config", "bounds", "records"],
    ],
    [
      "no attempt",
      { ...check, bounds: { ...design.bounds, attempts: 0 } },
      "E_VALUE",
      ["config", "bounds", "attempts"],
    ],
    ["unknown channels", { ...check, channels: "fifo" }, "E_VALUE", ["config", "channels"]],
    ["an unknown bug", { ...check, plant: "nonsense" }, "E_VALUE", ["config", "plant"]],
    [
      "an unknown requirement",
      { ...check, found: [{ requirement: "DUR-99", verdict: "violated" }] },
      "E_VALUE",
      ["config", "found", 0, "requirement"],
    ],
    [
      "a verdict that is no loss",
      { ...check, found: [{ requirement: "DUR-1", verdict: "holds" }] },
      "E_VALUE",
      ["config", "found", 0, "verdict"],
    ],
    ["no cluster", { ...check, cluster: null }, "E_TYPE", ["config", "cluster"]],
    ["an unknown property", { ...check, cluster: { brokerz: 3 } }, "E_UNKNOWN_KEY", ["config", "cluster", "brokerz"]],
    [
      "an unknown operation",
      { ...run, external: [{ kind: "client", client: "p", operation: { f: "sing" } }] },
      "E_TYPE",
      ["config", "external", 0, "operation", "f"],
    ],
    [
      "an unknown fault",
      { ...run, external: [{ kind: "fault", fault: { kind: "fire", broker: 1 } }] },
      "E_TYPE",
      ["config", "external", 0, "fault", "kind"],
    ],
    [
      "broker 0",
      { ...run, external: [{ kind: "fault", fault: { kind: "kill", broker: 0 } }] },
      "E_VALUE",
      ["config", "external", 0, "fault", "broker"],
    ],
    [
      "a wait for ever",
      { ...run, external: [{ kind: "wait", until: null }] },
      "E_TYPE",
      ["config", "external", 0, "until"],
    ],
    ["a list", [], "E_TYPE", ["config"]],
  ])("refuses %s", (_, content, code, path) => {
    const read = readTraceContent(asFile(content));
    expect(read.ok ? null : read.problems[0]).toMatchObject({ code, path });
  });
});

describe("the words of a problem", () => {
  it("name what there is", () => {
    const problemOf = (external: object) => {
      const read = readTraceContent(asFile({ ...run, external: [external] }));
      return read.ok ? "none" : read.problems[0]?.message;
    };
    expect(problemOf({ kind: "fault", fault: { kind: "fire" } })).toMatch(
      /^expected a fault \(kill, .*\), found "fire"$/,
    );
    expect(problemOf({ kind: "client", client: "p", operation: { f: "sing" } })).toMatch(
      /^expected an operation \(send, /,
    );
    expect(problemOf({ kind: "time" })).toBe('expected something from outside (client, fault, wait), found "time"');
  });
});
