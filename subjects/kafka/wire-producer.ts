/**
 * A producer over the wire: records are put into batches per partition, wait for `linger.ms` or until a batch is full,
 * and are retried until `delivery.timeout.ms` is over. One batch of a partition is in flight at a time, so that the order
 * of sending is the order of arrival whatever is retried.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { NumericMap, protocolErrors } from "@platformatic/kafka";
import type { ProducerConfig } from "../../spec/config/cluster-config.ts";
import { classify } from "../../spec/history/error-classes.ts";
import { type Outcome, type ProducerRecord, sizeOf } from "../../spec/vocabulary.ts";
import { type Api, initProducerId, produce } from "./apis.ts";
import type { KafkaClient } from "./kafka-client.ts";
import type { Leaders } from "./leaders.ts";
import { protocolErrorName } from "./protocol-error.ts";
import { errorNameOf, WireError } from "./wire-error.ts";

export interface BatchEnd {
  readonly topic: string;
  readonly partition: number;
  readonly values: readonly string[];
  readonly outcome: Outcome;
  readonly error: string | null;
  readonly baseOffset: number | null;
}

export interface WireProducer {
  /** Takes records in one go: they go into batches before any of them is sent. */
  append(
    records: readonly { readonly topic: string; readonly partition: number; readonly record: ProducerRecord }[],
  ): void;
  /** Sends what lingers. */
  flush(): void;
  /** Values of every batch sent, each attempt, and how many requests that took. */
  readonly batches: readonly (readonly string[])[];
  /** Nothing is sent any more, and no end is told. */
  crash(): void;
}

interface Batch {
  readonly records: ProducerRecord[];
  bytes: number;
  readonly since: number;
  /** Waits for no more records. */
  isDue: boolean;
  attempts: number;
  /** Whose batch it is and the sequence number of its first record, once that has been decided on. */
  identity: (ProducerId & { readonly sequence: number }) | null;
}

interface Queue {
  readonly topic: string;
  readonly partition: number;
  readonly batches: Batch[];
  isSending: boolean;
  nextSequence: number;
}

interface ProducerId {
  readonly id: bigint;
  readonly epoch: number;
}

type ProduceArguments = typeof produce extends Api<infer Args, unknown> ? Args : never;

const withoutId: ProducerId = { id: -1n, epoch: -1 };

/** Producer ids are refused for a moment after a broker has started. */
const idRetryMs = 50;

/** What one attempt came to. `wasSent`: may it have reached the broker? */
interface Attempt {
  readonly error: string | null;
  readonly baseOffset: number | null;
  readonly wasSent: boolean;
}

