/**
 * One replica of one partition: its log, its leader epoch, its high watermark, and its role.
 *
 * Where is the rule …
 * - by which a follower joins the ISR? state `leader.committed`, event `consider-joining` (leader-state.ts)
 * - by which the high watermark moves? event `evaluate`, guards `meetsMinIsr`, `replicatedFurther` (leader-state.ts)
 * - by which `acks=all` is refused? event `append`, guard `isrIsTooSmall` (leader-state.ts)
 * - by which a log is truncated? state `follower.fetching`, guard `logsDiverge`; before KIP-595, `follower.truncating`
 * - by which old records go? event `delete-old-segments`, guards `oldestIsCommitted`, `sizeIsBreached`, `oldestHasExpired`
 *
 * Source: core/…/cluster/Partition.scala, core/…/server/AbstractFetcherThread.scala; KIP-101, 279, 320, 497, 595, 903.
 */
import { and } from "xstate";
import { createLeaderState } from "./leader-state.ts";
import { createReplicaContext } from "./replica-context.ts";
import { createReplicaSetup } from "./replica-setup.ts";

export function createReplicaMachine() {
  const replica = createReplicaSetup();
  return replica.createMachine({
    id: "replica",
    context: ({ input }) => createReplicaContext(input),
    initial: "offline",
    states: {
      offline: {
        on: {
          "process-started": [
            { guard: "deletesRecords", target: "online", actions: ["openLog", "armRetentionCheck"] },
            { target: "online", actions: "openLog" },
          ],
          "tail-lost": { actions: ["observeLoss", "loseTail"] },
        },
      },
      online: {
        initial: "follower",
        entry: "armCheckpoint",
        exit: ["disarmCheckpoint", "disarmRetentionCheck"],
        on: {
          "process-died": { target: "offline", actions: "closeLog" },
          checkpoint: { actions: ["checkpoint", "armCheckpoint"] },
          "retention-check": { actions: ["ageSegments", "armRetentionCheck", "deleteOldSegments"] },
          // Raised again after each segment, until the oldest one may stay.
          "delete-old-segments": [
            {
              guard: and(["oldestIsCommitted", "sizeIsBreached"]),
              actions: ["deleteOldestSegment", "deleteOldSegments"],
            },
            {
              guard: and(["oldestIsCommitted", "oldestHasExpired"]),
              actions: ["deleteOldestSegment", "deleteOldSegments"],
            },
          ],
          "broker-changed": { actions: "noteBroker" },
          forget: { actions: "forgetRequester" },
          "list-offsets": [
            { guard: "requestEpochIsOlder", actions: "refuseAskFenced" },
            { guard: "requestEpochIsNewer", actions: "refuseAskUnknownEpoch" },
            { actions: "refuseAskNotLeader" },
          ],
          "offset-for-leader-epoch": [
            { guard: "requestEpochIsOlder", actions: "refuseAskFenced" },
            { guard: "requestEpochIsNewer", actions: "refuseAskUnknownEpoch" },
            { actions: "refuseAskNotLeader" },
          ],
          read: [
            { guard: "requestEpochIsOlder", actions: "refuseReadFenced" },
            { guard: "requestEpochIsNewer", actions: "refuseReadUnknownEpoch" },
            { actions: "refuseReadNotLeader" },
          ],
          append: { actions: "refuseAppendAsFollower" },
          "delete-records": { actions: "refuseDeleteNotLeader" },
        },
        states: {
          follower: {
            initial: "idle",
            on: {
              "partition-changed": [
                { guard: "changeIsStale" },
                { guard: "changeIsOfThisTerm", actions: "adoptPartitionEpoch" },
                {
                  guard: "changeElectsMe",
                  target: "leader",
                  actions: ["closeFetch", "takeOffice", "adoptTerm", "tellTermBegan", "evaluate"],
                },
                { guard: "changeElectsOther", target: ".truncating", actions: ["closeFetch", "adoptTerm"] },
                { target: ".idle", actions: ["closeFetch", "adoptTerm"] },
              ],
            },
            states: {
              idle: {},
              // Where does the own log depart from the new leader's? Before KIP-595 that came before the first fetch.
              truncating: {
                always: [
                  { guard: "truncatesOnFetch", target: "fetching" },
                  {
                    guard: "hasNoEpochToAsk",
                    target: "fetching",
                    actions: ["observeHighWatermark", "truncateToHighWatermark", "tellDisk"],
                  },
                  { target: "askingEpochEnd" },
                ],
              },
              askingEpochEnd: {
                entry: "askEpochEnd",
                after: { socketTimeout: { target: "waitingToAsk", actions: "closeFetch" } },
                on: {
                  disconnected: "waitingToAsk",
                  "offset-for-leader-epoch-response": [
                    { guard: "askWasFenced", target: "idle" },
                    { guard: "askFailed", target: "waitingToAsk" },
                    {
                      guard: "epochEndIsUnknown",
                      target: "fetching",
                      actions: ["observeHighWatermark", "truncateToHighWatermark", "tellDisk"],
                    },
                    {
                      guard: "knowsDivergingEpoch",
                      target: "fetching",
                      actions: ["observeCommonEnd", "truncateToCommonEnd", "tellDisk"],
                    },
                    {
                      guard: "knowsLowerEpoch",
                      target: "truncating",
                      actions: ["observeOwnEnd", "truncateToOwnEnd", "tellDisk"],
                    },
                    { target: "fetching", actions: ["observeLeaderEnd", "truncateToLeaderEnd", "tellDisk"] },
                  ],
                },
              },
              waitingToAsk: { after: { fetchBackoff: "truncating" } },
              fetching: {
                entry: "sendFetch",
                after: { socketTimeout: { target: "backingOff", actions: "closeFetch" } },
                on: {
                  disconnected: "backingOff",
                  "fetch-response": [
                    // Awaits the new leader's epoch; asking again with the old one would be refused again.
                    { guard: "fetchWasFenced", target: "idle" },
                    { guard: "fetchWasOutOfRange", target: "asking" },
                    { guard: "fetchFailed", target: "backingOff" },
                    {
                      guard: and(["logsDiverge", "knowsDivergingEpoch"]),
                      target: "fetching",
                      reenter: true,
                      actions: ["observeCommonEnd", "truncateToCommonEnd", "tellDisk"],
                    },
                    {
                      guard: and(["logsDiverge", "knowsLowerEpoch"]),
                      target: "fetching",
                      reenter: true,
                      actions: ["observeOwnEnd", "truncateToOwnEnd", "tellDisk"],
                    },
                    {
                      guard: "logsDiverge",
                      target: "fetching",
                      reenter: true,
                      actions: ["observeLeaderEnd", "truncateToLeaderEnd", "tellDisk"],
                    },
                    {
                      guard: "nothingIsNew",
                      target: "fetching",
                      reenter: true,
                      actions: ["adoptHighWatermark", "adoptLogStart"],
                    },
                    {
                      target: "fetching",
                      reenter: true,
                      actions: ["appendFetched", "tellDisk", "adoptHighWatermark", "adoptLogStart"],
                    },
                  ],
                },
              },
              asking: {
                entry: "askLogEnd",
                after: { socketTimeout: { target: "backingOff", actions: "closeFetch" } },
                on: {
                  disconnected: "backingOff",
                  "list-offsets-response": [
                    { guard: "askWasFenced", target: "idle" },
                    { guard: "askFailed", target: "backingOff" },
                    {
                      guard: "leaderEndIsBelow",
                      target: "fetching",
                      actions: ["observeListed", "truncateToListed", "tellDisk"],
                    },
                    { target: "askingStart" },
                  ],
                },
              },
              askingStart: {
                entry: "askLogStart",
                after: { socketTimeout: { target: "backingOff", actions: "closeFetch" } },
                on: {
                  disconnected: "backingOff",
                  "list-offsets-response": [
                    { guard: "askWasFenced", target: "idle" },
                    { guard: "askFailed", target: "backingOff" },
                    { guard: "leaderStartIsAbove", target: "fetching", actions: ["startAfresh", "tellDisk"] },
                    { target: "fetching" },
                  ],
                },
              },
              backingOff: { after: { fetchBackoff: "fetching" } },
            },
          },
          leader: createLeaderState(replica),
        },
      },
    },
  });
}
