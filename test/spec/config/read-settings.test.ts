import { describe, expect, it } from "vitest";
import { parseCluster } from "../../../spec/config/parse-cluster.ts";

type Section = "cluster" | "server" | "topic" | "producer" | "consumer";

const places: Readonly<Record<Section, readonly string[]>> = {
  cluster: [],
  server: ["server"],
  topic: ["topics", "orders"],
  producer: ["producers", "p1"],
  consumer: ["consumers", "c1"],
};

/** A valid cluster with one setting. Nine brokers: what is said here is said of the setting alone. */
function withSetting(section: Section, name: string, value: unknown): unknown {
  const setting = { [name]: value };
  return {
    brokers: 9,
    topics: { orders: section === "topic" ? setting : {} },
    // Wide enough that no other setting contradicts the one under test.
    server: { "replica.fetch.wait.max.ms": 0, ...(section === "server" ? setting : {}) },
    producers: { p1: section === "producer" ? setting : {} },
    consumers: { c1: { "group.id": "billing", ...(section === "consumer" ? setting : {}) } },
    ...(section === "cluster" ? setting : {}),
  };
}

function problemsWith(section: Section, name: string, value: unknown) {
  const parsed = parseCluster(withSetting(section, name, value));
  return parsed.ok ? [] : parsed.problems;
}

function valueWith(section: Section, name: string, value: unknown): unknown {
  const parsed = parseCluster(withSetting(section, name, value));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return [...places[section], name].reduce<unknown>((at, key) => Reflect.get(Object(at), key), parsed.config);
}

const intMax = 2147483647;

describe("numbers have limits", () => {
  const limits: readonly [Section, string, number, number][] = [
    ["cluster", "brokers", 1, 9],
    ["cluster", "network.delay.ms", 1, intMax],
    ["cluster", "os.writeback.interval.ms", 1, intMax],
    ["server", "num.partitions", 1, 16],
    ["server", "min.insync.replicas", 1, intMax],
    ["server", "replica.lag.time.max.ms", 2, intMax],
    ["server", "replica.fetch.backoff.ms", 0, intMax],
    ["server", "replica.socket.timeout.ms", 1, intMax],
    ["server", "replica.high.watermark.checkpoint.interval.ms", 1, intMax],
    ["server", "log.retention.check.interval.ms", 1, intMax],
    ["server", "broker.session.timeout.ms", 1, intMax],
    ["server", "log.flush.interval.messages", 1, intMax],
    ["server", "broker.heartbeat.interval.ms", 1, intMax],
    ["server", "eligible.leader.replicas.version", 0, 1],
    ["topic", "partitions", 1, 16],
    ["topic", "min.insync.replicas", 1, intMax],
    ["topic", "segment.bytes", 1, intMax],
    ["topic", "retention.bytes", -1, intMax],
    ["topic", "retention.ms", -1, intMax],
    ["producer", "batch.size", 0, intMax],
    ["producer", "linger.ms", 0, intMax],
    ["producer", "max.in.flight.requests.per.connection", 1, intMax],
    ["producer", "retries", 0, intMax],
    ["producer", "retry.backoff.ms", 0, intMax],
    ["producer", "retry.backoff.max.ms", 0, intMax],
    ["producer", "request.timeout.ms", 0, intMax],
    ["consumer", "auto.commit.interval.ms", 0, intMax],
    ["consumer", "max.poll.records", 1, intMax],
    ["consumer", "fetch.max.wait.ms", 0, intMax],
    ["consumer", "request.timeout.ms", 0, intMax],
    ["consumer", "retry.backoff.ms", 0, intMax],
  ];

  it.each(limits)("%s: %s from %d to %d", (section, name, min, max) => {
    for (const value of [min, max]) {
      expect(valueWith(section, name, value)).toBe(value);
      expect(valueWith(section, name, String(value))).toBe(value);
    }
    for (const value of [min - 1, max + 1, String(max + 1), min + 0.5, `${min}.5`, "", "x", null, true, [min], {}]) {
      expect(problemsWith(section, name, value)).toMatchObject([{ code: "E_VALUE", path: [...places[section], name] }]);
    }
  });

  // The upper ends of these contradict something else; see the rules.
  it.each([
    ["server", "replica.fetch.wait.max.ms", 0, intMax],
    ["server", "default.replication.factor", 1, 32767],
    ["topic", "replication.factor", 1, 32767],
    ["producer", "delivery.timeout.ms", 0, intMax],
  ] as const)("%s: %s from %d to %d, by itself", (section, name, min, max) => {
    const codes = (value: unknown) => problemsWith(section, name, value).map(({ code }) => code);
    for (const value of [min, max]) expect(codes(value)).not.toContain("E_VALUE");
    for (const value of [min - 1, max + 1]) expect(codes(value)).toEqual(["E_VALUE"]);
  });
});

