/** What an observer of one producer remembers: what waits, what is on its way, and whether its leader answers. */
import type { ClusterView, Observation } from "../cluster-view.ts";
import type { BrokerId, ClientId, TopicPartition } from "../vocabulary.ts";
import { leaderInOffice } from "./replica-logs.ts";

type Sent = Extract<Observation, { kind: "sent" }>;
type Ended = Extract<Observation, { kind: "outcome" }>;

export interface PartitionQueue {
  /** Accepted and not sent yet, in that order; with the time, `null` where the run has none. */
  readonly waiting: { readonly value: string; readonly acceptedAt: number | null }[];
  /** Batches that were sent and have not ended, by their values as text, with the broker that got them first. */
  readonly onTheWay: Map<string, BrokerId>;
  /** Did something stand in the way of sending after the last step, and when did it last, in milliseconds? */
  wasHindered: boolean;
  hinderedAt: number;
}

export interface ProducerMemory {
  readonly queues: Map<TopicPartition, PartitionQueue>;
  /** The leader epoch in which the producer knows the partition's leader and has nothing to hold against it. */
  readonly answering: Map<TopicPartition, number>;
}

/** A producer knows the leaders of the first state: `send` waits for metadata before it accepts a record. */
export function createProducerMemory(first: ClusterView): ProducerMemory {
  const led = first.partitions.filter((partition) => leaderInOffice(partition) !== undefined);
  const answering = new Map(led.map(({ partition, leaderEpoch }) => [partition, leaderEpoch]));
  return { queues: new Map(), answering };
}

export function queueOf({ queues }: ProducerMemory, partition: TopicPartition): PartitionQueue {
  const queue = queues.get(partition) ?? { waiting: [], onTheWay: new Map(), wasHindered: false, hinderedAt: 0 };
  queues.set(partition, queue);
  return queue;
}

/** Everything in memory is gone, the metadata too. */
export function noteCrash({ queues, answering }: ProducerMemory): void {
  queues.clear();
  answering.clear();
}

export function isOnTheWay({ onTheWay }: PartitionQueue, values: readonly string[]): boolean {
  return onTheWay.has(textOf(values));
}

/** The first attempt of a batch: its records wait no longer. */
export function noteSent({ waiting, onTheWay }: PartitionQueue, { values, broker }: Sent): void {
  removeAll(waiting, values);
  onTheWay.set(textOf(values), broker);
}

/** A batch has ended, whether it was ever sent or not. */
export function noteEnded(memory: ProducerMemory, view: ClusterView, { partition, values, outcome }: Ended): void {
  const { waiting, onTheWay } = queueOf(memory, partition);
  const broker = onTheWay.get(textOf(values));
  onTheWay.delete(textOf(values));
  removeAll(waiting, values);
  if (outcome !== "ok") {
    // A request that nobody has answered may hold up others, and the connection with them.
    memory.answering.clear();
    return;
  }
  const found = view.partitions.find((one) => one.partition === partition);
  if (found !== undefined && leaderInOffice(found)?.broker === broker) {
    memory.answering.set(partition, found.leaderEpoch);
  }
}

/**
 * May anything keep the producer from sending to this partition? Anything on its way does: requests in flight may be at
 * their limit, a retry may be waiting for its back-off, a connection may be broken.
 */
export function isHindered(
  { queues, answering }: ProducerMemory,
  view: ClusterView,
  producer: ClientId,
  partition: TopicPartition,
): boolean {
  for (const { onTheWay } of queues.values()) if (onTheWay.size > 0) return true;
  const found = view.partitions.find((one) => one.partition === partition);
  const leader = found === undefined ? undefined : leaderInOffice(found)?.broker;
  if (leader === undefined || answering.get(partition) !== found?.leaderEpoch) return true;
  return !view.knownLeaders.some(
    (known) => known.producer === producer && known.partition === partition && known.leader === leader,
  );
}

function removeAll(waiting: PartitionQueue["waiting"], values: readonly string[]): void {
  for (const value of values) {
    const place = waiting.findIndex((one) => one.value === value);
    if (place !== -1) waiting.splice(place, 1);
  }
}

function textOf(values: readonly string[]): string {
  return JSON.stringify(values);
}
