/** A producer `p1` of three partitions: its inputs, what happens to it, and what it does. */
import { type Effect, local, observe } from "../../../model/effect.ts";
import type { ErrorName, PartitionMetadata } from "../../../model/message.ts";
import type { BatchEvent } from "../../../model/producer/batch-machine.ts";
import type {
  ProduceInFlight,
  ProducerEvent,
  ProducerInput,
  QueuedBatch,
} from "../../../model/producer/producer-context.ts";
import type { Outcome } from "../../../spec/vocabulary.ts";

/** Batches of 4 bytes, two requests in flight; broker 1 leads t-0 and t-1, broker 2 leads t-2. */
export const input = {
  client: "p1",
  brokers: [1, 2, 3],
  batchSize: 4,
  maxInFlight: 2,
  requestTimeoutMs: 30_000,
  retryBackoffMs: 100,
  batch: {
    acks: -1,
    lingerMs: 5,
    retries: 3,
    retryBackoffMs: 100,
    retryBackoffMaxMs: 1000,
    requestTimeoutMs: 30_000,
    deliveryTimeoutMs: 120_000,
  },
  partitioner: null,
  ignoreKeys: false,
  choosesAgainForNewBatch: false,
  leaders: [
    { partition: "t-0", leader: 1, leaderEpoch: 0 },
    { partition: "t-1", leader: 1, leaderEpoch: 0 },
    { partition: "t-2", leader: 2, leaderEpoch: 0 },
  ],
} as const satisfies ProducerInput;
export const oneInFlight: ProducerInput = { ...input, maxInFlight: 1 };

// --- events ----------------------------------------------------------------------------------------------------

/** To a partition, or to the topic `t`. */
export const append = (to: string, value: string, key: string | null = null): ProducerEvent => ({
  type: "append",
  to,
  record: { value, key },
});
export const ready = (slot: number): ProducerEvent => ({ type: "batch-ready", slot });
export const disconnected = (node: string): ProducerEvent => ({ type: "disconnected", node });

export function settled(
  slot: number,
  outcome: Outcome,
  error: ErrorName | null,
  baseOffset: number | null,
): ProducerEvent {
  return { type: "batch-settled", slot, outcome, error, baseOffset, attempts: 1 };
}

/** An offset, or an error, for each partition of the request. */
export function answers(from: string, results: Readonly<Record<string, number | ErrorName>>): ProducerEvent {
  const list = Object.entries(results).map(([partition, result]) =>
    typeof result === "number"
      ? { partition, error: null, baseOffset: result }
      : { partition, error: result, baseOffset: null },
  );
  return { type: "produce-response", from, results: list };
}

/** Partition, leader, leader epoch. */
export function metadata(...leaders: readonly (readonly [string, number | null, number])[]): ProducerEvent {
  const partitions = leaders.map(([partition, leader, leaderEpoch]): PartitionMetadata => {
    return { partition, leader, leaderEpoch, isr: [1, 2, 3], partitionEpoch: 0 };
  });
  return { type: "metadata-response", partitions, from: "b3" };
}

/** Batch 0 of t-0 is in flight. */
export const inFlight: readonly ProducerEvent[] = [append("t-0", "a"), ready(0)];
/** Batches 0 and 1 of t-0 are in flight, in a request each. */
export const bothInFlight: readonly ProducerEvent[] = [...inFlight, append("t-0", "b"), ready(1)];

// --- effects ---------------------------------------------------------------------------------------------------

export const accepted = (partition: string, value: string, rest: { to?: string; key?: string } = {}): Effect =>
  observe({ kind: "accepted", producer: "p1", to: partition, partition, key: null, value, ...rest });

export const creates = (slot: number): Effect => ({
  kind: "create",
  id: `p1/batch-${slot}`,
  machine: "batch",
  input: { producer: "p1", slot, ...input.batch },
});

export const tells = (slot: number, event: BatchEvent): Effect => local<BatchEvent>(`p1/batch-${slot}`, event);

export const refuses = (slot: number, error: ErrorName): Effect => tells(slot, { type: "refused", error });

/** A produce request with these batches, each letter a record; sent for the first time, unless told. */
export function sends(
  broker: number,
  batches: readonly (readonly [slot: number, partition: string, values: string])[],
  { acks = -1, attempt = 1 }: { readonly acks?: 0 | -1; readonly attempt?: number } = {},
): Effect[] {
  const partitions = batches.map(([, partition, values]) => ({ partition, records: recordsOf(values) }));
  return [
    { kind: "request", to: `b${broker}`, body: { type: "produce", acks, timeoutMs: 30_000, partitions } },
    observe({ kind: "requested", producer: "p1", broker }),
    ...batches.map(([, partition, values]) =>
      observe({
        ...{ kind: "sent", producer: "p1", partition, broker },
        ...{ values: [...values], bytes: values.length, attempt },
      }),
    ),
    ...batches.map(([slot]) => tells(slot, { type: "sent" })),
  ];
}

export const asksMetadata = (broker: number): Effect => ({
  kind: "request",
  to: `b${broker}`,
  body: { type: "metadata" },
});

export const closes = (broker: number): Effect => ({ kind: "close", to: `b${broker}` });

// --- context and state -----------------------------------------------------------------------------------------

const recordsOf = (values: string) => [...values].map((value) => ({ value, key: null }));

/** An open batch that lingers, each letter a record. */
export function batch(slot: number, partition: string, values: string, rest: Partial<QueuedBatch> = {}): QueuedBatch {
  const lingering = { open: true, state: "lingering", attempts: 0 } as const;
  return { slot, partition, records: recordsOf(values), bytes: values.length, ...lingering, ...rest };
}

/** A batch that has been sent once. */
export const sentBatch = (slot: number, partition: string, values: string, rest: Partial<QueuedBatch> = {}) =>
  batch(slot, partition, values, { open: false, state: "ready", attempts: 1, ...rest });

export const running = (state: "current" | "asking" | "waiting") => ({ running: { sender: {}, metadata: state } });

/** A request in flight, with all that it has carried from the beginning. */
export function carried(broker: number, ...batches: readonly QueuedBatch[]): ProduceInFlight {
  return { broker, batches, partitions: batches.map(({ partition }) => partition) };
}