describe("values have one normal form", () => {
  it.each([
    ["cluster", "profile", 4.1, "4.1"],
    ["cluster", "profile", "4.1", "4.1"],
    ["cluster", "profile", 3.7, "3.7"],
    ["cluster", "profile", "3.7", "3.7"],
    ["cluster", "profile", "pre-3.7", "pre-3.7"],
    ["cluster", "brokers", "3", 3],
    ["server", "replica.lag.time.max.ms", "10s", 10_000],
    ["server", "unclean.leader.election.enable", "true", true],
    ["server", "unclean.leader.election.enable", "false", false],
    ["server", "auto.leader.rebalance.enable", "false", false],
    ["server", "log.reconciliation", "kip-595", "kip-595"],
    ["server", "log.reconciliation", "kip-320", "kip-320"],
    ["server", "log.reconciliation", "kip-279", "kip-279"],
    ["server", "log.reconciliation", "kip-101", "kip-101"],
    ["server", "log.reconciliation", "high-watermark", "high-watermark"],
    ["topic", "unclean.leader.election.enable", true, true],
    ["topic", "retention.bytes", 0, 0],
    ["topic", "retention.bytes", "007", 7],
    ["topic", "retention.ms", "2min", 120_000],
    ["topic", "retention.ms", "-1", -1],
    ["producer", "acks", "all", -1],
    ["producer", "acks", "-1", -1],
    ["producer", "acks", -1, -1],
    ["producer", "acks", "0", 0],
    ["producer", "acks", 0, 0],
    ["producer", "acks", -0, 0],
    ["producer", "acks", "1", 1],
    ["producer", "acks", 1, 1],
    ["producer", "batch.size", -0, 0],
    ["producer", "batch.size", "007", 7],
    ["producer", "linger.ms", "2min", 120_000],
    ["producer", "linger.ms", -0, 0],
    ["producer", "enable.idempotence", "false", false],
    ["consumer", "group.id", "7", "7"],
    ["consumer", "enable.auto.commit", "true", true],
    ["consumer", "enable.auto.commit", false, false],
    ["consumer", "auto.offset.reset", "earliest", "earliest"],
    ["consumer", "auto.offset.reset", "none", "none"],
    ["consumer", "isolation.level", "read_uncommitted", "read_uncommitted"],
  ] as const)("%s: %s = %j is %j", (section, name, value, normal) => {
    expect(Object.is(valueWith(section, name, value), normal)).toBe(true);
  });

  it.each([
    ["topic", "retention.ms", "-1ms", null],
    ["topic", "retention.bytes", "-2", null],
    ["producer", "acks", "ALL", "did you mean `all`?"],
    ["producer", "acks", 2, null],
    ["producer", "acks", "-0", null],
    ["producer", "enable.idempotence", "no", null],
    ["server", "unclean.leader.election.enable", 1, null],
    ["server", "unclean.leader.election.enable", "flase", "did you mean `false`?"],
    ["server", "log.reconciliation", "kip-596", "did you mean `kip-595`?"],
    ["consumer", "auto.offset.reset", "earlyest", "did you mean `earliest`?"],
    ["consumer", "isolation.level", "serializable", null],
    ["consumer", "group.id", "", null],
    ["consumer", "group.id", "g".repeat(256), null],
    ["consumer", "group.id", 7, null],
    ["producer", "linger.ms", "5h", null],
  ] as const)("%s: %s cannot be %j", (section, name, value, hint) => {
    const path = [...places[section], name];
    expect(problemsWith(section, name, value)).toMatchObject([{ code: "E_VALUE", path, hint }]);
  });

  it("says what it found and what it expected", () => {
    const messages: readonly [Section, string, unknown, string][] = [
      ["producer", "linger.ms", "5h", '`linger.ms` is "5h", expected a duration from 0 to 2147483647 ms'],
      ["producer", "acks", null, "`acks` is null, expected all or 1 or 0"],
      ["producer", "retries", [1], "`retries` is a list, expected a whole number from 0 to 2147483647"],
      ["topic", "retention.ms", -2, "`retention.ms` is -2, expected -1 or a duration from 0 to 2147483647 ms"],
      ["consumer", "group.id", {}, "`group.id` is a map, expected text of 1 to 255 characters"],
      ["topic", "partitions", 1.5, "`partitions` is 1.5, expected a whole number from 1 to 16"],
      ["server", "min.insync.replicas", 1n, "`min.insync.replicas` is 1, expected a whole number from 1 to 2147483647"],
      [
        "server",
        "unclean.leader.election.enable",
        () => 1,
        "`unclean.leader.election.enable` is a function, expected true or false",
      ],
      [
        "topic",
        "partitions",
        "9".repeat(99),
        `\`partitions\` is "${"9".repeat(60)}…", expected a whole number from 1 to 16`,
      ],
    ];
    for (const [section, name, value, message] of messages) {
      expect(problemsWith(section, name, value).map((problem) => problem.message)).toEqual([message]);
    }
  });
});

