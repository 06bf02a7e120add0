/**
 * The words of the specification, in Kafka's standard terms.
 *
 * Offsets count records from 0. Every "end" is exclusive: the log end offset is the next offset to be written, the
 * high watermark is the first offset that is not committed, a committed consumer offset is the next one to read.
 */

/** A broker's id: 1, 2, 3, … */
export type BrokerId = number;

/** A topic-partition by name: `orders-0`. */
export type TopicPartition = string;

/** Where a producer sends to: a partition (`orders-0`), or a topic (`orders`), and its partitioner chooses. */
export type Destination = TopicPartition | string;

/** A client's name in a scenario or a configuration: `p1`, `c1`. */
export type ClientId = string;

/** One record as it stands in a replica's log. */
export interface LogEntry {
  readonly offset: number;
  /** Leader epoch of the leader that appended it. */
  readonly epoch: number;
  readonly value: string;
  /** `null` is no key; the empty string is a key. */
  readonly key: string | null;
}

/** A record as a producer hands it over. */
export interface ProducerRecord {
  readonly value: string;
  readonly key: string | null;
}

/** `ok` happened, `fail` did certainly not happen, `unknown` may have happened or may still happen. */
export type Outcome = "ok" | "fail" | "unknown";

/** Splits `orders-0` into topic and partition number; `null` if it is no topic-partition. */
export function parseTopicPartition(name: string): { topic: string; partition: number } | null {
  const match = /^([A-Za-z0-9._-]+)-(0|[1-9][0-9]*)$/.exec(name);
  return match?.[1] === undefined || match[2] === undefined ? null : { topic: match[1], partition: Number(match[2]) };
}

/** Bytes of a record as the model counts them: UTF-8 of key and value, without Kafka's framing. */
export function sizeOf(record: ProducerRecord): number {
  return utf8Length(record.value) + (record.key === null ? 0 : utf8Length(record.key));
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
