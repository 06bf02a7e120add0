/** Generators of cluster configurations: valid ones, spoilt ones, and anything at all. */
import fc from "fast-check";
import { logReconciliations } from "../../../spec/config/cluster-config.ts";

type Input = Readonly<Record<string, unknown>>;

function milliseconds(min: number, max: number): fc.Arbitrary<unknown> {
  const number = fc.integer({ min, max });
  const seconds = fc.integer({ min: Math.ceil(min / 1000), max: Math.floor(max / 1000) });
  return fc.oneof(
    number,
    number.map(String),
    number.map((n) => `${n}ms`),
    seconds.map((n) => `${n}s`),
  );
}

function whole(min: number, max: number): fc.Arbitrary<unknown> {
  const number = fc.integer({ min, max });
  return fc.oneof(number, number.map(String));
}

function settings(model: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Input> {
  return fc.record(model, { requiredKeys: [] });
}

const truth = fc.constantFrom<unknown>(true, false, "true", "false");
const off = fc.constantFrom<unknown>(false, "false");

const server = settings({
  "num.partitions": whole(1, 16),
  "default.replication.factor": whole(1, 3),
  "min.insync.replicas": whole(1, 9),
  "unclean.leader.election.enable": truth,
  "auto.leader.rebalance.enable": off,
  "replica.lag.time.max.ms": milliseconds(1000, 60_000),
  "replica.fetch.wait.max.ms": milliseconds(0, 1000),
  "replica.fetch.backoff.ms": milliseconds(0, 5000),
  "replica.socket.timeout.ms": milliseconds(1000, 60_000),
  "replica.high.watermark.checkpoint.interval.ms": milliseconds(1, 10_000),
  "log.retention.check.interval.ms": milliseconds(1, 600_000),
  "broker.session.timeout.ms": milliseconds(1, 10_000),
  "broker.heartbeat.interval.ms": milliseconds(1, 10_000),
  "log.flush.interval.messages": whole(1, 1000),
  "log.reconciliation": fc.constantFrom(...logReconciliations),
});

const topic = settings({
  partitions: whole(1, 16),
  "replication.factor": whole(1, 3),
  "min.insync.replicas": whole(1, 9),
  "unclean.leader.election.enable": truth,
  "segment.bytes": whole(1, 10_000),
  "retention.bytes": fc.oneof(whole(0, 100_000), fc.constantFrom<unknown>(-1, "-1")),
  "retention.ms": fc.oneof(milliseconds(0, 100_000), fc.constantFrom<unknown>(-1, "-1")),
});

const producer = settings({
  acks: fc.constantFrom<unknown>("all", -1, "-1", 0, "0", 1, "1"),
  "enable.idempotence": off,
  "batch.size": whole(0, 100_000),
  "linger.ms": milliseconds(0, 100_000),
  "max.in.flight.requests.per.connection": whole(1, 9),
  retries: whole(0, 2147483647),
  "retry.backoff.ms": milliseconds(0, 2000),
  "retry.backoff.max.ms": milliseconds(0, 2000),
  "request.timeout.ms": milliseconds(0, 100_000),
  "delivery.timeout.ms": milliseconds(200_000, 300_000),
  "partitioner.class": fc.constantFrom(
    null,
    "RoundRobinPartitioner",
    "org.apache.kafka.clients.producer.RoundRobinPartitioner",
    "TextbookPartitioner",
    "./first-letter.ts",
  ),
  "partitioner.ignore.keys": truth,
});

const anyConsumer = settings({
  "group.id": fc.constantFrom(null, "billing", "7"),
  "enable.auto.commit": truth,
  "auto.commit.interval.ms": milliseconds(0, 10_000),
  "auto.offset.reset": fc.constantFrom("latest", "earliest", "none"),
  "max.poll.records": whole(1, 1000),
  "fetch.max.wait.ms": milliseconds(0, 1000),
  "request.timeout.ms": milliseconds(0, 60_000),
  "retry.backoff.ms": milliseconds(0, 1000),
  "isolation.level": fc.constant("read_uncommitted"),
});
const consumer = anyConsumer.map((one) => (one["group.id"] ? one : { ...one, "enable.auto.commit": false }));

/** At least three brokers and at most three replicas, so that nothing contradicts anything. */
export const validInput: fc.Arbitrary<Input> = fc.record(
  {
    profile: fc.constantFrom<unknown>("4.1", 4.1, "3.7", 3.7, "pre-3.7"),
    brokers: whole(3, 9),
    "network.delay.ms": milliseconds(1, 1000),
    "os.writeback.interval.ms": milliseconds(1, 100_000),
    server,
    topics: fc.dictionary(fc.constantFrom("orders", "a.b_c-d", "7"), topic, { minKeys: 1, maxKeys: 1 }),
    producers: fc.dictionary(fc.constantFrom("p1", "p2", "p10"), producer),
    consumers: fc.dictionary(fc.constantFrom("c1", "c2", "C"), consumer),
  },
  { requiredKeys: ["brokers", "topics"] },
);

/** The same value with the keys of every map in another order. */
export function shuffled(value: unknown): fc.Arbitrary<unknown> {
  if (!isMap(value)) return fc.constant(value);
  const keys = Object.keys(value);
  return fc
    .shuffledSubarray(keys, { minLength: keys.length })
    .chain((order) => fc.tuple(...order.map((key) => shuffled(value[key]).map((inner) => [key, inner] as const))))
    .map((entries) => Object.fromEntries(entries));
}

const strangeNames = [
  ...["brokers", "topics", "linger.ms", "lingerms", "group.id", "retention.ms", "ssl.protocol", "acks", "x"],
  ...["min.insync.replicas", "replication.factor", "p1", "c1", "b1", "all", "", "a/b", "constructor", "toString"],
];
const strangeValues = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    "true",
    "all",
    "5s",
    "1h",
    -1,
    0,
    1,
    2,
    4.1,
    10,
    1e9,
    2 ** 31,
    1e20,
    0.5,
    {},
    [],
  ),
  fc.constantFrom(
    "read_committed",
    "kip-101",
    "pre-3.7",
    "-0",
    "007",
    "99999999999999999999",
    "earliest",
    "by_duration:P1D",
  ),
  fc.jsonValue(),
);

