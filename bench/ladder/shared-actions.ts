/**
 * What all five designs share: the controller elects a leader or shrinks the ISR, a replica becomes leader, and
 * whoever takes itself for the leader writes.
 */
import type { PartAction } from "../../explore/parts.ts";
import type { Outcome, PartChoice } from "../../explore/system-from-parts.ts";
import { partAction } from "../../explore/system-from-parts.ts";
import { endOffset, withoutMember } from "./replication-rules.ts";
import type { LadderBounds, LeaderAndIsr } from "./replication-state.ts";
import {
  logOf,
  logSlot,
  nextRecordIdOf,
  nextRecordIdSlot,
  quorumOf,
  quorumSlot,
  replicasOf,
  requestSlot,
  requestsSince,
  viewOf,
  viewSlot,
} from "./replication-state.ts";

export function sharedActions(bounds: LadderBounds): readonly PartAction<PartChoice>[] {
  return [
    controllerElectLeader(bounds),
    controllerShrinkIsr(bounds),
    ...replicasOf(bounds).flatMap((replica) => [becomeLeader(replica, bounds), leaderWrite(replica, bounds)]),
  ];
}

function controllerElectLeader(bounds: LadderBounds): PartAction<PartChoice> {
  return partAction("ControllerElectLeader", (read) => {
    const { leaderEpoch, leader, isr } = quorumOf(read);
    if (leaderEpoch === bounds.largestEpoch) return [];
    return isr
      .filter((member) => member !== leader)
      .map((member) =>
        controllerUpdate(bounds, `controller elects ${member}`, { leaderEpoch: leaderEpoch + 1, leader: member, isr }),
      );
  });
}

/** A member of the ISR fails; if it led, nobody leads. The last leader stays in the ISR. */
function controllerShrinkIsr(bounds: LadderBounds): PartAction<PartChoice> {
  return partAction("ControllerShrinkIsr", (read) => {
    const { leaderEpoch, leader, isr } = quorumOf(read);
    if (leaderEpoch === bounds.largestEpoch) return [];
    return isr.map((member) => {
      const left = member === leader && isr.length === 1 ? isr : withoutMember(isr, member);
      const request = { leaderEpoch: leaderEpoch + 1, leader: member === leader ? null : leader, isr: left };
      return controllerUpdate(bounds, `controller drops ${member}`, request);
    });
  });
}

/** The controller writes the quorum in a new leader epoch, and sends one more request that stays readable forever. */
function controllerUpdate(bounds: LadderBounds, what: string, request: LeaderAndIsr): Outcome {
  return {
    label: `${what} in epoch ${request.leaderEpoch}`,
    writes: [
      [quorumSlot, request],
      [requestSlot(bounds, request.leaderEpoch), request],
    ],
  };
}

/** Any newer epoch will do, in any order: a request that is long out of date is as good as the last one. */
function becomeLeader(replica: number, bounds: LadderBounds): PartAction<PartChoice> {
  return partAction(`BecomeLeader ${replica}`, (read) => {
    const { leaderEpoch } = viewOf(read, replica);
    return requestsSince(read, bounds, leaderEpoch + 1)
      .filter((request) => request.leader === replica)
      .map((request) => ({
        label: `replica ${replica} becomes leader in epoch ${request.leaderEpoch}`,
        writes: [[viewSlot(replica), request]],
      }));
  });
}

function leaderWrite(replica: number, bounds: LadderBounds): PartAction<PartChoice> {
  return partAction(`LeaderWrite ${replica}`, (read) => {
    const view = viewOf(read, replica);
    if (view.leader !== replica) return [];
    const id = nextRecordIdOf(read);
    if (id >= bounds.maxRecords) return [];
    const log = logOf(read, replica);
    if (endOffset(log) >= bounds.logSize) return [];
    const written = { ...log, records: [...log.records, { id, epoch: view.leaderEpoch }] };
    return [
      {
        label: `replica ${replica} writes record ${id} at offset ${endOffset(log)}`,
        writes: [
          [nextRecordIdSlot, id + 1],
          [logSlot(replica), written],
        ],
      },
    ];
  });
}
