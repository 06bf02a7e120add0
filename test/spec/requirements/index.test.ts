/** The contract, row by row: what is promised under which configuration, written out. */
import { describe, expect, it } from "vitest";
import type { ClusterConfig } from "../../../spec/config/cluster-config.ts";
import { areas, type Scope } from "../../../spec/requirement.ts";
import { requirementById, requirements } from "../../../spec/requirements/index.ts";
import { configWith } from "../cluster-views.ts";

const topic = (settings: object) => configWith({ topics: { t: settings } });
const reconciliation = (by: "high-watermark" | "kip-101" | "kip-279" | "kip-320") =>
  configWith({ server: { "log.reconciliation": by } });

const always = [
  "HW-1",
  "HW-3",
  "LOG-1",
  "ELE-1",
  "ACK-1",
  "CON-1",
  "CON-2",
  "CON-3",
  "BAT-1",
  "PAR-1",
  "RET-1",
  "LIV-1",
];
const elections = ["LOG-2", "ISR-1", "ELE-2"];
const acknowledged = ["DUR-1", "ALO-1"];
const strict = ["DUR-2", "HW-2"];

const rows: readonly [string, ClusterConfig, readonly string[]][] = [
  [
    "the default: acks=all, min ISR 2 of 3, profile 4.1",
    configWith(),
    [...always, ...elections, ...acknowledged, ...strict],
  ],
  ["profile 3.7", configWith({ profile: "3.7" }), [...always, ...elections, ...acknowledged, ...strict]],
  [
    "profile pre-3.7: min ISR is not strict",
    configWith({ profile: "pre-3.7" }),
    [...always, ...elections, ...acknowledged],
  ],
  ["min ISR 1", topic({ "min.insync.replicas": 1 }), [...always, ...elections, ...acknowledged]],
  ["min ISR 3", topic({ "min.insync.replicas": 3 }), [...always, ...elections, ...acknowledged, ...strict]],
  ["one replica, whatever min ISR", topic({ "replication.factor": 1 }), [...always, ...elections, ...acknowledged]],
  [
    "acks=1: what was read stays all the same",
    configWith({ producers: { p1: { acks: 1 } } }),
    [...always, ...elections, ...strict],
  ],
  ["acks=0", configWith({ producers: { p1: { acks: 0 } } }), [...always, ...elections, ...strict]],
  ["unclean election", topic({ "unclean.leader.election.enable": true }), always],
  ["reconciliation by high watermark", reconciliation("high-watermark"), always],
  ["reconciliation by KIP-101", reconciliation("kip-101"), always],
  ["reconciliation by KIP-279", reconciliation("kip-279"), always],
  ["reconciliation by KIP-320", reconciliation("kip-320"), [...always, ...elections, ...acknowledged, ...strict]],
  [
    "reset policy latest",
    configWith({ consumers: { c1: { "auto.offset.reset": "latest" } } }),
    [...always, ...elections, "DUR-1", ...strict],
  ],
  [
    "reset policy none",
    configWith({ consumers: { c1: { "auto.offset.reset": "none" } } }),
    [...always, ...elections, "DUR-1", ...strict],
  ],
  [
    "auto-commit, which commits what the poll before handed out",
    configWith({ consumers: { c1: { "enable.auto.commit": true } } }),
    [...always, ...elections, ...acknowledged, ...strict],
  ],
  [
    "round robin, which ignores keys",
    configWith({ producers: { p1: { "partitioner.class": "RoundRobinPartitioner" } } }),
    [...always.filter((id) => id !== "PAR-1"), ...elections, ...acknowledged, ...strict],
  ],
  [
    "a partitioner of the user's own, which may look at anything",
    configWith({ producers: { p1: { "partitioner.class": "./first-letter.ts" } } }),
    [...always.filter((id) => id !== "PAR-1"), ...elections, ...acknowledged, ...strict],
  ],
  [
    "the textbooks' partitioner",
    configWith({ producers: { p1: { "partitioner.class": "TextbookPartitioner" } } }),
    [...always, ...elections, ...acknowledged, ...strict],
  ],
  [
    "keys that may not be gone by",
    configWith({ producers: { p1: { "partitioner.ignore.keys": true } } }),
    [...always.filter((id) => id !== "PAR-1"), ...elections, ...acknowledged, ...strict],
  ],
  [
    "no group",
    configWith({ consumers: { c1: { "group.id": null } } }),
    [...always.filter((id) => id !== "CON-2" && id !== "CON-3"), ...elections, "DUR-1", ...strict],
  ],
];

