/**
 * A consumer that is assigned by hand. One `poll` clears, partition by partition, what stands between it and the next
 * record: the committed offset, the reset policy, a new leader, the validation of the position; then it fetches, and
 * hands out what comes first.
 *
 * Three offsets: the log end is the broker's; the *position* is the next offset to read, it moves when `poll` hands a
 * record out and is lost in a crash; the *committed* offset is the coordinator's, and where reading goes on after a
 * restart.
 *
 * Kafka's client fetches ahead while the application works; this one fetches when it polls.
 *
 * Source: clients/…/consumer/internals/ClassicKafkaConsumer.java, SubscriptionState.java, AbstractFetch.java,
 * OffsetFetcher.java, ConsumerCoordinator.java; KIP-320.
 */
import { and, assertEvent, assign, cancel, emit, raise, setup } from "xstate";
import type { Effects } from "../effect.ts";
import * as actions from "./consumer-actions.ts";
import {
  type ConsumerContext,
  type ConsumerEvent,
  type ConsumerInput,
  deliverable,
  firstIn,
  firstLedIn,
} from "./consumer-context.ts";
import * as fetching from "./fetch-actions.ts";

export function createConsumerMachine() {
  return setup({
    types: {} as { context: ConsumerContext; events: ConsumerEvent; emitted: Effects; input: ConsumerInput },
    delays: {
      requestTimeout: ({ context }) => context.requestTimeoutMs,
      retryBackoff: ({ context }) => context.retryBackoffMs,
      apiTimeout: ({ context }) => context.apiTimeoutMs,
      autoCommitInterval: ({ context }) => context.autoCommitIntervalMs,
      pollTimeout: ({ event }) => {
        assertEvent(event, "poll");
        return event.timeoutMs;
      },
    },
    guards: {
      hasRecords: ({ context }) => deliverable(context).length > 0,
      hasGroup: ({ context }) => context.group !== null,
      autoCommits: ({ context }) => context.autoCommit,
      someIsUnknown: ({ context }) => firstIn(context, "unknown") !== undefined,
      someNeedsReset: ({ context }) => firstIn(context, "reset") !== undefined,
      someCanBeReset: ({ context }) => firstLedIn(context, "reset") !== undefined,
      someCanBeValidated: ({ context }) => firstLedIn(context, "validate") !== undefined,
      someCanBeFetched: ({ context }) => firstLedIn(context, "valid") !== undefined,
      mayNotReset: ({ context }) => context.resetPolicy === "none",
      someLeaderIsMissing: ({ context }) => context.positions.some(({ leader }) => leader === null),
      answerIsError: ({ event }) => {
        assertEvent(event, ["list-offsets-response", "offset-for-leader-epoch-response"]);
        return event.error !== null;
      },
      isForReset: ({ context, event }) => {
        assertEvent(event, "list-offsets-response");
        return firstLedIn(context, "reset")?.partition === event.partition;
      },
      logWasTruncated: ({ context, event }) => {
        assertEvent(event, "offset-for-leader-epoch-response");
        const offset = context.positions.find(({ partition }) => partition === event.partition)?.offset ?? 0;
        return event.end === null || event.end.endOffset < offset;
      },
      leaderIsStale: ({ event }) => {
        assertEvent(event, "fetch-response");
        return event.results.some(({ error }) => error !== null && error !== "OFFSET_OUT_OF_RANGE");
      },
      wasAutoCommit: ({ event }) => {
        assertEvent(event, "offset-commit-response");
        return event.auto;
      },
    },
    actions: {
      assignPartitions: assign(actions.assignPartitions),
      completeAssign: emit(actions.complete("assign")),
      seek: assign(actions.seek),
      observeSeek: emit(actions.observeSeek),
      completeSeek: emit(actions.complete("seek")),
      askCommitted: emit(actions.askCommitted),
      presumeNothingCommitted: assign(actions.presumeNothingCommitted),
      observeCommitted: emit(actions.observeCommitted),
      adoptCommitted: assign(actions.adoptCommitted),
      askReset: emit(actions.askReset),
      observeReset: emit(actions.observeReset),
      adoptReset: assign(actions.adoptReset),
      askEpochEnd: emit(actions.askEpochEnd),
      markValid: assign(actions.markValid),
      observeDivergence: emit(actions.observeDivergence),
      adoptDivergence: assign(actions.adoptDivergence),
      sendFetches: emit(fetching.sendFetches),
      noteFetching: assign(fetching.noteFetching),
      keepFetched: assign(fetching.keepFetched),
      dropFetch: assign(fetching.dropFetch),
      closeFetches: emit(fetching.closeFetches),
      forgetFetches: assign({ fetching: [] }),
      deliver: emit(fetching.deliver),
      advancePositions: assign(fetching.advancePositions),
      deliverNothing: emit(fetching.deliverNothing),
      failReset: emit(actions.failReset),
      failTruncated: emit(actions.failTruncated),
      chooseContact: assign(actions.chooseContact),
      askMetadata: emit(actions.askMetadata),
      closeContact: emit(actions.closeContact),
      closeCoordinator: emit(actions.closeCoordinator),
      adoptMetadata: assign(actions.adoptMetadata),
      planCommit: assign(actions.planCommit),
      sendCommit: emit(actions.sendCommit),
      sendAutoCommit: emit(actions.sendAutoCommit),
      completeCommit: emit(actions.complete("commit")),
      expireCommit: emit(actions.expireCommit),
      failCommit: emit(actions.failCommit),
      armPollTimeout: raise({ type: "poll-timeout" }, { id: "poll-timeout", delay: "pollTimeout" }),
      disarmPollTimeout: cancel("poll-timeout"),
      forgetPositions: assign(actions.forgetPositions),
      die: emit(actions.die),
    },
  }).createMachine({
    id: "consumer",
    context: ({ input }) => actions.createConsumerContext(input),
    initial: "running",
    states: {
      crashed: { on: { restart: "running" } },
      running: {
        type: "parallel",
        on: {
          crash: { target: "crashed", actions: ["die", "forgetPositions"] },
          "fetch-response": { actions: "keepFetched" },
          disconnected: { actions: "dropFetch" },
        },
        states: {
          // Auto-commit happens inside `poll`, once it has come due, and covers what the polls before have handed out.
          autoCommit: {
            initial: "deciding",
            states: {
              deciding: { always: [{ guard: "autoCommits", target: "counting" }, { target: "off" }] },
              off: {},
              counting: { after: { autoCommitInterval: "due" } },
              due: { on: { poll: { target: "counting", actions: "sendAutoCommit" } } },
            },
          },
          calls: {
            initial: "idle",
            states: {
              idle: {
                on: {
                  assign: { actions: ["assignPartitions", "completeAssign"] },
                  seek: { actions: ["seek", "observeSeek", "completeSeek"] },
                  commit: [
                    { guard: "hasGroup", target: "committing", actions: "planCommit" },
                    { actions: "failCommit" },
                  ],
                  poll: { target: "polling", actions: "armPollTimeout" },
                },
              },
              committing: {
                initial: "asking",
                after: { apiTimeout: { target: "idle", actions: ["closeCoordinator", "expireCommit"] } },
                states: {
                  asking: {
                    entry: "sendCommit",
                    after: { requestTimeout: { target: "backingOff", actions: "closeCoordinator" } },
                    on: {
                      "offset-commit-response": [
                        { guard: "wasAutoCommit" },
                        { target: "#consumer.running.calls.idle", actions: "completeCommit" },
                      ],
                    },
                  },
                  backingOff: { after: { retryBackoff: "asking" } },
                },
              },
              polling: {
                initial: "deciding",
                exit: "disarmPollTimeout",
                on: { "poll-timeout": { target: "idle", actions: "deliverNothing" } },
                states: {
                  deciding: {
                    always: [
                      {
                        guard: "hasRecords",
                        target: "#consumer.running.calls.idle",
                        actions: ["deliver", "advancePositions"],
                      },
                      { guard: and(["someIsUnknown", "hasGroup"]), target: "askingCommitted" },
                      { guard: "someIsUnknown", target: "deciding", reenter: true, actions: "presumeNothingCommitted" },
                      {
                        guard: and(["someNeedsReset", "mayNotReset"]),
                        target: "#consumer.running.calls.idle",
                        actions: "failReset",
                      },
                      { guard: "someCanBeReset", target: "resetting" },
                      { guard: "someCanBeValidated", target: "validating" },
                      { guard: "someCanBeFetched", target: "fetching" },
                      { target: "backingOff" },
                    ],
                  },
                  askingCommitted: {
                    entry: "askCommitted",
                    after: { requestTimeout: { target: "deciding", actions: "closeCoordinator" } },
                    on: {
                      "offset-fetch-response": { target: "deciding", actions: ["observeCommitted", "adoptCommitted"] },
                    },
                  },
                  resetting: {
                    entry: "askReset",
                    after: { requestTimeout: "refreshing" },
                    on: {
                      "list-offsets-response": [
                        { guard: "answerIsError", target: "backingOff" },
                        { guard: "isForReset", target: "deciding", actions: ["observeReset", "adoptReset"] },
                      ],
                      disconnected: "backingOff",
                    },
                  },
                  validating: {
                    entry: "askEpochEnd",
                    after: { requestTimeout: "refreshing" },
                    on: {
                      "offset-for-leader-epoch-response": [
                        { guard: "answerIsError", target: "backingOff" },
                        {
                          guard: and(["logWasTruncated", "mayNotReset"]),
                          target: "#consumer.running.calls.idle",
                          actions: "failTruncated",
                        },
                        {
                          guard: "logWasTruncated",
                          target: "deciding",
                          actions: ["observeDivergence", "adoptDivergence"],
                        },
                        { target: "deciding", actions: "markValid" },
                      ],
                      disconnected: "backingOff",
                    },
                  },
                  fetching: {
                    entry: ["sendFetches", "noteFetching"],
                    after: {
                      requestTimeout: { target: "refreshing", actions: ["closeFetches", "forgetFetches"] },
                      retryBackoff: { guard: "someLeaderIsMissing", target: "refreshing" },
                    },
                    on: {
                      "fetch-response": [
                        { guard: "leaderIsStale", target: "backingOff", actions: "keepFetched" },
                        { target: "deciding", actions: "keepFetched" },
                      ],
                      disconnected: { target: "backingOff", actions: "dropFetch" },
                    },
                  },
                  backingOff: { after: { retryBackoff: "refreshing" } },
                  refreshing: {
                    entry: ["chooseContact", "askMetadata"],
                    after: { requestTimeout: { target: "refreshing", reenter: true, actions: "closeContact" } },
                    on: {
                      "metadata-response": { target: "deciding", actions: "adoptMetadata" },
                      disconnected: "backingOff",
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  });
}
