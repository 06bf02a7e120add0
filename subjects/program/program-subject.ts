/**
 * A program as a subject: it adapts whatever broker it likes, in whatever language, and is spoken to in JSON lines (see
 * `docs/subject-protocol.md`). What it answers is written into the history, and not believed any further.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type ClusterConfig, isTopic, partitionsOf } from "../../spec/config/cluster-config.ts";
import type { Partitioners } from "../../spec/partitioner.ts";
import type { Capability, PollResult, Subject } from "../../spec/subject.ts";
import type { ClientId, TopicPartition } from "../../spec/vocabulary.ts";
import { type CallLog, createCallLog } from "../call-log.ts";
import { type ChoosePartition, createChoosePartition, lackingPartitioners } from "../choose-partition.ts";
import { createOpenSends, type OpenSends } from "../open-sends.ts";
import { realTime } from "../real-time.ts";
import { SubjectError } from "../subject-error.ts";
import type { Answer } from "./answers.ts";
import { openProgram, type ProgramChannel } from "./program-channel.ts";

interface Run {
  readonly cluster: ClusterConfig;
  readonly log: CallLog;
  readonly sends: OpenSends;
  readonly partitioners: Partitioners;
  readonly choosers: Map<ClientId, ChoosePartition>;
  readonly acknowledged: Map<ClientId, string[]>;
  readonly nowMs: () => number;
}

const protocolVersion = 1;
const historyTypes = { ok: "ok", fail: "fail", unknown: "info" } as const;

/** A consumer of no group that reads from the beginning; the program has it beside those of the cluster. */
const finalReader = "final-reader";

const finalPollMs = 1_000;
const finalReadMsMax = 30_000;
const settleLookMs = 5;

/** Starts the program, and asks what it can do. Throws a `SubjectError` where that fails. */
export async function createProgramSubject(command: string): Promise<Subject> {
  const program = openProgram(command);
  try {
    const { name, capabilities } = await program.ask("hello", { version: protocolVersion }, 20_000);
    return subjectOf(program, name, new Set(capabilities));
  } catch (error) {
    await program.close();
    throw error;
  }
}

