/** What a leader does with its log, its view of the followers, the ISR and the high watermark. Wired in the machine. */
import { assertEvent } from "xstate";
import { type Effect, type Effects, effects, local, observe } from "../effect.ts";
import type { ErrorName } from "../message.ts";
import type { FollowerLagEvent } from "./follower-lag-machine.ts";
import { isEligible, outOfSync, replicatedUpTo } from "./leader-rules.ts";
import {
  type RemoteReplica,
  type ReplicaContext,
  type ReplicaEvent,
  type RequesterEvent,
  readResult,
} from "./replica-context.ts";
import { appendRecords, endOffsetForEpoch, logEnd, read, startEpoch } from "./replica-log.ts";

interface Args {
  readonly context: ReplicaContext;
  readonly event: ReplicaEvent;
}
type Update = Partial<ReplicaContext>;

function lagMachineId(context: ReplicaContext, follower: number): string {
  return `b${context.broker}/${context.partition}/lag-${follower}`;
}

// --- taking and leaving office ---------------------------------------------------------------------------------

/** Becoming leader never truncates; the epoch is recorded even if nothing is appended in it (KAFKA-7415). */
export function takeOffice({ context, event }: Args): Update {
  assertEvent(event, "partition-changed");
  const { leaderEpoch, isr } = event.change;
  return {
    log: startEpoch(context.log, leaderEpoch),
    epochStart: logEnd(context.log),
    remotes: context.remotes.map(({ broker }) => ({
      broker,
      logEnd: -1,
      leaderEndAtLastFetch: -1,
      brokerEpoch: null,
      withinLagTime: isr.includes(broker),
    })),
  };
}

export function tellTermBegan({ context }: Args): Effects {
  return tellLagMachines(context, ({ broker }) => ({ type: "term-began", inIsr: context.isr.includes(broker) }));
}

/** Whoever waits at a leader that is one no longer is told so. */
export function dismissAll({ context }: Args): Effects {
  const ended = tellLagMachines(context, () => ({ type: "term-ended" })).effects;
  const refused = context.waiting.map((waiting) => replicated(context, waiting.requester, "NOT_LEADER_OR_FOLLOWER"));
  return effects(...ended, ...refused, ...context.watchers.map(changed));
}

export function forgetOffice(): Update {
  return { epochStart: null, waiting: [], watchers: [] };
}

function tellLagMachines(context: ReplicaContext, event: (remote: RemoteReplica) => FollowerLagEvent): Effects {
  return effects(...context.remotes.map((remote) => local(lagMachineId(context, remote.broker), event(remote))));
}

// --- appending -------------------------------------------------------------------------------------------------

export function append({ context, event }: Args): Update {
  assertEvent(event, "append");
  return { log: appendRecords(context.log, context.leaderEpoch, event.records, context.segmentBytes) };
}

/** `acks=0` and `acks=1` are done with the leader's own append. Runs after the append. */
export function tellAppended({ context, event }: Args): Effects {
  assertEvent(event, "append");
  const baseOffset = logEnd(context.log) - event.records.length;
  const values = event.records.map(({ value }) => value);
  const result = appended(context, event.requester, null, baseOffset);
  return event.acks === -1
    ? effects(result)
    : effects(result, answered(context, { baseOffset, values, acks: event.acks }));
}

export function awaitReplication({ context, event }: Args): Update {
  assertEvent(event, "append");
  const required = logEnd(context.log);
  const values = event.records.map(({ value }) => value);
  const baseOffset = required - values.length;
  return { waiting: [...context.waiting, { requester: event.requester, baseOffset, required, values }] };
}

export function forgetRequester({ context, event }: Args): Update {
  assertEvent(event, "forget");
  return {
    waiting: context.waiting.filter(({ requester }) => requester !== event.requester),
    watchers: context.watchers.filter((requester) => requester !== event.requester),
  };
}

export const refuseAppend =
  (error: ErrorName) =>
  ({ context, event }: Args): Effects => {
    assertEvent(event, "append");
    return effects(appended(context, event.requester, error, null));
  };

// --- high watermark and acknowledgement ------------------------------------------------------------------------

export function advanceHighWatermark({ context }: Args): Update {
  return { highWatermark: replicatedUpTo(context) };
}

/** Answers those whose records are now below the high watermark. */
export function acknowledgeReplicated({ context }: Args): Effects {
  return effects(
    ...reached(context).flatMap((waiting) => [
      replicated(context, waiting.requester, null),
      answered(context, { baseOffset: waiting.baseOffset, values: waiting.values, acks: -1 }),
    ]),
  );
}

/** The records stay in the log: whether they are lost is open, the producer only learns that copies are too few. */
export function refuseReplicated({ context }: Args): Effects {
  return effects(
    ...reached(context).map(({ requester }) => replicated(context, requester, "NOT_ENOUGH_REPLICAS_AFTER_APPEND")),
  );
}

export function forgetReplicated({ context }: Args): Update {
  return { waiting: context.waiting.filter(({ required }) => required > context.highWatermark) };
}

function reached(context: ReplicaContext) {
  return context.waiting.filter(({ required }) => required <= context.highWatermark);
}

export function wakeWatchers({ context }: Args): Effects {
  return effects(...context.watchers.map(changed));
}

export function forgetWatchers(): Update {
  return { watchers: [] };
}

// --- fetching --------------------------------------------------------------------------------------------------

