/**
 * A search that leaves out moments in which nothing is decided finds what the whole search finds: whatever replicas,
 * controller and clients can get into together, and the same verdicts, by ways of the same length.
 */
import { describe, expect, it } from "vitest";
import { type Checked, checkDesign } from "../../check/check-design.ts";
import { clusterOfDesign } from "../../check/cluster-of-design.ts";
import { type Design, defaultBounds } from "../../check/design.ts";
import { search } from "../../explore/search.ts";
import type { Cell } from "../../model/cluster/cells.ts";
import { brokersOf } from "../../model/cluster/initial-machines.ts";
import { createMachines } from "../../model/cluster/machines.ts";
import { type FaultBudget, noFaults } from "../../model/cluster/untimed-faults.ts";
import { createUntimedView, type SlotReader } from "../../model/cluster/untimed-view.ts";
import { plant } from "../../model/plants/plant.ts";
import { plantedBugById } from "../../model/plants/planted-bugs.ts";
import type { ReplicaContext } from "../../model/replica/replica-context.ts";
import { parseCluster } from "../../spec/config/parse-cluster.ts";

interface Given {
  readonly acks?: 1 | "all";
  readonly replicas?: number;
  readonly minIsr?: number;
  readonly unclean?: boolean;
  readonly records?: number;
  readonly lingerMs?: number;
  readonly faults: Partial<FaultBudget>;
}

function designOf({ acks = "all", replicas = 2, minIsr = 2, unclean = false, faults, ...given }: Given): Design {
  const parsed = parseCluster({
    profile: "4.1",
    brokers: replicas,
    server: { "unclean.leader.election.enable": unclean },
    topics: { t: { partitions: 1, "replication.factor": replicas, "min.insync.replicas": minIsr } },
    producers: { p: { acks, "linger.ms": given.lingerMs ?? 0 } },
  });
  if (!parsed.ok) throw new Error("the cluster is refused");
  const bounds = { ...defaultBounds, records: given.records ?? 1, elections: 2 };
  return { config: parsed.config, faults: { ...noFaults, ...faults }, bounds, channels: "rendezvous" };
}

/** Every combination of what replicas, controller and clients are in, as texts. */
function combinations(design: Design, reduced: boolean): ReadonlySet<string> {
  const found = new Set<string>();
  const { setting, ...cluster } = clusterOfDesign(design, { reduced });
  const brokers = brokersOf(design.config);
  const look = (read: SlotReader) => {
    const { partitions, acknowledged } = createUntimedView(setting, read).after;
    const remotes = brokers.map((broker) => {
      const cell = read(setting.plan.slotOfMachine(`b${broker}/t-0`)) as Cell;
      const replica = cell.machines[`b${broker}/t-0`]?.context as ReplicaContext | undefined;
      return replica?.remotes.map(({ logEnd, brokerEpoch, withinLagTime }) => [logEnd, brokerEpoch, withinLagTime]);
    });
    const { faults, taken } = setting.slots;
    const seen = partitions.map(({ leader, leaderEpoch, isr, elr, replicas }) => {
      return [leader, leaderEpoch, isr, elr, replicas.map((replica) => ({ ...replica }))];
    });
    found.add(JSON.stringify([seen, acknowledged, remotes, read(faults), read(taken)]));
    return true;
  };
  const { end } = search(cluster, { invariants: [{ name: "seen", checks: [look] }] });
  expect(end).toBe("complete");
  return found;
}

describe("what replicas, controller and clients can get into together is the same", () => {
  it.each<Given>([
    { faults: { kill: 2 }, minIsr: 1 },
    { faults: { kill: 1 }, minIsr: 1, records: 2, lingerMs: 5 },
    { faults: { delay: 1 } },
    { faults: { pause: 1 } },
    { faults: { cut: 1 } },
    { faults: { "power-off": 1 }, acks: 1, minIsr: 1, unclean: true },
    { faults: { kill: 1 }, replicas: 3 },
  ])("%o", (given) => {
    const [whole, reduced] = [false, true].map((isReduced) => [...combinations(designOf(given), isReduced)].sort());
    expect(reduced).toEqual(whole);
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