/** A valid input of which up to three places are changed: left out, replaced, added to or called something else. */
export const mutatedInput: fc.Arbitrary<unknown> = fc
  .tuple(
    validInput,
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), strangeValues, fc.constantFrom(...strangeNames)), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([raw, changes]) => {
    const copy = structuredClone(raw);
    for (const [at, kind, value, name] of changes) mutate(copy, at, kind, value, name);
    return copy;
  });

/** Anything, also where a map is expected. */
export const anyInput: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  anything(),
  fc.record(
    {
      profile: anything(),
      brokers: anything(),
      server: fc.oneof(anything(), fc.dictionary(fc.constantFrom("num.partitions", "x", "log.dirs"), anything())),
      topics: fc.oneof(anything(), fc.dictionary(fc.string(), anything())),
      producers: fc.oneof(
        anything(),
        fc.dictionary(fc.string(), fc.dictionary(fc.constantFrom("acks", "linger.ms"), anything())),
      ),
      consumers: fc.oneof(
        anything(),
        fc.dictionary(fc.string(), fc.dictionary(fc.constantFrom("group.id"), anything())),
      ),
    },
    { requiredKeys: [] },
  ),
);

function anything(): fc.Arbitrary<unknown> {
  return fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    withTypedArray: true,
  });
}

function mutate(root: Input, at: number, kind: number, value: unknown, name: string): void {
  const places = mapsIn(root).flatMap((map) => Object.keys(map).map((key) => [map, key] as const));
  const place = places[at % places.length];
  if (place === undefined) return;
  const [map, key] = place;
  if (kind === 0) Reflect.set(map, name, value);
  else if (kind === 1) Reflect.set(map, key, value);
  else {
    const old = map[key];
    Reflect.deleteProperty(map, key);
    if (kind === 2) Reflect.set(map, name, old);
  }
}

function mapsIn(value: unknown): Input[] {
  return isMap(value) ? [value, ...Object.values(value).flatMap(mapsIn)] : [];
}

function isMap(value: unknown): value is Input {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
