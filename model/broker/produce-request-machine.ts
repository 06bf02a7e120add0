/**
 * One produce request that a broker serves: the leader's append, then, with `acks=all`, the wait until every partition
 * is replicated, at most for the request's timeout. One request at a time is served on a connection.
 *
 * Source: core/…/server/DelayedProduce.scala, ReplicaManager.appendRecords, KafkaApis.handleProduceRequest.
 */
import { and, assertEvent, assign, emit, setup } from "xstate";
import { type Effects, effects, local } from "../effect.ts";
import type { Acks, ErrorName, ProducePartition } from "../message.ts";
import type { ReplicaEvent, RequesterEvent } from "../replica/replica-context.ts";

interface Input {
  /** Machine id of this request. */
  readonly id: string;
  readonly connection: string;
  /** Node of the broker: `b1`. */
  readonly node: string;
  readonly acks: Acks;
  readonly timeoutMs: number;
  readonly partitions: readonly ProducePartition[];
}

interface PartitionResult {
  readonly partition: string;
  /** `appending` at the leader, `replicating` until HW has passed it, then `done`. */
  readonly state: "appending" | "replicating" | "done";
  readonly error: ErrorName | null;
  readonly baseOffset: number | null;
}

export interface ProduceRequestContext extends Input {
  readonly results: readonly PartitionResult[];
}

interface Args {
  readonly context: ProduceRequestContext;
  readonly event: RequesterEvent;
}

export function createProduceRequestMachine() {
  return setup({
    types: {} as { context: ProduceRequestContext; events: RequesterEvent; emitted: Effects; input: Input },
    delays: { requestTimeout: ({ context }) => context.timeoutMs },
    guards: {
      everyAppendIsAnswered: ({ context }) => context.results.every(({ state }) => state !== "appending"),
      nothingIsOpen: ({ context }) => context.results.every(({ state }) => state === "done"),
      wantsNoAnswer: ({ context }) => context.acks === 0,
      someAppendFailed: ({ context }) => context.results.some(({ error }) => error !== null),
    },
    actions: {
      askLeaders: emit(askLeaders),
      noteAppend: assign(noteAppend),
      noteReplication: assign(noteReplication),
      giveUpOpen: assign(giveUpOpen),
      withdraw: emit(withdraw),
      respond: emit(respond),
      // With acks=0 there is no answer that could carry an error: closing makes the client look for the leader.
      hangUp: emit(({ context }) => effects({ kind: "reset", connection: context.connection })),
    },
  }).createMachine({
    id: "produceRequest",
    context: ({ input }) => ({
      ...input,
      results: input.partitions.map(({ partition }) => ({
        partition,
        state: "appending",
        error: null,
        baseOffset: null,
      })),
    }),
    initial: "appending",
    // The answer of one partition may come while another is still open.
    on: { replicated: { actions: "noteReplication" } },
    states: {
      appending: {
        entry: "askLeaders",
        on: { appended: { actions: "noteAppend" } },
        always: [
          {
            guard: and(["everyAppendIsAnswered", "wantsNoAnswer", "someAppendFailed"]),
            target: "done",
            actions: "hangUp",
          },
          { guard: and(["everyAppendIsAnswered", "wantsNoAnswer"]), target: "done" },
          { guard: "everyAppendIsAnswered", target: "waiting" },
        ],
      },
      waiting: {
        always: { guard: "nothingIsOpen", target: "done", actions: "respond" },
        after: { requestTimeout: { target: "done", actions: ["withdraw", "giveUpOpen", "respond"] } },
      },
      done: { type: "final" },
    },
  });
}

function askLeaders({ context }: Args): Effects {
  return effects(
    ...context.partitions.map(({ partition, records }) =>
      local<ReplicaEvent>(`${context.node}/${partition}`, {
        type: "append",
        requester: context.id,
        acks: context.acks,
        records,
      }),
    ),
  );
}

function noteAppend({ context, event }: Args): Partial<ProduceRequestContext> {
  assertEvent(event, "appended");
  const { partition, error, baseOffset } = event;
  const state = context.acks === -1 && error === null ? "replicating" : "done";
  return {
    results: context.results.map((one) =>
      one.partition === partition ? { partition, state, error, baseOffset } : one,
    ),
  };
}

function noteReplication({ context, event }: Args): Partial<ProduceRequestContext> {
  assertEvent(event, "replicated");
  const { partition, error } = event;
  return {
    results: context.results.map((one) => (one.partition === partition ? { ...one, state: "done", error } : one)),
  };
}

/** The records stay in the leader's log: they may be replicated later, or be lost. */
function giveUpOpen({ context }: Args): Partial<ProduceRequestContext> {
  return {
    results: context.results.map((one) =>
      one.state === "done" ? one : { ...one, state: "done", error: "REQUEST_TIMED_OUT" },
    ),
  };
}

function withdraw({ context }: Args): Effects {
  const open = context.results.filter(({ state }) => state !== "done");
  return effects(
    ...open.map(({ partition }) =>
      local<ReplicaEvent>(`${context.node}/${partition}`, { type: "forget", requester: context.id }),
    ),
  );
}

function respond({ context }: Args): Effects {
  const results = context.results.map(({ partition, error, baseOffset }) => ({
    partition,
    error,
    baseOffset: error === null ? baseOffset : null,
  }));
  return effects({ kind: "reply", connection: context.connection, body: { type: "produce-response", results } });
}
