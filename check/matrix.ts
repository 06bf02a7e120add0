/** The guarantee matrix: for every cell of the durability contract a design that a search can go through. */
import { type FaultBudget, noFaults } from "../model/cluster/untimed-faults.ts";
import { parseCluster } from "../spec/config/parse-cluster.ts";
import { type DurabilityCase, type DurabilityCell, durabilityCell, faultClasses } from "../spec/durability-contract.ts";
import type { Checked } from "./check-design.ts";
import type { Design } from "./design.ts";

export interface MatrixCell extends DurabilityCell {
  readonly of: DurabilityCase;
  readonly design: Design;
}

export interface MatrixBounds {
  readonly replicas: 2 | 3;
  readonly profiles: readonly DurabilityCase["profile"][];
}

export function matrixCells({ replicas, profiles }: MatrixBounds): readonly MatrixCell[] {
  const cells: MatrixCell[] = [];
  for (const profile of profiles) {
    for (const acks of [0, 1, -1] as const) {
      for (const minIsr of [1, 2] as const) {
        for (const unclean of [false, true]) {
          for (const faults of faultClasses) {
            const of: DurabilityCase = { acks, minIsr, replicas, unclean, profile, faults };
            cells.push({ of, ...durabilityCell(of), design: designOf(of) });
          }
        }
      }
    }
  }
  return cells;
}

/** To lose a record by an unclean election every replica but one has to die after it was the last to know. */
function budgetOf({ faults, replicas, unclean, acks }: DurabilityCase): FaultBudget {
  switch (faults) {
    case "none":
      return noFaults;
    case "kill":
      return { ...noFaults, kill: unclean && acks === -1 ? replicas : 1 };
    case "power-loss":
      return { ...noFaults, "power-off": 1 };
    case "cut+power-loss":
      // The last replica standing: all others are cut off.
      return { ...noFaults, cut: replicas - 1, "power-off": 1 };
    default:
      return { ...noFaults, [faults]: 1 };
  }
}

function designOf(of: DurabilityCase): Design {
  const parsed = parseCluster({
    profile: of.profile,
    brokers: of.replicas,
    server: { "unclean.leader.election.enable": of.unclean },
    topics: { t: { partitions: 1, "replication.factor": of.replicas, "min.insync.replicas": of.minIsr } },
    producers: { p: { acks: of.acks, "linger.ms": 0 } },
  });
  if (!parsed.ok) throw new Error(`a cell's cluster is refused: ${parsed.problems[0]?.message}`);
  const bounds = { records: 1, elections: 2, attempts: 1 };
  return { config: parsed.config, faults: budgetOf(of), bounds, channels: "rendezvous" };
}

/** `not-complete`: a limit came first. */
export type Found = "holds" | "loses" | "not-complete";

export function foundIn({ requirements, complete }: Checked): Found {
  if (requirements.some(({ counterexample }) => counterexample !== null)) return "loses";
  return complete ? "holds" : "not-complete";
}

export function agrees({ expected }: DurabilityCell, found: Found): boolean {
  return expected === "open" || found === "not-complete" || expected === found;
}
