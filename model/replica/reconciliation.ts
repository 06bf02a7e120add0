/**
 * How a follower finds out where its log departs from the leader's, version by version: the guards and actions in which
 * an older Kafka differs from the replica's chart, which is KIP-595. Nothing else is older: the rules of the ISR, of
 * elections and of the high watermark are the profile's.
 *
 * Source: ReplicaManager.makeFollowers (0.10.2); ReplicaFetcherThread.maybeTruncate, LeaderEpochFileCache.endOffsetFor
 * (1.0); AbstractFetcherThread.getOffsetTruncationState (2.0, 2.1); KIP-101, KIP-279, KIP-320.
 */
import { emit } from "xstate";
import type { LogReconciliation } from "../../spec/config/cluster-config.ts";
import type { EpochEnd } from "../message.ts";
import { askEpochEnd, askOffset, ownLeaderEpoch, sendFetch } from "./follower-actions.ts";
import { endOffsetForEpoch, type ReplicaLog } from "./replica-log.ts";
import type { createReplicaMachine } from "./replica-machine.ts";
import { answerEpochEnd } from "./shared-actions.ts";

type ReplicaMachine = ReturnType<typeof createReplicaMachine>;
type Implementations = Parameters<ReplicaMachine["provide"]>[0];

export function reconcile(machine: ReplicaMachine, reconciliation: LogReconciliation): ReplicaMachine {
  return machine.provide(implementationsOf(reconciliation));
}

/** What is put in whose place, by slot and name. */
export function implementationsOf(reconciliation: LogReconciliation): Implementations {
  switch (reconciliation) {
    case "high-watermark":
      return { guards: { truncatesOnFetch: never, hasNoEpochToAsk: always }, actions: unfenced() };
    case "kip-101":
      return {
        guards: { truncatesOnFetch: never },
        actions: {
          ...unfenced(),
          askEpochEnd: emit(askEpochEnd(untold)),
          answerEpochEnd: emit(answerEpochEnd(nextEpochStart)),
        },
      };
    case "kip-279":
      return {
        guards: { truncatesOnFetch: never },
        actions: { ...unfenced(), askEpochEnd: emit(askEpochEnd(untold)) },
      };
    case "kip-320":
      return {
        guards: { truncatesOnFetch: never },
        actions: { sendFetch: emit(sendFetch(ownLeaderEpoch, untold)) },
      };
    case "kip-595":
      return {};
  }
}

const always = () => true;
const never = () => false;
const untold = () => null;

/** Followers before KIP-320 do not tell which leader epoch they know: neither a stale leader nor a stale follower is fenced. */
function unfenced(): NonNullable<Implementations["actions"]> {
  return {
    sendFetch: emit(sendFetch(untold, untold)),
    askLogEnd: emit(askOffset("latest", untold)),
    askLogStart: emit(askOffset("earliest", untold)),
  };
}

/**
 * The start of the first later epoch, named by the epoch that was asked for, whether or not there is such an epoch in the
 * log. The follower believes that its own epoch ends there.
 */
function nextEpochStart(log: ReplicaLog, epoch: number): EpochEnd | null {
  const first = log.epochs[0]?.epoch ?? epoch;
  const end = epoch < first ? null : endOffsetForEpoch(log, epoch);
  return end === null ? null : { epoch, endOffset: end.endOffset };
}
