/**
 * The controller's registration of one broker, and its session: fenced when no heartbeat came within
 * `broker.session.timeout.ms`, unfenced by the next heartbeat. Registering again under a live session of another
 * incarnation is refused, so a broker that restarts fast is fenced first.
 *
 * Source: metadata/…/controller/ClusterControlManager.java, BrokerHeartbeatManager.java; KIP-631.
 */
import { assertEvent, assign, emit, setup } from "xstate";
import type { BrokerId } from "../../spec/vocabulary.ts";
import { type Effect, type Effects, effects, local, observe } from "../effect.ts";
import type { ErrorName, RequestBody } from "../message.ts";
import type { PartitionEvent } from "./partition-machine.ts";

export interface BrokerSessionContext {
  readonly broker: BrokerId;
  readonly brokers: readonly BrokerId[];
  /** Machine ids of the controller's partitions. */
  readonly partitions: readonly string[];
  readonly sessionTimeoutMs: number;
  /** Broker epoch of the registration in force. */
  readonly epoch: number;
  readonly incarnation: number;
}

export type BrokerSessionEvent =
  | (Extract<RequestBody, { type: "register" }> & { readonly connection: string })
  | (Extract<RequestBody, { type: "heartbeat" }> & { readonly connection: string })
  /** Another broker has registered and needs to know of this one. */
  | { readonly type: "describe"; readonly to: BrokerId };

interface Args {
  readonly context: BrokerSessionContext;
  readonly event: BrokerSessionEvent;
}

export function createBrokerSessionMachine() {
  return setup({
    types: {} as {
      context: BrokerSessionContext;
      events: BrokerSessionEvent;
      emitted: Effects;
      input: Omit<BrokerSessionContext, "epoch" | "incarnation">;
    },
    delays: { sessionTimeout: ({ context }) => context.sessionTimeoutMs },
    guards: {
      heartbeatIsCurrent: ({ context, event }) => {
        assertEvent(event, "heartbeat");
        return event.epoch === context.epoch;
      },
    },
    actions: {
      adoptRegistration: assign(({ context, event }) => {
        assertEvent(event, "register");
        return { epoch: context.epoch + 1, incarnation: event.incarnation };
      }),
      acceptRegistration: emit(acceptRegistration),
      refuseRegistration: emit(({ context, event }) => {
        assertEvent(event, "register");
        const error = "DUPLICATE_BROKER_REGISTRATION";
        const body = { type: "register-response", error, epoch: context.epoch } as const;
        return effects({ kind: "reply", connection: event.connection, body });
      }),
      answerHeartbeat: emit(answerHeartbeat(null)),
      refuseHeartbeat: emit(answerHeartbeat("STALE_BROKER_EPOCH")),
      tellFenced: emit(({ context }) =>
        effects(...pushState(context, true, context.brokers), ...tellPartitions(context, { type: "broker-fenced" })),
      ),
      tellUnfenced: emit(({ context }) =>
        effects(...pushState(context, false, context.brokers), ...tellPartitions(context, { type: "broker-unfenced" })),
      ),
      describeFenced: emit(describe(true)),
      describeUnfenced: emit(describe(false)),
    },
  }).createMachine({
    id: "brokerSession",
    context: ({ input }) => ({ ...input, epoch: 1, incarnation: 1 }),
    initial: "active",
    states: {
      active: {
        after: { sessionTimeout: { target: "fenced", actions: "tellFenced" } },
        on: {
          heartbeat: [
            { guard: "heartbeatIsCurrent", target: "active", reenter: true, actions: "answerHeartbeat" },
            { actions: "refuseHeartbeat" },
          ],
          register: { actions: "refuseRegistration" },
          describe: { actions: "describeUnfenced" },
        },
      },
      fenced: {
        on: {
          heartbeat: [
            { guard: "heartbeatIsCurrent", target: "active", actions: ["answerHeartbeat", "tellUnfenced"] },
            { actions: "refuseHeartbeat" },
          ],
          register: { actions: ["adoptRegistration", "acceptRegistration"] },
          describe: { actions: "describeFenced" },
        },
      },
    },
  });
}

/**
 * The newcomer gets the whole metadata; the partitions learn that it has restarted. Runs after the adoption. Whoever
 * registers again had no clean shutdown: there is none in the model yet.
 */
function acceptRegistration({ context, event }: Args): Effects {
  assertEvent(event, "register");
  const { broker, brokers, epoch } = context;
  const others = brokers.filter((other) => other !== broker);
  return effects(
    { kind: "reply", connection: event.connection, body: { type: "register-response", error: null, epoch } },
    ...pushState(context, true, brokers),
    ...others.map((other) => local<BrokerSessionEvent>(`controller/b${other}`, { type: "describe", to: broker })),
    ...tellPartitions(context, { type: "broker-registered" }),
    observe({ kind: "restarted", broker }),
  );
}

const answerHeartbeat =
  (error: ErrorName | null) =>
  ({ event }: Args): Effects => {
    assertEvent(event, "heartbeat");
    return effects({ kind: "reply", connection: event.connection, body: { type: "heartbeat-response", error } });
  };

const describe =
  (fenced: boolean) =>
  ({ context, event }: Args): Effects => {
    assertEvent(event, "describe");
    return effects(...pushState(context, fenced, [event.to]));
  };

function pushState(context: BrokerSessionContext, fenced: boolean, to: readonly BrokerId[]): Effect[] {
  const body = { type: "broker-change", change: { broker: context.broker, epoch: context.epoch, fenced } } as const;
  return to.map((broker) => ({ kind: "request", to: `b${broker}`, body }));
}

function tellPartitions(
  { broker, epoch, partitions }: BrokerSessionContext,
  { type }: { readonly type: "broker-fenced" | "broker-unfenced" | "broker-registered" },
): Effect[] {
  return partitions.map((partition) => local<PartitionEvent>(partition, { type, broker, epoch }));
}