describe("values that the model does not have yet", () => {
  it.each([
    ["server", "auto.leader.rebalance.enable", true, "preferred leader election is not in the model yet"],
    ["server", "auto.leader.rebalance.enable", "true", "preferred leader election is not in the model yet"],
    ["producer", "enable.idempotence", true, "idempotence is not in the model yet"],
    ["producer", "enable.idempotence", "true", "idempotence is not in the model yet"],
    ["consumer", "isolation.level", "read_committed", "transactions are not in the model yet"],
    ["consumer", "auto.offset.reset", "by_duration:PT1H", "a reset by duration is not in the model yet"],
  ] as const)("%s: %s = %j", (section, name, value, reason) => {
    const path = [...places[section], name];
    const message = `\`${name}\` is ${JSON.stringify(value)}, but ${reason}`;
    expect(problemsWith(section, name, value)).toMatchObject([{ code: "E_UNSUPPORTED_VALUE", path, message }]);
  });
});

describe("properties that the model does not have", () => {
  it.each([
    ["server", "log.retention.ms"],
    ["server", "zookeeper.connect"],
    ["server", "offsets.topic.replication.factor"],
    ["server", "listener.name.internal.ssl.keystore.location"],
    ["topic", "segment.ms"],
    ["topic", "cleanup.policy"],
    ["producer", "buffer.memory"],
    ["producer", "transactional.id"],
    ["producer", "bootstrap.servers"],
    ["consumer", "session.timeout.ms"],
    ["consumer", "ssl.truststore.location"],
    ["consumer", "retry.backoff.max.ms"],
  ] as const)("%s: %s is refused by name", (section, name) => {
    const path = [...places[section], name];
    const message = `\`${name}\` is a Kafka property that the model does not have yet`;
    expect(problemsWith(section, name, 1)).toMatchObject([{ code: "E_UNSUPPORTED_PROPERTY", path, message }]);
  });

  it.each([
    ["server", "linger.ms", "`linger.ms` is a property of producers, not of the server"],
    ["topic", "group.id", "`group.id` is a property of consumers, not of topics"],
    ["topic", "log.retention.ms", "`log.retention.ms` is a property of the server, not of topics"],
    ["producer", "isolation.level", "`isolation.level` is a property of consumers, not of producers"],
    ["consumer", "acks", "`acks` is a property of producers, not of consumers"],
    ["consumer", "min.insync.replicas", "`min.insync.replicas` is a property of the server, not of consumers"],
    ["consumer", "transactional.id", "`transactional.id` is a property of producers, not of consumers"],
  ] as const)("%s: %s stands in the wrong section", (section, name, message) => {
    const path = [...places[section], name];
    expect(problemsWith(section, name, 1)).toMatchObject([{ code: "E_MISPLACED_PROPERTY", path, message }]);
  });

  it.each([
    ["server", "min.insync.replica", "did you mean `min.insync.replicas`?"],
    ["server", "log.retention.mss", "did you mean `log.retention.ms`?"],
    ["topic", "partition", "did you mean `partitions`?"],
    ["topic", "replication_factor", "did you mean `replication.factor`?"],
    ["producer", "ack", "did you mean `acks`?"],
    ["consumer", "groupid", "did you mean `group.id`?"],
    ["consumer", "fnord", null],
    ["topic", "constructor", null],
    ["topic", "", null],
  ] as const)("%s: %s is unknown", (section, name, hint) => {
    const path = [...places[section], name];
    expect(problemsWith(section, name, 1)).toMatchObject([{ code: "E_UNKNOWN_PROPERTY", path, hint }]);
  });
});
