/**
 * A consumer over the wire, assigned by hand: positions from the committed offset or by the reset policy, checked against
 * the leader's epochs when the leader changes (KIP-320), fetches from every leader at once, commits.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { RecordsBatch } from "@platformatic/kafka";
import type { ConsumerConfig } from "../../spec/config/cluster-config.ts";
import type { CallResult, PollResult } from "../../spec/subject.ts";
import type { TopicPartition } from "../../spec/vocabulary.ts";
import { fetch, listOffsets, offsetForLeaderEpoch } from "./apis.ts";
import { type Committed, commitOffsets, fetchCommitted } from "./group-offsets.ts";
import type { KafkaClient } from "./kafka-client.ts";
import type { Leaders } from "./leaders.ts";
import { protocolErrorName } from "./protocol-error.ts";
import type { RunNames } from "./run-names.ts";
import { errorNameOf, WireError } from "./wire-error.ts";

interface Fetched {
  readonly offset: number;
  readonly epoch: number;
  readonly value: string;
}

interface Position {
  readonly partition: TopicPartition;
  /** Next offset to read; `null` while unknown. */
  offset: number | null;
  /** Leader epoch of the last record read; `null`: none was read yet. */
  epoch: number | null;
  /** The leader epoch under which the position was last found sound. */
  checkedIn: number | null;
  /** Why the reset policy is asked. */
  resetError: string;
  fetched: Fetched[];
  /** Did the last fetch come back empty, at the high watermark? */
  isAtEnd: boolean;
}

export interface ConsumerEvents {
  /** A position was moved otherwise than by reading on or by the application. */
  onReset(partition: TopicPartition, offset: number): void;
  onAutoCommit(offsets: Readonly<Record<TopicPartition, number>>, result: CallResult): void;
}

export interface WireConsumer {
  poll(timeoutMs: number): Promise<PollResult>;
  /** `offsets`: `null`: the positions. The second part is what was asked to be committed. */
  commit(
    offsets: Readonly<Record<TopicPartition, number>> | null,
  ): Promise<CallResult & { readonly offsets: Readonly<Record<TopicPartition, number>> }>;
  assign(partitions: readonly TopicPartition[]): void;
  seek(partition: TopicPartition, offset: number): void;
  /** `null`: not known yet. */
  positions(): readonly { readonly partition: TopicPartition; readonly offset: number | null }[];
  /** Is there nothing more to read anywhere? */
  isAtEnd(): boolean;
}

const fetchBytesMax = 8 * 1024 * 1024;
const earliest = -2n;
const latest = -1n;

/** Errors after which the leader has to be looked for again. */
const moved: readonly string[] = [
  "NOT_LEADER_OR_FOLLOWER",
  "FENCED_LEADER_EPOCH",
  "UNKNOWN_LEADER_EPOCH",
  "UNKNOWN_TOPIC_OR_PARTITION",
  "LEADER_NOT_AVAILABLE",
  "REPLICA_NOT_AVAILABLE",
  "OFFSET_NOT_AVAILABLE",
  "KAFKA_STORAGE_ERROR",
  "UNKNOWN_TOPIC_ID",
];

/** An end of a poll that the application has to hear of. */
class PollError extends Error {}

