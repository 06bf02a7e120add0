/**
 * A real cluster as a subject: whatever speaks Kafka's protocol at the given addresses. Where somebody has the cluster's
 * machines in hand, faults can be made and every replica's log be looked at; over the wire alone neither.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterConfig } from "../../spec/config/cluster-config.ts";
import type { Capability, RecordOperation, Snapshot, Subject } from "../../spec/subject.ts";
import { lackingPartitioners } from "../choose-partition.ts";
import { realTime } from "../real-time.ts";
import type { BrokerControl } from "./broker-control.ts";
import type { KafkaClientOptions } from "./kafka-client.ts";
import { createKafkaClient } from "./kafka-client.ts";
import { type KafkaRun, madeBy, startKafkaRun } from "./kafka-run.ts";
import { createRunNames } from "./run-names.ts";
import { type Made, type Removed, removeOwn } from "./topics.ts";

export interface KafkaSubjectOptions extends KafkaClientOptions {
  readonly name: string;
  /** `null`: nobody has the machines in hand. */
  readonly control: BrokerControl | null;
}

export interface KafkaSubject extends Subject {
  /** Every address that was contacted, ascending. */
  contacted(): readonly string[];
  /** Topics and groups that could not be removed at the end. */
  left(): readonly string[];
}

const overTheWire: readonly Capability[] = [
  "crash-client",
  "delete-records",
  "see-leader",
  "see-committed",
  "see-position",
  "see-producer",
];
const withMachines: readonly Capability[] = [
  "settle",
  "kill",
  "power-off",
  "pause",
  "cut",
  "see-high-watermark",
  "see-log",
];

/** Kafka takes no smaller segments since 4.0. */
const segmentBytesMin = 1024 * 1024;

const historyTypes = { ok: "ok", fail: "fail", unknown: "info" } as const;

/** Two looks so far apart that show the same are taken for rest. */
const restMs = 400;
const restMsMax = 10_000;

export function createKafkaSubject(options: KafkaSubjectOptions): KafkaSubject {
  const { control } = options;
  const client = createKafkaClient(options);
  let running: KafkaRun | null = null;
  let starting: Promise<unknown> = Promise.resolve();
  let made: Made = { topics: [], groups: [] };
  let closing: Promise<Removed> | null = null;
  let removed: Removed = { left: [], contacted: [] };

  function started(): KafkaRun {
    if (running === null) throw new Error("the subject has not been started");
    return running;
  }

  /** Topics that are just being made can be removed only when they are there. */
  async function endRun(): Promise<Removed> {
    await starting.catch(() => undefined);
    running?.stop();
    running = null;
    client.close();
    return removeOwn(options, made);
  }

  async function settle(): Promise<void> {
    const deadline = performance.now() + restMsMax;
    for (let before = ""; performance.now() < deadline; ) {
      const { at: _, ...seen } = await started().describe();
      const now = JSON.stringify(seen);
      if (now === before) return;
      before = now;
      await sleep(restMs);
    }
  }

  return {
    name: options.name,
    capabilities: new Set(control === null ? overTheWire : [...overTheWire, ...withMachines]),
    contacted: () => [...new Set([...client.contacted(), ...removed.contacted])].sort(),
    left: () => removed.left,
    async lacks(cluster) {
      const { brokers } = await client.metadata([]);
      const { features } = await client.connection("any");
      const elr = features.get("eligible.leader.replicas.version") ?? 0;
      return [
        ...lackingBrokers(cluster, control?.brokers ?? brokers),
        ...lackingPartitioners(cluster),
        ...lackingSettings(cluster, control === null ? null : elr),
      ];
    },
    async start(cluster, record: RecordOperation, partitioners) {
      const names = createRunNames();
      // Known before it is made: a start that fails half-way, or is interrupted, leaves nothing behind either.
      made = madeBy(cluster, names);
      const begun = startKafkaRun({ client, names, control, cluster, record, partitioners });
      starting = begun;
      const run = await begun;
      if (typeof run === "string") return run;
      running = run;
      return null;
    },
    send: (call) => started().send(call),
    flush: (call) => started().flush(call.producer),
    poll: ({ consumer, timeoutMs }) => started().poll(consumer, timeoutMs),
    commit: ({ consumer, offsets }) => started().commit(consumer, offsets),
    assign: ({ consumer, partitions }) => started().assign(consumer, partitions),
    seek: ({ consumer, partition, offset }) => started().seek(consumer, partition, offset),
    async deleteRecords({ partition, before }) {
      const { log, deleteRecords } = started();
      const value = { [partition]: before };
      const call = log.open("admin", { f: "delete-records", value });
      const { outcome, error } = await deleteRecords(partition, before);
      call.complete(historyTypes[outcome], { f: "delete-records", value, ...(error === null ? {} : { error }) });
      return { outcome, error };
    },
    async crash(name) {
      started().crash(name);
    },
    async restart(name) {
      started().restart(name);
    },
    fault: (fault) => started().fault(fault),
    ...realTime,
    settle,
    finalReads: () => started().finalReads(),
    describe: (): Promise<Snapshot> => started().describe(),
    verdicts: async () => [],
    traceHash: async () => null,
    trace: async () => null,
    async close() {
      closing ??= endRun();
      removed = await closing;
    },
  };
}

function lackingBrokers({ brokers, topics }: ClusterConfig, there: readonly number[]): readonly string[] {
  const factor = Math.max(...Object.values(topics).map((topic) => topic["replication.factor"]));
  if (there.length < brokers) return [`it needs ${brokers} brokers, the cluster has ${there.length}`];
  if (factor > brokers && there.length > brokers)
    return [`the refusal needs exactly ${brokers} brokers, the cluster has ${there.length}`];
  return [];
}

/** `elr` is the cluster's level of eligible leader replicas; `null`: no fault can make it matter. */
function lackingSettings({ profile, server, topics }: ClusterConfig, elr: number | null): readonly string[] {
  const lacks: string[] = [];
  if (profile === "pre-3.7") lacks.push("it needs a Kafka of before 3.7");
  if (server["log.reconciliation"] !== "kip-595") {
    lacks.push(
      `it needs followers that reconcile their logs by ${server["log.reconciliation"]}, which no version of now does`,
    );
  }
  if (elr !== null && elr !== server["eligible.leader.replicas.version"]) {
    lacks.push(
      `it needs eligible.leader.replicas.version=${server["eligible.leader.replicas.version"]}, the cluster has ${elr}`,
    );
  }
  if (Object.values(topics).some((topic) => topic["segment.bytes"] < segmentBytesMin)) {
    lacks.push(`a real broker takes no segment.bytes below ${segmentBytesMin}`);
  }
  return lacks;
}
