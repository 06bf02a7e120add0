/**
 * A random cluster under fire, as a plan that fast-check draws and shrinks: configuration, what the applications call,
 * what breaks, and how the schedule is drawn. A plan is plain data; the same plan is the same run.
 */
import fc from "fast-check";
import type { ClientOperation } from "../../model/client-operation.ts";
import type { ExternalChoice } from "../../model/cluster/choice.ts";
import { type ClusterConfig, partitionsOf } from "../../spec/config/cluster-config.ts";
import { parseCluster } from "../../spec/config/parse-cluster.ts";
import type { Fault } from "../../spec/subject.ts";

const partitionsMax = 2;

/** Short times, so that sessions and lags run out within a run of some hundred steps. */
const server = fc.record({
  "unclean.leader.election.enable": fc.constantFrom(false, false, false, false, true),
  "replica.lag.time.max.ms": fc.constantFrom("1s", "2s", "4s"),
  "broker.session.timeout.ms": fc.constantFrom("1500ms", "3s"),
  "broker.heartbeat.interval.ms": fc.constant("500ms"),
  "replica.high.watermark.checkpoint.interval.ms": fc.constantFrom("500ms", "2s"),
  "log.retention.check.interval.ms": fc.constant("500ms"),
});

/** Mostly none: what is gone can no longer be lost. */
const retention = fc.constantFrom<object>(
  ...[{}, {}, {}, {}, {}, {}],
  { "segment.bytes": 5, "retention.bytes": 4 },
  { "segment.bytes": 2, "retention.bytes": 0 },
  { "segment.bytes": 5, "retention.ms": "1s" },
);

const topicSettings = fc.record({
  partitions: fc.constantFrom(1, 1, partitionsMax),
  "replication.factor": fc.constantFrom(3, 3, 3, 2, 1),
  "min.insync.replicas": fc.constantFrom(1, 2, 2, 3),
});

const topic = fc.tuple(topicSettings, retention).map(([settings, deletes]) => ({ ...settings, ...deletes }));

const producer = fc.record({
  acks: fc.constantFrom("all", "all", 1, 0),
  "partitioner.class": fc.constantFrom("TextbookPartitioner", "RoundRobinPartitioner", null),
  "linger.ms": fc.constantFrom(0, 0, 3),
  "batch.size": fc.constantFrom(4, 10, 16384),
  "max.in.flight.requests.per.connection": fc.constantFrom(1, 5),
  retries: fc.constantFrom(0, 3, 2147483647),
  "request.timeout.ms": fc.constantFrom("1s", "2s"),
  "delivery.timeout.ms": fc.constantFrom("3s", "6s", "20s"),
});

const consumer = fc.record({
  "enable.auto.commit": fc.boolean(),
  "auto.commit.interval.ms": fc.constant("1s"),
  "auto.offset.reset": fc.constantFrom("earliest", "earliest", "earliest", "latest", "none"),
  "max.poll.records": fc.constantFrom(1, 500),
  "request.timeout.ms": fc.constant("2s"),
});

const cluster = fc.record({
  profile: fc.constantFrom("3.7", "4.1"),
  brokers: fc.constantFrom(3, 3, 4),
  "os.writeback.interval.ms": fc.constantFrom("500ms", "30s"),
  server,
  topics: fc.record({ orders: topic }),
  producers: fc.record({ p1: producer, p2: producer }),
  consumers: fc.record({ c1: consumer }).map(({ c1 }) => ({ c1: { "group.id": "g", ...c1 } })),
});

const send = fc.record({
  partition: fc.nat(partitionsMax - 1),
  records: fc.integer({ min: 1, max: 3 }),
  /** With a key the producer chooses the partition. */
  key: fc.constantFrom(null, null, null, "", "k", "m"),
});

const producerCalls = fc.array(
  fc.oneof({ weight: 12, arbitrary: send }, { weight: 1, arbitrary: fc.constant("crash" as const) }),
  { maxLength: 14, size: "max" },
);

