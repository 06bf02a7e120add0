/** How the controller puts a partition's change together, records and publishes it. Wired in the machine. */
import { assertEvent } from "xstate";
import type { BrokerId } from "../../spec/vocabulary.ts";
import { type Effect, type Effects, effects, observe } from "../effect.ts";
import type { ErrorName } from "../message.ts";
import { isAlive, type PartitionContext, type PartitionEvent, type PartitionInput } from "./partition-context.ts";

interface Args {
  readonly context: PartitionContext;
  readonly event: PartitionEvent;
}
type Update = Partial<PartitionContext>;

/** A new partition: the first replica leads, all are in the ISR, all brokers are registered with epoch 1. */
export function createContext(input: PartitionInput): PartitionContext {
  const leader = input.replicas[0] ?? null;
  const isr = ascending(input.replicas);
  return {
    ...input,
    leader,
    leaderEpoch: 0,
    partitionEpoch: 0,
    isr,
    elr: [],
    lastKnownLeader: null,
    alive: input.brokers.map((broker) => ({ broker, epoch: 1 })),
    plannedIsr: isr,
    plannedElr: [],
    plannedLeader: leader,
    plannedUnclean: false,
  };
}

export function noteFenced({ context, event }: Args): Update {
  assertEvent(event, "broker-fenced");
  return { alive: context.alive.filter(({ broker }) => broker !== event.broker) };
}

export function noteUnfenced({ context, event }: Args): Update {
  assertEvent(event, "broker-unfenced");
  const { broker, epoch } = event;
  const others = context.alive.filter((known) => known.broker !== broker);
  return { alive: [...others, { broker, epoch }].sort((one, other) => one.broker - other.broker) };
}

// --- planning the ISR ------------------------------------------------------------------------------------------

export function planWithout({ context, event }: Args): Update {
  assertEvent(event, ["broker-fenced", "broker-registered"]);
  return { plannedIsr: context.isr.filter((broker) => broker !== event.broker) };
}

export function planProposed({ event }: Args): Update {
  assertEvent(event, "alter-partition");
  return { plannedIsr: ascending(event.isr.map(({ broker }) => broker)) };
}

/** The members of the old ISR and of the ELR that are not in the new ISR. */
export function collectEligible({ context }: Args): Update {
  const candidates = new Set([...context.elr, ...context.isr]);
  return { plannedElr: ascending([...candidates].filter((broker) => !context.plannedIsr.includes(broker))) };
}

export function excludeUnclean({ context, event }: Args): Update {
  assertEvent(event, "broker-registered");
  return { plannedElr: context.plannedElr.filter((broker) => broker !== event.broker) };
}

// --- election --------------------------------------------------------------------------------------------------

export function keepLeader({ context }: Args): Update {
  return { plannedLeader: context.leader, plannedUnclean: false };
}

export function electFromIsr({ context }: Args): Update {
  const leader = context.replicas.find((broker) => context.plannedIsr.includes(broker) && isAlive(context, broker));
  return { plannedLeader: leader ?? null, plannedUnclean: false };
}

export function electFromElr({ context }: Args): Update {
  const leader = context.replicas.find((broker) => context.plannedElr.includes(broker) && isAlive(context, broker));
  return {
    plannedLeader: leader ?? null,
    plannedUnclean: false,
    plannedIsr: leader === undefined ? [] : [leader],
    plannedElr: context.plannedElr.filter((broker) => broker !== leader),
  };
}

export function electLastKnown({ context }: Args): Update {
  return electUncleanly(context.lastKnownLeader);
}

export function electAnyone({ context }: Args): Update {
  return electUncleanly(context.replicas.find((broker) => isAlive(context, broker)) ?? null);
}

/** The ISR becomes the new leader alone: what only others had is lost. */
function electUncleanly(leader: BrokerId | null): Update {
  return {
    plannedLeader: leader,
    plannedUnclean: true,
    plannedIsr: leader === null ? [] : [leader],
    plannedElr: [],
  };
}

export function goWithoutLeader(): Update {
  return { plannedLeader: null, plannedUnclean: false };
}

/** Without ELR the ISR never becomes empty: its last member stays in it though dead. */
export function keepLastMember({ context }: Args): Update {
  return { plannedIsr: context.isr };
}

// --- recording -------------------------------------------------------------------------------------------------

/** A new leader, or none, is a new leader epoch; every change is a new partition epoch. */
export function record({ context }: Args): Update {
  const leaderChanges = context.plannedLeader !== context.leader;
  return {
    leader: context.plannedLeader,
    leaderEpoch: context.leaderEpoch + (leaderChanges ? 1 : 0),
    partitionEpoch: context.partitionEpoch + 1,
    isr: context.plannedIsr,
    elr: context.plannedElr,
    lastKnownLeader: lastKnownLeader(context),
  };
}

function lastKnownLeader(context: PartitionContext): BrokerId | null {
  if (context.plannedLeader !== null) return null;
  return context.elrEnabled && context.plannedIsr.length === 0 && context.leader !== null
    ? context.leader
    : context.lastKnownLeader;
}

/** Runs after the record. */
export function publish({ context }: Args): Effects {
  const { partition, isr } = context;
  return effects(...context.brokers.map((broker) => change(context, broker)), observe({ kind: "isr", partition, isr }));
}

/** Runs before the record, while the old leader is still known. */
export function announceLeader({ context }: Args): Effects {
  const { partition, plannedLeader: leader, plannedUnclean: unclean } = context;
  if (leader === null || leader === context.leader) return effects();
  return effects(observe({ kind: "elected", partition, leader, leaderEpoch: context.leaderEpoch + 1, unclean }));
}

/** A broker that has registered learns the record as it stands; a change that follows is published beside it. */
export function describe({ context, event }: Args): Effects {
  assertEvent(event, "broker-registered");
  return effects(change(context, event.broker));
}

function change(context: PartitionContext, to: BrokerId): Effect {
  const { partition, leader, leaderEpoch, isr, partitionEpoch } = context;
  const body = {
    type: "partition-change",
    change: { partition, leader, leaderEpoch, isr, partitionEpoch },
  } as const;
  return { kind: "request", to: `b${to}`, body };
}

export function answerAccepted({ context, event }: Args): Effects {
  assertEvent(event, "alter-partition");
  return answer(context, event, null);
}

export const refuse =
  (error: ErrorName) =>
  ({ context, event }: Args): Effects => {
    assertEvent(event, "alter-partition");
    return answer(context, event, error);
  };

function answer(
  context: PartitionContext,
  event: Extract<PartitionEvent, { type: "alter-partition" }>,
  error: ErrorName | null,
): Effects {
  const { partition, isr, leaderEpoch, partitionEpoch } = context;
  const body = {
    type: "alter-partition-response",
    partition,
    error,
    isr,
    leaderEpoch,
    partitionEpoch,
    basedOn: event.partitionEpoch,
  } as const;
  return effects({ kind: "reply", connection: event.connection, body });
}

function ascending(brokers: readonly BrokerId[]): readonly BrokerId[] {
  return [...brokers].sort((one, other) => one - other);
}
