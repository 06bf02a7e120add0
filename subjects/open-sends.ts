/** The sends of a run whose records are not all settled yet: how each record ends, and what the history says of it. */
import type { Observation } from "../spec/cluster-view.ts";
import type { SentRecord } from "../spec/history/format.ts";
import type { SendResult } from "../spec/subject.ts";
import {
  type ClientId,
  type Destination,
  type ProducerRecord,
  parseTopicPartition,
  type TopicPartition,
} from "../spec/vocabulary.ts";
import type { CallLog, OpenCall } from "./call-log.ts";

interface OpenRecord extends ProducerRecord {
  /** `null` until the producer has taken the record. */
  partition: TopicPartition | null;
  outcome: SendResult["outcome"];
  offset: number | null;
  error: string | null;
}

interface OpenSend {
  readonly producer: ClientId;
  readonly to: Destination;
  readonly records: readonly OpenRecord[];
  /** `null` while its records are being handed over. */
  call: OpenCall | null;
}

export interface OpenSends {
  /**
   * `handOver` is the step in which the producer takes the records and chooses their partitions. The result tells how the
   * records stand by now.
   */
  open(
    producer: ClientId,
    to: Destination,
    records: readonly ProducerRecord[],
    handOver: () => void,
  ): () => readonly SendResult[];
  /** Everything that a step has observed. */
  see(observed: readonly Observation[]): void;
  hasOpen(producer: ClientId): boolean;
}

const historyTypes = { ok: "ok", fail: "fail", unknown: "info", pending: "info" } as const;

export function createOpenSends(log: CallLog): OpenSends {
  let sends: readonly OpenSend[] = [];

  /** Completes every send of which nothing is pending any more; none before one that is still being handed over. */
  function closeSettled(): void {
    if (sends.some(({ call }) => call === null)) return;
    for (const { records, call } of sends.filter(isSettled)) {
      const [first, ...others] = [...new Set(records.map(({ outcome }) => outcome))];
      const type = first === undefined || others.length > 0 ? "info" : historyTypes[first];
      const error = records.find((record) => record.error !== null)?.error ?? "PARTLY";
      call?.complete(type, { f: "send", value: records.flatMap(completed), error });
    }
    sends = sends.filter((send) => !isSettled(send));
  }

  return {
    open(producer, to, given, handOver) {
      const records = given.map((record): OpenRecord => {
        return { ...record, partition: null, outcome: "pending", offset: null, error: null };
      });
      const send: OpenSend = { producer, to, records, call: null };
      sends = [...sends, send];
      handOver();
      // A history names the partitions of what is sent: only now are they known.
      send.call = log.open(producer, { f: "send", value: records.flatMap((record) => invoked(record, to)) });
      closeSettled();
      return () => records.map(resultOf);
    },
    see(observed) {
      for (const one of observed) {
        const own = sends.filter(({ producer }) => "producer" in one && producer === one.producer);
        const records = own.flatMap((send) => send.records);
        if (one.kind === "accepted") takeNext(records, one.partition);
        if (one.kind === "outcome") settle(records, one);
        if (one.kind === "crashed") settleLost(sends.filter(({ producer }) => producer === one.client));
      }
      closeSettled();
    },
    hasOpen: (client) => sends.some(({ producer }) => producer === client),
  };
}

function isSettled({ records }: OpenSend): boolean {
  return records.every(({ outcome }) => outcome !== "pending");
}

/** A producer takes the records of a send in their order. */
function takeNext(records: readonly OpenRecord[], partition: TopicPartition): void {
  const next = records.find((record) => record.partition === null);
  if (next !== undefined) next.partition = partition;
}

function settle(records: readonly OpenRecord[], ended: Extract<Observation, { kind: "outcome" }>): void {
  for (const record of records) {
    const place = ended.values.indexOf(record.value);
    if (place < 0 || record.partition !== ended.partition) continue;
    record.outcome = ended.outcome;
    record.offset = ended.baseOffset === null ? null : ended.baseOffset + place;
    record.error = ended.error;
  }
}

/** The producer is gone: what it had not been told it will never know. */
function settleLost(sends: readonly OpenSend[]): void {
  for (const record of sends.flatMap(({ records }) => records)) {
    if (record.outcome !== "pending") continue;
    record.outcome = "unknown";
    record.error = "CRASHED";
  }
}

/** The key of a record is told where a partitioner has chosen. */
function invoked({ partition, value, key }: OpenRecord, to: Destination): readonly SentRecord[] {
  if (partition === null) return [];
  return [partition === to ? { key: partition, value } : { key: partition, value, partitionKey: key }];
}

function completed({ partition, value, offset }: OpenRecord): readonly SentRecord[] {
  if (partition === null) return [];
  return [{ key: partition, value, ...(offset === null ? {} : { offset }) }];
}

function resultOf({ value, partition, outcome, offset, error }: OpenRecord): SendResult {
  const number = partition === null ? null : (parseTopicPartition(partition)?.partition ?? null);
  return { value, partition: number, outcome, offset, error };
}
