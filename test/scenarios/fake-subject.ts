/** A small subject for tests: one broker that never fails, a log a partition, everything known at once. */
import type { ClusterConfig } from "../../spec/config/cluster-config.ts";
import { partitionsOf } from "../../spec/config/cluster-config.ts";
import type { HistoryOperation, OperationType } from "../../spec/history/format.ts";
import type { RequirementVerdict } from "../../spec/requirement.ts";
import {
  type CallResult,
  type Capability,
  capabilities,
  type Fault,
  type PollResult,
  type Snapshot,
  type Subject,
} from "../../spec/subject.ts";
import { parseTopicPartition } from "../../spec/vocabulary.ts";

export interface FakeOptions {
  /** Reasons why it cannot be the cluster that is asked for. */
  readonly cannotBe?: readonly string[];
  readonly lacks?: readonly Capability[];
  readonly verdicts?: readonly RequirementVerdict[];
  /** Values that vanish from the log once they are acknowledged. */
  readonly loses?: readonly string[];
  /** Kafka's error name by which it refuses every cluster. */
  readonly refuses?: string;
  /** Thrown by `settle`. */
  readonly bug?: Error;
}

const ok: CallResult = { outcome: "ok", error: null };
const operations = ["send", "poll", "commit", "seek", "assign", "crash", "restart"] as const;

