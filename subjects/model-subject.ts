/**
 * The model as a subject, in timed mode: a call runs the cluster by its default schedule, the earliest due first, until
 * the call has ended. Time is virtual, and the same calls give the same bytes.
 */
import type { Completion } from "../model/client-operation.ts";
import type { ExternalChoice } from "../model/cluster/choice.ts";
import { admin } from "../model/cluster/initial-machines.ts";
import { createMachines } from "../model/cluster/machines.ts";
import type { ConsumerContext } from "../model/consumer/consumer-context.ts";
import type { ClusterConfig } from "../spec/config/cluster-config.ts";
import {
  type CallResult,
  type Capability,
  capabilities,
  type Fault,
  type PollResult,
  type SendResult,
  type Subject,
} from "../spec/subject.ts";
import type { ClientId, Outcome } from "../spec/vocabulary.ts";
import { type CallLog, createCallLog, type OpenCall } from "./call-log.ts";
import { describeModel } from "./describe-model.ts";
import { readFinally } from "./final-reads.ts";
import { type ModelRun, startModelRun } from "./model-run.ts";

export interface ModelOptions {
  /** Machines other than the usual ones: variants, planted bugs. */
  readonly machines?: ReturnType<typeof createMachines>;
}

/** A send whose records are not all settled yet. */
interface OpenSend {
  readonly producer: ClientId;
  readonly partition: string;
  readonly results: SendResult[];
  readonly call: OpenCall;
}

const historyTypes = { ok: "ok", fail: "fail", unknown: "info" } as const;

export function createModelSubject(options: ModelOptions = {}): Subject {
  let running: { readonly run: ModelRun; readonly log: CallLog } | null = null;
  const openSends: OpenSend[] = [];
  const committing = new Set<string>();

  function started() {
    if (running === null) throw new Error("the subject has not been started");
    return running;
  }

  /** Notes what the last step observed for the calls that are open. */
  function follow(run: ModelRun, log: CallLog): void {
    for (const one of run.state().observed) {
      if (one.kind === "outcome") settleRecords(openSends, one);
      if (one.kind === "positioned" && (one.cause === "truncation" || one.cause === "out-of-range")) {
        log.note(`${one.consumer}/reset`, { f: "seek", value: { [one.partition]: one.offset } });
      }
      if (one.kind === "crashed") settleLost(openSends, one.client);
      if (one.kind === "committed" && !committing.has(one.group)) {
        const value = { group: one.group, offsets: { [one.partition]: one.offset } };
        log.note(`${run.memberOf(one.group)}/auto-commit`, { f: "commit", value });
      }
    }
    closeSettled(openSends);
  }

  async function callConsumer(choice: Extract<ExternalChoice, { kind: "client" }>): Promise<Completion> {
    const { run } = started();
    if (run.isCrashed(choice.client)) return crashedCompletion(choice.client);
    run.take(choice);
    return run.untilCompleted(choice.client);
  }

  return {
    name: "model",
    capabilities: new Set(Object.keys(capabilities) as Capability[]),
    async start(cluster: ClusterConfig, record) {
      const run = startModelRun(cluster, options.machines ?? createMachines(), () => follow(run, log));
      const log = createCallLog(record, () => run.state().now);
      running = { run, log };
    },
    async send({ producer, partition, records, wait }) {
      const { run, log } = started();
      const value = records.map((record) => ({ key: partition, value: record.value, partitionKey: record.key }));
      const call = log.open(producer, { f: "send", value });
      const results = records.map((record): SendResult => {
        return { value: record.value, outcome: "pending", offset: null, error: null };
      });
      openSends.push({ producer, partition, results, call });
      if (run.isCrashed(producer)) settleLost(openSends, producer);
      else run.take({ kind: "client", client: producer, operation: { f: "send", partition, records } });
      closeSettled(openSends);
      if (wait) run.until(() => results.every(({ outcome }) => outcome !== "pending"));
      return [...results];
    },
    async flush({ producer }) {
      const { run } = started();
      run.take({ kind: "client", client: producer, operation: { f: "flush" } });
      run.until(() => openSends.every((send) => send.producer !== producer));
      return { outcome: "ok", error: null };
    },
    async poll({ consumer, timeoutMs }) {
      const { log } = started();
      const call = log.open(consumer, { f: "poll", value: {} });
      const ended = await callConsumer({ kind: "client", client: consumer, operation: { f: "poll", timeoutMs } });
      const { outcome, error } = ended;
      const records = groupRecords(ended);
      call.complete(historyTypes[outcome], { f: "poll", value: records, ...(error === null ? {} : { error }) });
      return { outcome, error, records };
    },
    async commit({ consumer, offsets }) {
      const { run, log } = started();
      const context = run.contextOf(consumer) as ConsumerContext;
      const group = context.group ?? "";
      const value = { group, offsets: offsets ?? positionsOf(context) };
      const call = log.open(consumer, { f: "commit", value });
      committing.add(group);
      const ended = await callConsumer({ kind: "client", client: consumer, operation: { f: "commit", offsets } });
      committing.delete(group);
      const { outcome, error } = ended;
      call.complete(historyTypes[outcome], { f: "commit", value, ...(error === null ? {} : { error }) });
      return { outcome, error };
    },
    async assign({ consumer, partitions }) {
      const ended = await callConsumer({ kind: "client", client: consumer, operation: { f: "assign", partitions } });
      started().log.note(consumer, { f: "assign", value: { keys: partitions } });
      return resultOf(ended);
    },
    async seek({ consumer, partition, offset }) {
      const ended = await callConsumer({
        kind: "client",
        client: consumer,
        operation: { f: "seek", partition, offset },
      });
      started().log.note(consumer, { f: "seek", value: { [partition]: offset } });
      return resultOf(ended);
    },
    async deleteRecords({ partition, before }) {
      const { run, log } = started();
      const value = { [partition]: before };
      const call = log.open(admin, { f: "delete-records", value });
      run.take({ kind: "client", client: admin, operation: { f: "delete-records", partition, before } });
      const { outcome, error } = run.untilCompleted(admin);
      call.complete(historyTypes[outcome], { f: "delete-records", value, ...(error === null ? {} : { error }) });
      return { outcome, error };
    },
    async crash(client) {
      const { run, log } = started();
      run.take({ kind: "client", client, operation: { f: "crash" } });
      log.note(client, { f: "crash", value: null });
    },
    async restart(client) {
      const { run, log } = started();
      run.take({ kind: "client", client, operation: { f: "restart" } });
      log.note(client, { f: "restart", value: null });
    },
    async fault(fault) {
      const { run, log } = started();
      const named = withNodes(fault);
      run.take({ kind: "fault", fault: named });
      const isMending = ["start", "resume", "heal", "heal-all", "release"].includes(fault.kind);
      const value = { kind: fault.kind, target: targetOf(named) };
      if (isMending) log.note("nemesis", { f: "heal", value: fault.kind === "heal-all" ? null : value });
      else log.note("nemesis", { f: "fault", value });
    },
    async elapse(ms) {
      started().run.elapse(ms);
    },
    advance: async (limitMs) => started().run.advance(limitMs),
    async settle() {
      started().run.settle();
    },
    async finalReads(): Promise<PollResult> {
      const { run, log } = started();
      return readFinally(run, log);
    },
    describe: async () => describeModel(started().run),
    verdicts: async () => started().run.verdicts(),
    traceHash: async () => started().run.traceHash(),
    trace: async () => started().run.trace(),
    async close() {
      running = null;
    },
  };
}

