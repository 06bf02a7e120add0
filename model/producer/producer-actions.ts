/** What a producer does with records, requests and metadata. Wired in the machine. */
import { assertEvent } from "xstate";
import { type ProducerRecord, sizeOf, type TopicPartition } from "../../spec/vocabulary.ts";
import { type Effect, type Effects, effects, local, observe } from "../effect.ts";
import type { BatchEvent } from "./batch-machine.ts";
import { firstTurns } from "./partitioning-actions.ts";
import {
  brokerOf,
  nextRequest,
  openBatch,
  type ProducerContext,
  type ProducerEvent,
  type ProducerInput,
  type QueuedBatch,
} from "./producer-context.ts";

interface Args {
  readonly context: ProducerContext;
  readonly event: ProducerEvent;
}
type Update = Partial<ProducerContext>;

export function createProducerContext(input: ProducerInput): ProducerContext {
  return { ...input, queue: [], inFlight: [], undecided: [], contact: 0, turns: firstTurns(input.leaders) };
}

function batchMachineId(context: ProducerContext, slot: number): string {
  return `${context.client}/batch-${slot}`;
}

function toBatch(context: ProducerContext, { slot }: { readonly slot: number }, event: BatchEvent): Effect {
  return local(batchMachineId(context, slot), event);
}

// --- accumulating ----------------------------------------------------------------------------------------------

export function accept({ context, event }: Args): Effects {
  assertEvent(event, "partitioned");
  const { to, partition, record } = event;
  const { key, value } = record;
  return effects(observe({ kind: "accepted", producer: context.client, to, partition, key, value }));
}

export function addToOpenBatch({ context, event }: Args): Update {
  assertEvent(event, "partitioned");
  const { partition, record } = event;
  const open = openBatch(context, partition);
  return {
    queue: context.queue.map((batch) =>
      batch === open ? { ...batch, records: [...batch.records, record], bytes: batch.bytes + sizeOf(record) } : batch,
    ),
  };
}

/** The lowest number that no batch uses. */
function freeSlot(context: ProducerContext): number {
  const used = new Set(
    [...context.queue, ...context.undecided, ...context.inFlight.flatMap(({ batches }) => batches)].map(
      ({ slot }) => slot,
    ),
  );
  let slot = 0;
  while (used.has(slot)) slot += 1;
  return slot;
}

/** Runs before `queueBatch`, which takes the same slot. */
export function createBatch({ context }: Args): Effects {
  const slot = freeSlot(context);
  const input = { producer: context.client, slot, ...context.batch };
  return effects({ kind: "create", id: batchMachineId(context, slot), machine: "batch", input });
}

export function queueBatch({ context, event }: Args): Update {
  assertEvent(event, "partitioned");
  return { queue: [...context.queue, newBatch(freeSlot(context), event.partition, event.record)] };
}

function newBatch(slot: number, partition: TopicPartition, record: ProducerRecord): QueuedBatch {
  return { slot, partition, records: [record], bytes: sizeOf(record), open: true, state: "lingering", attempts: 0 };
}

/** It takes no more records and need not linger: it is full, or the next record does not fit. */
export function tellFilled({ context, event }: Args): Effects {
  assertEvent(event, ["partitioned", "appended"]);
  const open = openBatch(context, event.partition);
  return open === undefined ? effects() : effects(toBatch(context, open, { type: "filled" }));
}

export function closeBatch({ context, event }: Args): Update {
  assertEvent(event, ["partitioned", "appended"]);
  const open = openBatch(context, event.partition);
  return { queue: context.queue.map((batch) => (batch === open ? { ...batch, open: false } : batch)) };
}

export function flushAll({ context }: Args): Effects {
  return effects(...context.queue.map((batch) => toBatch(context, batch, { type: "flush" })));
}

export function noteReady({ context, event }: Args): Update {
  assertEvent(event, "batch-ready");
  return {
    queue: context.queue.map((batch) => (batch.slot === event.slot ? { ...batch, state: "ready" } : batch)),
  };
}

// --- sending ---------------------------------------------------------------------------------------------------

