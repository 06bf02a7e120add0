/** Rules of a broker's process and of its membership (BrokerLifecycleManager; KIP-631). */
import type { BrokerEvent } from "../../../model/broker/broker-machine.ts";
import { type Effect, local } from "../../../model/effect.ts";
import type { BrokerMetadata, ErrorName, PartitionMetadata } from "../../../model/message.ts";
import type { DiskEvent } from "../../../model/replica/disk-machine.ts";
import type { ReplicaEvent } from "../../../model/replica/replica-context.ts";
import { fire, type MachineCase } from "../machine-case.ts";

const kind = "broker";
const connection = "p1→b1#0";

/** Broker 1 with a replica of each of two partitions. */
const input = {
  broker: 1,
  replicas: [
    { id: "b1/t-0", partition: "t-0" },
    { id: "b1/t-1", partition: "t-1" },
  ],
  heartbeatIntervalMs: 2000,
  retryMs: 1500,
};

const at = (partition: string, partitionEpoch: number): PartitionMetadata => ({
  partition,
  leader: 1,
  leaderEpoch: partitionEpoch,
  isr: [1, 2],
  partitionEpoch,
});

const peer = (broker: number, epoch = 1, fenced = false): BrokerMetadata => ({ broker, epoch, fenced });

const created: BrokerEvent = { type: "created", partitions: [at("t-0", 0), at("t-1", 0)], brokers: [peer(1), peer(2)] };
const [kill, start, pause, resume]: BrokerEvent[] = [
  { type: "kill" },
  { type: "start" },
  { type: "pause" },
  { type: "resume" },
] as const;
const powerOff = (keeps: Readonly<Record<string, number>> = {}): BrokerEvent => ({ type: "power-off", keeps });
const losesPower = (disk: string, keeps: number | null): Effect =>
  local<DiskEvent>(disk, { type: "power-lost", keeps });
const partitionChange = (change: PartitionMetadata): BrokerEvent => ({ type: "partition-change", change });
const brokerChange = (change: BrokerMetadata): BrokerEvent => ({ type: "broker-change", change });
const metadata: BrokerEvent = { type: "metadata", connection };
const registration = (error: ErrorName | null, epoch: number): BrokerEvent => ({
  type: "register-response",
  error,
  epoch,
});
const beaten: BrokerEvent = { type: "heartbeat-response", error: null };

const registering: Effect = {
  kind: "request",
  to: "controller",
  body: { type: "register", broker: 1, incarnation: 2 },
};

const beat = (epoch: number): Effect => ({
  kind: "request",
  to: "controller",
  body: { type: "heartbeat", broker: 1, epoch },
});

const known = (...partitions: readonly PartitionMetadata[]): Effect => ({
  kind: "reply",
  connection,
  body: { type: "metadata-response", partitions },
});

const tell = (replica: string, event: ReplicaEvent): Effect => local<ReplicaEvent>(replica, event);

function opened(replica: string, brokerEpoch: number, brokers: readonly BrokerMetadata[]): Effect[] {
  return [
    tell(replica, { type: "process-started", brokerEpoch }),
    ...brokers.map((change) => tell(replica, { type: "broker-changed", ...change })),
  ];
}

const process = (state: "running" | "paused", membership: unknown) => ({ alive: { process: state, membership } });
const beating = { registered: "beating" };
const resting = { registered: "resting" };

