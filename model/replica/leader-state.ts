/**
 * The leader's half of a replica's statechart. Its three states are Kafka's: the ISR is committed, or an expansion or
 * a shrink has been proposed to the controller and is pending (KIP-497). A pending expansion already counts towards
 * the high watermark, a pending shrink does not: success is never assumed.
 *
 * Source: core/…/cluster/Partition.scala (CommittedPartitionState, PendingExpandIsr, PendingShrinkIsr).
 */
import { and } from "xstate";
import type { createReplicaSetup } from "./replica-setup.ts";

export function createLeaderState(replica: ReturnType<typeof createReplicaSetup>) {
  return replica.createStateConfig({
    initial: "committed",
    entry: "armIsrCheck",
    exit: ["disarmIsrCheck", "dismissAll", "forgetOffice"],
    on: {
      "partition-changed": [
        { guard: "changeIsStale" },
        { guard: "changeIsKnown" },
        { guard: "changeIsOfThisTerm", target: ".committed", actions: ["adoptIsr", "evaluate"] },
        {
          guard: "changeElectsMe",
          target: "leader",
          reenter: true,
          actions: ["takeOffice", "adoptTerm", "tellTermBegan", "evaluate"],
        },
        { guard: "changeElectsOther", target: "follower.truncating", actions: "adoptTerm" },
        { target: "follower", actions: "adoptTerm" },
      ],
      append: [
        { guard: and(["wantsAllAcks", "isrIsTooSmall"]), actions: "refuseAppendTooFew" },
        {
          guard: "wantsAllAcks",
          actions: [
            "append",
            "tellDisk",
            "tellAppended",
            "awaitReplication",
            "wakeWatchers",
            "forgetWatchers",
            "evaluate",
          ],
        },
        { actions: ["append", "tellDisk", "tellAppended", "wakeWatchers", "forgetWatchers", "evaluate"] },
      ],
      // Raised after every change that can move the high watermark; there is no timer.
      evaluate: [
        {
          guard: and(["meetsMinIsr", "replicatedFurther", "maximalIsrIsTooSmall"]),
          actions: ["advanceHighWatermark", "refuseReplicated", "forgetReplicated", "wakeWatchers", "forgetWatchers"],
        },
        {
          guard: and(["meetsMinIsr", "replicatedFurther"]),
          actions: [
            "advanceHighWatermark",
            "acknowledgeReplicated",
            "forgetReplicated",
            "wakeWatchers",
            "forgetWatchers",
          ],
        },
      ],
      read: [
        { guard: "requestEpochIsOlder", actions: "refuseReadFenced" },
        { guard: "requestEpochIsNewer", actions: "refuseReadUnknownEpoch" },
        { guard: "lastFetchedEpochIsUnknown", actions: "refuseReadOutOfRange" },
        { guard: "offsetIsBelowLogStart", actions: "refuseReadOutOfRange" },
        { guard: "readerDiverges", actions: "answerDiverging" },
        { guard: "offsetIsBeyondLogEnd", actions: "refuseReadOutOfRange" },
        { guard: and(["comesFromFollower", "isReadAgain"]), actions: ["answerFollower", "watch"] },
        { guard: "comesFromOldIncarnation", actions: "refuseReadNotLeader" },
        {
          guard: "movesFollower",
          actions: ["answerFollower", "watch", "tellLagMachine", "countFetch", "considerJoining", "evaluate"],
        },
        {
          guard: "comesFromFollower",
          actions: ["answerFollower", "watch", "tellLagMachine", "countFetch", "considerJoining"],
        },
        { actions: ["answerConsumer", "watch"] },
      ],
      "list-offsets": [
        { guard: "requestEpochIsOlder", actions: "refuseAskFenced" },
        { guard: "requestEpochIsNewer", actions: "refuseAskUnknownEpoch" },
        { guard: "asksEarliest", actions: "answerLogStart" },
        { guard: "asksAsFollower", actions: "answerLogEnd" },
        { guard: "latestIsNotKnownYet", actions: "refuseAskNotAvailable" },
        { actions: "answerHighWatermark" },
      ],
      "offset-for-leader-epoch": [
        { guard: "requestEpochIsOlder", actions: "refuseAskFenced" },
        { guard: "requestEpochIsNewer", actions: "refuseAskUnknownEpoch" },
        { actions: "answerEpochEnd" },
      ],
      "delete-records": [
        { guard: "deletesBeyondHighWatermark", actions: "refuseDeleteOutOfRange" },
        { actions: ["deleteRecords", "answerDeleted"] },
      ],
      "lag-changed": { actions: "noteLag" },
      "isr-check": { actions: "armIsrCheck" },
    },
    states: {
      committed: {
        on: {
          "consider-joining": {
            guard: and(["isOutsideIsr", "mayBeInIsr", "hasReachedHighWatermark", "hasReachedEpochStart"]),
            target: "pendingExpansion",
            actions: ["planExpansion", "proposeIsr"],
          },
          "isr-check": {
            guard: "someoneFellBehind",
            target: "pendingShrink",
            actions: ["armIsrCheck", "planShrink", "proposeIsr"],
          },
        },
      },
      pendingExpansion: { on: { "alter-partition-response": whenAnswered() } },
      pendingShrink: { on: { "alter-partition-response": whenAnswered() } },
    },
  });
}

/** Any other error leaves the change pending until new metadata replaces it. */
function whenAnswered() {
  return [
    { guard: "answerIsStale" },
    { guard: "answerAccepts", target: "committed", actions: ["adoptAnswer", "evaluate"] },
    { guard: "answerRulesOutChange", target: "committed", actions: "dropProposal" },
  ] as const;
}