const consumerCalls = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.constant<ClientOperation>({ f: "poll", timeoutMs: 500 }) },
    { weight: 4, arbitrary: fc.constant<ClientOperation>({ f: "commit", offsets: null }) },
    { weight: 1, arbitrary: fc.constant<ClientOperation>({ f: "crash" }) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(0, 2, 99)
        .map((offset): ClientOperation => ({ f: "seek", partition: "orders-0", offset })),
    },
  ),
  { maxLength: 24, size: "max" },
);

const faultKinds = ["kill", "power-off", "pause", "cut", "hold"] as const;
type FaultKind = (typeof faultKinds)[number];

/** Which message waits, from whom to whom; `b` is the broker that is struck, `other` another node. */
const heldMessages = [
  ["b", "other", "fetch"],
  ["b", "other", "fetch-response"],
  ["other", "b", "produce"],
  ["b", "other", "produce-response"],
  ["b", "controller", "alter-partition"],
  ["b", "controller", "heartbeat"],
  ["controller", "b", "alter-partition-response"],
  ["controller", "b", "partition-change"],
  ["controller", "b", "broker-change"],
  ["c1", "coordinator", "offset-commit"],
  ["coordinator", "c1", "offset-commit-response"],
] as const;

/** Which faults there are at all is drawn per run (swarm testing): what always happens hides what seldom does. */
const faults = fc
  .record({
    kinds: fc.subarray([...faultKinds]),
    strikes: fc.array(
      fc.record({
        kind: fc.nat(faultKinds.length - 1),
        broker: fc.integer({ min: 1, max: 4 }),
        node: fc.constantFrom("b1", "b2", "b3", "controller", "p1", "p2", "c1"),
        held: fc.constantFrom(...heldMessages),
        /** A power loss spares records up to there, where they were not on disk for sure. */
        keeps: fc.constantFrom({}, {}, { "orders-0": 3 }),
      }),
      { maxLength: 24, size: "max" },
    ),
  })
  .map(({ kinds, strikes }) =>
    strikes.flatMap(({ kind, ...where }) => {
      const drawn = kinds[kind % Math.max(1, kinds.length)];
      return drawn === undefined ? [] : [{ kind: drawn, ...where }];
    }),
  );

const schedule = fc.record({
  seed: fc.nat(0xffff_ffff),
  /** Whatever comes due within so many milliseconds may come next. */
  slackMs: fc.constantFrom(0, 0, 2, 5),
  stepsMax: fc.integer({ min: 180, max: 520 }),
  /** Against 100 for everything that happens by itself. */
  clientWeight: fc.constantFrom(3, 8, 20),
  faultWeight: fc.constantFrom(3, 8, 20),
});

export const plans = fc.record({
  cluster,
  producerCalls: fc.tuple(producerCalls, producerCalls),
  consumerCalls,
  deletions: fc.oneof(
    { weight: 3, arbitrary: fc.constant<number[]>([]) },
    { weight: 1, arbitrary: fc.array(fc.nat(8), { maxLength: 4, size: "max" }) },
  ),
  faults,
  schedule,
});

export type Plan = typeof plans extends fc.Arbitrary<infer Value> ? Value : never;

