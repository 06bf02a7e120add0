/**
 * A search that leaves out moments in which nothing is decided finds what the whole search finds: the same things happen to
 * replicas, controller and clients, in the same orders, and the verdicts are the same, by ways of the same length.
 */
import { describe, expect, it } from "vitest";
import { type Checked, checkDesign } from "../../check/check-design.ts";
import { clusterOfDesign } from "../../check/cluster-of-design.ts";
import { type Design, defaultBounds } from "../../check/design.ts";
import { createMachines } from "../../model/cluster/machines.ts";
import { type FaultBudget, noFaults } from "../../model/cluster/untimed-faults.ts";
import { createUntimedView } from "../../model/cluster/untimed-view.ts";
import { plant } from "../../model/plants/plant.ts";
import { plantedBugById } from "../../model/plants/planted-bugs.ts";
import { parseCluster } from "../../spec/config/parse-cluster.ts";
import { follows, type Graph, graphOf } from "./stuttering.ts";

interface Given {
  readonly acks?: 1 | "all";
  readonly replicas?: number;
  readonly minIsr?: number;
  readonly unclean?: boolean;
  readonly records?: number;
  readonly lingerMs?: number;
  readonly reconciliation?: string;
  readonly faults: Partial<FaultBudget>;
}

function designOf({ acks = "all", replicas = 2, minIsr = 2, unclean = false, faults, ...given }: Given): Design {
  const parsed = parseCluster({
    profile: "4.1",
    brokers: replicas,
    server: {
      "unclean.leader.election.enable": unclean,
      "log.reconciliation": given.reconciliation ?? "kip-595",
    },
    topics: { t: { partitions: 1, "replication.factor": replicas, "min.insync.replicas": minIsr } },
    producers: { p: { acks, "linger.ms": given.lingerMs ?? 0 } },
  });
  if (!parsed.ok) throw new Error("the cluster is refused");
  const bounds = { ...defaultBounds, records: given.records ?? 1, elections: 2 };
  return { config: parsed.config, faults: { ...noFaults, ...faults }, bounds, channels: "rendezvous" };
}

/** Whatever a requirement can see of a state. */
function graph(design: Design, reduced: boolean): Graph {
  const { setting, ...system } = clusterOfDesign(design, { reduced });
  return graphOf({
    system,
    see(read) {
      const { partitions, acknowledged } = createUntimedView(setting, read).after;
      const seen = partitions.map(({ leader, leaderEpoch, isr, elr, replicas, disks }) => {
        return [leader, leaderEpoch, isr, elr, disks, replicas.map((replica) => ({ ...replica }))];
      });
      return JSON.stringify([seen, acknowledged]);
    },
  });
}

describe("whoever looks at replicas, controller and clients sees the same things happen, in the same orders", () => {
  it.each<Given>([
    { faults: { kill: 2 }, minIsr: 1 },
    { faults: { kill: 1 }, minIsr: 1, records: 2, lingerMs: 5 },
    { faults: { delay: 1 } },
    { faults: { pause: 1 } },
    { faults: { cut: 1 } },
    { faults: { "power-off": 1 }, acks: 1, minIsr: 1, unclean: true },
    { faults: { kill: 1 }, minIsr: 1, reconciliation: "high-watermark" },
    { faults: { kill: 1 }, minIsr: 1, records: 2, reconciliation: "kip-101" },
    { faults: { cut: 1 }, reconciliation: "kip-279" },
    { faults: { kill: 1 }, replicas: 3 },
    { faults: { cut: 1 }, replicas: 3 },
  ])("%o", (given) => {
    const [whole, reduced] = [false, true].map((isReduced) => graph(designOf(given), isReduced));
    if (whole === undefined || reduced === undefined) throw new Error("nothing was searched");
    expect(reduced.labels.length).toBeLessThan(whole.labels.length / 2);
    expect([follows(whole, reduced), follows(reduced, whole)]).toEqual([true, true]);
  });
});

describe("the comparison itself", () => {
  const graphs = {
    "a b": { labels: ["a", "b"], successors: [[1], []] },
    "a, unseen, b": { labels: ["a", "a", "b"], successors: [[1], [2], []] },
    "a b or a c": { labels: ["a", "b", "c"], successors: [[1, 2], [], []] },
    "a chosen unseen, b or c": { labels: ["a", "a", "a", "b", "c"], successors: [[1, 2], [3], [4], [], []] },
    "a b c": { labels: ["a", "b", "c"], successors: [[1], [2], []] },
  };
  it.each<[keyof typeof graphs, keyof typeof graphs, boolean, boolean]>([
    ["a b", "a, unseen, b", true, true],
    ["a b", "a b or a c", true, false],
    ["a b or a c", "a chosen unseen, b or c", true, true],
    ["a b", "a b c", true, false],
    ["a b or a c", "a b c", false, false],
  ])("%s, and %s", (one, other, forth, back) => {
    expect([follows(graphs[one], graphs[other]), follows(graphs[other], graphs[one])]).toEqual([forth, back]);
  });
});

const verdictsOf = ({ requirements }: Checked) =>
  requirements.map(({ id, verdict, counterexample }) => [id, verdict, counterexample?.length ?? null]);

function compare(design: Design, bug: string | null): void {
  const planted = bug === null ? undefined : plantedBugById(bug);
  if (bug !== null) expect(planted).toBeDefined();
  const machines = planted === undefined ? createMachines() : plant(planted, createMachines());
  const [whole, reduced] = [false, true].map((isReduced) => checkDesign(design, { machines, reduced: isReduced }));
  if (whole === undefined || reduced === undefined) throw new Error("nothing was checked");
  expect([whole.complete, reduced.complete]).toEqual([true, true]);
  expect(verdictsOf(reduced)).toEqual(verdictsOf(whole));
  expect(reduced.states).toBeLessThan(whole.states);
}

describe("the same verdicts, and stories of the same length, from a fraction of the states", () => {
  it.each<Given>([
    { faults: { kill: 1 } },
    { faults: { cut: 1 } },
    { faults: { "power-off": 1 }, acks: 1, minIsr: 1, unclean: true },
  ])("%o", (given) => {
    compare(designOf(given), null);
  });

  it.each(["hw-is-log-end", "elects-outside-isr"])("planted: %s", (bug) => {
    compare(designOf({ faults: { kill: 1 } }), bug);
  });
});