function settleRecords(
  sends: readonly OpenSend[],
  ended: {
    readonly producer: string;
    readonly partition: string;
    readonly values: readonly string[];
    readonly outcome: Outcome;
    readonly error: string | null;
    readonly baseOffset: number | null;
  },
): void {
  for (const send of sends) {
    if (send.producer !== ended.producer || send.partition !== ended.partition) continue;
    for (const [index, { value }] of send.results.entries()) {
      const place = ended.values.indexOf(value);
      if (place < 0) continue;
      const offset = ended.baseOffset === null ? null : ended.baseOffset + place;
      send.results[index] = { value, outcome: ended.outcome, offset, error: ended.error };
    }
  }
}

/** The producer is gone: what it had not been told it will never know. */
function settleLost(sends: readonly OpenSend[], producer: ClientId): void {
  for (const send of sends) {
    if (send.producer !== producer) continue;
    for (const [index, result] of send.results.entries()) {
      if (result.outcome === "pending") send.results[index] = { ...result, outcome: "unknown", error: "CRASHED" };
    }
  }
}

/** Completes in the history every send of which nothing is pending any more. */
function closeSettled(sends: OpenSend[]): void {
  for (const send of [...sends]) {
    if (send.results.some(({ outcome }) => outcome === "pending")) continue;
    sends.splice(sends.indexOf(send), 1);
    const outcomes = new Set(send.results.map(({ outcome }) => outcome));
    const type = outcomes.size > 1 ? "info" : outcomes.has("ok") ? "ok" : outcomes.has("fail") ? "fail" : "info";
    const error = send.results.find((result) => result.error !== null)?.error ?? "PARTLY";
    const value = send.results.map((result) => ({
      key: send.partition,
      value: result.value,
      ...(result.offset === null ? {} : { offset: result.offset }),
    }));
    send.call.complete(type, { f: "send", value, error });
  }
}

function crashedCompletion(client: ClientId): Completion {
  return { client, f: "poll", outcome: "fail", error: "CRASHED", records: [] };
}

function resultOf({ outcome, error }: Completion): CallResult {
  return { outcome, error };
}

function groupRecords({ records }: Completion): PollResult["records"] {
  const partitions = [...new Set(records.map(({ partition }) => partition))].sort();
  return Object.fromEntries(
    partitions.map((partition) => [
      partition,
      records.filter((one) => one.partition === partition).map(({ offset, value }) => [offset, value] as const),
    ]),
  );
}

function positionsOf({ positions }: ConsumerContext): Record<string, number> {
  return Object.fromEntries(
    positions.flatMap(({ partition, offset }) => (offset === null ? [] : [[partition, offset]])),
  );
}

/** Scenarios name a broker by its id; the model's node of broker 1 is `b1`. */
function withNodes(fault: Fault): Fault {
  switch (fault.kind) {
    case "cut":
    case "heal":
      return { kind: fault.kind, between: [nodeOf(fault.between[0]), nodeOf(fault.between[1])] };
    case "hold":
    case "release":
      return { ...fault, from: nodeOf(fault.from), to: nodeOf(fault.to) };
    default:
      return fault;
  }
}

function nodeOf(name: string): string {
  return /^[0-9]+$/.test(name) ? `b${name}` : name;
}

function targetOf(fault: Fault): string {
  switch (fault.kind) {
    case "cut":
    case "heal":
      return fault.between.join("-");
    case "hold":
    case "release":
      return `${fault.message} ${fault.from}-${fault.to}`;
    case "heal-all":
      return "all";
    default:
      return String(fault.broker);
  }
}
