/** The record of a partition with replicas on brokers 1, 2 and 3: its inputs, what happens to it, what it tells. */
import type { PartitionContext, PartitionEvent, PartitionInput } from "../../../model/controller/partition-context.ts";
import { type Effect, observe } from "../../../model/effect.ts";
import type { ErrorName } from "../../../model/message.ts";

const connection = "b1/t-0→controller#0";
const partition = "t-0";

/** Replicas on brokers 1, 2, 3, in this order; broker 1 leads, all are in the ISR. */
export const plain: PartitionInput = {
  partition,
  replicas: [1, 2, 3],
  brokers: [1, 2, 3],
  effectiveMinIsr: 2,
  uncleanAllowed: false,
  elrEnabled: false,
};
export const eligible: PartitionInput = { ...plain, elrEnabled: true };
export const unclean: PartitionInput = { ...plain, uncleanAllowed: true };
export const eligibleAndUnclean: PartitionInput = { ...eligible, uncleanAllowed: true };
/** Broker 1 leads though it is not alive, as a controller finds it that has just taken over. */
export const deadLeader: PartitionInput = { ...plain, brokers: [2, 3, 4] };

export const fenced = (broker: number): PartitionEvent => ({ type: "broker-fenced", broker, epoch: 1 });
export const unfenced = (broker: number, epoch = 1): PartitionEvent => ({ type: "broker-unfenced", broker, epoch });
/** The broker has been killed and is started again. */
export const registered = (broker: number, epoch = 2): PartitionEvent => ({ type: "broker-registered", broker, epoch });

interface Basis {
  readonly by?: number;
  readonly leaderEpoch?: number;
  readonly partitionEpoch?: number;
}

/** Broker epochs are those of the fetches that the leader has seen: 1, unless told. */
export function proposes(
  isr: readonly (number | readonly [number, number | null])[],
  { by = 1, leaderEpoch = 0, partitionEpoch = 0 }: Basis = {},
): PartitionEvent {
  const members = isr.map((member) => {
    const [broker, epoch] = typeof member === "number" ? [member, 1] : member;
    return { broker, epoch };
  });
  return { type: "alter-partition", broker: by, partition, leaderEpoch, partitionEpoch, isr: members, connection };
}

type Change = Pick<PartitionContext, "leader" | "leaderEpoch" | "isr" | "partitionEpoch">;

export function published(change: Change, to: readonly number[] = plain.brokers): Effect[] {
  const body = { type: "partition-change", change: { partition, ...change } } as const;
  return to.map((broker) => ({ kind: "request", to: `b${broker}`, body }));
}

export const isrIs = (...isr: readonly number[]) => observe({ kind: "isr", partition, isr });

export const elected = (leader: number, leaderEpoch: number, wasUnclean = false) =>
  observe({ kind: "elected", partition, leader, leaderEpoch, unclean: wasUnclean });

export function answer(
  error: ErrorName | null,
  { leaderEpoch, isr, partitionEpoch }: Omit<Change, "leader">,
  basedOn: number,
) {
  const body = {
    type: "alter-partition-response",
    partition,
    error,
    isr,
    leaderEpoch,
    partitionEpoch,
    basedOn,
  } as const;
  return { kind: "reply", connection, body } as const;
}

export const first = { leaderEpoch: 0, isr: [1, 2, 3], partitionEpoch: 0 };
