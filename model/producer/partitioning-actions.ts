/**
 * How a producer chooses the partition of a record. Each choice is put to the machine itself as the event `partitioned`.
 * Wired in the machine, which says when each applies.
 *
 * Source: clients/…/producer/KafkaProducer.java (partition, doSend), RoundRobinPartitioner.java; BuiltInPartitioner.java.
 */
import { assertEvent } from "xstate";
import { partitionForKey } from "../../spec/murmur2.ts";
import { type Partitioners, partitionBy } from "../../spec/partitioner.ts";
import { type Destination, parseTopicPartition, type TopicPartition } from "../../spec/vocabulary.ts";
import type { KnownLeader, ProducerContext, ProducerEvent, TopicTurn } from "./producer-context.ts";

interface Args {
  readonly context: ProducerContext;
  readonly event: ProducerEvent;
}

/** A topic's turn comes round after so many records, however many of its partitions are available: it is kept below that. */
export function firstTurns(leaders: readonly KnownLeader[]): readonly TopicTurn[] {
  const topics = [...new Set(leaders.flatMap(({ partition }) => parseTopicPartition(partition)?.topic ?? []))];
  return topics.map((topic) => ({
    topic,
    turn: 0,
    comesRoundAfter: commonMultiple(partitionsOf(leaders, topic).length),
  }));
}

/** Partitions of a topic, ascending. */
export function partitionsOf(leaders: readonly KnownLeader[], topic: string): readonly KnownLeader[] {
  return leaders.filter(({ partition }) => parseTopicPartition(partition)?.topic === topic);
}

/** The lowest number that each of 1 to `last` divides. */
function commonMultiple(last: number): number {
  let multiple = 1;
  for (let next = 2; next <= last; next += 1) {
    let factor = 1;
    while ((multiple * factor) % next !== 0) factor += 1;
    multiple *= factor;
  }
  return multiple;
}

/** The application has named the partition. */
export function keepPartition({ event }: Args): ProducerEvent {
  return chosen(event, destinationOf(event), false);
}

/** Of the available partitions the next one in turn; if there is none, of all of them. The key does not matter. */
export function partitionByRoundRobin({ context, event }: Args): ProducerEvent {
  const all = partitionsOf(context.leaders, destinationOf(event));
  const available = all.filter(({ leader }) => leader !== null);
  const isFirstOfTwo = event.type === "append" && context.choosesAgainForNewBatch;
  return chosen(event, inTurn(context, event, available.length > 0 ? available : all), isFirstOfTwo);
}

/** All partitions one after the other, available or not. */
export function partitionInTurn({ context, event }: Args): ProducerEvent {
  if (context.partitioner === null) {
    throw new Error(
      "the default partitioner's sticky choice (KIP-794), for a record without a key, is not in the model yet",
    );
  }
  return chosen(event, inTurn(context, event, partitionsOf(context.leaders, destinationOf(event))), false);
}

export function partitionByKey({ context, event }: Args): ProducerEvent {
  assertEvent(event, "append");
  const all = partitionsOf(context.leaders, event.to);
  return chosen(event, nameOf(all[partitionForKey(event.record.key ?? "", all.length)], event.to), false);
}

export function partitionByOwn(partitioners: Partitioners) {
  return ({ context, event }: Args): ProducerEvent => {
    assertEvent(event, "append");
    const name = context.partitioner ?? "";
    const own = Object.hasOwn(partitioners, name) ? partitioners[name] : undefined;
    if (own === undefined) throw new Error(`the partitioner ${name} was not handed in`);
    const all = partitionsOf(context.leaders, event.to);
    return chosen(event, nameOf(all[partitionBy(own, event.record, all.length)], event.to), false);
  };
}

export function countTurn({ context, event }: Args): Partial<ProducerContext> {
  const to = destinationOf(event);
  return {
    turns: context.turns.map((one) =>
      one.topic === to ? { ...one, turn: (one.turn + 1) % one.comesRoundAfter } : one,
    ),
  };
}

function inTurn(context: ProducerContext, event: ProducerEvent, among: readonly KnownLeader[]): TopicPartition {
  const to = destinationOf(event);
  const turn = context.turns.find(({ topic }) => topic === to)?.turn ?? 0;
  return nameOf(among[turn % among.length], to);
}

function nameOf(chosen: KnownLeader | undefined, to: Destination): TopicPartition {
  if (chosen === undefined) throw new Error(`${to} is neither a partition nor a topic of the cluster`);
  return chosen.partition;
}

function destinationOf(event: ProducerEvent): Destination {
  assertEvent(event, ["append", "partitioned"]);
  return event.to;
}

function chosen(event: ProducerEvent, partition: TopicPartition, isFirstOfTwo: boolean): ProducerEvent {
  assertEvent(event, ["append", "partitioned"]);
  return { type: "partitioned", to: event.to, partition, record: event.record, isFirstOfTwo };
}