describe("the contract", () => {
  it.each(rows)("promises under %s exactly what it says", (_name, config, promised) => {
    const ids = requirements.filter((one) => one.promised(config, {})).map(({ id }) => id);
    expect([...ids].sort()).toEqual([...promised].sort());
  });

  const mixed = configWith({
    topics: { t: { "unclean.leader.election.enable": true }, u: {}, v: { "min.insync.replicas": 1 } },
    producers: { p1: {}, p2: { acks: 1 } },
    consumers: { c1: {}, c2: { "group.id": "h", "auto.offset.reset": "latest" }, c3: { "group.id": "h" } },
  });
  it.each<[string, Scope, boolean]>([
    ["DUR-1", { producer: "p1", partition: "u-0" }, true],
    ["DUR-1", { producer: "p2", partition: "u-0" }, false],
    ["DUR-1", { producer: "p1", partition: "t-0" }, false],
    ["DUR-1", { producer: "p1" }, true],
    ["DUR-1", { producer: "unknown", partition: "u-0" }, false],
    ["DUR-2", { consumer: "c1", partition: "u-0" }, true],
    ["DUR-2", { consumer: "c1", partition: "v-0" }, false],
    ["HW-2", { partition: "t-0" }, false],
    ["HW-2", { partition: "v-0" }, false],
    ["ISR-1", { partition: "v-0" }, true],
    ["ISR-1", { partition: "t-0" }, false],
    ["LOG-2", { partition: "t-0" }, false],
    ["ELE-2", { partition: "t-0" }, false],
    ["ELE-2", { partition: "u-0" }, true],
    ["LOG-1", { partition: "t-0" }, true],
    ["LOG-1", { partition: "t-0", excuse: "…" }, false],
    ["ACK-1", { partition: "t-0" }, true],
    ["ACK-1", { excuse: "…" }, false],
    ["ALO-1", { producer: "p1", consumer: "c1", partition: "u-0" }, true],
    ["ALO-1", { producer: "p1", consumer: "c1", partition: "u-0", excuse: "…" }, false],
    ["ALO-1", { producer: "p1", consumer: "c1", partition: "t-0" }, false],
    ["ALO-1", {}, true],
    ["ALO-1", { producer: "p2", consumer: "c1", partition: "u-0" }, false],
    ["ALO-1", { producer: "p1", consumer: "c3", partition: "u-0" }, false],
    ["CON-2", { consumer: "c3" }, true],
    ["LIV-1", { partition: "t-0" }, true],
    ["LIV-1", { consumer: "c2", partition: "t-0" }, true],
  ])("promises %s for %j: %j", (id, scope, promised) => {
    expect(requirementById(id)?.promised(mixed, scope)).toBe(promised);
  });
});

describe("what applies", () => {
  const cluster = ["HW-1", "HW-2", "LOG-1", "LOG-2", "ISR-1", "ELE-1", "ELE-2", "RET-1", "LIV-1"];
  it.each<[string, ClusterConfig, readonly string[]]>([
    ["no clients", configWith({ producers: {}, consumers: {} }), cluster],
    ["producers only", configWith({ consumers: {} }), [...cluster, "DUR-1", "ACK-1", "BAT-1", "PAR-1"]],
    [
      "a producer with acks=1 only",
      configWith({ producers: { p1: { acks: 1 } }, consumers: {} }),
      [...cluster, "DUR-1", "BAT-1", "PAR-1"],
    ],
    ["consumers only", configWith({ producers: {} }), [...cluster, "DUR-2", "HW-3", "CON-1", "CON-2", "CON-3"]],
    [
      "consumers without a group",
      configWith({ consumers: { c1: { "group.id": null } } }),
      [...cluster, "DUR-1", "ACK-1", "BAT-1", "PAR-1", "DUR-2", "HW-3", "CON-1"],
    ],
  ])("with %s", (_name, config, ids) => {
    const applying = requirements.filter((one) => one.applies(config)).map(({ id }) => id);
    expect([...applying].sort()).toEqual([...ids].sort());
  });
});

describe("the list", () => {
  it("stands in the order of the contract", () => {
    expect(requirements.map(({ id }) => id).join(" ")).toBe(
      "DUR-1 DUR-2 HW-1 HW-2 HW-3 LOG-1 LOG-2 ISR-1 ELE-1 ELE-2 ACK-1 ALO-1 CON-1 CON-2 CON-3 BAT-1 PAR-1 RET-1 LIV-1",
    );
  });

  it("finds by id", () => {
    for (const requirement of requirements) expect(requirementById(requirement.id)).toBe(requirement);
    expect(requirementById("DUR-9")).toBe(undefined);
  });

  it("is complete: area, sources, words, and one way to judge states", () => {
    for (const one of requirements) {
      expect(areas).toContain(one.area);
      expect(one.id.startsWith(`${one.area}-`)).toBe(true);
      expect(one.sources.length).toBeGreaterThan(0);
      expect(one.statement).toMatch(/^[A-Z].*\.$/);
      expect(one.title.length > 0 && one.promisedWhen.length > 0).toBe(true);
      expect([one.invariant, one.watch, one.goal].filter((judge) => judge !== undefined)).toHaveLength(1);
    }
    expect(requirements.filter(({ watch }) => watch !== undefined).map(({ id }) => id)).toEqual([
      "CON-1",
      "CON-2",
      "CON-3",
      "BAT-1",
      "PAR-1",
    ]);
    expect(requirements.filter((one) => one.judge !== undefined).map(({ id }) => id)).toEqual([
      "DUR-1",
      "ALO-1",
      "CON-1",
      "PAR-1",
    ]);
  });
});
