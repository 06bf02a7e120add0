/** The names of a consumer's guards, actions and delays, each bound to its implementation. */
import { assertEvent, assign, cancel, emit, raise, setup } from "xstate";
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

export function createConsumerSetup() {
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
      // A late answer to an earlier question, which the consumer has stopped waiting for.
      isForAnother: ({ context, event }) => {
        assertEvent(event, ["list-offsets-response", "offset-for-leader-epoch-response"]);
        if (event.type !== "list-offsets-response")
          return firstLedIn(context, "validate")?.partition !== event.partition;
        // A fetch that was under way may have put another partition before the one that was asked for.
        return !context.positions.some(({ partition, state }) => partition === event.partition && state === "reset");
      },
      divergenceIsUnknown: ({ event }) => {
        assertEvent(event, "offset-for-leader-epoch-response");
        return event.end === null;
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
      resetDiverged: assign(actions.resetDiverged),
      sendFetches: emit(fetching.sendFetches),
      noteFetching: assign(fetching.noteFetching),
      keepFetched: assign(fetching.keepFetched),
      dropFetch: assign(fetching.dropFetch),
      dropContactFetch: assign(fetching.dropContactFetch),
      endFetch: emit(fetching.endFetch),
      closeTimedOut: emit(fetching.closeTimedOut),
      findDisconnected: raise(fetching.findDisconnected),
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
      observeCommit: emit(actions.observeCommit),
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
  });
}