/** Runs before `putInFlight`, which takes the same batches. */
export function sendRequest({ context }: Args): Effects {
  const next = nextRequest(context);
  if (next === null) return effects();
  const { broker, batches } = next;
  const sent = batches.map(({ partition, records, bytes, attempts }) => {
    const values = records.map(({ value }) => value);
    return observe({ kind: "sent", producer: context.client, partition, broker, values, bytes, attempt: attempts + 1 });
  });
  const { acks, requestTimeoutMs: timeoutMs } = context.batch;
  const partitions = batches.map(({ partition, records }) => ({ partition, records }));
  return effects(
    { kind: "request", to: `b${broker}`, body: { type: "produce", acks, timeoutMs, partitions } },
    observe({ kind: "requested", producer: context.client, broker }),
    ...sent,
    ...batches.map((batch) => toBatch(context, batch, { type: "sent" })),
  );
}

/** With `acks=0` nothing stays in flight: there will be no answer. */
export function putInFlight({ context }: Args): Update {
  const next = nextRequest(context);
  if (next === null) return {};
  const taken = next.batches.map((batch) => ({ ...batch, open: false, attempts: batch.attempts + 1 }));
  const queue = context.queue.filter((batch) => !next.batches.includes(batch));
  return context.batch.acks === 0
    ? { queue, undecided: [...context.undecided, ...taken] }
    : { queue, inFlight: [...context.inFlight, { ...next, batches: taken }] };
}

// --- answers ---------------------------------------------------------------------------------------------------

/** Requests to one broker are answered in their order. Runs before `takeAnswered`. */
export function tellAnswers({ context, event }: Args): Effects {
  assertEvent(event, "produce-response");
  const request = context.inFlight.find(({ broker }) => broker === brokerOf(event.from));
  const answers = (request?.batches ?? []).map((batch) => {
    const result = event.results.find(({ partition }) => partition === batch.partition);
    if (result === undefined) throw new Error(`the answer of ${event.from} lacks ${batch.partition}`);
    const { error, baseOffset } = result;
    return toBatch(context, batch, error === null ? { type: "acknowledged", baseOffset } : { type: "refused", error });
  });
  return effects(...answers);
}

export function takeAnswered({ context, event }: Args): Update {
  assertEvent(event, "produce-response");
  const request = context.inFlight.find(({ broker }) => broker === brokerOf(event.from));
  return {
    inFlight: context.inFlight.filter((other) => other !== request),
    undecided: [...context.undecided, ...(request?.batches ?? [])],
  };
}

/** Everything in flight to that broker has an open end. Runs before `takeDisconnected`. */
export function tellDisconnected({ context, event }: Args): Effects {
  assertEvent(event, "disconnected");
  const error = event.timedOut === true ? "REQUEST_TIMED_OUT" : "NETWORK_EXCEPTION";
  const lost = context.inFlight.filter(({ broker }) => broker === brokerOf(event.node));
  return effects(
    ...lost.flatMap(({ batches }) => batches.map((batch) => toBatch(context, batch, { type: "refused", error }))),
  );
}

export function takeDisconnected({ context, event }: Args): Update {
  assertEvent(event, "disconnected");
  const lost = context.inFlight.filter(({ broker }) => broker === brokerOf(event.node));
  return {
    inFlight: context.inFlight.filter((request) => !lost.includes(request)),
    undecided: [...context.undecided, ...lost.flatMap(({ batches }) => batches)],
  };
}

/** The broker does not answer: the connection is given up, with all that is in flight on it. */
export function closeTimedOut({ context, event }: Args): Effects {
  assertEvent(event, "request-timed-out");
  const broker = carrierOf(context, event.slot);
  return broker === undefined ? effects() : effects({ kind: "close", to: `b${broker}` });
}

export function disconnectTimedOut({ context, event }: Args): ProducerEvent {
  assertEvent(event, "request-timed-out");
  return { type: "disconnected", node: `b${carrierOf(context, event.slot) ?? 0}`, timedOut: true };
}

function carrierOf(context: ProducerContext, slot: number): number | undefined {
  return context.inFlight.find(({ batches }) => batches.some((batch) => batch.slot === slot))?.broker;
}

