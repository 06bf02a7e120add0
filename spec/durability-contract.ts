/**
 * The contract of DUR-1, cell by cell, as literal data: whether a record that was acknowledged can be lost, by the
 * producer's acks, the topic's settings, the profile, and the class of faults. What a search finds is compared with it.
 *
 * Sources: docs of `acks`, `min.insync.replicas` and `unclean.leader.election.enable`; KIP-966.
 */
import type { Profile } from "./config/cluster-config.ts";

export const faultClasses = ["none", "kill", "power-loss", "pause", "cut", "cut+power-loss"] as const;
export type FaultClass = (typeof faultClasses)[number];

export interface DurabilityCase {
  readonly acks: 0 | 1 | -1;
  readonly minIsr: 1 | 2;
  readonly replicas: number;
  readonly unclean: boolean;
  readonly profile: Profile;
  readonly faults: FaultClass;
}

export interface DurabilityCell {
  /** `open`: neither promised nor known to lose; whatever is found is shown. */
  readonly expected: "holds" | "loses" | "open";
  readonly reason: string;
}

type Rule = DurabilityCell & { readonly when: (of: DurabilityCase) => boolean };

/** The first that applies decides. */
const rules: readonly Rule[] = [
  {
    when: ({ faults }) => faults === "none",
    expected: "holds",
    reason: "without a fault nothing acknowledged is lost, whatever the configuration",
  },
  {
    when: ({ acks }) => acks !== -1,
    expected: "loses",
    reason: "acks=0 and acks=1 are answered before any follower has the record (docs of acks)",
  },
  {
    when: ({ minIsr, faults }) => minIsr === 1 && faults === "cut+power-loss",
    expected: "loses",
    reason: "min ISR 1 lets a leader that is alone acknowledge, and its power takes what is not on disk",
  },
  {
    when: ({ profile, faults }) => profile !== "4.1" && faults === "cut+power-loss",
    expected: "loses",
    reason: "the last replica standing comes back without its tail and leads, as it is alone in the ISR (KIP-966)",
  },
  {
    when: ({ unclean, faults, minIsr, replicas }) => unclean && faults === "kill" && minIsr < replicas,
    expected: "loses",
    reason: "with all of the ISR dead a replica that lacks the record leads (unclean.leader.election.enable)",
  },
  {
    when: ({ unclean, faults }) => unclean && faults === "kill",
    expected: "open",
    reason: "unclean election, but every replica has what is acknowledged, and a kill keeps the disk",
  },
  {
    when: ({ unclean }) => unclean,
    expected: "open",
    reason: "unclean election needs the whole ISR gone; these faults are too few, or pass",
  },
  {
    when: ({ minIsr, faults }) => minIsr === 1 && faults === "power-loss",
    expected: "open",
    reason: "min ISR 1 and a power loss lose where the leader is alone in the ISR; that takes another fault first",
  },
  {
    when: ({ profile, faults }) => profile !== "4.1" && faults === "power-loss",
    expected: "open",
    reason: "before eligible leader replicas a power loss is not promised against; alone it leaves another member",
  },
  {
    when: () => true,
    expected: "holds",
    reason: "acks=all with safe elections and safe disks (KIP-966)",
  },
];

export function durabilityCell(of: DurabilityCase): DurabilityCell {
  const { expected, reason } = rules.find(({ when }) => when(of)) as Rule;
  return { expected, reason };
}
