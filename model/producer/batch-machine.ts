/**
 * One batch of a producer, from its first record to its outcome. It lingers until it is full, flushed, or
 * `linger.ms` have passed; it is sent; it is answered, or it is tried again after a back-off, as long as
 * `delivery.timeout.ms`, counted from its creation, allows. The records themselves are kept by the producer.
 *
 * The outcome is *failed* only where the broker's answer makes certain that no attempt has written the records. It is
 * *unknown* where any attempt may have, and whenever the delivery timeout runs out: Kafka's client does not tell how far
 * the batch had come by then.
 *
 * Source: clients/…/producer/internals/ProducerBatch.java, Sender.java (completeBatch, canRetry); KIP-91.
 */
import { assertEvent, assign, emit, setup } from "xstate";
import { classify } from "../../spec/history/error-classes.ts";
import type { Outcome } from "../../spec/vocabulary.ts";
import { type Effects, effects, local } from "../effect.ts";
import type { Acks, ErrorName } from "../message.ts";
import type { ProducerEvent } from "./producer-context.ts";

export interface BatchInput {
  /** Machine id of the producer. */
  readonly producer: string;
  readonly slot: number;
  readonly acks: Acks;
  readonly lingerMs: number;
  readonly retries: number;
  readonly retryBackoffMs: number;
  readonly retryBackoffMaxMs: number;
  readonly requestTimeoutMs: number;
  readonly deliveryTimeoutMs: number;
}

export interface BatchContext extends BatchInput {
  /** Requests that carried the batch so far. */
  readonly attempts: number;
  readonly error: ErrorName | null;
  readonly baseOffset: number | null;
}

export type BatchEvent =
  | { readonly type: "filled" }
  | { readonly type: "flush" }
  | { readonly type: "sent" }
  | { readonly type: "acknowledged"; readonly baseOffset: number | null }
  | { readonly type: "refused"; readonly error: ErrorName }
  | { readonly type: "leader-changed" };

interface Args {
  readonly context: BatchContext;
  readonly event: BatchEvent;
}

export function createBatchMachine() {
  return setup({
    types: {} as { context: BatchContext; events: BatchEvent; emitted: Effects; input: BatchInput },
    delays: {
      linger: ({ context }) => context.lingerMs,
      requestTimeout: ({ context }) => context.requestTimeoutMs,
      deliveryTimeout: ({ context }) => context.deliveryTimeoutMs,
      // Exponential since KIP-580; Kafka's random spread of a fifth is left out.
      retryBackoff: ({ context: { attempts, retryBackoffMs, retryBackoffMaxMs } }) =>
        Math.min(retryBackoffMaxMs, retryBackoffMs * 2 ** (attempts - 1)),
    },
    guards: {
      wantsNoAnswer: ({ context }) => context.acks === 0,
      hasRetriesLeft: ({ context }) => context.attempts <= context.retries,
      isCertainlyNotWritten: ({ context, event }) => {
        assertEvent(event, "refused");
        return classify("send", event.error, context.attempts) === "fail";
      },
    },
    actions: {
      countAttempt: assign({ attempts: ({ context }) => context.attempts + 1 }),
      noteOffset: assign(({ event }) => {
        assertEvent(event, "acknowledged");
        return { baseOffset: event.baseOffset, error: null };
      }),
      noteError: assign(({ event }) => {
        assertEvent(event, "refused");
        return { error: event.error };
      }),
      noteExpiry: assign({ error: "TIMEOUT" }),
      tellReady: emit(tell("batch-ready")),
      tellRetries: emit(tell("batch-retries")),
      tellTimedOut: emit(tell("request-timed-out")),
      tellAcknowledged: emit(settle("ok")),
      tellFailed: emit(settle("fail")),
      tellUnknown: emit(settle("unknown")),
    },
  }).createMachine({
    id: "batch",
    context: ({ input }) => ({ ...input, attempts: 0, error: null, baseOffset: null }),
    initial: "lingering",
    after: { deliveryTimeout: { target: ".unknown", actions: "noteExpiry" } },
    states: {
      lingering: {
        after: { linger: "ready" },
        // A request to its broker takes it along though it still lingers: readiness is per broker.
        on: { filled: "ready", flush: "ready", sent: "inFlight" },
      },
      ready: { entry: "tellReady", on: { sent: "inFlight" } },
      inFlight: {
        entry: "countAttempt",
        always: { guard: "wantsNoAnswer", target: "acknowledged" },
        after: { requestTimeout: { actions: "tellTimedOut" } },
        on: {
          acknowledged: { target: "acknowledged", actions: "noteOffset" },
          refused: [
            { guard: "hasRetriesLeft", target: "backingOff", actions: "noteError" },
            { guard: "isCertainlyNotWritten", target: "failed", actions: "noteError" },
            { target: "unknown", actions: "noteError" },
          ],
        },
      },
      // A batch whose partition has a new leader is sent there at once (KAFKA-15415).
      backingOff: {
        entry: "tellRetries",
        after: { retryBackoff: "ready" },
        on: { "leader-changed": "ready" },
      },
      acknowledged: { type: "final", entry: "tellAcknowledged" },
      failed: { type: "final", entry: "tellFailed" },
      unknown: { type: "final", entry: "tellUnknown" },
    },
  });
}

function tell(type: "batch-ready" | "batch-retries" | "request-timed-out") {
  return ({ context: { producer, slot } }: Args): Effects => effects(local<ProducerEvent>(producer, { type, slot }));
}

export function settle(outcome: Outcome) {
  return ({ context: { producer, slot, error, baseOffset, attempts } }: Args): Effects =>
    effects(local<ProducerEvent>(producer, { type: "batch-settled", slot, outcome, error, baseOffset, attempts }));
}
