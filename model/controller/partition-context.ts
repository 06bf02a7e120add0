/** What the controller remembers of a partition, and the events that it takes. */
import type { BrokerId, TopicPartition } from "../../spec/vocabulary.ts";
import type { RequestBody } from "../message.ts";

export interface PartitionContext {
  readonly partition: TopicPartition;
  /** In assignment order. */
  readonly replicas: readonly BrokerId[];
  /** All brokers: whom to tell. */
  readonly brokers: readonly BrokerId[];
  readonly effectiveMinIsr: number;
  readonly uncleanAllowed: boolean;
  readonly elrEnabled: boolean;
  readonly leader: BrokerId | null;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  readonly isr: readonly BrokerId[];
  readonly elr: readonly BrokerId[];
  /** Who led when the ISR became empty (ELR only); `null` while there is a leader. */
  readonly lastKnownLeader: BrokerId | null;
  /** Unfenced brokers with their broker epochs. */
  readonly alive: readonly { readonly broker: BrokerId; readonly epoch: number }[];
  /** The change that is being put together; equal to the record in force once it is settled. */
  readonly plannedIsr: readonly BrokerId[];
  readonly plannedElr: readonly BrokerId[];
  readonly plannedLeader: BrokerId | null;
  readonly plannedUnclean: boolean;
}

export type PartitionInput = Pick<
  PartitionContext,
  "partition" | "replicas" | "brokers" | "effectiveMinIsr" | "uncleanAllowed" | "elrEnabled"
>;

export type PartitionEvent =
  | {
      readonly type: "broker-fenced" | "broker-unfenced" | "broker-registered";
      readonly broker: BrokerId;
      readonly epoch: number;
    }
  | (Extract<RequestBody, { type: "alter-partition" }> & { readonly connection: string });

export function isAlive(context: PartitionContext, broker: BrokerId): boolean {
  return context.alive.some((known) => known.broker === broker);
}
