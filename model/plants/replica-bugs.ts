/** Bugs of a replica, most of them ones that Kafka or a broker like it has had. */
import { emit } from "xstate";
import { truncateToCommonEnd } from "../replica/follower-actions.ts";
import { answerFollower, planShrink, takeOffice } from "../replica/leader-actions.ts";
import type { ReplicaContext, ReplicaEvent } from "../replica/replica-context.ts";
import { appendRecords, logEnd, truncate } from "../replica/replica-log.ts";
import { openLog } from "../replica/shared-actions.ts";
import { always, change, never, type PlantedBug } from "./plant.ts";

interface Args {
  readonly context: ReplicaContext;
}

/** What most of all replicas have, whoever they are. */
function majority({ context }: Args): number {
  const ends = [logEnd(context.log), ...context.remotes.map((remote) => remote.logEnd)].sort((one, two) => two - one);
  return Math.max(context.highWatermark, ends[Math.floor(ends.length / 2)] ?? 0);
}

export const replicaBugs: readonly PlantedBug[] = [
  {
    id: "hw-is-log-end",
    title: "the high watermark is the leader's log end",
    machine: "replica",
    replaces: {
      guards: { replicatedFurther: ({ context }: Args) => logEnd(context.log) > context.highWatermark },
      actions: {
        advanceHighWatermark: change<ReplicaContext>(({ context }) => ({ highWatermark: logEnd(context.log) })),
      },
    },
    requirement: "HW-2",
    anomaly: "lost-write",
  },
  {
    id: "hw-by-majority",
    title: "the high watermark counts copies, not ISR members",
    machine: "replica",
    replaces: {
      guards: { replicatedFurther: (args: Args) => majority(args) > args.context.highWatermark },
      actions: { advanceHighWatermark: change<ReplicaContext>((args) => ({ highWatermark: majority(args) })) },
    },
    requirement: "HW-2",
    anomaly: "lost-write",
  },
  {
    id: "hw-not-frozen",
    title: "the high watermark moves on though the ISR is below min ISR",
    machine: "replica",
    replaces: { guards: { meetsMinIsr: always } },
    requirement: "HW-2",
    anomaly: "inconsistent-offsets",
  },
  {
    id: "hw-back",
    title: "a new ISR sets the high watermark back",
    machine: "replica",
    replaces: {
      actions: {
        adoptAnswer: change<ReplicaContext>(({ context, event }) => {
          const { isr, partitionEpoch } = event as Extract<ReplicaEvent, { type: "alter-partition-response" }>;
          return { isr, partitionEpoch, proposedIsr: [], highWatermark: Math.max(0, context.highWatermark - 1) };
        }),
      },
    },
    requirement: "HW-1",
    anomaly: "unseen",
  },
  {
    id: "consumers-read-to-log-end",
    title: "consumers are served beyond the high watermark",
    machine: "replica",
    replaces: { actions: { answerConsumer: emit(answerFollower as never) } },
    requirement: "HW-3",
    anomaly: "inconsistent-offsets",
  },
  {
    id: "min-isr-ignored",
    title: "acks=all is taken, and answered, whatever the size of the ISR",
    machine: "replica",
    replaces: { guards: { isrIsTooSmall: never, meetsMinIsr: always, maximalIsrIsTooSmall: never } },
    requirement: "ACK-1",
    anomaly: "acknowledged-below-min-isr",
  },
  {
    id: "join-at-once",
    title: "a follower joins the ISR with its first fetch, however short its log",
    machine: "replica",
    replaces: { guards: { hasReachedHighWatermark: always, hasReachedEpochStart: always } },
    requirement: "ISR-1",
    anomaly: "lost-write",
  },
  {
    id: "joins-below-epoch-start",
    title: "a follower joins the ISR of a new leader before it has what that leader's epoch starts with",
    machine: "replica",
    replaces: { guards: { hasReachedEpochStart: always } },
    requirement: "ISR-1",
    anomaly: "lost-write",
  },
  {
    id: "shrink-assumes-success",
    title: "a leader counts without those that it proposes to drop, before the controller has agreed",
    machine: "replica",
    replaces: {
      actions: {
        planShrink: change<ReplicaContext>((args) => {
          const proposedIsr = planShrink(args).proposedIsr ?? [];
          return { isr: proposedIsr, proposedIsr };
        }),
      },
    },
    requirement: "ISR-1",
    anomaly: "lost-write",
  },
  {
    id: "leaders-forget-tail",
    title: "a new leader truncates its log to its high watermark",
    machine: "replica",
    replaces: {
      actions: {
        takeOffice: change<ReplicaContext>((args) => {
          const log = truncate(args.context.log, args.context.highWatermark);
          return takeOffice({ ...args, context: { ...args.context, log } });
        }),
      },
    },
    requirement: "ISR-1",
    anomaly: "lost-write",
  },
  {
    id: "followers-believe-log-end",
    title: "a follower takes what it has for committed",
    machine: "replica",
    replaces: {
      actions: {
        adoptHighWatermark: change<ReplicaContext>(({ context }) => ({ highWatermark: logEnd(context.log) })),
      },
    },
    requirement: "ISR-1",
    anomaly: "inconsistent-offsets",
  },
  {
    id: "starts-at-log-end",
    title: "a replica that starts takes its log end for its high watermark",
    machine: "replica",
    replaces: {
      actions: {
        openLog: change<ReplicaContext>((args) => ({ ...openLog(args), highWatermark: logEnd(args.context.log) })),
      },
    },
    requirement: "HW-2",
    anomaly: null,
    unseenBecause:
      "killed brokers start as leaders only where nobody else may lead, and who joins them reaches their high watermark first",
  },
  {
    id: "truncates-one-too-few",
    title: "a follower keeps one record too many where its log parts from the leader's",
    machine: "replica",
    replaces: {
      actions: {
        truncateToCommonEnd: change<ReplicaContext>((args) => {
          const end = logEnd(truncateToCommonEnd(args).log ?? args.context.log);
          return { log: truncate(args.context.log, end + 1) };
        }),
      },
    },
    requirement: "LIV-1",
    anomaly: "stuck-after-heal",
  },
  {
    id: "too-few-copies-acknowledged",
    title: "acks=all is answered ok though the ISR has become too small since the append",
    machine: "replica",
    replaces: { guards: { maximalIsrIsTooSmall: never, meetsMinIsr: always } },
    requirement: "ACK-1",
    anomaly: "acknowledged-below-min-isr",
  },
  {
    id: "known-metadata-drops-proposal",
    title: "metadata that a leader knows already makes it forget the expansion that it has proposed since",
    machine: "replica",
    replaces: { guards: { changeIsKnown: never } },
    requirement: "ISR-1",
    anomaly: "lost-write",
  },
  {
    id: "never-truncates",
    title: "a follower never finds out that its log diverges",
    machine: "replica",
    replaces: { guards: { readerDiverges: never, lastFetchedEpochIsUnknown: never } },
    requirement: "LOG-2",
    anomaly: "inconsistent-offsets",
  },
  {
    id: "truncates-to-high-watermark",
    title: "a replica that starts truncates its log to its checkpointed high watermark (as before KIP-101)",
    machine: "replica",
    replaces: {
      actions: {
        openLog: change<ReplicaContext>(({ context, event }) => {
          const { brokerEpoch } = event as Extract<ReplicaEvent, { type: "process-started" }>;
          const highWatermark = Math.min(context.checkpointedHighWatermark, logEnd(context.log));
          const entries = context.log.entries.slice(0, highWatermark);
          return { brokerEpoch, highWatermark, log: { ...context.log, entries } };
        }),
      },
    },
    requirement: "HW-2",
    anomaly: "lost-write",
  },
  {
    id: "checkpoint-above-log-end",
    title: "a replica that starts takes its checkpointed high watermark, though a power loss has cut its log below it",
    machine: "replica",
    replaces: {
      actions: {
        openLog: change<ReplicaContext>(({ context, event }) => {
          const { brokerEpoch } = event as Extract<ReplicaEvent, { type: "process-started" }>;
          return { brokerEpoch, highWatermark: context.checkpointedHighWatermark };
        }),
      },
    },
    requirement: "LOG-1",
    anomaly: "stuck-after-heal",
  },
  {
    id: "epoch-not-stamped",
    title: "records are stamped with epoch 0, whoever leads",
    machine: "replica",
    replaces: {
      actions: {
        append: change<ReplicaContext>(({ context, event }) => {
          const { records } = event as Extract<ReplicaEvent, { type: "append" }>;
          return { log: appendRecords(context.log, 0, records, context.segmentBytes) };
        }),
      },
    },
    requirement: "LOG-2",
    anomaly: "inconsistent-offsets",
  },
  {
    id: "offset-gap",
    title: "an append leaves an offset out",
    machine: "replica",
    replaces: {
      actions: {
        append: change<ReplicaContext>(({ context, event }) => {
          const { records } = event as Extract<ReplicaEvent, { type: "append" }>;
          const log = appendRecords(context.log, context.leaderEpoch, records, context.segmentBytes);
          const entries = log.entries.map((entry) => ({
            ...entry,
            offset: entry.offset < 3 ? entry.offset : entry.offset + 1,
          }));
          return { log: { ...log, entries } };
        }),
      },
    },
    requirement: "LOG-1",
    anomaly: "acknowledged-offset-differs",
  },
  {
    id: "everyone-leads",
    title: "a replica takes any new leader epoch for its own",
    machine: "replica",
    replaces: { guards: { changeElectsMe: always } },
    requirement: "ELE-1",
    anomaly: "stuck-after-heal",
  },
  {
    id: "retention-beyond-hw",
    title: "retention deletes segments that are not committed",
    machine: "replica",
    replaces: { guards: { oldestIsCommitted: ({ context }: Args) => context.log.segments.length > 0 } },
    requirement: "RET-1",
    anomaly: null,
    unseenBecause:
      "what retention takes too early it might have taken a moment later, and a history does not show when it did",
  },
  {
    id: "log-start-forgotten",
    title: "a replica that starts takes its log to begin at offset 0",
    machine: "replica",
    replaces: {
      actions: {
        openLog: change<ReplicaContext>(({ context, event }) => {
          const { brokerEpoch } = event as Extract<ReplicaEvent, { type: "process-started" }>;
          return { brokerEpoch, highWatermark: context.log.start, log: { ...context.log, start: 0 } };
        }),
      },
    },
    requirement: "RET-1",
    anomaly: "inconsistent-offsets",
  },
];
