/** What an application asks of its client, and how such a call ends. */
import type { ClientId, Destination, Outcome, ProducerRecord, TopicPartition } from "../spec/vocabulary.ts";

export type ClientOperation =
  | { readonly f: "send"; readonly to: Destination; readonly records: readonly ProducerRecord[] }
  | { readonly f: "flush" }
  | { readonly f: "poll"; readonly timeoutMs: number }
  /** `offsets: null` commits the positions. */
  | { readonly f: "commit"; readonly offsets: Readonly<Record<TopicPartition, number>> | null }
  | { readonly f: "assign"; readonly partitions: readonly TopicPartition[] }
  | { readonly f: "seek"; readonly partition: TopicPartition; readonly offset: number }
  /** By the administrator: everything below the offset `before` is to go. */
  | { readonly f: "delete-records"; readonly partition: TopicPartition; readonly before: number }
  | { readonly f: "crash" }
  | { readonly f: "restart" };

/**
 * The end of a call of a consumer or of the administrator. A producer's records end one batch at a time, as an `outcome`
 * observation.
 */
export interface Completion {
  readonly client: ClientId;
  readonly f: "poll" | "commit" | "assign" | "seek" | "delete-records";
  readonly outcome: Outcome;
  readonly error: string | null;
  /** For `poll`: partition, offset and value of each record delivered. */
  readonly records: readonly {
    readonly partition: TopicPartition;
    readonly offset: number;
    readonly value: string;
  }[];
}