export function configOf(plan: Plan): ClusterConfig {
  const parsed = parseCluster(plan.cluster);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

/** Everything from outside, each actor's in its order. */
export function externalOf(plan: Plan, config: ClusterConfig): readonly ExternalChoice[] {
  const [first, second] = plan.producerCalls;
  return [
    ...sends("p1", first, config),
    ...sends("p2", second, config),
    ...plan.consumerCalls.flatMap((operation) => calls("c1", operation)),
    ...plan.deletions.flatMap((before) => calls("admin", { f: "delete-records", partition: "orders-0", before })),
    ...strikes(plan.faults, config),
  ];
}

function sends(client: string, wanted: Plan["producerCalls"][0], config: ClusterConfig): readonly ExternalChoice[] {
  const partitions = partitionsOf(config);
  return wanted.flatMap((one, index) => {
    if (one === "crash") return calls(client, { f: "crash" });
    const records = Array.from({ length: one.records }, (_, place) => {
      return { key: one.key, value: `${client}${index}${"abc"[place]}` };
    });
    const to = one.key === null ? (partitions[one.partition % partitions.length] ?? "orders-0") : "orders";
    return calls(client, { f: "send", to, records });
  });
}

/** Who crashes starts again as its next call. */
function calls(client: string, operation: ClientOperation): readonly ExternalChoice[] {
  const call: ExternalChoice = { kind: "client", client, operation };
  return operation.f === "crash" ? [call, { kind: "client", client, operation: { f: "restart" } }] : [call];
}

interface Strike {
  readonly kind: FaultKind;
  readonly broker: number;
  readonly node: string;
  readonly held: (typeof heldMessages)[number];
  readonly keeps: Readonly<Record<string, number>>;
}

/** A strike at what is broken already mends it: so faults overlap, and none is struck twice. */
function strikes(wanted: readonly Strike[], config: ClusterConfig): readonly ExternalChoice[] {
  const broken = new Set<string>();
  const mending = { kill: "start", "power-off": "start", pause: "resume", cut: "heal", hold: "release" } as const;
  return wanted.flatMap((strike) => {
    const broker = ((strike.broker - 1) % config.brokers) + 1;
    const node = strike.node === `b${broker}` ? "controller" : strike.node;
    const hold = holdOf(strike.held, broker, node);
    const target = targetOf(strike.kind, broker, node, hold);
    // A paused process is not killed, nor a dead one paused.
    if (target === `down ${broker}` && broken.has(`paused ${broker}`)) return [];
    if (target === `paused ${broker}` && broken.has(`down ${broker}`)) return [];
    const isBroken = broken.delete(target);
    if (!isBroken) broken.add(target);
    const kind = isBroken ? mending[strike.kind] : strike.kind;
    if (kind === "power-off") return [{ kind: "fault", fault: { kind, broker, keeps: strike.keeps } }];
    return [{ kind: "fault", fault: faultOf(kind, broker, node, hold) }];
  });
}

type Held = Omit<Extract<Fault, { kind: "hold" | "release" }>, "kind">;

function holdOf([from, to, message]: Strike["held"], broker: number, other: string): Held {
  const named = (node: string) => (node === "b" ? `b${broker}` : node === "other" ? other : node);
  return { from: named(from), to: named(to), message };
}

/** What is broken by a strike, by name. */
function targetOf(kind: FaultKind, broker: number, node: string, { from, to, message }: Held): string {
  if (kind === "kill" || kind === "power-off") return `down ${broker}`;
  if (kind === "pause") return `paused ${broker}`;
  return kind === "cut" ? `cut ${[`b${broker}`, node].sort().join(" ")}` : `hold ${message} ${from} ${to}`;
}

function faultOf(
  kind: Exclude<Fault["kind"], "heal-all" | "power-off">,
  broker: number,
  node: string,
  hold: Held,
): Fault {
  switch (kind) {
    case "cut":
    case "heal":
      return { kind, between: [`b${broker}`, node] };
    case "hold":
    case "release":
      return { kind, ...hold };
    default:
      return { kind, broker };
  }
}

/** Everything that mends what may be broken, and starts whoever may be down; who is well takes no notice. */
export function mendingOf(config: ClusterConfig, external: readonly ExternalChoice[]): readonly ExternalChoice[] {
  const held = external.flatMap((choice) =>
    choice.kind === "fault" && choice.fault.kind === "hold" ? [choice.fault] : [],
  );
  const brokers = Array.from({ length: config.brokers }, (_, index) => index + 1);
  const faults: readonly Fault[] = [
    { kind: "heal-all" },
    ...held.map((fault): Fault => ({ ...fault, kind: "release" })),
    ...brokers.flatMap((broker): readonly Fault[] => [
      { kind: "resume", broker },
      { kind: "start", broker },
    ]),
  ];
  return faults.map((fault) => ({ kind: "fault", fault }));
}
