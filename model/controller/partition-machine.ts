/**
 * The controller's record of one partition: who leads, who is in the ISR, and the election.
 *
 * Every change goes the same way: plan the ISR, elect, record, tell the brokers. The election tries, in this order:
 * the leader stays if it is valid; the first live replica in assignment order that is in the ISR; with an empty ISR
 * one of the eligible leader replicas (KIP-966); the last known leader; and only then, if
 * `unclean.leader.election.enable` says so, any live replica, whose log then counts, whatever it lacks.
 *
 * Source: metadata/…/controller/PartitionChangeBuilder.java, ReplicationControlManager.java.
 */
import { and, assign, emit, setup } from "xstate";
import type { Effects } from "../effect.ts";
import * as actions from "./partition-actions.ts";
import type { PartitionContext, PartitionEvent, PartitionInput } from "./partition-context.ts";
import { partitionGuards } from "./partition-guards.ts";

export type { PartitionEvent };

export function createPartitionMachine() {
  return setup({
    types: {} as {
      context: PartitionContext;
      events: PartitionEvent;
      emitted: Effects;
      input: PartitionInput;
    },
    guards: partitionGuards,
    actions: {
      noteFenced: assign(actions.noteFenced),
      noteUnfenced: assign(actions.noteUnfenced),
      planWithout: assign(actions.planWithout),
      planProposed: assign(actions.planProposed),
      collectEligible: assign(actions.collectEligible),
      clearEligible: assign({ plannedElr: [] }),
      excludeUnclean: assign(actions.excludeUnclean),
      electFromIsr: assign(actions.electFromIsr),
      electFromElr: assign(actions.electFromElr),
      electLastKnown: assign(actions.electLastKnown),
      electAnyone: assign(actions.electAnyone),
      keepLeader: assign(actions.keepLeader),
      goWithoutLeader: assign(actions.goWithoutLeader),
      keepLastMember: assign(actions.keepLastMember),
      announceLeader: emit(actions.announceLeader),
      record: assign(actions.record),
      publish: emit(actions.publish),
      describe: emit(actions.describe),
      answerAccepted: emit(actions.answerAccepted),
      refuseFenced: emit(actions.refuse("FENCED_LEADER_EPOCH")),
      refuseNotLeader: emit(actions.refuse("INVALID_REQUEST")),
      refuseVersion: emit(actions.refuse("INVALID_UPDATE_VERSION")),
      refuseIneligible: emit(actions.refuse("INELIGIBLE_REPLICA")),
    },
  }).createMachine({
    id: "partition",
    context: ({ input }) => actions.createContext(input),
    initial: "settled",
    states: {
      settled: {
        on: {
          "broker-fenced": [
            { guard: "isInIsr", target: "planned", actions: ["noteFenced", "planWithout"] },
            { actions: "noteFenced" },
          ],
          "broker-unfenced": [
            { guard: "hasNoLeader", target: "planned", actions: "noteUnfenced" },
            { actions: "noteUnfenced" },
          ],
          // No clean shutdown is modelled yet: whoever registers again was killed, and may have lost its tail.
          "broker-registered": [
            { guard: "isInIsr", target: "planned", actions: ["planWithout", "describe"] },
            { guard: "isInElr", target: "planned", actions: "describe" },
            { actions: "describe" },
          ],
          "alter-partition": [
            { guard: "proposalIsOfOldTerm", actions: "refuseFenced" },
            { guard: "proposalIsNotByLeader", actions: "refuseNotLeader" },
            { guard: "proposalIsOutdated", actions: "refuseVersion" },
            { guard: "proposalHasIneligible", actions: "refuseIneligible" },
            { target: "planned", actions: "planProposed" },
          ],
        },
      },
      // Eligible leader replicas: whoever leaves while the ISR is below min ISR still has every committed record.
      planned: {
        always: [
          { guard: "elrIsOff", target: "electing", actions: "clearEligible" },
          { guard: "isrMeetsMin", target: "electing", actions: "clearEligible" },
          { guard: "shutdownWasUnclean", target: "electing", actions: ["collectEligible", "excludeUnclean"] },
          { target: "electing", actions: "collectEligible" },
        ],
      },
      electing: {
        always: [
          { guard: "leaderIsStillValid", target: "elected", actions: "keepLeader" },
          { guard: "isrHasLiveMember", target: "elected", actions: "electFromIsr" },
          { guard: and(["isrIsEmpty", "elrHasLiveMember"]), target: "elected", actions: "electFromElr" },
          {
            guard: and(["isrIsEmpty", "elrIsEmpty", "lastKnownLeaderIsAlive"]),
            target: "elected",
            actions: "electLastKnown",
          },
          { guard: and(["uncleanIsAllowed", "someoneIsAlive"]), target: "elected", actions: "electAnyone" },
          { guard: and(["elrIsOff", "isrIsEmpty"]), target: "elected", actions: ["goWithoutLeader", "keepLastMember"] },
          { target: "elected", actions: "goWithoutLeader" },
        ],
      },
      elected: {
        always: [
          { guard: "nothingChanges", target: "answering" },
          { target: "answering", actions: ["announceLeader", "record", "publish"] },
        ],
      },
      answering: {
        always: [{ guard: "wasProposed", target: "settled", actions: "answerAccepted" }, { target: "settled" }],
      },
    },
  });
}
