/** What a replica does in either role. Wired in the machine. */
import { assertEvent } from "xstate";
import type { Effects } from "../effect.ts";
import { effects, local, observe } from "../effect.ts";
import type { EpochEnd, ErrorName } from "../message.ts";
import type { DiskEvent } from "./disk-machine.ts";
import { emptyMemory, type ReplicaContext, type ReplicaEvent } from "./replica-context.ts";
import { logEnd, type ReplicaLog, truncate } from "./replica-log.ts";

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

/** Runs after every change of the log. */
export function tellDisk({ context: { broker, partition, log } }: Args): Effects {
  return effects(local<DiskEvent>(`b${broker}/${partition}/disk`, { type: "log-changed", logEnd: logEnd(log) }));
}

/** Epochs that start beyond the end go too, as when Kafka loads a log; the high watermark's checkpoint stays as it is. */
export function loseTail({ context, event }: Args): Update {
  assertEvent(event, "tail-lost");
  return { log: truncate(context.log, survivingEnd(context, event.logEnd)) };
}

/** The log start is on disk at once, wherever the records behind it are. */
function survivingEnd({ log }: ReplicaContext, end: number): number {
  return Math.max(log.start, end);
}

/** Runs before the loss. */
export function observeLoss({ context, event }: Args): Effects {
  assertEvent(event, "tail-lost");
  const { broker, partition } = context;
  const from = logEnd(context.log);
  const to = survivingEnd(context, event.logEnd);
  return to < from ? effects(observe({ kind: "tail-lost", broker, partition, from, to })) : effects();
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

export const answerEpochEnd =
  (find: (log: ReplicaLog, epoch: number) => EpochEnd | null) =>
  ({ context, event }: Args): Effects => {
    assertEvent(event, "offset-for-leader-epoch");
    const end = find(context.log, event.leaderEpoch);
    const { partition } = context;
    const body = { type: "offset-for-leader-epoch-response", partition, error: null, end } as const;
    return effects({ kind: "reply", connection: event.connection, body });
  };
