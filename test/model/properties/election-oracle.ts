/**
 * The election, written from its rules once more and straight down, as a function of the record before: what the
 * controller's statechart is held against.
 *
 * Source: metadata/…/controller/PartitionChangeBuilder.java, ReplicationControlManager.java; KIP-966.
 */
import type { BrokerId } from "../../../spec/vocabulary.ts";

export interface Record {
  readonly leader: BrokerId | null;
  readonly isr: readonly BrokerId[];
  readonly elr: readonly BrokerId[];
  readonly lastKnownLeader: BrokerId | null;
}

interface Settings {
  readonly replicas: readonly BrokerId[];
  readonly effectiveMinIsr: number;
  readonly uncleanAllowed: boolean;
  readonly elrEnabled: boolean;
}

export type Change =
  | { readonly kind: "broker-fenced" | "broker-unfenced" | "broker-registered"; readonly broker: BrokerId }
  | { readonly kind: "proposed"; readonly isr: readonly BrokerId[] };

/** By which rule a record becomes what it is. */
export const rules = {
  unconcerned: "a change that does not concern the partition leaves its record",
  leaderStays: "a leader that is valid stays",
  fromIsr: "otherwise the first replica in assignment order that is in the ISR and alive leads",
  fromElr: "with an empty ISR, the first in assignment order that is in the ELR and alive leads, alone in the ISR",
  lastKnown: "with an empty ELR, too, the last known leader leads if it is alive",
  whoeverLives: "if that is allowed, the first replica that is alive leads, alone in the ISR, and the ELR is cleared",
  nobody: "otherwise nobody leads; without ELR the last member stays in the ISR",
} as const;

interface Decision {
  readonly record: Record;
  readonly because: keyof typeof rules;
}

const ascending = (brokers: Iterable<BrokerId>) => [...brokers].sort((one, other) => one - other);

/** `alive` is who lives after the change. */
export function decide(record: Record, change: Change, alive: readonly BrokerId[], settings: Settings): Decision {
  if (!concerns(record, change)) return { record, because: "unconcerned" };
  const isr = isrAfter(record, change);
  const elr = elrAfter(record, change, isr, settings);
  const elected = elect(record, isr, elr, alive, settings);
  const { leader } = elected.record;
  if (leader !== null) return elected;
  // The last known leader is noted when the leader is lost with the ISR; it stands until somebody leads.
  const isLost = settings.elrEnabled && isr.length === 0 && record.leader !== null;
  const lastKnownLeader = isLost ? record.leader : record.lastKnownLeader;
  return { ...elected, record: { ...elected.record, lastKnownLeader } };
}

function concerns(record: Record, change: Change): boolean {
  switch (change.kind) {
    case "broker-fenced":
      return record.isr.includes(change.broker);
    case "broker-unfenced":
      return record.leader === null;
    case "broker-registered":
      return record.isr.includes(change.broker) || record.elr.includes(change.broker);
    case "proposed":
      return true;
  }
}

function isrAfter(record: Record, change: Change): readonly BrokerId[] {
  if (change.kind === "proposed") return ascending(change.isr);
  return change.kind === "broker-unfenced" ? record.isr : record.isr.filter((broker) => broker !== change.broker);
}

/** Who left the ISR while it is below min ISR has every committed record, unless its shutdown was unclean. */
function elrAfter(record: Record, change: Change, isr: readonly BrokerId[], settings: Settings): readonly BrokerId[] {
  if (!settings.elrEnabled || isr.length >= settings.effectiveMinIsr) return [];
  const left = ascending(new Set([...record.elr, ...record.isr])).filter((broker) => !isr.includes(broker));
  return change.kind === "broker-registered" ? left.filter((broker) => broker !== change.broker) : left;
}

function elect(
  before: Record,
  isr: readonly BrokerId[],
  elr: readonly BrokerId[],
  alive: readonly BrokerId[],
  settings: Settings,
): Decision {
  const becomes = (
    because: keyof typeof rules,
    leader: BrokerId | null,
    members: Pick<Record, "isr" | "elr">,
  ): Decision => {
    return { record: { leader, ...members, lastKnownLeader: null }, because };
  };
  const living = settings.replicas.filter((broker) => alive.includes(broker));

  const { leader } = before;
  if (leader !== null && isr.includes(leader) && alive.includes(leader)) {
    return becomes("leaderStays", leader, { isr, elr });
  }
  const member = living.find((broker) => isr.includes(broker));
  if (member !== undefined) return becomes("fromIsr", member, { isr, elr });

  const eligible = living.find((broker) => elr.includes(broker));
  if (isr.length === 0 && eligible !== undefined) {
    const others = elr.filter((broker) => broker !== eligible);
    return becomes("fromElr", eligible, { isr: [eligible], elr: others });
  }
  const { lastKnownLeader } = before;
  if (isr.length === 0 && elr.length === 0 && lastKnownLeader !== null && alive.includes(lastKnownLeader)) {
    return becomes("lastKnown", lastKnownLeader, { isr: [lastKnownLeader], elr: [] });
  }
  const [anyone] = living;
  if (settings.uncleanAllowed && anyone !== undefined) {
    return becomes("whoeverLives", anyone, { isr: [anyone], elr: [] });
  }
  // Without ELR the last member stays in the ISR though dead.
  const kept = isr.length === 0 && !settings.elrEnabled ? before.isr : isr;
  return becomes("nobody", null, { isr: kept, elr });
}
