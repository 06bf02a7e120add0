/** Rules of one batch of a producer, from its first record to its outcome (ProducerBatch, Sender; KIP-91, KIP-580). */
import { type Effect, local } from "../../../model/effect.ts";
import type { Acks, ErrorName } from "../../../model/message.ts";
import type { BatchEvent, BatchInput } from "../../../model/producer/batch-machine.ts";
import type { ProducerEvent } from "../../../model/producer/producer-context.ts";
import type { Outcome } from "../../../spec/vocabulary.ts";
import { fire, type MachineCase } from "../machine-case.ts";

const kind = "batch";

const input: BatchInput = {
  producer: "p1",
  slot: 3,
  acks: -1,
  lingerMs: 5,
  retries: 9,
  retryBackoffMs: 100,
  retryBackoffMaxMs: 1000,
  requestTimeoutMs: 30_000,
  deliveryTimeoutMs: 120_000,
};
const withRetries = (retries: number): BatchInput => ({ ...input, retries });
const withAcks = (acks: Acks): BatchInput => ({ ...input, acks });

const filled: BatchEvent = { type: "filled" };
const flush: BatchEvent = { type: "flush" };
const sent: BatchEvent = { type: "sent" };
const leaderChanged: BatchEvent = { type: "leader-changed" };
const acknowledged = (baseOffset: number): BatchEvent => ({ type: "acknowledged", baseOffset });
const refused = (error: ErrorName): BatchEvent => ({ type: "refused", error });

/** Sent and refused so many times; the last back-off is still running. */
function refusals(count: number) {
  return Array.from({ length: count }, (_, index) => [
    ...(index === 0 ? [] : [fire("retryBackoff")]),
    ...[sent, refused("NOT_ENOUGH_REPLICAS")],
  ]).flat();
}

const tells = (type: "batch-ready" | "batch-retries" | "request-timed-out"): Effect =>
  local<ProducerEvent>("p1", { type, slot: 3 });

interface End {
  readonly error?: ErrorName;
  readonly baseOffset?: number;
  readonly attempts: number;
}

function settles(outcome: Outcome, { error, baseOffset, attempts }: End): Effect {
  return local<ProducerEvent>("p1", {
    type: "batch-settled",
    slot: 3,
    outcome,
    error: error ?? null,
    baseOffset: baseOffset ?? null,
    attempts,
  });
}

const lingering: readonly MachineCase<BatchEvent>[] = [
  {
    name: "a new batch lingers, and the time for its delivery runs from its creation",
    kind,
    input,
    events: [],
    expect: { value: "lingering", effects: [], armed: { linger: 5, deliveryTimeout: 120_000 } },
  },
  {
    name: "after linger.ms it is ready",
    kind,
    input,
    events: [fire("linger")],
    expect: { value: "ready", effects: [tells("batch-ready")], running: ["deliveryTimeout"] },
  },
  {
    name: "a full batch is ready at once",
    kind,
    input,
    events: [filled],
    expect: { value: "ready", effects: [tells("batch-ready")], running: ["deliveryTimeout"] },
  },
  {
    name: "a flush makes it ready at once",
    kind,
    input,
    events: [flush],
    expect: { value: "ready", effects: [tells("batch-ready")], running: ["deliveryTimeout"] },
  },
  {
    name: "it is ready once only",
    kind,
    input,
    events: [filled, flush],
    expect: { value: "ready", effects: [] },
  },
  {
    name: "a batch that still lingers is taken along by a request to its broker",
    kind,
    input,
    events: [sent],
    expect: {
      value: "inFlight",
      context: { attempts: 1 },
      effects: [],
      armed: { requestTimeout: 30_000 },
      running: ["deliveryTimeout", "requestTimeout"],
    },
  },
];

const answers: readonly MachineCase<BatchEvent>[] = [
  {
    name: "an acknowledged batch is delivered, with the offset of its first record",
    kind,
    input,
    events: [filled, sent, acknowledged(7)],
    expect: {
      value: "acknowledged",
      effects: [settles("ok", { baseOffset: 7, attempts: 1 })],
      running: [],
      done: true,
    },
  },
  {
    name: "with acks=1 the answer is awaited, too",
    kind,
    input: withAcks(1),
    events: [filled, sent],
    expect: { value: "inFlight", effects: [], done: false },
  },
  {
    name: "with acks=0 it counts as delivered as soon as it is sent, at an unknown offset",
    kind,
    input: withAcks(0),
    events: [filled, sent],
    expect: { effects: [settles("ok", { attempts: 1 })], running: [], done: true },
  },
  {
    name: "an answer that does not come in request.timeout.ms is told to the producer, which may still get it",
    kind,
    input,
    events: [filled, sent, fire("requestTimeout")],
    expect: { value: "inFlight", effects: [tells("request-timed-out")], done: false },
  },
  {
    name: "a retry that is acknowledged is delivered; the earlier error is of no account",
    kind,
    input,
    events: [...refusals(1), fire("retryBackoff"), sent, acknowledged(7)],
    expect: { effects: [settles("ok", { baseOffset: 7, attempts: 2 })], done: true },
  },
];

