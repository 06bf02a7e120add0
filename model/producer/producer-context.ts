/** What a producer remembers, the events that it takes, and how its queue is read. */
import type {
  BrokerId,
  ClientId,
  Destination,
  Outcome,
  ProducerRecord,
  TopicPartition,
} from "../../spec/vocabulary.ts";
import type { ErrorName, ResponseBody } from "../message.ts";
import type { BatchInput } from "./batch-machine.ts";

/** A batch as the producer sees it; its course is the business of its `batch` machine. */
export interface QueuedBatch {
  readonly slot: number;
  readonly partition: TopicPartition;
  readonly records: readonly ProducerRecord[];
  readonly bytes: number;
  /** Takes further records. */
  readonly open: boolean;
  readonly state: "lingering" | "ready" | "backing-off";
  readonly attempts: number;
}

export interface ProduceInFlight {
  readonly broker: BrokerId;
  /** Without those that have expired since. */
  readonly batches: readonly QueuedBatch[];
  /** Of all batches that it carries; mute, with one request in flight, until the request has ended. */
  readonly partitions: readonly TopicPartition[];
}

export interface KnownLeader {
  readonly partition: TopicPartition;
  readonly leader: BrokerId | null;
  readonly leaderEpoch: number;
}

/** Whose turn it is among the partitions of a topic. */
export interface TopicTurn {
  readonly topic: string;
  readonly turn: number;
  /** Where `turn` is 0 again. */
  readonly comesRoundAfter: number;
}

export interface ProducerInput {
  readonly client: ClientId;
  readonly brokers: readonly BrokerId[];
  readonly batchSize: number;
  readonly maxInFlight: number;
  readonly requestTimeoutMs: number;
  readonly retryBackoffMs: number;
  readonly batch: Omit<BatchInput, "producer" | "slot">;
  /** As `partitioner.class` has it. */
  readonly partitioner: string | null;
  readonly ignoreKeys: boolean;
  /** Does round robin choose twice, and count twice, for a record that needs a new batch (KAFKA-9965)? */
  readonly choosesAgainForNewBatch: boolean;
  /** Per partition; those of a topic in ascending order. */
  readonly leaders: readonly KnownLeader[];
}

export interface ProducerContext extends ProducerInput {
  /** Per partition the order of sending; a batch that is retried comes to the front. */
  readonly queue: readonly QueuedBatch[];
  readonly inFlight: readonly ProduceInFlight[];
  /** Answered or disconnected within this step, and not yet decided upon by their machines. */
  readonly undecided: readonly QueuedBatch[];
  /** The broker that was asked for metadata last. */
  readonly contact: BrokerId;
  readonly turns: readonly TopicTurn[];
}

export type ProducerEvent =
  | { readonly type: "append"; readonly to: Destination; readonly record: ProducerRecord }
  | { readonly type: "flush" }
  | { readonly type: "crash" }
  | { readonly type: "restart" }
  | { readonly type: "batch-ready" | "batch-retries" | "request-timed-out"; readonly slot: number }
  | {
      readonly type: "batch-settled";
      readonly slot: number;
      readonly outcome: Outcome;
      readonly error: ErrorName | null;
      readonly baseOffset: number | null;
      readonly attempts: number;
    }
  | (Extract<ResponseBody, { type: "produce-response" }> & { readonly from: string })
  | (Extract<ResponseBody, { type: "metadata-response" }> & { readonly from: string })
  /** `timedOut`: the producer itself has given up waiting. */
  | { readonly type: "disconnected"; readonly node: string; readonly timedOut?: true }
  /** Raised by the machine itself. `isFirstOfTwo`: if it takes a new batch, the partition is chosen once more. */
  | {
      readonly type: "partitioned";
      readonly to: Destination;
      readonly partition: TopicPartition;
      readonly record: ProducerRecord;
      readonly isFirstOfTwo: boolean;
    }
  | { readonly type: "appended"; readonly partition: TopicPartition }
  | { readonly type: "metadata-needed" };

export function brokerOf(node: string): BrokerId {
  return Number(node.slice(1));
}

export function openBatch(context: ProducerContext, partition: TopicPartition): QueuedBatch | undefined {
  return context.queue.findLast((batch) => batch.partition === partition && batch.open);
}

function headOf(context: ProducerContext, partition: TopicPartition): QueuedBatch | undefined {
  return context.queue.find((batch) => batch.partition === partition);
}

/** With one request in flight a partition is mute while a batch of it is under way, so that order is kept. */
function isMuted({ maxInFlight, inFlight }: ProducerContext, partition: TopicPartition): boolean {
  return maxInFlight === 1 && inFlight.some(({ partitions }) => partitions.includes(partition));
}

/**
 * The next request that can be sent, or `null`: to the first broker that leads a partition whose head batch is ready
 * and that has a place in flight. It takes the head batch of *every* partition that this broker leads, even one that
 * still lingers: readiness is per broker (RecordAccumulator.ready, drain).
 */
export function nextRequest(context: ProducerContext): ProduceInFlight | null {
  for (const broker of context.brokers) {
    const inFlight = context.inFlight.filter((request) => request.broker === broker).length;
    const heads = context.leaders
      .filter(({ leader, partition }) => leader === broker && !isMuted(context, partition))
      .flatMap(({ partition }) => headOf(context, partition) ?? []);
    if (inFlight < context.maxInFlight && heads.some(({ state }) => state === "ready")) {
      const batches = heads.filter(({ state }) => state !== "backing-off");
      return { broker, batches, partitions: batches.map(({ partition }) => partition) };
    }
  }
  return null;
}
