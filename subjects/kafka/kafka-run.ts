/** One run on a real cluster: its topics, its clients, and everything that they do, told to a history. */
import { type ClusterConfig, isTopic, partitionsOf } from "../../spec/config/cluster-config.ts";
import { classify } from "../../spec/history/error-classes.ts";
import type { Partitioners } from "../../spec/partitioner.ts";
import type {
  CallResult,
  Fault,
  PollResult,
  RecordOperation,
  SendResult,
  Snapshot,
  Subject,
} from "../../spec/subject.ts";
import type { ClientId, TopicPartition } from "../../spec/vocabulary.ts";
import { type CallLog, createCallLog } from "../call-log.ts";
import { type ChoosePartition, createChoosePartition } from "../choose-partition.ts";
import { createOpenSends } from "../open-sends.ts";
import { deleteRecords } from "./apis.ts";
import type { BrokerControl } from "./broker-control.ts";
import { createClientLinks } from "./client-links.ts";
import { describeCommitted, describePartitions } from "./describe-cluster.ts";
import type { KafkaClient } from "./kafka-client.ts";
import { createLeaders } from "./leaders.ts";
import { createFaults } from "./make-fault.ts";
import { protocolErrorName } from "./protocol-error.ts";
import { readFinally } from "./read-finally.ts";
import type { RunNames } from "./run-names.ts";
import { type Made, makeTopics } from "./topics.ts";
import { createWireConsumer, type WireConsumer } from "./wire-consumer.ts";
import { errorNameOf } from "./wire-error.ts";
import { type BatchEnd, createWireProducer, type WireProducer } from "./wire-producer.ts";

export interface KafkaRunOptions {
  readonly client: KafkaClient;
  readonly names: RunNames;
  readonly control: BrokerControl | null;
  readonly cluster: ClusterConfig;
  readonly record: RecordOperation;
  readonly partitioners: Partitioners;
}

export interface KafkaRun {
  readonly log: CallLog;
  send: Subject["send"];
  flush(producer: ClientId): Promise<CallResult>;
  poll(consumer: ClientId, timeoutMs: number): Promise<PollResult>;
  commit(consumer: ClientId, offsets: Readonly<Record<TopicPartition, number>> | null): Promise<CallResult>;
  assign(consumer: ClientId, partitions: readonly TopicPartition[]): Promise<CallResult>;
  seek(consumer: ClientId, partition: TopicPartition, offset: number): Promise<CallResult>;
  deleteRecords(partition: TopicPartition, before: number): Promise<CallResult>;
  crash(client: ClientId): void;
  restart(client: ClientId): void;
  fault(fault: Fault): Promise<void>;
  finalReads(): Promise<PollResult>;
  describe(): Promise<Snapshot>;
  /** Nothing more is sent of the clients' own accord. */
  stop(): void;
}

interface ProducerLife {
  producer: WireProducer;
  choose: ChoosePartition;
  isCrashed: boolean;
  readonly acknowledged: string[];
  /** Of lives before this one. */
  readonly batches: (readonly string[])[];
}

interface ConsumerLife {
  consumer: WireConsumer;
  isCrashed: boolean;
}

const crashed: CallResult = { outcome: "fail", error: "CRASHED" };
const fine: CallResult = { outcome: "ok", error: null };
const historyTypes = { ok: "ok", fail: "fail", unknown: "info" } as const;
const lookAgainMs = 5;

/** What a run of this cluster makes. */
export function madeBy(cluster: ClusterConfig, names: RunNames): Made {
  const groups = new Set(Object.values(cluster.consumers).flatMap((one) => one["group.id"] ?? []));
  return { topics: Object.keys(cluster.topics).map(names.topic), groups: [...groups].map(names.group) };
}