export const cases: readonly MachineCase<BrokerEvent>[] = [
  {
    name: "a cluster is created with every process up, registered, and its replicas opened on the first metadata",
    kind,
    input,
    events: [created],
    expect: {
      value: process("running", beating),
      context: { incarnation: 1, epoch: 1 },
      effects: [
        ...opened("b1/t-0", 1, [peer(1), peer(2)]),
        tell("b1/t-0", { type: "partition-changed", change: at("t-0", 0) }),
        ...opened("b1/t-1", 1, [peer(1), peer(2)]),
        tell("b1/t-1", { type: "partition-changed", change: at("t-1", 0) }),
        beat(1),
      ],
    },
  },
  {
    name: "an answered heartbeat is followed by the next one after the interval",
    kind,
    input,
    events: [created, beaten],
    expect: { value: process("running", resting), effects: [], armed: { heartbeatInterval: 2000 } },
  },
  {
    name: "a heartbeat is sent every interval, with the broker epoch",
    kind,
    input,
    events: [created, beaten, fire("heartbeatInterval")],
    expect: { value: process("running", beating), effects: [beat(1)], running: [] },
  },
  {
    name: "a killed process loses its memory, and its replicas learn of it",
    kind,
    input,
    events: [created, beaten, kill],
    expect: {
      value: "killed",
      context: { epoch: -1, partitions: [], brokers: [] },
      effects: [
        { kind: "process-died" },
        tell("b1/t-0", { type: "process-died" }),
        tell("b1/t-1", { type: "process-died" }),
      ],
      running: [],
    },
  },
  {
    name: "with its power a process loses its memory, and every disk what was not on it, or what it is told",
    kind,
    input,
    events: [created, beaten, powerOff({ "t-1": 7 })],
    expect: {
      value: "killed",
      context: { epoch: -1, partitions: [], brokers: [] },
      effects: [
        { kind: "process-died" },
        tell("b1/t-0", { type: "process-died" }),
        tell("b1/t-1", { type: "process-died" }),
        losesPower("b1/t-0/disk", null),
        losesPower("b1/t-1/disk", 7),
      ],
      running: [],
    },
  },
  {
    name: "a dead process's disks can lose their power too",
    kind,
    input,
    events: [created, kill, powerOff()],
    expect: { value: "killed", effects: [losesPower("b1/t-0/disk", null), losesPower("b1/t-1/disk", null)] },
  },
  {
    name: "a process that starts is a new incarnation, and registers before anything else",
    kind,
    input,
    events: [created, kill, start],
    expect: {
      value: process("running", "registering"),
      context: { incarnation: 2, epoch: -1 },
      effects: [registering],
    },
  },
  {
    name: "a refused registration is tried again after a while",
    kind,
    input,
    events: [created, kill, start, registration("DUPLICATE_BROKER_REGISTRATION", 1)],
    expect: {
      value: process("running", "waiting"),
      context: { epoch: -1 },
      effects: [],
      armed: { registrationRetry: 1500 },
    },
  },
  {
    name: "the repeated registration is of the same incarnation",
    kind,
    input,
    events: [created, kill, start, registration("DUPLICATE_BROKER_REGISTRATION", 1), fire("registrationRetry")],
    expect: { value: process("running", "registering"), context: { incarnation: 2 }, effects: [registering] },
  },
  {
    name: "metadata that comes before the registration is kept, and no replica is told yet",
    kind,
    input,
    events: [created, kill, start, partitionChange(at("t-0", 4))],
    expect: {
      value: process("running", "registering"),
      context: { partitions: [at("t-0", 4)] },
      effects: [],
    },
  },
  {
    name: "a change of a broker that comes before the registration is kept, and no replica is told yet",
    kind,
    input,
    events: [created, kill, start, brokerChange(peer(2, 1, true))],
    expect: { context: { brokers: [peer(2, 1, true)] }, effects: [] },
  },
  {
    name: "before the registration, too, an older change of a partition is ignored",
    kind,
    input,
    events: [created, kill, start, partitionChange(at("t-0", 4)), partitionChange(at("t-0", 3))],
    expect: { context: { partitions: [at("t-0", 4)] }, effects: [] },
  },
  {
    name: "a registered process waits until it hears of its registration; its replicas stay closed",
    kind,
    input,
    events: [created, kill, start, partitionChange(at("t-1", 4)), brokerChange(peer(1, 4)), registration(null, 5)],
    expect: { value: process("running", "catchingUp"), context: { epoch: 5 }, effects: [] },
  },
  {
    name: "another broker with that epoch is not its registration",
    kind,
    input,
    events: [created, kill, start, registration(null, 5), brokerChange(peer(2, 5))],
    expect: { value: process("running", "catchingUp"), context: { brokers: [peer(2, 5)] }, effects: [] },
  },
  {
    name: "once it hears of its registration it forgets older metadata, opens its replicas, and is unfenced by a heartbeat",
    kind,
    input,
    events: [
      ...[created, kill, start, registration(null, 5), partitionChange(at("t-1", 4)), brokerChange(peer(2))],
      brokerChange(peer(1, 5, true)),
    ],
    expect: {
      value: process("running", beating),
      context: { epoch: 5, partitions: [], brokers: [peer(1, 5, true)] },
      effects: [...opened("b1/t-0", 5, [peer(1, 5, true)]), ...opened("b1/t-1", 5, [peer(1, 5, true)]), beat(5)],
    },
  },
  {
    name: "it may hear of its registration before the answer comes, and opens its replicas on what has followed",
    kind,
    input,
    events: [
      ...[created, kill, start, partitionChange(at("t-0", 6)), brokerChange(peer(3))],
      ...[brokerChange(peer(1, 5, true)), brokerChange(peer(2)), partitionChange(at("t-1", 4))],
      registration(null, 5),
    ],
    expect: {
      value: process("running", beating),
      context: { epoch: 5 },
      effects: [
        ...opened("b1/t-0", 5, [peer(1, 5, true), peer(2)]),
        ...opened("b1/t-1", 5, [peer(1, 5, true), peer(2)]),
        tell("b1/t-1", { type: "partition-changed", change: at("t-1", 4) }),
        beat(5),
      ],
    },
  },
  {
    name: "a change of a partition is handed to its replica, and to no other",
    kind,
    input,
    events: [created, partitionChange(at("t-1", 1))],
    expect: {
      context: { partitions: [at("t-0", 0), at("t-1", 1)] },
      effects: [tell("b1/t-1", { type: "partition-changed", change: at("t-1", 1) })],
    },
  },
  {
    name: "the same change of a partition may come again",
    kind,
    input,
    events: [created, partitionChange(at("t-1", 1)), partitionChange(at("t-1", 1))],
    expect: { effects: [tell("b1/t-1", { type: "partition-changed", change: at("t-1", 1) })] },
  },
  {
    name: "an older change of a partition is ignored",
    kind,
    input,
    events: [created, partitionChange(at("t-1", 2)), partitionChange(at("t-1", 1))],
    expect: { context: { partitions: [at("t-0", 0), at("t-1", 2)] }, effects: [] },
  },
  {
    name: "a change of a partition that has no replica here is known all the same: any broker answers metadata",
    kind,
    input,
    events: [created, partitionChange(at("u-0", 1)), metadata],
    expect: { effects: [known(at("t-0", 0), at("t-1", 0), at("u-0", 1))] },
  },
  {
    name: "a change of a broker is handed to every replica",
    kind,
    input,
    events: [created, brokerChange(peer(2, 1, true))],
    expect: {
      context: { brokers: [peer(1), peer(2, 1, true)] },
      effects: [
        tell("b1/t-0", { type: "broker-changed", ...peer(2, 1, true) }),
        tell("b1/t-1", { type: "broker-changed", ...peer(2, 1, true) }),
      ],
    },
  },
  {
    name: "metadata is answered as far as it is known here, however old that is",
    kind,
    input,
    events: [created, metadata],
    expect: { effects: [known(at("t-0", 0), at("t-1", 0))] },
  },
  {
    name: "a paused process keeps what it knows",
    kind,
    input,
    events: [created, beaten, pause],
    expect: { value: process("paused", resting), context: { epoch: 1 }, effects: [], running: ["heartbeatInterval"] },
  },
  {
    name: "a process that wakes up goes on as if nothing had happened",
    kind,
    input,
    events: [created, beaten, pause, resume],
    expect: { value: process("running", resting), context: { epoch: 1, incarnation: 1 }, effects: [] },
  },
];