function subjectOf(program: ProgramChannel, name: string, capabilities: ReadonlySet<Capability>): Subject {
  let running: Run | null = null;
  let answered: Answer<"start"> | null = null;

  function started(): Run {
    if (running === null) throw new Error("the subject has not been started");
    return running;
  }

  /** Asked once: a program tells what it lacks when it is to start. */
  async function askStart(cluster: ClusterConfig): Promise<Answer<"start">> {
    answered ??= await program.ask("start", { cluster: withFinalReader(cluster) });
    return answered;
  }

  async function plain(op: "flush" | "assign" | "seek" | "delete-records", args: Readonly<Record<string, unknown>>) {
    const { outcome, error } = await program.ask(op, args);
    return { outcome, error };
  }

  async function poll(consumer: ClientId, timeoutMs: number): Promise<PollResult> {
    const { outcome, error, records } = await program.ask(
      "poll",
      { consumer, timeout_ms: timeoutMs },
      timeoutMs + 60_000,
    );
    const named = Object.entries(records).filter(([, polled]) => polled.length > 0);
    return { outcome, error, records: Object.fromEntries(named.sort(([one], [other]) => (one < other ? -1 : 1))) };
  }

  return {
    name,
    capabilities,
    async lacks(cluster) {
      const { lacks } = await askStart(cluster);
      return [...lackingPartitioners(cluster), ...lacks];
    },
    async start(cluster, record, partitioners) {
      const { refused } = await askStart(cluster);
      if (refused !== null) return refused;
      const begin = performance.now();
      const nowMs = () => Math.floor(performance.now() - begin);
      const log = createCallLog(record, nowMs);
      const all = Object.entries(cluster.producers);
      const choosers = new Map(all.map(([id, config]) => [id, createChoosePartition(config, partitioners)]));
      running = { cluster, partitioners, log, sends: createOpenSends(log), choosers, acknowledged: new Map(), nowMs };
      return null;
    },
    async send({ producer, to, records, wait }) {
      const { cluster, sends, choosers, acknowledged } = started();
      const results = sends.open(producer, to, records, () => {
        for (const one of records) {
          const chosen = isTopic(cluster, to)
            ? choosers.get(producer)?.(one, cluster.topics[to]?.partitions ?? 1)
            : null;
          const partition = chosen === null || chosen === undefined ? to : `${to}-${chosen}`;
          sends.see([{ kind: "accepted", producer, to, partition, key: one.key, value: one.value }]);
        }
      });
      const placed = results().map(({ partition }, index) => {
        const at = isTopic(cluster, to) ? `${to}-${partition ?? 0}` : to;
        return { partition: at, key: records[index]?.key ?? null, value: records[index]?.value ?? "" };
      });
      const ended = program.ask("send", { producer, records: placed }, 180_000).then(({ results: answers }) => {
        if (answers.length !== placed.length)
          throw new SubjectError("the program's answer to send is not one result a record");
        for (const [index, { partition, value }] of placed.entries()) {
          const { outcome, error, offset } = answers[index] ?? { outcome: "unknown", error: null, offset: null };
          if (outcome === "ok") acknowledged.set(producer, [...(acknowledged.get(producer) ?? []), value]);
          const told = { values: [value], outcome, error, baseOffset: outcome === "ok" ? offset : null, attempts: 1 };
          sends.see([{ kind: "outcome", producer, partition, ...told }]);
        }
      });
      if (wait) await ended;
      // Whoever waits for it later hears of a program that is lost from its next call.
      else ended.catch(() => undefined);
      return results();
    },
    async flush({ producer }) {
      const result = await plain("flush", { producer });
      while (started().sends.hasOpen(producer)) await sleep(settleLookMs);
      return result;
    },
    async poll({ consumer, timeoutMs }) {
      const call = started().log.open(consumer, { f: "poll", value: {} });
      const ended = await poll(consumer, timeoutMs);
      const { outcome, error, records } = ended;
      call.complete(historyTypes[outcome], { f: "poll", value: records, ...(error === null ? {} : { error }) });
      return ended;
    },
    async commit({ consumer, offsets: given }) {
      const { cluster, log } = started();
      const group = cluster.consumers[consumer]?.["group.id"] ?? "";
      const call = log.open(consumer, { f: "commit", value: { group, offsets: given ?? {} } });
      const { outcome, error, offsets } = await program.ask("commit", { consumer, offsets: given });
      const told = error === null ? {} : { error };
      call.complete(historyTypes[outcome], { f: "commit", value: { group, offsets: given ?? offsets }, ...told });
      return { outcome, error };
    },
    async assign({ consumer, partitions }) {
      const result = await plain("assign", { consumer, partitions });
      started().log.note(consumer, { f: "assign", value: { keys: partitions } });
      return result;
    },
    async seek({ consumer, partition, offset }) {
      const result = await plain("seek", { consumer, partition, offset });
      started().log.note(consumer, { f: "seek", value: { [partition]: offset } });
      return result;
    },
    async deleteRecords({ partition, before }) {
      const value = { [partition]: before };
      const call = started().log.open("admin", { f: "delete-records", value });
      const { outcome, error } = await plain("delete-records", { partition, before });
      call.complete(historyTypes[outcome], { f: "delete-records", value, ...(error === null ? {} : { error }) });
      return { outcome, error };
    },
    async crash(client) {
      const { log, sends } = started();
      await program.ask("crash", { client });
      sends.see([{ kind: "crashed", client }]);
      log.note(client, { f: "crash", value: null });
    },
    async restart(client) {
      const { cluster, partitioners, choosers, log } = started();
      await program.ask("restart", { client });
      const producer = cluster.producers[client];
      if (producer !== undefined) choosers.set(client, createChoosePartition(producer, partitioners));
      log.note(client, { f: "restart", value: null });
    },
    async fault(fault) {
      const { kind, ...where } = fault;
      const target = "broker" in fault ? String(fault.broker) : Object.values(where).flat().join("-") || "all";
      const isMending = ["start", "resume", "heal", "heal-all", "release"].includes(kind);
      if (!isMending) started().log.note("nemesis", { f: "fault", value: { kind, target } });
      await program.ask("fault", { fault });
      if (isMending) started().log.note("nemesis", { f: "heal", value: kind === "heal-all" ? null : { kind, target } });
    },
    ...realTime,
    async settle() {
      await program.ask("settle", {});
    },
    async finalReads() {
      const { cluster, log } = started();
      const partitions = partitionsOf(cluster);
      await plain("assign", { consumer: finalReader, partitions });
      for (const partition of partitions) await plain("seek", { consumer: finalReader, partition, offset: 0 });
      log.note(finalReader, { f: "assign", value: { keys: partitions } });
      const found: Record<TopicPartition, (readonly [number, string])[]> = {};
      const deadline = performance.now() + finalReadMsMax;
      while (performance.now() < deadline) {
        const call = log.open(finalReader, { f: "poll", value: {}, final: true });
        const { outcome, error, records } = await poll(finalReader, finalPollMs);
        for (const [partition, polled] of Object.entries(records)) {
          found[partition] = [...(found[partition] ?? []), ...polled];
        }
        const told = error === null ? {} : { error };
        call.complete(historyTypes[outcome], { f: "poll", value: records, final: true, ...told });
        if (outcome === "ok" && Object.keys(records).length === 0) return { outcome, error, records: found };
      }
      return { outcome: "unknown", error: "TIMEOUT", records: found };
    },
    async describe() {
      const { cluster, acknowledged, nowMs } = started();
      const canSee = [...capabilities].some((one) => one.startsWith("see-"));
      const seen = canSee ? await program.ask("describe", {}) : {};
      const producers = Object.keys(cluster.producers).map((producer) => {
        return { producer, acknowledged: acknowledged.get(producer) ?? [], batches: [], requests: 0 };
      });
      return { at: nowMs(), ...withoutGaps(seen), producers };
    },
    verdicts: async () => [],
    traceHash: async () => null,
    trace: async () => null,
    async close() {
      running = null;
      await program.close();
    },
  };
}

function withFinalReader(cluster: ClusterConfig) {
  return {
    ...cluster,
    consumers: { ...cluster.consumers, [finalReader]: { "group.id": null, "auto.offset.reset": "earliest" } },
  };
}

/** A key that was left out is absent, not `undefined`. */
function withoutGaps(seen: Answer<"describe">) {
  return JSON.parse(JSON.stringify(seen));
}
