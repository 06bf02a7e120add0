/** Rules of a broker's session at the controller (KIP-631; ClusterControlManager, BrokerHeartbeatManager). */
import type { BrokerSessionEvent } from "../../../model/controller/broker-session-machine.ts";
import type { PartitionEvent } from "../../../model/controller/partition-context.ts";
import { type Effect, local, observe } from "../../../model/effect.ts";
import type { ErrorName } from "../../../model/message.ts";
import { fire, type MachineCase } from "../machine-case.ts";

const kind = "broker-session";
const connection = "b1→controller#0";

/** The session of broker 1 in a cluster of three, registered with epoch 1. */
const input = {
  broker: 1,
  brokers: [1, 2, 3],
  partitions: ["controller/t-0", "controller/t-1"],
  sessionTimeoutMs: 9000,
};

const heartbeat = (epoch: number): BrokerSessionEvent => ({ type: "heartbeat", broker: 1, epoch, connection });
const register: BrokerSessionEvent = { type: "register", broker: 1, incarnation: 2, connection };
const describe: BrokerSessionEvent = { type: "describe", to: 3 };
const expired = fire("sessionTimeout");

function heartbeatAnswer(error: ErrorName | null): Effect {
  return { kind: "reply", connection, body: { type: "heartbeat-response", error } };
}

function registerAnswer(error: ErrorName | null, epoch: number): Effect {
  return { kind: "reply", connection, body: { type: "register-response", error, epoch } };
}

function push(to: number, epoch: number, fenced: boolean): Effect {
  return { kind: "request", to: `b${to}`, body: { type: "broker-change", change: { broker: 1, epoch, fenced } } };
}

function tellPartitions(type: "broker-fenced" | "broker-unfenced" | "broker-registered", epoch: number): Effect[] {
  return input.partitions.map((partition) => local<PartitionEvent>(partition, { type, broker: 1, epoch }));
}

export const cases: readonly MachineCase<BrokerSessionEvent>[] = [
  {
    name: "a broker starts registered and unfenced, and its session runs",
    kind,
    input,
    events: [],
    expect: { value: "active", context: { epoch: 1, incarnation: 1 }, effects: [], armed: { sessionTimeout: 9000 } },
  },
  {
    name: "a heartbeat renews the session",
    kind,
    input,
    events: [heartbeat(1)],
    expect: { value: "active", effects: [heartbeatAnswer(null)], armed: { sessionTimeout: 9000 } },
  },
  {
    name: "a heartbeat of an earlier incarnation is refused and renews nothing",
    kind,
    input,
    events: [expired, register, heartbeat(2), heartbeat(1)],
    expect: {
      value: "active",
      effects: [heartbeatAnswer("STALE_BROKER_EPOCH")],
      armed: {},
      running: ["sessionTimeout"],
    },
  },
  {
    name: "a broker without heartbeats is fenced, and everyone is told",
    kind,
    input,
    events: [expired],
    expect: {
      value: "fenced",
      effects: [push(1, 1, true), push(2, 1, true), push(3, 1, true), ...tellPartitions("broker-fenced", 1)],
      running: [],
    },
  },
  {
    name: "the next heartbeat of a fenced broker unfences it, and everyone is told",
    kind,
    input,
    events: [expired, heartbeat(1)],
    expect: {
      value: "active",
      effects: [
        heartbeatAnswer(null),
        push(1, 1, false),
        push(2, 1, false),
        push(3, 1, false),
        ...tellPartitions("broker-unfenced", 1),
      ],
      armed: { sessionTimeout: 9000 },
    },
  },
  {
    name: "registering under a live session of another incarnation is refused",
    kind,
    input,
    events: [register],
    expect: {
      value: "active",
      context: { epoch: 1, incarnation: 1 },
      effects: [registerAnswer("DUPLICATE_BROKER_REGISTRATION", 1)],
      armed: {},
    },
  },
  {
    name: "a new registration gets a new broker epoch, starts fenced, and makes everybody known to the newcomer",
    kind,
    input,
    events: [expired, register],
    expect: {
      value: "fenced",
      context: { epoch: 2, incarnation: 2 },
      effects: [
        registerAnswer(null, 2),
        push(1, 2, true),
        push(2, 2, true),
        push(3, 2, true),
        local<BrokerSessionEvent>("controller/b2", { type: "describe", to: 1 }),
        local<BrokerSessionEvent>("controller/b3", { type: "describe", to: 1 }),
        ...tellPartitions("broker-registered", 2),
        observe({ kind: "restarted", broker: 1 }),
      ],
      running: [],
    },
  },
  {
    name: "a heartbeat of the replaced incarnation does not unfence the new one",
    kind,
    input,
    events: [expired, register, heartbeat(1)],
    expect: { value: "fenced", effects: [heartbeatAnswer("STALE_BROKER_EPOCH")], running: [] },
  },
  {
    name: "a newcomer learns of an unfenced broker",
    kind,
    input,
    events: [describe],
    expect: { value: "active", effects: [push(3, 1, false)] },
  },
  {
    name: "a newcomer learns of a fenced broker",
    kind,
    input,
    events: [expired, describe],
    expect: { value: "fenced", effects: [push(3, 1, true)] },
  },
];
