/**
 * A broker's process, and its membership in the cluster. A killed process loses its memory and keeps its disk; with its
 * power goes what was not on disk yet; a paused one keeps everything and notices nothing: it is a zombie when it wakes up.
 * A process that starts registers with the controller (again and again, while the session of its predecessor lives), waits
 * until its metadata tells of that, opens its replicas, and is unfenced by its first heartbeat.
 *
 * Source: core/…/server/BrokerLifecycleManager.scala, BrokerServer.scala; KIP-631.
 */
import { assertEvent, assign, emit, setup } from "xstate";
import type { BrokerId } from "../../spec/vocabulary.ts";
import { type Effect, type Effects, effects, local } from "../effect.ts";
import type { BrokerMetadata, PartitionMetadata, ResponseBody } from "../message.ts";
import type { DiskEvent } from "../replica/disk-machine.ts";
import type { ReplicaEvent } from "../replica/replica-context.ts";

export interface BrokerContext {
  readonly broker: BrokerId;
  /** Machine ids of the replicas on this broker, with their partitions. */
  readonly replicas: readonly { readonly id: string; readonly partition: string }[];
  readonly heartbeatIntervalMs: number;
  readonly retryMs: number;
  readonly incarnation: number;
  readonly epoch: number;
  /** The metadata as far as it has come; answered to clients, handed to the replicas. */
  readonly partitions: readonly PartitionMetadata[];
  readonly brokers: readonly BrokerMetadata[];
}

export type BrokerEvent =
  /** The cluster is created: every process runs and is registered, and has the first metadata. */
  | {
      readonly type: "created";
      readonly partitions: readonly PartitionMetadata[];
      readonly brokers: readonly BrokerMetadata[];
    }
  | { readonly type: "kill" }
  /** `keeps`: log ends that survive, by partition, where they are not left to the disk. */
  | { readonly type: "power-off"; readonly keeps: Readonly<Record<string, number>> }
  | { readonly type: "start" }
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  | { readonly type: "partition-change"; readonly change: PartitionMetadata }
  | { readonly type: "broker-change"; readonly change: BrokerMetadata }
  | { readonly type: "metadata"; readonly connection: string }
  | Extract<ResponseBody, { type: "register-response" | "heartbeat-response" }>;

interface Args {
  readonly context: BrokerContext;
  readonly event: BrokerEvent;
}

