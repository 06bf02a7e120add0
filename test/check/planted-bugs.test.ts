/** A check finds the planted bugs of replicas and the controller: within these bounds, by the requirement of their entry. */
import { describe, expect, it } from "vitest";
import { checkDesign } from "../../check/check-design.ts";
import { type Design, defaultBounds } from "../../check/design.ts";
import { createMachines } from "../../model/cluster/machines.ts";
import { type FaultBudget, noFaults } from "../../model/cluster/untimed-faults.ts";
import { plant } from "../../model/plants/plant.ts";
import { plantedBugById } from "../../model/plants/planted-bugs.ts";
import { parseCluster } from "../../spec/config/parse-cluster.ts";
import { requirementById } from "../../spec/requirements/index.ts";

function designOf(replicas: number, records: number, faults: Partial<FaultBudget>): Design {
  const parsed = parseCluster({
    profile: "4.1",
    brokers: replicas,
    server: { "unclean.leader.election.enable": false },
    topics: { t: { partitions: 1, "replication.factor": replicas, "min.insync.replicas": 2 } },
    producers: { p: { acks: "all", "linger.ms": 0 } },
  });
  if (!parsed.ok) throw new Error("the cluster is refused");
  return {
    config: parsed.config,
    faults: { ...noFaults, ...faults },
    bounds: { ...defaultBounds, records },
    channels: "rendezvous",
  };
}

/** The bug, replicas, records, faults. */
const found = [
  ["hw-is-log-end", 3, 1, { kill: 1 }],
  ["hw-by-majority", 3, 1, { kill: 1 }],
  ["hw-not-frozen", 3, 1, { kill: 2 }],
  ["hw-back", 3, 1, { kill: 1 }],
  ["min-isr-ignored", 3, 1, { kill: 2 }],
  ["join-at-once", 3, 1, { pause: 1 }],
  ["shrink-assumes-success", 3, 1, { kill: 1 }],
  ["leaders-forget-tail", 3, 1, { kill: 1 }],
  ["followers-believe-log-end", 3, 1, { kill: 1 }],
  ["starts-at-log-end", 2, 1, { kill: 2 }],
  ["too-few-copies-acknowledged", 3, 1, { kill: 2 }],
  ["known-metadata-drops-proposal", 3, 1, { kill: 1 }],
  ["never-truncates", 3, 2, { kill: 1 }],
  ["epoch-not-stamped", 3, 2, { kill: 1 }],
  ["everyone-leads", 2, 1, { kill: 1 }],
  ["epoch-not-raised", 2, 1, { kill: 1 }],
  ["elects-outside-isr", 2, 1, { kill: 2 }],
] as const;

describe("planted bugs", () => {
  it.each(found)("%s: %i replicas, %i records, %o", (id, replicas, records, faults) => {
    const bug = plantedBugById(id);
    const requirement = requirementById(bug?.requirement ?? "");
    if (bug === undefined || requirement === undefined) throw new Error(`no planted bug ${id}`);
    const checked = checkDesign(designOf(replicas, records, faults), {
      machines: plant(bug, createMachines()),
      requirements: [requirement],
      stopAtFirst: true,
      maxStates: 60_000,
    });
    expect(checked.requirements).toMatchObject([{ id: requirement.id, verdict: "violated" }]);
  });
});
