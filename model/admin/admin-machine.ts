/**
 * An administrator's client, as far as it deletes records: it looks for the partition's leader in the metadata of one
 * broker after another, and asks it; an error that may pass sends it back to the metadata.
 *
 * Source: clients/…/admin/KafkaAdminClient.java, DeleteRecordsHandler.java.
 */
import { assertEvent, assign, emit, setup } from "xstate";
import type { BrokerId, Outcome, TopicPartition } from "../../spec/vocabulary.ts";
import { type Effects, effects } from "../effect.ts";
import type { ResponseBody } from "../message.ts";

interface Input {
  readonly client: string;
  readonly brokers: readonly BrokerId[];
  readonly requestTimeoutMs: number;
  readonly retryBackoffMs: number;
  /** How long a call is tried; `default.api.timeout.ms`. */
  readonly apiTimeoutMs: number;
}

interface AdminContext extends Input {
  /** What is to be deleted: everything before an offset; `null` between calls. */
  readonly call: { readonly partition: TopicPartition; readonly before: number } | null;
  /** The broker that was asked last; 0 before the first. */
  readonly contact: BrokerId;
}

export type AdminEvent =
  | { readonly type: "delete-records"; readonly partition: TopicPartition; readonly before: number }
  | (Extract<ResponseBody, { type: "metadata-response" | "delete-records-response" }> & { readonly from: string })
  | { readonly type: "disconnected"; readonly node: string };

interface Args {
  readonly context: AdminContext;
  readonly event: AdminEvent;
}

export function createAdminMachine() {
  return setup({
    types: {} as { context: AdminContext; events: AdminEvent; emitted: Effects; input: Input },
    delays: {
      requestTimeout: ({ context }) => context.requestTimeoutMs,
      retryBackoff: ({ context }) => context.retryBackoffMs,
      apiTimeout: ({ context }) => context.apiTimeoutMs,
    },
    guards: {
      // A connection on which nothing is under way breaks, too, when its broker dies; a call ends with its own connection
      // (KafkaAdminClient.handleResponses).
      isContact: ({ context, event }) => {
        assertEvent(event, "disconnected");
        return event.node === `b${context.contact}`;
      },
      leaderIsMissing: (args) => leaderOf(args) === null,
      leaderHasMoved: ({ event }) => {
        assertEvent(event, "delete-records-response");
        return event.error === "NOT_LEADER_OR_FOLLOWER";
      },
      wasRefused: ({ event }) => {
        assertEvent(event, "delete-records-response");
        return event.error !== null;
      },
    },
    actions: {
      noteCall: assign(({ event }) => {
        assertEvent(event, "delete-records");
        return { call: { partition: event.partition, before: event.before } };
      }),
      forgetCall: assign({ call: null }),
      chooseContact: assign({ contact: ({ context }) => (context.contact % context.brokers.length) + 1 }),
      adoptLeader: assign({ contact: (args) => leaderOf(args) ?? args.context.contact }),
      askMetadata: emit(({ context }) =>
        effects({ kind: "request", to: `b${context.contact}`, body: { type: "metadata" } }),
      ),
      sendDelete: emit(({ context: { contact, call } }) =>
        call === null
          ? effects()
          : effects({ kind: "request", to: `b${contact}`, body: { type: "delete-records", ...call } }),
      ),
      closeContact: emit(({ context }) => effects({ kind: "close", to: `b${context.contact}` })),
      complete: emit((args) => completed(args, "ok", null)),
      fail: emit((args) => {
        assertEvent(args.event, "delete-records-response");
        return completed(args, "fail", args.event.error);
      }),
      // The leader may have taken the last request.
      expire: emit((args) => completed(args, "unknown", "TIMEOUT")),
    },
  }).createMachine({
    id: "admin",
    context: ({ input }) => ({ ...input, call: null, contact: 0 }),
    initial: "idle",
    states: {
      idle: { entry: "forgetCall", on: { "delete-records": { target: "calling", actions: "noteCall" } } },
      calling: {
        initial: "refreshing",
        after: { apiTimeout: { target: "idle", actions: ["closeContact", "expire"] } },
        states: {
          refreshing: {
            entry: ["chooseContact", "askMetadata"],
            after: { requestTimeout: { target: "backingOff", actions: "closeContact" } },
            on: {
              "metadata-response": [
                { guard: "leaderIsMissing", target: "backingOff" },
                { target: "deleting", actions: "adoptLeader" },
              ],
              disconnected: { guard: "isContact", target: "backingOff" },
            },
          },
          deleting: {
            entry: "sendDelete",
            after: { requestTimeout: { target: "backingOff", actions: "closeContact" } },
            on: {
              "delete-records-response": [
                { guard: "leaderHasMoved", target: "backingOff" },
                { guard: "wasRefused", target: "#admin.idle", actions: "fail" },
                { target: "#admin.idle", actions: "complete" },
              ],
              disconnected: { guard: "isContact", target: "backingOff" },
            },
          },
          backingOff: { after: { retryBackoff: "refreshing" } },
        },
      },
    },
  });
}

/** The leader that the metadata names for the partition in question. */
function leaderOf({ context, event }: Args): BrokerId | null {
  assertEvent(event, "metadata-response");
  return event.partitions.find(({ partition }) => partition === context.call?.partition)?.leader ?? null;
}

function completed({ context }: Args, outcome: Outcome, error: string | null): Effects {
  const completion = { client: context.client, f: "delete-records", outcome, error, records: [] } as const;
  return effects({ kind: "complete", completion });
}
