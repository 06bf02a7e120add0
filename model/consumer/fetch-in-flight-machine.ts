/**
 * A consumer's fetch on its way to one broker: it gives up waiting after `request.timeout.ms`, however often the
 * application polls meanwhile, and whatever other brokers answer.
 *
 * Source: clients/…/NetworkClient.java (handleTimedOutRequests), InFlightRequests.java.
 */
import { emit, setup } from "xstate";
import type { BrokerId } from "../../spec/vocabulary.ts";
import { type Effects, effects, local } from "../effect.ts";
import type { ConsumerEvent } from "./consumer-context.ts";

export interface FetchInFlightContext {
  /** Machine id of the consumer. */
  readonly consumer: string;
  readonly broker: BrokerId;
  readonly requestTimeoutMs: number;
}

export type FetchInFlightEvent =
  | { readonly type: "sent" }
  /** Answered, or the connection is gone. */
  | { readonly type: "ended" };

export function createFetchInFlightMachine() {
  return setup({
    types: {} as {
      context: FetchInFlightContext;
      events: FetchInFlightEvent;
      emitted: Effects;
      input: FetchInFlightContext;
    },
    delays: { requestTimeout: ({ context }) => context.requestTimeoutMs },
    actions: {
      tellTimedOut: emit(({ context: { consumer, broker } }) =>
        effects(local<ConsumerEvent>(consumer, { type: "fetch-timed-out", broker })),
      ),
    },
  }).createMachine({
    id: "fetchInFlight",
    context: ({ input }) => input,
    initial: "none",
    states: {
      none: { on: { sent: "waiting" } },
      waiting: {
        after: { requestTimeout: { target: "none", actions: "tellTimedOut" } },
        on: { ended: "none" },
      },
    },
  });
}
