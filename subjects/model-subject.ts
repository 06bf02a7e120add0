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
import { refusalOf } from "../spec/config/cluster-rules.ts";
import {
  type CallResult,
  type Capability,
  capabilities,
  type Fault,
  type PollResult,
  type Subject,
} from "../spec/subject.ts";
import type { ClientId } from "../spec/vocabulary.ts";
import { type CallLog, createCallLog } from "./call-log.ts";
import { describeModel } from "./describe-model.ts";
import { readFinally } from "./final-reads.ts";
import { type ModelRun, startModelRun } from "./model-run.ts";
import { createOpenSends, type OpenSends } from "./open-sends.ts";

export interface ModelOptions {
  /** Makes machines other than the usual ones: variants, planted bugs. */
  readonly machines?: typeof createMachines;
  /** Id of the planted bug that is in them: a replay plants it again. */
  readonly plant?: string;
}

const historyTypes = { ok: "ok", fail: "fail", unknown: "info" } as const;

export function createModelSubject(options: ModelOptions = {}): Subject {
  let running: { readonly run: ModelRun; readonly log: CallLog; readonly sends: OpenSends } | null = null;
  const committing = new Set<string>();

  function started() {
    if (running === null) throw new Error("the subject has not been started");
    return running;
  }

  /** Notes what the last step observed for the calls that are open. */
  function follow(run: ModelRun, log: CallLog, sends: OpenSends): void {
    for (const one of run.state().observed) {
      if (one.kind === "positioned" && (one.cause === "truncation" || one.cause === "out-of-range")) {
        log.note(`${one.consumer}/reset`, { f: "seek", value: { [one.partition]: one.offset } });
      }
      if (one.kind === "committed" && !committing.has(one.group)) {
        const { group, partition, offset } = one;
        const call = log.open(`${run.memberOf(group)}/auto-commit`, { f: "commit", value: { group, offsets: {} } });
        call.complete("ok", { f: "commit", value: { group, offsets: { [partition]: offset } } });
      }
    }
    sends.see(run.state().observed);
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
    lacks: async () => [],
    async start(cluster: ClusterConfig, record, partitioners) {
      const refusal = refusalOf(cluster);
      if (refusal !== null) return refusal;
      const machines = (options.machines ?? createMachines)(partitioners, cluster.server["log.reconciliation"]);
      const run = startModelRun(cluster, machines, () => follow(run, log, sends));
      const log = createCallLog(record, () => run.state().now);
      const sends = createOpenSends(log);
      running = { run, log, sends };
      return null;
    },
    async send({ producer, to, records, wait }) {
      const { run, sends } = started();
      if (run.isCrashed(producer)) {
        const nowhere = { partition: null, outcome: "fail", offset: null, error: "CRASHED" } as const;
        return records.map(({ value }) => ({ value, ...nowhere }));
      }
      const results = sends.open(producer, to, records, () =>
        run.take({ kind: "client", client: producer, operation: { f: "send", to, records } }),
      );
      if (wait) run.until(() => results().every(({ outcome }) => outcome !== "pending"));
      return results();
    },
    async flush({ producer }) {
      const { run, sends } = started();
      run.take({ kind: "client", client: producer, operation: { f: "flush" } });
      run.until(() => !sends.hasOpen(producer));
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
      const call = log.open(consumer, { f: "commit", value: { group, offsets: offsets ?? {} } });
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
      // It heals every link; brokers that are down or paused stay so.
      const mended = fault.kind === "heal-all" ? { kind: "heal", target: "all" } : value;
      if (isMending) log.note("nemesis", { f: "heal", value: mended });
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
    trace: async (file) => started().run.trace(file, options.plant ?? null),
    async close() {
      running = null;
    },
  };
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
