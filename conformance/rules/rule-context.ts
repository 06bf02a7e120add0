/** What the protocol rules ask with: single requests on topics of their own, with every field in hand. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { NumericMap } from "@platformatic/kafka";
import {
  type Api,
  createTopics,
  fetch,
  initProducerId,
  listOffsets,
  metadata,
  produce,
} from "../../subjects/kafka/apis.ts";
import type { BrokerControl } from "../../subjects/kafka/broker-control.ts";
import type { KafkaClient } from "../../subjects/kafka/kafka-client.ts";
import { protocolErrorName } from "../../subjects/kafka/protocol-error.ts";
import { ownPrefix } from "../../subjects/kafka/run-names.ts";
import type { Made } from "../../subjects/kafka/topics.ts";
import { WireError } from "../../subjects/kafka/wire-error.ts";

export interface AskedRecord {
  readonly value: string | null;
  readonly key?: string | null;
  readonly timestamp?: number;
  readonly headers?: readonly (readonly [string, string])[];
}

export interface ProduceOptions {
  readonly partition?: number;
  readonly acks?: number;
  readonly id?: bigint;
  readonly epoch?: number;
  readonly sequence?: number;
  readonly compression?: "none" | "gzip" | "snappy" | "lz4" | "zstd";
  readonly transactionalId?: string;
  /** A broker other than the leader. */
  readonly node?: number;
  /** Another form of the request. */
  readonly api?: typeof produce;
}

export interface FetchedRecord {
  readonly offset: number;
  readonly value: string | null;
  readonly key: string | null;
  readonly timestamp: number;
  readonly headers: readonly (readonly [string, string])[];
}

export interface RuleTopic {
  readonly name: string;
  readonly leader: number;
  readonly leaderEpoch: number;
}

export interface RuleContext {
  readonly client: KafkaClient;
  readonly control: BrokerControl | null;
  /** A new topic with one partition, replicated as far as the cluster goes (three), unless said otherwise. */
  topic(options?: {
    readonly partitions?: number;
    readonly factor?: number;
    readonly configs?: Readonly<Record<string, string>>;
  }): Promise<RuleTopic>;
  /** A name for a topic that a broker is to refuse; should it come into being, it is removed. */
  topicName(): string;
  /** As it is now. */
  look(topic: RuleTopic): Promise<RuleTopic>;
  /** A name for a group or a transactional id. */
  name(): string;
  produce(
    topic: RuleTopic,
    records: readonly AskedRecord[],
    options?: ProduceOptions,
  ): Promise<{ readonly error: string; readonly offset: number }>;
  fetch(
    topic: RuleTopic,
    offset: number,
    options?: {
      readonly readCommitted?: boolean;
      readonly leaderEpoch?: number;
      readonly partition?: number;
      readonly waitMs?: number;
    },
  ): Promise<{
    readonly error: string;
    readonly highWatermark: number;
    readonly lastStable: number;
    readonly logStart: number;
    readonly aborted: number;
    readonly records: readonly FetchedRecord[];
  }>;
  /** `earliest`, `latest`, or the first offset at or after a time in milliseconds. */
  offset(
    topic: RuleTopic,
    at: "earliest" | "latest" | number,
  ): Promise<{ readonly error: string; readonly offset: number }>;
  producerId(
    transactionalId?: string,
  ): Promise<{ readonly error: string; readonly id: bigint; readonly epoch: number }>;
  /** Who coordinates a group or a transactional id; waits while there is nobody. */
  coordinator(name: string, kind?: "group" | "transaction"): Promise<number>;
  /** Tries again while the answer is an error that only means "not yet". */
  patiently<Answer>(ask: () => Promise<Answer>, errorOf: (answer: Answer) => string): Promise<Answer>;
  /** Nothing more is made from now on; says what there is. */
  end(): Promise<Made>;
}

const bytesMax = 8 * 1024 * 1024;
const patienceMs = 15_000;
const notYet =
  /^(COORDINATOR_|NOT_COORDINATOR|CONCURRENT_TRANSACTIONS|UNKNOWN_TOPIC_OR_PARTITION|LEADER_NOT_AVAILABLE|NOT_LEADER)/;

