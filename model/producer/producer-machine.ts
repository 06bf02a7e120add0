/**
 * A producer: it chooses a partition for each record, puts records into batches, sends what is ready, one request per broker at a time and at most
 * `max.in.flight.requests.per.connection` of them in flight, and finds out who leads.
 *
 * The accumulator and the sender of Kafka's client are one machine here; every batch is a machine of its own.
 *
 * Source: clients/…/producer/internals/RecordAccumulator.java, Sender.java; clients/…/NetworkClient.java.
 */
import { and, assertEvent, assign, emit, raise, setup } from "xstate";
import { isModulePath, roundRobinPartitioner } from "../../spec/config/partitioner-class.ts";
import type { Partitioners } from "../../spec/partitioner.ts";
import { sizeOf } from "../../spec/vocabulary.ts";
import type { Effects } from "../effect.ts";
import * as partitioning from "./partitioning-actions.ts";
import * as actions from "./producer-actions.ts";
import {
  brokerOf,
  nextRequest,
  openBatch,
  type ProducerContext,
  type ProducerEvent,
  type ProducerInput,
} from "./producer-context.ts";

/** `partitioners` are the user's own. */
export function createProducerMachine(partitioners: Partitioners = {}) {
  return setup({
    types: {} as { context: ProducerContext; events: ProducerEvent; emitted: Effects; input: ProducerInput },
    delays: {
      requestTimeout: ({ context }) => context.requestTimeoutMs,
      retryBackoff: ({ context }) => context.retryBackoffMs,
    },
    guards: {
      hasPartition: ({ context, event }) => {
        assertEvent(event, "append");
        return context.leaders.some(({ partition }) => partition === event.to);
      },
      usesRoundRobin: ({ context }) => context.partitioner === roundRobinPartitioner,
      usesOwn: ({ context }) => isModulePath(context.partitioner),
      usesKeys: ({ context }) => !context.ignoreKeys,
      hasKey: ({ event }) => {
        assertEvent(event, "append");
        // The empty key is one.
        return event.record.key !== null;
      },
      isFirstOfTwo: ({ event }) => {
        assertEvent(event, "partitioned");
        return event.isFirstOfTwo;
      },
      fitsOpenBatch: ({ context, event }) => {
        assertEvent(event, "partitioned");
        const open = openBatch(context, event.partition);
        return open !== undefined && open.bytes + sizeOf(event.record) <= context.batchSize;
      },
      batchIsFull: ({ context, event }) => {
        assertEvent(event, "appended");
        return (openBatch(context, event.partition)?.bytes ?? 0) >= context.batchSize;
      },
      requestCanBeSent: ({ context }) => nextRequest(context) !== null,
      // What has just been answered may come back to the front of its queue: nothing may overtake it meanwhile.
      everyAnswerIsDecided: ({ context }) => context.undecided.length === 0,
      someLeaderHasMoved: ({ event }) => {
        assertEvent(event, "produce-response");
        return event.results.some(({ error }) => error === "NOT_LEADER_OR_FOLLOWER");
      },
      isInFlight: ({ context, event }) => {
        assertEvent(event, "request-timed-out");
        return context.inFlight.some(({ batches }) => batches.some(({ slot }) => slot === event.slot));
      },
      leaderIsMissing: ({ context }) =>
        context.leaders.some(
          ({ leader, partition }) => leader === null && context.queue.some((batch) => batch.partition === partition),
        ),
      isContact: ({ context, event }) => {
        assertEvent(event, "disconnected");
        return brokerOf(event.node) === context.contact;
      },
    },
    actions: {
      keepPartition: raise(partitioning.keepPartition),
      partitionByRoundRobin: raise(partitioning.partitionByRoundRobin),
      partitionByOwn: raise(partitioning.partitionByOwn(partitioners)),
      partitionByKey: raise(partitioning.partitionByKey),
      partitionInTurn: raise(partitioning.partitionInTurn),
      countTurn: assign(partitioning.countTurn),
      accept: emit(actions.accept),
      addToOpenBatch: assign(actions.addToOpenBatch),
      createBatch: emit(actions.createBatch),
      queueBatch: assign(actions.queueBatch),
      tellFilled: emit(actions.tellFilled),
      closeBatch: assign(actions.closeBatch),
      checkFull: raise(({ event }) => {
        assertEvent(event, "partitioned");
        return { type: "appended", partition: event.partition } as const;
      }),
      flushAll: emit(actions.flushAll),
      noteReady: assign(actions.noteReady),
      sendRequest: emit(actions.sendRequest),
      putInFlight: assign(actions.putInFlight),
      tellAnswers: emit(actions.tellAnswers),
      takeAnswered: assign(actions.takeAnswered),
      tellDisconnected: emit(actions.tellDisconnected),
      takeDisconnected: assign(actions.takeDisconnected),
      closeTimedOut: emit(actions.closeTimedOut),
      disconnectTimedOut: raise(actions.disconnectTimedOut),
      requeue: assign(actions.requeue),
      reportOutcome: emit(actions.reportOutcome),
      forgetBatch: assign(actions.forgetBatch),
      chooseContact: assign(actions.chooseContact),
      askMetadata: emit(actions.askMetadata),
      closeContact: emit(actions.closeContact),
      disconnectContact: raise(actions.disconnectContact),
      adoptMetadata: assign(actions.adoptMetadata),
      tellLeaderChanged: emit(actions.tellLeaderChanged),
      needMetadata: raise({ type: "metadata-needed" }),
      forgetEverything: assign(actions.forgetEverything),
      die: emit(actions.die),
    },
  }).createMachine({
    id: "producer",
    context: ({ input }) => actions.createProducerContext(input),
    initial: "running",
    states: {
      crashed: { on: { restart: "running" } },
      running: {
        type: "parallel",
        on: { crash: { target: "crashed", actions: ["die", "forgetEverything"] } },
        states: {
          sender: {
            always: {
              guard: and(["everyAnswerIsDecided", "requestCanBeSent"]),
              actions: ["sendRequest", "putInFlight"],
            },
            on: {
              // An explicit partition comes before a partitioner, the key before anything else that it may go by.
              append: [
                { guard: "hasPartition", actions: "keepPartition" },
                { guard: "usesRoundRobin", actions: ["partitionByRoundRobin", "countTurn"] },
                { guard: "usesOwn", actions: "partitionByOwn" },
                { guard: and(["usesKeys", "hasKey"]), actions: "partitionByKey" },
                { actions: ["partitionInTurn", "countTurn"] },
              ],
              partitioned: [
                { guard: "fitsOpenBatch", actions: ["accept", "addToOpenBatch", "checkFull"] },
                // The batch that did not take the record is closed all the same, though the new one is another partition's.
                {
                  guard: "isFirstOfTwo",
                  actions: ["tellFilled", "closeBatch", "partitionByRoundRobin", "countTurn"],
                },
                // A newer batch stands behind the open one, if there is one: that one need not linger any more.
                { actions: ["accept", "tellFilled", "closeBatch", "createBatch", "queueBatch", "checkFull"] },
              ],
              appended: { guard: "batchIsFull", actions: ["tellFilled", "closeBatch"] },
              flush: { actions: "flushAll" },
              "batch-ready": { actions: "noteReady" },
              "batch-retries": { actions: "requeue" },
              "batch-settled": { actions: ["reportOutcome", "forgetBatch"] },
              "request-timed-out": { guard: "isInFlight", actions: ["closeTimedOut", "disconnectTimedOut"] },
              "produce-response": [
                { guard: "someLeaderHasMoved", actions: ["tellAnswers", "takeAnswered", "needMetadata"] },
                { actions: ["tellAnswers", "takeAnswered"] },
              ],
              disconnected: { actions: ["tellDisconnected", "takeDisconnected", "needMetadata"] },
            },
          },
          metadata: {
            initial: "current",
            states: {
              current: {
                always: { guard: "leaderIsMissing", target: "waiting" },
                on: { "metadata-needed": "asking" },
              },
              asking: {
                entry: ["chooseContact", "askMetadata"],
                after: { requestTimeout: { target: "waiting", actions: ["closeContact", "disconnectContact"] } },
                on: {
                  "metadata-response": { target: "current", actions: ["tellLeaderChanged", "adoptMetadata"] },
                  disconnected: { guard: "isContact", target: "waiting" },
                },
              },
              waiting: { after: { retryBackoff: "asking" } },
            },
          },
        },
      },
    },
  });
}