/** Kafka's error name if the topics are refused. */
export async function startKafkaRun(options: KafkaRunOptions): Promise<KafkaRun | string> {
  const { client, names, control, cluster, record, partitioners } = options;
  const refused = await makeTopics(client, names, cluster, control !== null);
  if (refused !== null) return refused;
  const begin = performance.now();
  const nowMs = () => Math.floor(performance.now() - begin);
  const log = createCallLog(record, nowMs);
  const sends = createOpenSends(log);
  const leaders = createLeaders(client, madeBy(cluster, names).topics);
  await leaders.refresh();
  const producers = new Map<ClientId, ProducerLife>();
  const consumers = new Map<ClientId, ConsumerLife>();
  const clientLinks = createClientLinks(client);
  const faults = createFaults(log, control, names, clientLinks);

  function onEnd(producer: ClientId, end: BatchEnd): void {
    const partition = names.back(end.topic, end.partition);
    if (end.outcome === "ok") producers.get(producer)?.acknowledged.push(...end.values);
    sends.see([{ kind: "outcome", producer, partition, ...rest(end), attempts: 1 }]);
  }

  function startProducer(name: ClientId): void {
    const config = cluster.producers[name];
    if (config === undefined) throw new RangeError(`there is no producer ${name}`);
    const producer = createWireProducer(clientLinks.of(name), leaders, config, (end) => onEnd(name, end));
    const before = producers.get(name);
    const choose = createChoosePartition(config, partitioners);
    const batches = before === undefined ? [] : [...before.batches, ...before.producer.batches];
    producers.set(name, { producer, choose, isCrashed: false, acknowledged: before?.acknowledged ?? [], batches });
  }

  function startConsumer(name: ClientId): void {
    const config = cluster.consumers[name];
    if (config === undefined) throw new RangeError(`there is no consumer ${name}`);
    const group = config["group.id"] ?? "";
    const consumer = createWireConsumer(clientLinks.of(name), leaders, names, config, {
      onReset: (partition, offset) => log.note(`${name}/reset`, { f: "seek", value: { [partition]: offset } }),
      onAutoCommit(offsets, { outcome, error }) {
        const call = log.open(`${name}/auto-commit`, { f: "commit", value: { group, offsets: {} } });
        const told = error === null ? {} : { error };
        call.complete(historyTypes[outcome], { f: "commit", value: { group, offsets }, ...told });
      },
    });
    consumer.assign(partitionsOf(cluster));
    consumers.set(name, { consumer, isCrashed: false });
  }

  function producerOf(name: ClientId): ProducerLife {
    const life = producers.get(name);
    if (life === undefined) throw new RangeError(`there is no producer ${name}`);
    return life;
  }

  function consumerOf(name: ClientId): ConsumerLife {
    const life = consumers.get(name);
    if (life === undefined) throw new RangeError(`there is no consumer ${name}`);
    return life;
  }

  async function until(isOver: () => boolean): Promise<void> {
    while (!isOver()) await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
  }

  for (const name of Object.keys(cluster.producers)) startProducer(name);
  for (const name of Object.keys(cluster.consumers)) startConsumer(name);

  return {
    log,
    async send({ producer: name, to, records, wait }) {
      const { producer, choose, isCrashed } = producerOf(name);
      if (isCrashed) {
        return records.map(
          ({ value }): SendResult => ({ value, partition: null, offset: null, outcome: "fail", error: "CRASHED" }),
        );
      }
      const results = sends.open(name, to, records, () => {
        for (const one of records) {
          const isChosen = isTopic(cluster, to);
          const partition = isChosen ? `${to}-${choose(one, cluster.topics[to]?.partitions ?? 1)}` : to;
          sends.see([{ kind: "accepted", producer: name, to, partition, key: one.key, value: one.value }]);
        }
      });
      // Handed over only now: the history has named the partitions.
      producer.append(
        results().flatMap(({ partition }, index) => {
          const record = records[index];
          const at = isTopic(cluster, to) ? `${to}-${partition ?? 0}` : to;
          return record === undefined ? [] : [{ ...names.partition(at), record }];
        }),
      );
      if (wait) await until(() => results().every(({ outcome }) => outcome !== "pending"));
      return results();
    },
    async flush(name) {
      producerOf(name).producer.flush();
      await until(() => !sends.hasOpen(name));
      return fine;
    },
    async poll(name, timeoutMs) {
      const { consumer, isCrashed } = consumerOf(name);
      const call = log.open(name, { f: "poll", value: {} });
      const ended: PollResult = isCrashed ? { ...crashed, records: {} } : await consumer.poll(timeoutMs);
      const { outcome, error, records } = ended;
      call.complete(historyTypes[outcome], { f: "poll", value: records, ...(error === null ? {} : { error }) });
      return ended;
    },
    async commit(name, given) {
      const { consumer, isCrashed } = consumerOf(name);
      const group = cluster.consumers[name]?.["group.id"] ?? "";
      const call = log.open(name, { f: "commit", value: { group, offsets: given ?? {} } });
      const { outcome, error, offsets } = isCrashed
        ? { ...crashed, offsets: given ?? {} }
        : await consumer.commit(given);
      const told = error === null ? {} : { error };
      call.complete(historyTypes[outcome], { f: "commit", value: { group, offsets }, ...told });
      return { outcome, error };
    },
    async assign(name, partitions) {
      const { consumer, isCrashed } = consumerOf(name);
      if (isCrashed) return crashed;
      consumer.assign(partitions);
      log.note(name, { f: "assign", value: { keys: partitions } });
      return fine;
    },
    async seek(name, partition, offset) {
      const { consumer, isCrashed } = consumerOf(name);
      if (isCrashed) return crashed;
      consumer.seek(partition, offset);
      log.note(name, { f: "seek", value: { [partition]: offset } });
      return fine;
    },
    async deleteRecords(partition, before) {
      const { topic, partition: partitionIndex } = names.partition(partition);
      await leaders.refresh().catch(() => undefined);
      const leader = leaders.of(topic, partitionIndex);
      if (leader === null) return { outcome: "fail", error: "LEADER_NOT_AVAILABLE" };
      let error: string;
      try {
        const asked = [{ name: topic, partitions: [{ partitionIndex, offset: BigInt(before) }] }];
        const answer = await client.call(leader.node, deleteRecords, [asked, 10_000], { timeoutMs: 12_000 });
        error = protocolErrorName(answer.topics[0]?.partitions[0]?.errorCode ?? 0);
      } catch (cause) {
        error = errorNameOf(cause);
      }
      if (error === "NONE") return fine;
      return { outcome: classify("delete-records", error, 1) === "fail" ? "fail" : "unknown", error };
    },
    crash(name) {
      const [producer, consumer] = [producers.get(name), consumers.get(name)];
      producer?.producer.crash();
      if (producer !== undefined) producer.isCrashed = true;
      if (consumer !== undefined) consumer.isCrashed = true;
      sends.see([{ kind: "crashed", client: name }]);
      log.note(name, { f: "crash", value: null });
    },
    restart(name) {
      if (producers.has(name)) startProducer(name);
      else startConsumer(name);
      log.note(name, { f: "restart", value: null });
    },
    fault: faults,
    async finalReads() {
      const own = { "group.id": null, "enable.auto.commit": false, "auto.offset.reset": "earliest" } as const;
      const config = { ...own, ...finalReaderLimits };
      const reader = createWireConsumer(client, leaders, names, config, {
        onReset: () => undefined,
        onAutoCommit: () => undefined,
      });
      return readFinally(reader, partitionsOf(cluster), log);
    },
    async describe() {
      const [partitions, committed] = await Promise.all([
        describePartitions(client, names, cluster, control),
        describeCommitted(client, names, cluster),
      ]);
      return {
        at: nowMs(),
        partitions,
        committed,
        consumers: [...consumers].flatMap(([consumer, life]) => {
          const group = cluster.consumers[consumer]?.["group.id"] ?? null;
          return life.consumer.positions().map(({ partition, offset }) => {
            const stands =
              offset ?? committed.find((one) => one.group === group && one.partition === partition)?.offset;
            return { consumer, partition, position: life.isCrashed ? null : (stands ?? null) };
          });
        }),
        producers: [...producers].map(([producer, life]) => {
          const batches = [...life.batches, ...life.producer.batches];
          return { producer, acknowledged: [...life.acknowledged], batches, requests: batches.length };
        }),
      };
    },
    stop() {
      for (const { producer } of producers.values()) producer.crash();
    },
  };
}

/** Kafka's defaults for what does not concern a reader that reads everything. */
const finalReaderLimits = {
  "auto.commit.interval.ms": 5_000,
  "max.poll.records": 100_000,
  "fetch.max.wait.ms": 300,
  "request.timeout.ms": 3_000,
  "retry.backoff.ms": 100,
  "isolation.level": "read_uncommitted",
} as const;

function rest({ values, outcome, error, baseOffset }: BatchEnd) {
  return { values, outcome, error, baseOffset };
}