export function createWireConsumer(
  client: KafkaClient,
  leaders: Leaders,
  names: RunNames,
  config: ConsumerConfig,
  events: ConsumerEvents,
): WireConsumer {
  let positions: readonly Position[] = [];
  let committedAt = performance.now();
  const group = config["group.id"] === null ? null : names.group(config["group.id"]);

  /** Asks for what is committed of the positions that are not known yet. */
  async function adoptCommitted(): Promise<void> {
    const unknown = positions.filter(({ offset, resetError }) => offset === null && resetError === "");
    if (unknown.length === 0) return;
    const committed =
      group === null
        ? new Map<TopicPartition, Committed>()
        : await fetchCommitted(
            client,
            names,
            group,
            unknown.map((one) => one.partition),
          );
    for (const position of unknown) {
      const found = committed.get(position.partition);
      if (found === undefined) position.resetError = "NO_OFFSET_FOR_PARTITION";
      else Object.assign(position, { offset: found.offset, epoch: found.epoch });
    }
  }

  async function resetPositions(): Promise<void> {
    for (const position of positions.filter(({ resetError }) => resetError !== "")) {
      if (config["auto.offset.reset"] === "none") throw new PollError(position.resetError);
      const isMove = position.resetError === "OFFSET_OUT_OF_RANGE";
      const at = config["auto.offset.reset"] === "earliest" ? earliest : latest;
      const offset = await listOffset(position.partition, at);
      if (offset === null) continue;
      Object.assign(position, { offset, epoch: null, checkedIn: null, resetError: "" });
      if (isMove) events.onReset(position.partition, offset);
    }
  }

  async function listOffset(partition: TopicPartition, timestamp: bigint): Promise<number | null> {
    const { topic, partition: partitionIndex } = names.partition(partition);
    const leader = leaders.of(topic, partitionIndex);
    if (leader === null) return null;
    const asked = { partitionIndex, currentLeaderEpoch: leader.epoch, timestamp };
    const { topics } = await client.call(leader.node, listOffsets, [-1, 0, [{ name: topic, partitions: [asked] }]]);
    const answer = topics[0]?.partitions[0];
    return answer === undefined || answer.errorCode !== 0 ? null : Number(answer.offset);
  }

  /** Does the log up to the position still exist with the leader of now? */
  async function checkEpochs(): Promise<void> {
    for (const position of positions) {
      const { topic, partition } = names.partition(position.partition);
      const leader = leaders.of(topic, partition);
      if (leader === null || position.offset === null || position.checkedIn === leader.epoch) continue;
      if (position.epoch !== null && position.epoch >= 0 && leader.epoch >= 0) {
        const asked = { partitionIndex: partition, currentLeaderEpoch: leader.epoch, leaderEpoch: position.epoch };
        const { topics } = await client.call(leader.node, offsetForLeaderEpoch, [
          -1,
          [{ name: topic, partitions: [asked] }],
        ]);
        const answer = topics[0]?.partitions[0];
        if (answer === undefined || answer.errorCode !== 0) continue;
        const end = Number(answer.endOffset);
        if (end >= 0 && end < position.offset) truncate(position, end);
      }
      position.checkedIn = leader.epoch;
    }
  }

  function truncate(position: Position, end: number): void {
    if (config["auto.offset.reset"] === "none") throw new PollError("LOG_TRUNCATION");
    Object.assign(position, { offset: end, epoch: null, fetched: [] });
    events.onReset(position.partition, end);
  }

  /** One fetch at every leader. Says whether any was refused or lost, so that it is worth a pause. */
  async function fetchAll(maxWaitMs: number): Promise<boolean> {
    const byNode = new Map<number, Position[]>();
    let hasGap = false;
    for (const position of positions) {
      const { topic, partition } = names.partition(position.partition);
      const leader = leaders.of(topic, partition);
      if (leader === null || position.offset === null || position.checkedIn !== leader.epoch) hasGap = true;
      else byNode.set(leader.node, [...(byNode.get(leader.node) ?? []), position]);
    }
    const all = await Promise.all([...byNode].map(([node, own]) => fetchFrom(node, own, maxWaitMs)));
    return hasGap || all.some((isSound) => !isSound);
  }

  async function fetchFrom(node: number, own: readonly Position[], maxWaitMs: number): Promise<boolean> {
    const topics = new Map<string, Position[]>();
    for (const one of own) {
      const { topic } = names.partition(one.partition);
      topics.set(topic, [...(topics.get(topic) ?? []), one]);
    }
    const asked = [...topics].map(([topicId, at]) => ({
      topicId,
      partitions: at.map((one) => ({
        partition: names.partition(one.partition).partition,
        currentLeaderEpoch: one.checkedIn ?? -1,
        fetchOffset: BigInt(one.offset ?? 0),
        lastFetchedEpoch: -1,
        partitionMaxBytes: fetchBytesMax,
      })),
    }));
    const timeoutMs = Math.min(config["request.timeout.ms"], maxWaitMs + 5_000);
    let answer: Awaited<ReturnType<typeof ask>>;
    const ask = () =>
      client.call(node, fetch, [maxWaitMs, 1, fetchBytesMax, 0, 0, -1, asked, [], ""], { timeoutMs, purpose: "fetch" });
    try {
      answer = await ask();
    } catch (error) {
      if (error instanceof WireError) return false;
      throw error;
    }
    let isSound = true;
    for (const { topicId, partitions } of answer.responses) {
      for (const one of partitions) {
        const name = names.back(topicId, one.partitionIndex);
        const position = own.find(({ partition }) => partition === name);
        if (position === undefined) continue;
        const error = protocolErrorName(one.errorCode);
        if (error === "NONE") take(position, one.records ?? [], Number(one.highWatermark));
        else if (error === "OFFSET_OUT_OF_RANGE") Object.assign(position, { resetError: error, isAtEnd: false });
        else if (moved.includes(error)) isSound = false;
        else throw new PollError(error);
      }
    }
    return isSound;
  }

  function take(position: Position, batches: readonly RecordsBatch[], highWatermark: number): void {
    const from = position.offset ?? 0;
    for (const batch of batches) {
      const isControl = (batch.attributes & (1 << 5)) !== 0;
      const end = Number(batch.firstOffset) + batch.lastOffsetDelta + 1;
      if (isControl && position.fetched.length === 0 && end > (position.offset ?? 0)) position.offset = end;
      if (isControl) continue;
      for (const { offsetDelta, value } of batch.records) {
        const offset = Number(batch.firstOffset) + offsetDelta;
        // Batches come whole; what lies before the position is the client's to drop.
        if (offset < from) continue;
        position.fetched.push({ offset, epoch: batch.partitionLeaderEpoch, value: value?.toString() ?? "" });
      }
    }
    position.isAtEnd = position.fetched.length === 0 && (position.offset ?? 0) >= highWatermark;
  }

  function handOut(): PollResult["records"] {
    const records: Record<TopicPartition, (readonly [number, string])[]> = {};
    let left = config["max.poll.records"];
    for (const position of positions) {
      const taken = position.fetched.splice(0, left);
      left -= taken.length;
      const last = taken.at(-1);
      if (last === undefined) continue;
      records[position.partition] = taken.map(({ offset, value }) => [offset, value] as const);
      Object.assign(position, { offset: last.offset + 1, epoch: last.epoch });
    }
    return records;
  }

  async function autoCommit(): Promise<void> {
    if (!config["enable.auto.commit"] || group === null) return;
    if (performance.now() - committedAt < config["auto.commit.interval.ms"]) return;
    committedAt = performance.now();
    if (positions.every(({ offset }) => offset === null)) return;
    const { offsets, ...result } = await consumer.commit(null);
    events.onAutoCommit(offsets, result);
  }

  async function fill(deadline: number): Promise<void> {
    while (positions.every(({ fetched }) => fetched.length === 0)) {
      const leftMs = deadline - performance.now();
      let mustWait = true;
      try {
        await adoptCommitted();
        await resetPositions();
        await checkEpochs();
        mustWait = await fetchAll(Math.max(0, Math.min(config["fetch.max.wait.ms"], Math.round(leftMs))));
      } catch (error) {
        if (error instanceof PollError) throw error;
        errorNameOf(error);
      }
      if (performance.now() >= deadline) return;
      if (mustWait) {
        await sleep(Math.min(config["retry.backoff.ms"], Math.max(0, deadline - performance.now())));
        await leaders.refresh().catch(() => undefined);
      }
    }
  }

  const consumer: WireConsumer = {
    async poll(timeoutMs) {
      try {
        await autoCommit();
        await fill(performance.now() + timeoutMs);
        return { outcome: "ok", error: null, records: handOut() };
      } catch (error) {
        if (!(error instanceof PollError)) throw error;
        return { outcome: "fail", error: error.message, records: {} };
      }
    },
    async commit(given) {
      const known = positions.flatMap(({ partition, offset }) =>
        offset === null ? [] : [[partition, offset] as const],
      );
      const offsets = given ?? Object.fromEntries(known);
      const epochs = new Map(positions.map(({ partition, epoch }) => [partition, given === null ? (epoch ?? -1) : -1]));
      return { ...(await commitOffsets(client, names, group ?? "", offsets, epochs)), offsets };
    },
    assign(partitions) {
      positions = [...partitions]
        .sort((one, other) => (one < other ? -1 : 1))
        .map((partition) => {
          const kept = positions.find((one) => one.partition === partition);
          const fresh = { offset: null, epoch: null, checkedIn: null, resetError: "", fetched: [], isAtEnd: false };
          return kept ?? { partition, ...fresh };
        });
    },
    seek(partition, offset) {
      const position = positions.find((one) => one.partition === partition);
      const moved = { offset, epoch: null, checkedIn: null, resetError: "", fetched: [], isAtEnd: false };
      if (position !== undefined) Object.assign(position, moved);
    },
    positions: () => positions.map(({ partition, offset }) => ({ partition, offset })),
    isAtEnd: () => positions.every((position) => position.isAtEnd),
  };
  return consumer;
}
