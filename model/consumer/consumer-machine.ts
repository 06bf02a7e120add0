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
import { and } from "xstate";
import { createConsumerContext } from "./consumer-actions.ts";
import { createConsumerSetup } from "./consumer-setup.ts";

export function createConsumerMachine() {
  return createConsumerSetup().createMachine({
    id: "consumer",
    context: ({ input }) => createConsumerContext(input),
    initial: "running",
    states: {
      crashed: { on: { restart: "running" } },
      running: {
        type: "parallel",
        on: {
          crash: { target: "crashed", actions: ["endFetch", "die", "forgetPositions"] },
          "fetch-response": { actions: ["endFetch", "keepFetched"] },
          disconnected: { actions: ["endFetch", "dropFetch"] },
          "fetch-timed-out": { actions: ["closeTimedOut", "findDisconnected"] },
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
                    { guard: "hasGroup", target: "committing", actions: ["planCommit", "observeCommit"] },
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
                        { guard: "isForAnother" },
                        { guard: "answerIsError", target: "backingOff" },
                        { target: "deciding", actions: ["observeReset", "adoptReset"] },
                      ],
                      disconnected: { target: "backingOff", actions: ["endFetch", "dropFetch"] },
                    },
                  },
                  validating: {
                    entry: "askEpochEnd",
                    after: { requestTimeout: "refreshing" },
                    on: {
                      "offset-for-leader-epoch-response": [
                        { guard: "isForAnother" },
                        { guard: "answerIsError", target: "backingOff" },
                        {
                          guard: and(["logWasTruncated", "mayNotReset"]),
                          target: "#consumer.running.calls.idle",
                          actions: "failTruncated",
                        },
                        {
                          guard: and(["logWasTruncated", "divergenceIsUnknown"]),
                          target: "deciding",
                          actions: "resetDiverged",
                        },
                        {
                          guard: "logWasTruncated",
                          target: "deciding",
                          actions: ["observeDivergence", "adoptDivergence"],
                        },
                        { target: "deciding", actions: "markValid" },
                      ],
                      disconnected: { target: "backingOff", actions: ["endFetch", "dropFetch"] },
                    },
                  },
                  fetching: {
                    entry: ["sendFetches", "noteFetching"],
                    after: {
                      retryBackoff: { guard: "someLeaderIsMissing", target: "refreshing" },
                    },
                    on: {
                      "fetch-response": [
                        { guard: "leaderIsStale", target: "backingOff", actions: ["endFetch", "keepFetched"] },
                        { target: "deciding", actions: ["endFetch", "keepFetched"] },
                      ],
                      disconnected: { target: "backingOff", actions: ["endFetch", "dropFetch"] },
                    },
                  },
                  backingOff: { after: { retryBackoff: "refreshing" } },
                  refreshing: {
                    entry: ["chooseContact", "askMetadata"],
                    after: {
                      requestTimeout: {
                        target: "refreshing",
                        reenter: true,
                        actions: ["endFetch", "closeContact", "dropContactFetch"],
                      },
                    },
                    on: {
                      "metadata-response": { target: "deciding", actions: "adoptMetadata" },
                      disconnected: { target: "backingOff", actions: ["endFetch", "dropFetch"] },
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