export function createWireProducer(
  client: KafkaClient,
  leaders: Leaders,
  config: ProducerConfig,
  onEnd: (end: BatchEnd) => void,
): WireProducer {
  const queues = new Map<string, Queue>();
  const batches: (readonly string[])[] = [];
  let isCrashed = false;
  let producerId: Promise<ProducerId> | null = null;

  function queueOf(topic: string, partition: number): Queue {
    const key = `${topic}:${partition}`;
    const known = queues.get(key);
    if (known !== undefined) return known;
    const queue: Queue = { topic, partition, batches: [], isSending: false, nextSequence: 0 };
    queues.set(key, queue);
    return queue;
  }

  function put(queue: Queue, record: ProducerRecord): void {
    const bytes = sizeOf(record);
    const last = queue.batches.at(-1);
    const isOpen = last !== undefined && !last.isDue && !(queue.isSending && queue.batches.length === 1);
    if (isOpen && last.bytes + bytes <= config["batch.size"]) {
      last.records.push(record);
      last.bytes += bytes;
      return;
    }
    queue.batches.push({
      records: [record],
      bytes,
      since: performance.now(),
      isDue: false,
      attempts: 0,
      identity: null,
    });
  }

  function kick(queue: Queue): void {
    const [first] = queue.batches;
    if (first === undefined || queue.isSending || isCrashed) return;
    const isFull = queue.batches.length > 1 || first.bytes >= config["batch.size"];
    const lingersMs = first.since + config["linger.ms"] - performance.now();
    if (!isFull && !first.isDue && lingersMs > 0) {
      setTimeout(() => kick(queue), lingersMs);
      return;
    }
    queue.isSending = true;
    deliver(queue, first).then((end) => {
      queue.isSending = false;
      queue.batches.shift();
      if (isCrashed) return;
      if (end.outcome !== "ok") startAnew();
      onEnd(end);
      kick(queue);
    });
  }

  /** Retries until the batch has an end. Never rejects. */
  async function deliver(queue: Queue, batch: Batch): Promise<BatchEnd> {
    const deadline = batch.since + config["delivery.timeout.ms"];
    const ended = (outcome: Outcome, error: string | null, baseOffset: number | null): BatchEnd => {
      const { topic, partition } = queue;
      return { topic, partition, values: batch.records.map(({ value }) => value), outcome, error, baseOffset };
    };
    for (let tries = 0; !isCrashed; tries += 1) {
      const { error, baseOffset, wasSent } = await attempt(queue, batch, deadline);
      if (wasSent) batch.attempts += 1;
      if (error === null) return ended("ok", null, baseOffset);
      const failed = (name: string) =>
        ended(classify("send", name, batch.attempts) === "fail" ? "fail" : "unknown", name, null);
      if (!canRetry(error) || tries >= config.retries) return failed(error);
      const backoffMs = Math.min(config["retry.backoff.ms"] * 2 ** Math.min(tries, 20), config["retry.backoff.max.ms"]);
      // As Kafka's client, which does not tell how far a batch had come when its time was over.
      if (performance.now() + backoffMs >= deadline) return ended("unknown", "TIMEOUT", null);
      await sleep(backoffMs);
      await leaders.refresh().catch(() => undefined);
    }
    return ended("unknown", "CRASHED", null);
  }

  async function attempt(queue: Queue, batch: Batch, deadline: number): Promise<Attempt> {
    const { topic, partition } = queue;
    const leader = leaders.of(topic, partition);
    if (leader === null) return { error: "LEADER_NOT_AVAILABLE", baseOffset: null, wasSent: false };
    try {
      batch.identity ??= {
        ...(config["enable.idempotence"] ? await ownId() : withoutId),
        sequence: nextSequence(queue, batch),
      };
      const timeoutMs = Math.max(1, Math.min(config["request.timeout.ms"], deadline - performance.now()));
      const args = argumentsOf(queue, batch, Math.round(timeoutMs));
      // Only what a connection stands for can have been sent.
      await client.connection(leader.node);
      batches.push(batch.records.map(({ value }) => value));
      if (config.acks === 0) {
        await client.tell(leader.node, produce, args);
        return { error: null, baseOffset: null, wasSent: true };
      }
      // The broker's own word (REQUEST_TIMED_OUT) says more than our giving up: leave it the time to say it.
      const { responses } = await client.call(leader.node, produce, args, { timeoutMs: timeoutMs + 500 });
      const answer = responses[0]?.partitionResponses[0];
      if (answer === undefined) return { error: "UNKNOWN_SERVER_ERROR", baseOffset: null, wasSent: true };
      const error = protocolErrorName(answer.errorCode);
      const isFine = error === "NONE" || (error === "DUPLICATE_SEQUENCE_NUMBER" && config["enable.idempotence"]);
      return { error: isFine ? null : error, baseOffset: offsetIn(answer.baseOffset), wasSent: true };
    } catch (error) {
      const wasSent = !(error instanceof WireError && ["unreachable", "pinned", "unsupported"].includes(error.problem));
      return { error: errorNameOf(error), baseOffset: null, wasSent };
    }
  }

  function nextSequence(queue: Queue, batch: Batch): number {
    if (!config["enable.idempotence"]) return -1;
    const sequence = queue.nextSequence;
    queue.nextSequence += batch.records.length;
    return sequence;
  }

  /** A batch that may be missing leaves a gap in its sequence: go on under another id, from 0. */
  function startAnew(): void {
    producerId = null;
    for (const queue of queues.values()) queue.nextSequence = 0;
  }

  function argumentsOf({ topic, partition }: Queue, { records, identity }: Batch, timeoutMs: number): ProduceArguments {
    const messages = records.map(({ key, value }) => {
      return { topic, partition, value: Buffer.from(value), ...(key === null ? {} : { key: Buffer.from(key) }) };
    });
    const { id, epoch, sequence } = identity ?? { ...withoutId, sequence: -1 };
    const sequences = new NumericMap([[`${topic}:${partition}`, sequence]]);
    const options = { producerId: id, producerEpoch: epoch, sequences, partitionLeaderEpoch: -1 };
    return [config.acks, timeoutMs, messages, options];
  }

  /** Asked for once in a producer's life, until a broker gives one. */
  function ownId(): Promise<ProducerId> {
    producerId ??= askForId();
    return producerId;
  }

  async function askForId(): Promise<ProducerId> {
    for (;;) {
      const answer = await client.call("any", initProducerId, [null, 60_000, -1n, -1]).catch(() => null);
      if (answer !== null && answer.errorCode === 0) return { id: answer.producerId, epoch: answer.producerEpoch };
      if (isCrashed) return withoutId;
      await sleep(idRetryMs);
    }
  }

  return {
    append(records) {
      const filled = new Set<Queue>();
      for (const { topic, partition, record } of records) {
        const queue = queueOf(topic, partition);
        put(queue, record);
        filled.add(queue);
      }
      for (const queue of filled) kick(queue);
    },
    flush() {
      for (const queue of queues.values()) {
        for (const batch of queue.batches) batch.isDue = true;
        kick(queue);
      }
    },
    batches,
    crash() {
      isCrashed = true;
    },
  };
}

/** Kafka's offsets are 64 bits wide, ours exact up to 2^53; a broker answers -1 where it does not say. */
function offsetIn(offset: bigint): number | null {
  return offset < 0n ? null : Number(offset);
}

function canRetry(error: string): boolean {
  return ["TIMEOUT", "NETWORK_EXCEPTION"].includes(error) || protocolErrors[error]?.canRetry === true;
}
