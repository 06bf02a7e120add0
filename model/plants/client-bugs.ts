/** Bugs of producers, consumers, and of what serves them. */
import { emit } from "xstate";
import { askReset, sendAutoCommit } from "../consumer/consumer-actions.ts";
import { type ConsumerContext, type ConsumerEvent, firstIn, firstLedIn } from "../consumer/consumer-context.ts";
import type { CoordinatorContext } from "../coordinator/coordinator-machine.ts";
import { settle } from "../producer/batch-machine.ts";
import { queueBatch } from "../producer/producer-actions.ts";
import type { ProducerContext } from "../producer/producer-context.ts";
import { always, change, never, nothing, type PlantedBug } from "./plant.ts";

/** Offsets to commit, each moved by so much from the position. */
function offsetsAt(context: ConsumerContext, by: number): Partial<ConsumerContext> {
  return {
    committing: Object.fromEntries(
      context.positions.flatMap(({ partition, offset, leaderEpoch }) =>
        offset === null ? [] : [[partition, { offset: Math.max(0, offset + by), leaderEpoch }]],
      ),
    ),
  };
}

const producerBugs: readonly PlantedBug[] = [
  {
    id: "linger-never-fires",
    title: "a batch that does not fill lingers for ever",
    machine: "batch",
    replaces: { delays: { linger: 1_000_000_000 } },
    requirement: "BAT-1",
    anomaly: "stuck-after-heal",
  },
  {
    id: "batch-over-size",
    title: "a batch takes whatever comes, whatever batch.size says",
    machine: "producer",
    replaces: {
      guards: {
        batchIsFull: never,
        fitsOpenBatch: ({ context, event }: { context: ProducerContext; event: { partition: string } }) =>
          context.queue.some((batch) => batch.open && batch.partition === event.partition),
      },
    },
    requirement: "BAT-1",
    anomaly: null,
    unseenBecause: "applications are not told which records travel together",
  },
  {
    id: "newest-batch-first",
    title: "a new batch goes to the front of the queue",
    machine: "producer",
    replaces: {
      actions: {
        queueBatch: change<ProducerContext>(({ context, event }) => {
          const queue = queueBatch({ context, event }).queue ?? [];
          return { queue: [...queue.slice(-1), ...queue.slice(0, -1)] };
        }),
      },
    },
    requirement: "BAT-1",
    anomaly: "nonmonotonic-send",
  },
  {
    id: "sent-is-acknowledged",
    title: "a batch counts as acknowledged once it is sent",
    machine: "batch",
    replaces: { guards: { wantsNoAnswer: always } },
    requirement: "DUR-1",
    anomaly: "unseen",
  },
  {
    id: "refused-is-acknowledged",
    title: "a batch counts as acknowledged when its broker refuses it and no retries are left",
    machine: "batch",
    replaces: { actions: { tellFailed: emit(settle("ok")), tellUnknown: emit(settle("ok")) } },
    requirement: "DUR-1",
    anomaly: "unseen",
  },
  {
    id: "acknowledged-at-append",
    title: "acks=all is answered after the leader's own append",
    machine: "produce-request",
    replaces: { guards: { nothingIsOpen: always } },
    requirement: "DUR-1",
    anomaly: "lost-write",
  },
];

