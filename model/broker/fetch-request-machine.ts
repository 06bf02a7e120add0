/**
 * One fetch request that a broker serves, of a follower or of a consumer: it is answered at once if any partition has
 * something to say, otherwise it is parked until something changes, at most for its maximal wait.
 *
 * Source: core/…/server/DelayedFetch.scala, ReplicaManager.fetchMessages (fetch.min.bytes is 1).
 */
import { and, assertEvent, assign, emit, raise, setup } from "xstate";
import { type Effects, effects, local } from "../effect.ts";
import type { FetchPartition, FetchResult } from "../message.ts";
import type { ReplicaEvent, RequesterEvent } from "../replica/replica-context.ts";

interface Input {
  /** Machine id of this request. */
  readonly id: string;
  readonly connection: string;
  /** Node of the broker: `b1`. */
  readonly node: string;
  readonly replica: { readonly broker: number; readonly brokerEpoch: number } | null;
  readonly consumer: string | null;
  readonly maxWaitMs: number;
  readonly partitions: readonly FetchPartition[];
}

interface FetchRequestContext extends Input {
  readonly results: readonly FetchResult[];
  /** It has been parked: a follower's progress has been counted already. */
  readonly again: boolean;
  readonly waitIsOver: boolean;
}

type FetchRequestEvent = RequesterEvent | { readonly type: "wait-over" };

interface Args {
  readonly context: FetchRequestContext;
  readonly event: FetchRequestEvent;
}

export function createFetchRequestMachine() {
  return setup({
    types: {} as { context: FetchRequestContext; events: FetchRequestEvent; emitted: Effects; input: Input },
    delays: { maxWait: ({ context }) => context.maxWaitMs },
    guards: {
      everyReadIsAnswered: ({ context }) => context.results.length === context.partitions.length,
      hasSomething: ({ context }) =>
        context.results.some(
          ({ error, diverging, entries }) => error !== null || diverging !== null || entries.length > 0,
        ),
      waitIsOver: ({ context }) => context.waitIsOver,
    },
    actions: {
      armWait: raise({ type: "wait-over" }, { id: "wait-over", delay: "maxWait" }),
      askReplicas: emit(askReplicas),
      forgetResults: assign({ results: [] }),
      noteRead: assign(({ context, event }) => {
        assertEvent(event, "read-result");
        return { results: [...context.results, event.result] };
      }),
      noteParked: assign({ again: true }),
      noteWaitIsOver: assign({ waitIsOver: true }),
      stopWatching: emit(stopWatching),
      respond: emit(({ context }) => {
        const body = { type: "fetch-response", results: context.results } as const;
        return effects({ kind: "reply", connection: context.connection, body });
      }),
    },
  }).createMachine({
    id: "fetchRequest",
    context: ({ input }) => ({ ...input, results: [], again: false, waitIsOver: false }),
    initial: "reading",
    entry: "armWait",
    states: {
      reading: {
        entry: ["forgetResults", "askReplicas"],
        on: { "read-result": { actions: "noteRead" } },
        always: [
          { guard: and(["everyReadIsAnswered", "hasSomething"]), target: "done", actions: ["stopWatching", "respond"] },
          { guard: and(["everyReadIsAnswered", "waitIsOver"]), target: "done", actions: ["stopWatching", "respond"] },
          { guard: "everyReadIsAnswered", target: "parked" },
        ],
      },
      parked: {
        entry: "noteParked",
        on: {
          changed: "reading",
          "wait-over": { target: "reading", actions: "noteWaitIsOver" },
        },
      },
      done: { type: "final" },
    },
  });
}

function askReplicas({ context }: Args): Effects {
  const { id: requester, replica, consumer, again } = context;
  return effects(
    ...context.partitions.map((at) =>
      local<ReplicaEvent>(`${context.node}/${at.partition}`, { type: "read", requester, at, replica, consumer, again }),
    ),
  );
}

function stopWatching({ context }: Args): Effects {
  return effects(
    ...context.partitions.map(({ partition }) =>
      local<ReplicaEvent>(`${context.node}/${partition}`, { type: "forget", requester: context.id }),
    ),
  );
}