export const refuseRead =
  (error: ErrorName) =>
  ({ context, event }: Args): Effects => {
    assertEvent(event, "read");
    const result = readResult(event.at, context, { error });
    return effects(local<RequesterEvent>(event.requester, { type: "read-result", result }));
  };

/** The follower's log is not a prefix of ours: it learns where our end of its last epoch is, and gets no data. */
export function answerDiverging({ context, event }: Args): Effects {
  assertEvent(event, "read");
  const end = endOffsetForEpoch(context.log, event.at.lastFetchedEpoch ?? -1);
  const result = readResult(event.at, context, end === null ? {} : { diverging: end });
  return effects(local<RequesterEvent>(event.requester, { type: "read-result", result }));
}

/** Followers read to the log end. Sent before the fetch is counted: it carries the high watermark of before. */
export function answerFollower({ context, event }: Args): Effects {
  assertEvent(event, "read");
  const entries = read(context.log, event.at.offset, logEnd(context.log));
  const result = readResult(event.at, context, { entries });
  return effects(local<RequesterEvent>(event.requester, { type: "read-result", result }));
}

/** Consumers read to the high watermark, exclusive; beyond it up to the log end the answer is empty, no error. */
export function answerConsumer({ context, event }: Args): Effects {
  assertEvent(event, "read");
  const entries = read(context.log, event.at.offset, context.highWatermark);
  const result = readResult(event.at, context, { entries });
  return effects(local<RequesterEvent>(event.requester, { type: "read-result", result }));
}

/** A reader that may park is told when something changes here. */
export function watch({ context, event }: Args): Update {
  assertEvent(event, "read");
  return { watchers: [...context.watchers.filter((other) => other !== event.requester), event.requester] };
}

/** The offset of a fetch is the follower's log end: everything before it has been written there. */
export function countFetch({ context, event }: Args): Update {
  assertEvent(event, "read");
  const end = logEnd(context.log);
  return {
    remotes: context.remotes.map((remote) =>
      remote.broker === event.replica?.broker
        ? {
            ...remote,
            logEnd: event.at.offset,
            leaderEndAtLastFetch: Math.max(end, remote.leaderEndAtLastFetch),
            brokerEpoch: event.replica.brokerEpoch,
          }
        : remote,
    ),
  };
}

/** Runs before the fetch is counted. */
export function tellLagMachine({ context, event }: Args): Effects {
  assertEvent(event, "read");
  const remote = context.remotes.find(({ broker }) => broker === event.replica?.broker);
  if (remote === undefined) return effects();
  const fetched: FollowerLagEvent = {
    type: "fetched",
    reachedEnd: event.at.offset >= logEnd(context.log),
    reachedPreviousEnd: event.at.offset >= remote.leaderEndAtLastFetch,
  };
  return effects(local(lagMachineId(context, remote.broker), fetched));
}

export function noteLag({ context, event }: Args): Update {
  assertEvent(event, "lag-changed");
  return {
    remotes: context.remotes.map((remote) =>
      remote.broker === event.follower ? { ...remote, withinLagTime: event.withinLagTime } : remote,
    ),
  };
}

// --- ISR -------------------------------------------------------------------------------------------------------

/** An expansion adds the one replica that has caught up. */
export function planExpansion({ context, event }: Args): Update {
  assertEvent(event, "consider-joining");
  return { proposedIsr: [...context.isr, event.follower].sort((one, other) => one - other) };
}

/** A shrink drops all that have fallen behind. */
export function planShrink({ context }: Args): Update {
  const lagging = outOfSync(context);
  return { proposedIsr: context.isr.filter((broker) => !lagging.includes(broker)) };
}

/** Compare-and-set at the controller: it carries the partition epoch that the change is based on. */
export function proposeIsr({ context }: Args): Effects {
  const { broker, partition, leaderEpoch, partitionEpoch } = context;
  const isr = context.proposedIsr.map((member) => ({
    broker: member,
    epoch:
      member === broker
        ? context.brokerEpoch
        : (context.remotes.find((remote) => remote.broker === member)?.brokerEpoch ?? null),
  }));
  const body = { type: "alter-partition", broker, partition, leaderEpoch, partitionEpoch, isr } as const;
  return effects({ kind: "request", to: "controller", body });
}

export function adoptAnswer({ event }: Args): Update {
  assertEvent(event, "alter-partition-response");
  return { isr: event.isr, partitionEpoch: event.partitionEpoch, proposedIsr: [] };
}

export function dropProposal(): Update {
  return { proposedIsr: [] };
}

/** Is the follower of this event one that the leader may take into the ISR as far as its broker is concerned? */
export function followerIsEligible(context: ReplicaContext, follower: number): boolean {
  return context.remotes.some((remote) => remote.broker === follower && isEligible(context, remote));
}

// --- answers ---------------------------------------------------------------------------------------------------

function appended(context: ReplicaContext, to: string, error: ErrorName | null, baseOffset: number | null): Effect {
  return local<RequesterEvent>(to, { type: "appended", partition: context.partition, error, baseOffset });
}

function replicated(context: ReplicaContext, to: string, error: ErrorName | null): Effect {
  return local<RequesterEvent>(to, { type: "replicated", partition: context.partition, error });
}

function changed(requester: string): Effect {
  return local<RequesterEvent>(requester, { type: "changed" });
}

function answered(
  context: ReplicaContext,
  about: { readonly baseOffset: number; readonly values: readonly string[]; readonly acks: 0 | 1 | -1 },
): Effect {
  const { broker, partition, leaderEpoch } = context;
  return observe({ kind: "answered", broker, partition, leaderEpoch, ...about });
}
