/**
 * The disk under one replica's log: how much of the log would survive a power loss.
 *
 * What a broker writes goes into the page cache, and an acknowledgement waits for no disk. Two things bring it there:
 * Kafka's own flush after `log.flush.interval.messages` records (by default never), which moves the recovery point; and
 * the operating system, which writes a file back some time after its first write that is not on disk yet. A kill leaves
 * the page cache, so that the write-back goes on after the process is dead. A truncation is on disk at once.
 *
 * Source: UnifiedLog.append (flush), LocalLog.unflushedMessages, LocalLog.truncateTo; Linux, dirty page expiry.
 */
import { assertEvent, assign, emit, setup } from "xstate";
import { type Effects, effects, local } from "../effect.ts";
import type { ReplicaEvent } from "./replica-context.ts";

export interface DiskContext {
  /** Machine id of the replica. */
  readonly replica: string;
  /** `log.flush.interval.messages` */
  readonly flushInterval: number;
  readonly writebackMs: number;
  readonly logEnd: number;
  /** Kafka has flushed everything below. */
  readonly recoveryPoint: number;
  /** Everything below is on disk for sure, whoever brought it there. */
  readonly flushed: number;
}

export type DiskEvent =
  | { readonly type: "log-changed"; readonly logEnd: number }
  /** `keeps`: the log end that survives, brought into the range of what can; `null` is the least. */
  | { readonly type: "power-lost"; readonly keeps: number | null };

interface Args {
  readonly context: DiskContext;
  readonly event: DiskEvent;
}

export function createDiskMachine() {
  return setup({
    types: {} as {
      context: DiskContext;
      events: DiskEvent;
      emitted: Effects;
      input: Pick<DiskContext, "replica" | "flushInterval" | "writebackMs">;
    },
    delays: { writeback: ({ context }) => context.writebackMs },
    guards: {
      flushIsDue: ({ context, event }) => {
        assertEvent(event, "log-changed");
        return event.logEnd - context.recoveryPoint >= context.flushInterval;
      },
      nothingIsUnflushed: ({ context, event }) => {
        assertEvent(event, "log-changed");
        return event.logEnd <= context.flushed;
      },
    },
    actions: {
      noteLogEnd: assign(noteLogEnd),
      flush: assign(({ context }) => ({ recoveryPoint: context.logEnd, flushed: context.logEnd })),
      writeBack: assign(({ context }) => ({ flushed: context.logEnd })),
      loseTail: assign((args) => noteLogEnd({ ...args, event: { type: "log-changed", logEnd: survivingEnd(args) } })),
      tellTailLost: emit((args) => {
        const event: ReplicaEvent = { type: "tail-lost", logEnd: survivingEnd(args) };
        return effects(local(args.context.replica, event));
      }),
    },
  }).createMachine({
    id: "disk",
    context: ({ input }) => ({ ...input, logEnd: 0, recoveryPoint: 0, flushed: 0 }),
    initial: "clean",
    on: { "power-lost": { target: ".clean", actions: ["tellTailLost", "loseTail", "writeBack"] } },
    states: {
      clean: {
        on: {
          "log-changed": [
            { guard: "flushIsDue", actions: ["noteLogEnd", "flush"] },
            { guard: "nothingIsUnflushed", actions: "noteLogEnd" },
            { target: "dirty", actions: "noteLogEnd" },
          ],
        },
      },
      // Further writes do not put the write-back off.
      dirty: {
        after: { writeback: { target: "clean", actions: "writeBack" } },
        on: {
          "log-changed": [
            { guard: "flushIsDue", target: "clean", actions: ["noteLogEnd", "flush"] },
            { guard: "nothingIsUnflushed", target: "clean", actions: "noteLogEnd" },
            { actions: "noteLogEnd" },
          ],
        },
      },
    },
  });
}

/** What a truncation takes was not flushed either. */
function noteLogEnd({ context, event }: Args): Partial<DiskContext> {
  assertEvent(event, "log-changed");
  const { logEnd } = event;
  return {
    logEnd,
    recoveryPoint: Math.min(context.recoveryPoint, logEnd),
    flushed: Math.min(context.flushed, logEnd),
  };
}

function survivingEnd({ context, event }: Args): number {
  assertEvent(event, "power-lost");
  return Math.min(Math.max(event.keeps ?? 0, context.flushed), context.logEnd);
}