const consumerBugs: readonly PlantedBug[] = [
  {
    id: "position-survives-crash",
    title: "a consumer goes on after a crash where it had been, not where it had committed",
    machine: "consumer",
    replaces: { actions: { forgetPositions: nothing } },
    requirement: "CON-1",
    anomaly: "resumed-elsewhere",
  },
  {
    id: "commits-last",
    title: "the committed offset is that of the last record read, not the next to read",
    machine: "consumer",
    replaces: { actions: { planCommit: change<ConsumerContext>(({ context }) => offsetsAt(context, -1)) } },
    requirement: "CON-3",
    anomaly: "resumed-elsewhere",
  },
  {
    id: "auto-commits-what-is-fetched",
    title: "auto-commit covers what was fetched and not handed out yet (KAFKA-2942)",
    machine: "consumer",
    replaces: {
      actions: {
        sendAutoCommit: emit(({ context, event }: { context: ConsumerContext; event: ConsumerEvent }) => {
          const positions = context.positions.map((position) => {
            const last = position.fetched.at(-1);
            return last === undefined ? position : { ...position, offset: last.offset + 1 };
          });
          return sendAutoCommit({ context: { ...context, positions }, event });
        }),
      },
    },
    requirement: "CON-3",
    anomaly: "commit-past-undelivered",
  },
  {
    id: "silence-is-awaited",
    title: "a consumer waits for ever for a broker that does not answer",
    machine: "consumer",
    replaces: { actions: { findDisconnected: nothing } },
    requirement: "LIV-1",
    anomaly: "stuck-after-heal",
  },
  {
    id: "commits-one-ahead",
    title: "the committed offset is one beyond the next to read",
    machine: "consumer",
    replaces: { actions: { planCommit: change<ConsumerContext>(({ context }) => offsetsAt(context, 1)) } },
    requirement: "ALO-1",
    anomaly: "resumed-elsewhere",
  },
  {
    id: "skips-a-record",
    title: "the position moves one too far",
    machine: "consumer",
    replaces: {
      actions: {
        advancePositions: change<ConsumerContext>(({ context }) => ({
          positions: context.positions.map((position) => {
            const last = position.fetched.at(-1);
            return last === undefined ? position : { ...position, offset: last.offset + 2, fetched: [] };
          }),
        })),
      },
    },
    requirement: "CON-1",
    anomaly: "poll-skip",
  },
  {
    id: "delivers-again",
    title: "the position stays one behind",
    machine: "consumer",
    replaces: {
      actions: {
        advancePositions: change<ConsumerContext>(({ context }) => ({
          positions: context.positions.map((position) => {
            const last = position.fetched.at(-1);
            return last === undefined ? position : { ...position, offset: last.offset, fetched: [] };
          }),
        })),
      },
    },
    requirement: "CON-1",
    anomaly: "nonmonotonic-poll",
  },
  {
    id: "ignores-committed",
    title: "a restarted consumer asks for the committed offset and takes the one before it",
    machine: "consumer",
    replaces: {
      actions: {
        adoptCommitted: change<ConsumerContext>(({ context, event }) => {
          const { offsets } = event as Extract<ConsumerEvent, { type: "offset-fetch-response" }>;
          return {
            positions: context.positions.map((position) => {
              const committed = offsets[position.partition];
              if (position.state !== "unknown" || committed === undefined) return position;
              return committed === null
                ? { ...position, state: "reset" as const, resetError: "NO_OFFSET_FOR_PARTITION" as const }
                : { ...position, state: "valid" as const, offset: Math.max(0, committed.offset - 1) };
            }),
          };
        }),
      },
    },
    requirement: "CON-1",
    anomaly: "resumed-elsewhere",
  },
  {
    id: "out-of-range-to-latest",
    title: "a consumer that is out of range goes on at the latest offset, whatever its reset policy says",
    machine: "consumer",
    replaces: {
      guards: {
        mayNotReset: ({ context }: { context: ConsumerContext }) =>
          context.resetPolicy === "none" && firstIn(context, "reset")?.resetError !== "OFFSET_OUT_OF_RANGE",
      },
      actions: {
        askReset: emit((({ context, event }: { context: ConsumerContext; event: ConsumerEvent }) => {
          const isOutOfRange = firstLedIn(context, "reset")?.resetError === "OFFSET_OUT_OF_RANGE";
          return askReset({ context: isOutOfRange ? { ...context, resetPolicy: "latest" } : context, event });
        }) as never),
      },
    },
    requirement: "CON-1",
    anomaly: "commit-past-undelivered",
  },
  {
    id: "offsets-forgotten",
    title: "the coordinator answers a commit and does not keep it",
    machine: "coordinator",
    replaces: { actions: { storeOffsets: change<CoordinatorContext>(() => ({})) } },
    requirement: "CON-2",
    anomaly: "resumed-elsewhere",
  },
];

export const clientBugs: readonly PlantedBug[] = [...producerBugs, ...consumerBugs];