/** `calls` is what it was asked, in order, in words. */
export function createFakeSubject(options: FakeOptions = {}): Subject & { readonly calls: readonly string[] } {
  const calls: string[] = [];
  let config: ClusterConfig | undefined;
  let record: (operation: HistoryOperation) => void = () => undefined;
  let index = 0;
  let at = 0;
  const logs = new Map<string, string[]>();
  const positions = new Map<string, number>();
  const committed = new Map<string, number>();
  const batches = new Map<string, string[][]>();
  const cluster = (): ClusterConfig => {
    if (config === undefined) throw new Error("not started");
    return config;
  };
  const note = (
    process: string,
    type: OperationType,
    f: (typeof operations)[number],
    value: unknown,
    final = false,
  ) => {
    const operation = { index: index++, time_ns: at * 1e6, process, type, f, value, ...(final ? { final } : {}) };
    record(operation as HistoryOperation);
  };
  const log = (partition: string) => logs.get(partition) ?? [];
  const groupOf = (consumer: string) => cluster().consumers[consumer]?.["group.id"] ?? "";
  const positionOf = (consumer: string, partition: string) =>
    positions.get(`${consumer}/${partition}`) ?? committed.get(`${groupOf(consumer)}/${partition}`) ?? 0;
  const read = (from: (partition: string) => number): PollResult["records"] => {
    const partitions = partitionsOf(cluster()).map((partition) => {
      const start = from(partition);
      const records = log(partition).slice(start);
      return [partition, records.map((value, place): readonly [number, string] => [start + place, value])] as const;
    });
    return Object.fromEntries(partitions.filter(([, records]) => records.length > 0));
  };

  return {
    name: "fake",
    calls,
    capabilities: new Set(
      Object.keys(capabilities).filter(
        (one): one is Capability => !(options.lacks ?? []).some((lacked) => lacked === one),
      ),
    ),
    lacks: async () => options.cannotBe ?? [],
    async start(given, recorder) {
      calls.push("start");
      config = given;
      record = recorder;
      return options.refuses ?? null;
    },
    async send({ producer, to, records, wait }) {
      const partition = partitionsOf(cluster()).includes(to) ? to : `${to}-0`;
      calls.push(
        `send ${records.map(({ key, value }) => (key === null ? value : `${key}=${value}`)).join(" ")}${wait ? "" : " (no wait)"}`,
      );
      const sent = records.map(({ value }) => ({ key: partition, value }));
      note(producer, "invoke", "send", sent);
      const before = log(partition);
      const kept = records.map(({ value }) => value).filter((value) => !(options.loses ?? []).includes(value));
      logs.set(partition, [...before, ...kept]);
      batches.set(producer, [...(batches.get(producer) ?? []), records.map(({ value }) => value)]);
      note(
        producer,
        "ok",
        "send",
        sent.map((one, place) => ({ ...one, offset: before.length + place })),
      );
      const outcome = wait ? "ok" : "pending";
      return records.map(({ value }, place) => ({
        value,
        partition: parseTopicPartition(partition)?.partition ?? null,
        outcome,
        offset: wait ? before.length + place : null,
        error: null,
      }));
    },
    async flush({ producer }) {
      calls.push(`flush ${producer}`);
      return ok;
    },
    async poll({ consumer, timeoutMs }) {
      calls.push(`poll ${consumer} ${timeoutMs}`);
      note(consumer, "invoke", "poll", {});
      const records = read((partition) => positionOf(consumer, partition));
      for (const partition of partitionsOf(cluster())) positions.set(`${consumer}/${partition}`, log(partition).length);
      note(consumer, "ok", "poll", records);
      return { ...ok, records };
    },
    async commit({ consumer, offsets }) {
      calls.push(`commit ${consumer}`);
      const next =
        offsets ?? Object.fromEntries(partitionsOf(cluster()).map((one) => [one, positionOf(consumer, one)]));
      for (const [partition, offset] of Object.entries(next))
        committed.set(`${groupOf(consumer)}/${partition}`, offset);
      return ok;
    },
    async assign({ consumer, partitions }) {
      calls.push(`assign ${consumer} ${partitions.join(" ")}`);
      return ok;
    },
    async seek({ consumer, partition, offset }) {
      calls.push(`seek ${consumer} ${partition} ${offset}`);
      positions.set(`${consumer}/${partition}`, offset);
      return ok;
    },
    async deleteRecords({ partition, before }) {
      calls.push(`deleteRecords ${partition} ${before}`);
      return ok;
    },
    async crash(client) {
      calls.push(`crash ${client}`);
      for (const key of [...positions.keys()]) if (key.startsWith(`${client}/`)) positions.delete(key);
    },
    async restart(client) {
      calls.push(`restart ${client}`);
    },
    async fault(fault: Fault) {
      calls.push(
        Object.entries(fault)
          .map(([key, value]) => (key === "keeps" ? JSON.stringify(value) : String(value)))
          .join(" "),
      );
    },
    async elapse(ms) {
      calls.push(`elapse ${ms}`);
      at += ms;
    },
    async advance(limitMs) {
      const step = Math.min(1, limitMs);
      calls.push(`advance ${step}`);
      at += step;
      return step;
    },
    async settle() {
      calls.push("settle");
      if (options.bug !== undefined) throw options.bug;
    },
    async finalReads(): Promise<PollResult> {
      calls.push("finalReads");
      note("reader", "invoke", "poll", {}, true);
      const records = read(() => 0);
      note("reader", "ok", "poll", records, true);
      return { ...ok, records };
    },
    async describe(): Promise<Snapshot> {
      return {
        at,
        partitions: partitionsOf(cluster()).map((partition) => {
          const values = log(partition);
          const end = values.length;
          return {
            partition,
            leader: 1,
            leaderEpoch: 0,
            isr: [1],
            logStart: 0,
            highWatermark: end,
            replicas: [{ broker: 1, logStart: 0, logEnd: end, highWatermark: end, values }],
          };
        }),
        committed: [...committed].map(([key, offset]) => {
          const [group = "", partition = ""] = key.split("/");
          return { group, partition, offset };
        }),
        consumers: Object.keys(cluster().consumers).flatMap((consumer) =>
          partitionsOf(cluster()).map((partition) => ({
            consumer,
            partition,
            position: positionOf(consumer, partition),
          })),
        ),
        producers: Object.keys(cluster().producers).map((producer) => {
          const sent = batches.get(producer) ?? [];
          return { producer, acknowledged: sent.flat(), batches: sent, requests: sent.length };
        }),
      };
    },
    async verdicts() {
      return options.verdicts ?? [];
    },
    async traceHash() {
      return "fake";
    },
    async trace() {
      return null;
    },
    async close() {
      calls.push("close");
    },
  };
}