/** Without idempotence a retried batch goes to the front, whatever stands there (RecordAccumulator.reenqueue). */
export function requeue({ context, event }: Args): Update {
  assertEvent(event, "batch-retries");
  const retried = context.undecided.filter(({ slot }) => slot === event.slot);
  return {
    undecided: context.undecided.filter((batch) => !retried.includes(batch)),
    queue: [...retried.map((batch) => ({ ...batch, state: "backing-off" as const })), ...context.queue],
  };
}

/** Runs before `forgetBatch`. */
export function reportOutcome({ context, event }: Args): Effects {
  assertEvent(event, "batch-settled");
  const { outcome, error, baseOffset, attempts } = event;
  const batch = allBatches(context).find(({ slot }) => slot === event.slot);
  if (batch === undefined) throw new Error(`no batch in slot ${event.slot}`);
  const values = batch.records.map(({ value }) => value);
  const { partition } = batch;
  const producer = context.client;
  return effects(observe({ kind: "outcome", producer, partition, values, outcome, error, baseOffset, attempts }));
}

function allBatches(context: ProducerContext): readonly QueuedBatch[] {
  return [...context.queue, ...context.undecided, ...context.inFlight.flatMap(({ batches }) => batches)];
}

/** A request keeps its place in flight until it is answered, even if its batch has expired. */
export function forgetBatch({ context, event }: Args): Update {
  assertEvent(event, "batch-settled");
  const others = (batches: readonly QueuedBatch[]) => batches.filter(({ slot }) => slot !== event.slot);
  return {
    queue: others(context.queue),
    undecided: others(context.undecided),
    inFlight: context.inFlight.map((request) => ({ ...request, batches: others(request.batches) })),
  };
}

// --- metadata --------------------------------------------------------------------------------------------------

/** The broker with the fewest requests in flight, then the next one in turn (NetworkClient.leastLoadedNode). */
export function chooseContact({ context }: Args): Update {
  const load = (id: number) => context.inFlight.filter(({ broker }) => broker === id).length;
  const turn = (id: number) => (id - context.contact - 1 + context.brokers.length) % context.brokers.length;
  const [contact] = [...context.brokers].sort((one, other) => load(one) - load(other) || turn(one) - turn(other));
  return { contact: contact ?? context.contact };
}

export function askMetadata({ context }: Args): Effects {
  return effects({ kind: "request", to: `b${context.contact}`, body: { type: "metadata" } });
}

export function closeContact({ context }: Args): Effects {
  return effects({ kind: "close", to: `b${context.contact}` });
}

export function disconnectContact({ context }: Args): ProducerEvent {
  return { type: "disconnected", node: `b${context.contact}` };
}

/** An answer with an older leader epoch than the known one is of a broker that lags (KIP-320). */
export function adoptMetadata({ context, event }: Args): Update {
  assertEvent(event, "metadata-response");
  return {
    leaders: context.leaders.map((known) => {
      const told = event.partitions.find(({ partition }) => partition === known.partition);
      return told !== undefined && told.leaderEpoch >= known.leaderEpoch
        ? { partition: known.partition, leader: told.leader, leaderEpoch: told.leaderEpoch }
        : known;
    }),
  };
}

/** Runs before `adoptMetadata`, while the old leaders are still known. */
export function tellLeaderChanged({ context, event }: Args): Effects {
  assertEvent(event, "metadata-response");
  const changed = context.leaders.filter((known) =>
    event.partitions.some(
      ({ partition, leaderEpoch, leader }) =>
        partition === known.partition && leaderEpoch > known.leaderEpoch && leader !== null,
    ),
  );
  return effects(
    ...context.queue
      .filter((batch) => changed.some(({ partition }) => partition === batch.partition))
      .map((batch) => toBatch(context, batch, { type: "leader-changed" })),
  );
}

// --- crash -----------------------------------------------------------------------------------------------------

export function die({ context }: Args): Effects {
  return effects({ kind: "process-died" }, observe({ kind: "crashed", client: context.client }));
}

/** The application dies with everything that it has not sent; what is in flight may still be written. */
export function forgetEverything({ context }: Args): Update {
  return {
    queue: [],
    inFlight: [],
    undecided: [],
    turns: firstTurns(context.leaders),
    leaders: context.leaders.map(({ partition }) => ({ partition, leader: null, leaderEpoch: -1 })),
  };
}
