/** A check finds the planted bugs of replicas and the controller: within these bounds, by the requirement of their entry. */
import { describe, expect, it } from "vitest";
import { checkDesign } from "../../check/check-design.ts";
import { checkLiveness } from "../../check/check-liveness.ts";
import { type Design, defaultBounds } from "../../check/design.ts";
import { createMachines } from "../../model/cluster/machines.ts";
import { type FaultBudget, noFaults } from "../../model/cluster/untimed-faults.ts";
import { plant } from "../../model/plants/plant.ts";
import { plantedBugById } from "../../model/plants/planted-bugs.ts";
import { parseCluster } from "../../spec/config/parse-cluster.ts";
import type { Requirement } from "../../spec/requirement.ts";
import { requirementById } from "../../spec/requirements/index.ts";

interface Given {
  readonly replicas?: number;
  readonly records?: number;
  readonly faults: Partial<FaultBudget>;
  readonly profile?: string;
  readonly acks?: "all" | 1;
  readonly minIsr?: number;
  readonly topic?: object;
  readonly reconciliation?: string;
}

function designOf(given: Given): Design {
  const { replicas = 3, records = 1, faults, profile = "4.1", acks = "all", minIsr = 2, topic = {} } = given;
  const parsed = parseCluster({
    profile,
    brokers: replicas,
    server: {
      "unclean.leader.election.enable": false,
      ...(given.reconciliation === undefined ? {} : { "log.reconciliation": given.reconciliation }),
    },
    topics: { t: { partitions: 1, "replication.factor": replicas, "min.insync.replicas": minIsr, ...topic } },
    producers: { p: { acks, "linger.ms": 0 } },
  });
  if (!parsed.ok) throw new Error("the cluster is refused");
  return {
    config: parsed.config,
    faults: { ...noFaults, ...faults },
    bounds: { ...defaultBounds, records },
    channels: "rendezvous",
  };
}

const alone = { replicas: 1, minIsr: 1 };
const retention = { "segment.bytes": 1, "retention.bytes": 1 };

const found: readonly (readonly [bug: string, given: Given])[] = [
  ["hw-is-log-end", { faults: { kill: 1 } }],
  ["hw-by-majority", { faults: { kill: 1 } }],
  ["hw-not-frozen", { faults: { kill: 2 } }],
  ["hw-back", { faults: { kill: 1 } }],
  ["min-isr-ignored", { faults: { kill: 2 } }],
  ["join-at-once", { faults: { pause: 1 } }],
  ["shrink-assumes-success", { faults: { kill: 1 } }],
  ["leaders-forget-tail", { faults: { kill: 1 } }],
  ["followers-believe-log-end", { faults: { kill: 1 } }],
  ["starts-at-log-end", { replicas: 2, faults: { kill: 2 } }],
  ["too-few-copies-acknowledged", { faults: { kill: 2 } }],
  ["known-metadata-drops-proposal", { faults: { kill: 1 } }],
  ["never-truncates", { records: 2, faults: { kill: 1 } }],
  ["epoch-not-stamped", { records: 2, faults: { kill: 1 } }],
  ["everyone-leads", { replicas: 2, faults: { kill: 1 } }],
  ["epoch-not-raised", { replicas: 2, faults: { kill: 1 } }],
  ["elects-outside-isr", { replicas: 2, faults: { kill: 2 } }],
  ["offset-gap", { ...alone, acks: 1, records: 4, faults: {} }],
  ["checkpoint-above-log-end", { ...alone, reconciliation: "high-watermark", faults: { "power-off": 1 } }],
  ["retention-beyond-hw", { replicas: 2, minIsr: 1, records: 2, topic: retention, faults: { kill: 1 } }],
  ["log-start-forgotten", { replicas: 2, minIsr: 1, records: 2, topic: retention, faults: { kill: 1 } }],
];

/** What is found by what does not come to pass. */
const stuck: readonly (readonly [bug: string, given: Given])[] = [
  ["truncates-one-too-few", { replicas: 2, faults: { kill: 1 } }],
  ["last-member-dropped", { replicas: 2, minIsr: 1, profile: "3.7", faults: { kill: 2 } }],
  ["epoch-not-raised", { replicas: 2, faults: { kill: 1 } }],
  ["isr-without-leader", { replicas: 2, minIsr: 1, faults: { kill: 1 } }],
];

function planted(id: string) {
  const bug = plantedBugById(id);
  if (bug === undefined) throw new Error(`no planted bug ${id}`);
  return { bug, machines: plant(bug, createMachines()) };
}

function requirementOf(id: string): Requirement {
  const requirement = requirementById(id);
  if (requirement === undefined) throw new Error(`no requirement ${id}`);
  return requirement;
}

describe("planted bugs", () => {
  it.each(found)("%s: %o", (id, given) => {
    const { bug, machines } = planted(id);
    const requirement = requirementOf(bug.requirement);
    const checked = checkDesign(designOf(given), {
      machines,
      requirements: [requirement],
      stopAtFirst: true,
      maxStates: 60_000,
    });
    expect(checked.requirements).toMatchObject([{ id: requirement.id, verdict: "violated" }]);
  });

  it.each(stuck)("%s, from which nothing leads to rest: %o", (id, given) => {
    const { machines } = planted(id);
    const { complete, requirements } = checkLiveness(designOf(given), {
      machines,
      requirement: requirementOf("LIV-1"),
    });
    expect(complete).toBe(true);
    expect(requirements).toMatchObject([{ id: "LIV-1", verdict: "violated" }]);
  });
});