export function createRuleContext(client: KafkaClient, control: BrokerControl | null): RuleContext {
  const prefix = `${ownPrefix}${randomBytes(5).toString("hex")}-rule-`;
  const topics: string[] = [];
  const groups: string[] = [];
  let making: Promise<unknown> = Promise.resolve();
  let isOver = false;

  /** Waits until every broker knows the topic: one that has just been made is unknown to some for a moment. */
  async function look(name: string): Promise<RuleTopic> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const seen = await client.metadata([name]);
      const [first] = seen.topics.get(name) ?? [];
      const isWhole = first !== undefined && first.leader !== null && first.isr.length === first.replicas.length;
      if (isWhole && (await isKnownTo(seen.brokers, name, first.leaderEpoch))) {
        return { name, leader: first.leader ?? -1, leaderEpoch: first.leaderEpoch };
      }
      if (performance.now() > deadline) throw new WireError("timeout", name, "the topic has no leader");
      await sleep(50);
    }
  }

  /** A broker that is just starting does not answer, and knows nothing. */
  async function isKnownTo(brokers: readonly number[], name: string, leaderEpoch: number): Promise<boolean> {
    try {
      return await doAllKnow(brokers, name, leaderEpoch);
    } catch (error) {
      if (error instanceof WireError) return false;
      throw error;
    }
  }

  async function doAllKnow(brokers: readonly number[], name: string, leaderEpoch: number): Promise<boolean> {
    for (const node of brokers) {
      const { topics: told } = await client.call(node, metadata, [[name], false, false]);
      if (told[0]?.errorCode !== 0 || told[0].partitions[0]?.leaderEpoch !== leaderEpoch) return false;
      const asked = { partitionIndex: 0, currentLeaderEpoch: -1, timestamp: -1n };
      const answer = await client.call(node, listOffsets, [-2, 0, [{ name, partitions: [asked] }]]);
      const error = protocolErrorName(answer.topics[0]?.partitions[0]?.errorCode ?? 0);
      if (error === "UNKNOWN_TOPIC_OR_PARTITION") return false;
    }
    return true;
  }

  const context: RuleContext = {
    client,
    control,
    async topic({ partitions = 1, factor, configs = {} } = {}) {
      if (isOver) throw new WireError("closed", prefix, "by us");
      const name = context.topicName();
      const { brokers } = await client.metadata([]);
      const replicationFactor = factor ?? Math.min(3, brokers.length);
      const settings = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
      const asked = { name, numPartitions: partitions, replicationFactor, assignments: [], configs: settings };
      const made = client.call("any", createTopics, [[asked], 10_000, false], { timeoutMs: 15_000 });
      making = made;
      const answer = await made;
      const [told] = answer.topics;
      if (told?.name !== name) throw new WireError("nonsense", name, "no word of the topic");
      const error = protocolErrorName(told.errorCode);
      if (error !== "NONE") throw new WireError("refused", name, error);
      return look(name);
    },
    topicName() {
      const name = `${prefix}${topics.length}`;
      topics.push(name);
      return name;
    },
    look: ({ name }) => look(name),
    name() {
      const name = `${prefix}g${groups.length}`;
      groups.push(name);
      return name;
    },
    async produce(topic, records, options = {}) {
      const { partition = 0, acks = -1, id = -1n, epoch = -1, sequence = -1, node = topic.leader } = options;
      const { compression = "none", transactionalId, api = produce } = options;
      const messages = records.map(({ value, key = null, timestamp, headers = [] }) => ({
        topic: topic.name,
        partition,
        // The library writes what is missing as null, though its types have no word for it.
        value: (value === null ? null : Buffer.from(value)) as Buffer,
        ...(key === null ? {} : { key: Buffer.from(key) }),
        ...(timestamp === undefined ? {} : { timestamp: BigInt(timestamp) }),
        headers: new Map(headers.map(([name, text]) => [Buffer.from(name), Buffer.from(text)])),
      }));
      const sequences = new NumericMap([[`${topic.name}:${partition}`, sequence]]);
      const batch = { producerId: id, producerEpoch: epoch, sequences, compression, partitionLeaderEpoch: -1 };
      const whose = transactionalId === undefined ? batch : { ...batch, transactionalId };
      const answer = await client.call(node, api, [acks, 5_000, messages, whose], { timeoutMs: 8_000 });
      const told = answer.responses[0]?.partitionResponses[0];
      return { error: protocolErrorName(told?.errorCode ?? -1), offset: Number(told?.baseOffset ?? -1n) };
    },
    async fetch(topic, offset, { readCommitted = false, leaderEpoch = -1, partition = 0, waitMs = 0 } = {}) {
      const asked = {
        partition,
        currentLeaderEpoch: leaderEpoch,
        fetchOffset: BigInt(offset),
        lastFetchedEpoch: -1,
        partitionMaxBytes: bytesMax,
      };
      const from = [{ topicId: topic.name, partitions: [asked] }];
      const answer = await client.call(topic.leader, fetch, [
        waitMs,
        1,
        bytesMax,
        readCommitted ? 1 : 0,
        0,
        -1,
        from,
        [],
        "",
      ]);
      const told = answer.responses[0]?.partitions[0];
      const records = (told?.records ?? []).flatMap((batch) =>
        (batch.attributes & (1 << 5)) !== 0
          ? []
          : batch.records.map((one) => ({
              offset: Number(batch.firstOffset) + one.offsetDelta,
              value: one.value?.toString() ?? null,
              key: one.key?.toString() ?? null,
              timestamp: Number(batch.firstTimestamp + one.timestampDelta),
              headers: one.headers.map(([name, text]) => [name?.toString() ?? "", text?.toString() ?? ""] as const),
            })),
      );
      return {
        error: protocolErrorName(told?.errorCode ?? -1),
        highWatermark: Number(told?.highWatermark ?? -1n),
        lastStable: Number(told?.lastStableOffset ?? -1n),
        logStart: Number(told?.logStartOffset ?? -1n),
        aborted: told?.abortedTransactions?.length ?? 0,
        records,
      };
    },
    async offset(topic, at) {
      const timestamp = at === "earliest" ? -2n : at === "latest" ? -1n : BigInt(at);
      const asked = { partitionIndex: 0, currentLeaderEpoch: -1, timestamp };
      const answer = await client.call(topic.leader, listOffsets, [-1, 0, [{ name: topic.name, partitions: [asked] }]]);
      const told = answer.topics[0]?.partitions[0];
      return { error: protocolErrorName(told?.errorCode ?? -1), offset: Number(told?.offset ?? -1n) };
    },
    async producerId(transactionalId) {
      const node = transactionalId === undefined ? "any" : await context.coordinator(transactionalId, "transaction");
      const ask = () => client.call(node, initProducerId, [transactionalId ?? null, 60_000, -1n, -1]);
      const answer = await context.patiently(ask, ({ errorCode }) => protocolErrorName(errorCode));
      return { error: protocolErrorName(answer.errorCode), id: answer.producerId, epoch: answer.producerEpoch };
    },
    async coordinator(name, kind = "group") {
      const ask = async (): Promise<number | WireError> =>
        client.coordinatorOf(name, kind).catch((error: unknown) => {
          // Other problems do not go away by waiting.
          if (error instanceof WireError && error.problem === "unreachable") return error;
          throw error;
        });
      const found = await context.patiently(ask, (answer) =>
        typeof answer === "number" ? "NONE" : "COORDINATOR_NOT_AVAILABLE",
      );
      if (typeof found === "number") return found;
      throw found;
    },
    async patiently(ask, errorOf) {
      const deadline = performance.now() + patienceMs;
      for (;;) {
        const answer = await ask();
        if (!notYet.test(errorOf(answer)) || performance.now() > deadline) return answer;
        await sleep(50);
      }
    },
    async end() {
      isOver = true;
      await making.catch(() => undefined);
      return { topics, groups };
    },
  };
  return context;
}

/** A produce request whose last byte is another than the one its checksum is over. */
export const corruptedProduce: typeof produce = corrupted(produce);

function corrupted<Args extends readonly unknown[], Answer>(api: Api<Args, Answer>): Api<Args, Answer> {
  const versions = [...api.versions].map(([version, codec]) => {
    const changed: typeof codec = {
      parseResponse: codec.parseResponse,
      createRequest(...args) {
        const bytes = Buffer.from(codec.createRequest(...args).buffer);
        // The value is written last but for the number of headers and, in flexible versions, three empty lists of tags.
        const place = bytes.lastIndexOf("corrupt-me");
        bytes.writeUInt8(bytes.readUInt8(place) ^ 0xff, place);
        return { buffer: bytes };
      },
    };
    return [version, changed] as const;
  });
  return { ...api, versions: new Map(versions) };
}