export function createBrokerMachine() {
  return setup({
    types: {} as {
      context: BrokerContext;
      events: BrokerEvent;
      emitted: Effects;
      input: Omit<BrokerContext, "incarnation" | "epoch" | "partitions" | "brokers">;
    },
    delays: {
      heartbeatInterval: ({ context }) => context.heartbeatIntervalMs,
      registrationRetry: ({ context }) => context.retryMs,
    },
    guards: {
      registrationFailed: ({ event }) => {
        assertEvent(event, "register-response");
        return event.error !== null;
      },
      partitionChangeIsOlder: ({ context, event }) => {
        assertEvent(event, "partition-change");
        const { partition, partitionEpoch } = event.change;
        return context.partitions.some(
          (known) => known.partition === partition && known.partitionEpoch > partitionEpoch,
        );
      },
      changeIsItsOwn: ({ context, event }) => {
        assertEvent(event, "broker-change");
        return event.change.broker === context.broker;
      },
      // BrokerServer.startup waits for initialCatchUpFuture and firstPublishFuture.
      hasCaughtUp: ({ context: { broker, epoch, brokers } }) =>
        brokers.some((known) => known.broker === broker && known.epoch === epoch),
    },
    actions: {
      adoptImage: assign(({ event }) => {
        assertEvent(event, "created");
        return { partitions: event.partitions, brokers: event.brokers };
      }),
      startIncarnation: assign({ incarnation: ({ context }) => context.incarnation + 1 }),
      forgetMemory: assign({ epoch: -1, partitions: [], brokers: [] }),
      // The controller has the whole metadata follow a registration; what came before may be older than that.
      forgetMetadata: assign({ partitions: [], brokers: [] }),
      adoptEpoch: assign(({ event }) => {
        assertEvent(event, "register-response");
        return { epoch: event.epoch };
      }),
      notePartition: assign(notePartition),
      noteBroker: assign(noteBroker),
      register: emit(({ context: { broker, incarnation } }) =>
        effects({ kind: "request", to: "controller", body: { type: "register", broker, incarnation } }),
      ),
      heartbeat: emit(({ context: { broker, epoch } }) =>
        effects({ kind: "request", to: "controller", body: { type: "heartbeat", broker, epoch } }),
      ),
      die: emit(({ context }) =>
        effects(
          { kind: "process-died" },
          ...context.replicas.map(({ id }) => local<ReplicaEvent>(id, { type: "process-died" })),
        ),
      ),
      losePower: emit(losePower),
      openReplicas: emit(openReplicas),
      tellPartition: emit(tellPartition),
      tellBroker: emit(tellBroker),
      answerMetadata: emit(({ context, event }) => {
        assertEvent(event, "metadata");
        const body = { type: "metadata-response", partitions: context.partitions } as const;
        return effects({ kind: "reply", connection: event.connection, body });
      }),
    },
  }).createMachine({
    id: "broker",
    context: ({ input }) => ({ ...input, incarnation: 1, epoch: 1, partitions: [], brokers: [] }),
    initial: "killed",
    states: {
      killed: {
        on: {
          created: { target: "alive.membership.registered", actions: ["adoptImage", "openReplicas"] },
          start: { target: "alive", actions: "startIncarnation" },
          // Dead already; what its process had written may still be in the page cache.
          "power-off": { actions: "losePower" },
        },
      },
      alive: {
        type: "parallel",
        on: {
          kill: { target: "killed", actions: ["die", "forgetMemory"] },
          "power-off": { target: "killed", actions: ["die", "losePower", "forgetMemory"] },
        },
        states: {
          // While it is paused nothing reaches the process and none of its timers fires: the cluster sees to that.
          process: {
            initial: "running",
            states: {
              running: { on: { pause: "paused" } },
              paused: { on: { resume: "running" } },
            },
          },
          membership: {
            initial: "registering",
            on: {
              metadata: { actions: "answerMetadata" },
              "partition-change": [{ guard: "partitionChangeIsOlder" }, { actions: "notePartition" }],
              "broker-change": [
                { guard: "changeIsItsOwn", actions: ["forgetMetadata", "noteBroker"] },
                { actions: "noteBroker" },
              ],
            },
            states: {
              registering: {
                entry: "register",
                on: {
                  "register-response": [
                    { guard: "registrationFailed", target: "waiting" },
                    { target: "catchingUp", actions: "adoptEpoch" },
                  ],
                },
              },
              waiting: { after: { registrationRetry: "registering" } },
              catchingUp: { always: { guard: "hasCaughtUp", target: "registered", actions: "openReplicas" } },
              registered: {
                initial: "beating",
                on: {
                  "partition-change": [
                    { guard: "partitionChangeIsOlder" },
                    { actions: ["notePartition", "tellPartition"] },
                  ],
                  "broker-change": { actions: ["noteBroker", "tellBroker"] },
                },
                states: {
                  beating: { entry: "heartbeat", on: { "heartbeat-response": "resting" } },
                  resting: { after: { heartbeatInterval: "beating" } },
                },
              },
            },
          },
        },
      },
    },
  });
}

function notePartition({ context, event }: Args): Partial<BrokerContext> {
  assertEvent(event, "partition-change");
  const others = context.partitions.filter(({ partition }) => partition !== event.change.partition);
  return { partitions: [...others, event.change].sort((one, other) => (one.partition < other.partition ? -1 : 1)) };
}

function noteBroker({ context, event }: Args): Partial<BrokerContext> {
  assertEvent(event, "broker-change");
  const others = context.brokers.filter(({ broker }) => broker !== event.change.broker);
  return { brokers: [...others, event.change].sort((one, other) => one.broker - other.broker) };
}

/** Every disk keeps what was flushed, and no more than it is told to. */
function losePower({ context, event }: Args): Effects {
  assertEvent(event, "power-off");
  return effects(
    ...context.replicas.map(({ id, partition }) =>
      local<DiskEvent>(`${id}/disk`, { type: "power-lost", keeps: event.keeps[partition] ?? null }),
    ),
  );
}

/** Opens the log of every replica and hands it the metadata that has come so far; brokers first, as roles need them. */
function openReplicas({ context }: Args): Effects {
  return effects(
    ...context.replicas.flatMap(({ id, partition }): Effect[] => [
      local<ReplicaEvent>(id, { type: "process-started", brokerEpoch: context.epoch }),
      ...context.brokers.map((change) => local<ReplicaEvent>(id, { type: "broker-changed", ...change })),
      ...context.partitions
        .filter((change) => change.partition === partition)
        .map((change) => local<ReplicaEvent>(id, { type: "partition-changed", change })),
    ]),
  );
}

function tellPartition({ context, event }: Args): Effects {
  assertEvent(event, "partition-change");
  const { change } = event;
  return effects(
    ...context.replicas
      .filter(({ partition }) => partition === change.partition)
      .map(({ id }) => local<ReplicaEvent>(id, { type: "partition-changed", change })),
  );
}

function tellBroker({ context, event }: Args): Effects {
  assertEvent(event, "broker-change");
  const { change } = event;
  return effects(...context.replicas.map(({ id }) => local<ReplicaEvent>(id, { type: "broker-changed", ...change })));
}