const retries: readonly MachineCase<BatchEvent>[] = [
  {
    name: "a refused batch is tried again, after retry.backoff.ms",
    kind,
    input,
    events: [sent, refused("NOT_ENOUGH_REPLICAS")],
    expect: {
      value: "backingOff",
      context: { error: "NOT_ENOUGH_REPLICAS" },
      effects: [tells("batch-retries")],
      armed: { retryBackoff: 100 },
      running: ["deliveryTimeout", "retryBackoff"],
    },
  },
  {
    name: "a batch whose answer is lost is tried again: the same records may be written twice",
    kind,
    input,
    events: [sent, refused("NETWORK_EXCEPTION")],
    expect: { value: "backingOff", effects: [tells("batch-retries")] },
  },
  {
    name: "after its back-off it is ready, without lingering again",
    kind,
    input,
    events: [...refusals(1), fire("retryBackoff")],
    expect: { value: "ready", effects: [tells("batch-ready")], armed: {} },
  },
  {
    name: "the back-off doubles with each attempt (KIP-580)",
    kind,
    input,
    events: refusals(4),
    expect: { armed: { retryBackoff: 800 } },
  },
  {
    name: "the back-off grows to retry.backoff.max.ms at most",
    kind,
    input,
    events: refusals(5),
    expect: { armed: { retryBackoff: 1000 } },
  },
  {
    name: "where the largest back-off is below the first one, it holds from the start",
    kind,
    input: { ...input, retryBackoffMaxMs: 60 },
    events: refusals(1),
    expect: { armed: { retryBackoff: 60 } },
  },
  {
    name: "a flush does not cut a back-off short",
    kind,
    input,
    events: [...refusals(1), flush],
    expect: { value: "backingOff", effects: [] },
  },
  {
    name: "a new leader ends the back-off (KAFKA-15415)",
    kind,
    input,
    events: [...refusals(1), leaderChanged],
    expect: { value: "ready", effects: [tells("batch-ready")], running: ["deliveryTimeout"] },
  },
  {
    name: "a new leader does not end the linger time",
    kind,
    input,
    events: [leaderChanged],
    expect: { value: "lingering", effects: [] },
  },
  {
    name: "retries counts the attempts after the first: its last one is still made",
    kind,
    input: withRetries(2),
    events: refusals(2),
    expect: { value: "backingOff", effects: [tells("batch-retries")], done: false },
  },
  {
    name: "after the last retry it is over; an earlier attempt may have been written by then",
    kind,
    input: withRetries(2),
    events: refusals(3),
    expect: { effects: [settles("unknown", { error: "NOT_ENOUGH_REPLICAS", attempts: 3 })], running: [], done: true },
  },
];

/** The end of a batch that is refused at its only attempt. */
const onlyAttempt = (error: ErrorName, outcome: Outcome, why: string): MachineCase<BatchEvent> => ({
  name: `without retries, ${error} ends it as ${outcome}: ${why}`,
  kind,
  input: withRetries(0),
  events: [sent, refused(error)],
  expect: { effects: [settles(outcome, { error, attempts: 1 })], running: [], done: true },
});

const ends: readonly MachineCase<BatchEvent>[] = [
  onlyAttempt("NOT_ENOUGH_REPLICAS", "fail", "the ISR is counted before the append"),
  onlyAttempt("NOT_ENOUGH_REPLICAS_AFTER_APPEND", "unknown", "the records are in the leader's log"),
  onlyAttempt("REQUEST_TIMED_OUT", "unknown", "the records are in the leader's log"),
  onlyAttempt("NOT_LEADER_OR_FOLLOWER", "unknown", "leadership may be lost after the append"),
  onlyAttempt("NETWORK_EXCEPTION", "unknown", "the connection may break after the append"),
  {
    name: "delivery.timeout.ms ends a batch in flight: it may have been written (KIP-91)",
    kind,
    input,
    events: [filled, sent, fire("deliveryTimeout")],
    expect: {
      value: "unknown",
      effects: [settles("unknown", { error: "TIMEOUT", attempts: 1 })],
      running: [],
      done: true,
    },
  },
  {
    name: "delivery.timeout.ms counts the retries in, and says so rather than what the last one met",
    kind,
    input,
    events: [...refusals(2), fire("deliveryTimeout")],
    expect: { effects: [settles("unknown", { error: "TIMEOUT", attempts: 2 })], running: [], done: true },
  },
  {
    name: "delivery.timeout.ms ends a batch that waits for a place in flight",
    kind,
    input,
    events: [...refusals(1), fire("retryBackoff"), fire("deliveryTimeout")],
    expect: { effects: [settles("unknown", { error: "TIMEOUT", attempts: 1 })], running: [], done: true },
  },
  {
    name: "delivery.timeout.ms ends even a batch that was never sent as unknown: the client does not tell how far it had come",
    kind,
    input,
    events: [fire("deliveryTimeout")],
    expect: { effects: [settles("unknown", { error: "TIMEOUT", attempts: 0 })], running: [], done: true },
  },
];

export const cases: readonly MachineCase<BatchEvent>[] = [...lingering, ...answers, ...retries, ...ends];
