/** What a replica does in either role. Wired in the machine. */
import { assertEvent } from "xstate";
import type { Effects } from "../effect.ts";
import { effects } from "../effect.ts";
import type { ErrorName } from "../message.ts";
import { emptyMemory, type ReplicaContext, type ReplicaEvent } from "./replica-context.ts";
import { endOffsetForEpoch, logEnd } from "./replica-log.ts";

interface Args {
  readonly context: ReplicaContext;
  readonly event: ReplicaEvent;
}
type Update = Partial<ReplicaContext>;

/** The process is up again: the log is as the disk has it, the high watermark as it was checkpointed last. */
export function openLog({ context, event }: Args): Update {
  assertEvent(event, "process-started");
  const checkpointed = Math.min(context.checkpointedHighWatermark, logEnd(context.log));
  return { brokerEpoch: event.brokerEpoch, highWatermark: Math.max(checkpointed, context.log.start) };
}

/** The process dies: everything that was only in memory is gone. */
export function closeLog({ context }: Args): Update {
  return emptyMemory(context.remotes.map(({ broker }) => broker));
}

export function adoptTerm({ event }: Args): Update {
  assertEvent(event, "partition-changed");
  const { leader, leaderEpoch, partitionEpoch, isr } = event.change;
  return { leader, leaderEpoch, partitionEpoch, isr, proposedIsr: [] };
}

export function adoptPartitionEpoch({ event }: Args): Update {
  assertEvent(event, "partition-changed");
  return { partitionEpoch: event.change.partitionEpoch };
}

/** As a leader: the ISR that the controller has committed replaces whatever was pending. */
export function adoptIsr({ event }: Args): Update {
  assertEvent(event, "partition-changed");
  return { partitionEpoch: event.change.partitionEpoch, isr: event.change.isr, proposedIsr: [] };
}

export function noteBroker({ context, event }: Args): Update {
  assertEvent(event, "broker-changed");
  const others = context.liveBrokers.filter(({ broker }) => broker !== event.broker);
  const known = event.fenced ? others : [...others, { broker: event.broker, epoch: event.epoch }];
  return { liveBrokers: known.sort((one, other) => one.broker - other.broker) };
}

export function considerJoining({ event }: Args): ReplicaEvent {
  assertEvent(event, "read");
  return { type: "consider-joining", follower: event.replica?.broker ?? -1 };
}

export const refuseAsk =
  (error: ErrorName) =>
  ({ context, event }: Args): Effects => {
    assertEvent(event, ["list-offsets", "offset-for-leader-epoch"]);
    const { partition } = context;
    const { connection } = event;
    const body =
      event.type === "list-offsets"
        ? ({ type: "list-offsets-response", partition, error, offset: -1 } as const)
        : ({ type: "offset-for-leader-epoch-response", partition, error, end: null } as const);
    return effects({ kind: "reply", connection, body });
  };

export const answerOffset =
  (pick: (context: ReplicaContext) => number) =>
  ({ context, event }: Args): Effects => {
    assertEvent(event, "list-offsets");
    const body = {
      type: "list-offsets-response",
      partition: context.partition,
      error: null,
      offset: pick(context),
    } as const;
    return effects({ kind: "reply", connection: event.connection, body });
  };

export function answerEpochEnd({ context, event }: Args): Effects {
  assertEvent(event, "offset-for-leader-epoch");
  const end = endOffsetForEpoch(context.log, event.leaderEpoch);
  const body = {
    type: "offset-for-leader-epoch-response",
    partition: context.partition,
    error: null,
    end,
  } as const;
  return effects({ kind: "reply", connection: event.connection, body });
}
