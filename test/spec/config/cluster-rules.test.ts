import { describe, expect, it } from "vitest";
import { refusalOf } from "../../../spec/config/cluster-rules.ts";
import { parseCluster } from "../../../spec/config/parse-cluster.ts";

const topics = { orders: {} };

function problemsOf(raw: unknown) {
  const parsed = parseCluster(raw);
  return parsed.ok ? [] : parsed.problems;
}

function outline(raw: unknown): string[] {
  return problemsOf(raw).map(({ code, path }) => `${code} ${path.join(" ")}`);
}

describe("replication factor", () => {
  it("is at most the number of brokers", () => {
    expect(outline({ brokers: 3, topics: { orders: { "replication.factor": 3 } } })).toEqual([]);
    expect(problemsOf({ brokers: 3, topics: { orders: { "replication.factor": 4 } } })).toEqual([
      {
        code: "E_REPLICATION_FACTOR",
        path: ["topics", "orders", "replication.factor"],
        message: "topic orders is to have 4 replicas, but the cluster has 3 brokers",
        expected: "at most 3",
        hint: "Kafka answers INVALID_REPLICATION_FACTOR: add brokers or lower the factor",
        refusal: "INVALID_REPLICATION_FACTOR",
      },
    ]);
  });

  it("is a refusal of Kafka's, for whoever wants to see it: the configuration is complete but for that", () => {
    const tooMany = { brokers: 1, topics: { orders: { "replication.factor": 2 } } };
    const parsed = parseCluster(tooMany);
    if (parsed.ok || parsed.refused === null) throw new Error("not refused");
    expect(parsed.refused.topics["orders"]?.["replication.factor"]).toBe(2);
    expect(refusalOf(parsed.refused)).toBe("INVALID_REPLICATION_FACTOR");
    const alsoWrong = parseCluster({ ...tooMany, producers: { p1: { acks: "most" } } });
    expect(alsoWrong).toMatchObject({ ok: false, refused: null });
    const fine = parseCluster({ ...tooMany, brokers: 2 });
    expect(fine.ok && refusalOf(fine.config)).toBe(null);
  });

  it("blames the server's default where the topic says nothing", () => {
    const server = { "default.replication.factor": 4 };
    expect(outline({ brokers: 3, server, topics })).toEqual(["E_REPLICATION_FACTOR server default.replication.factor"]);
    expect(outline({ brokers: 3, server, topics: { orders: { "replication.factor": 1 } } })).toEqual([]);
  });

  it("is not judged by a number of brokers that is refused", () => {
    expect(outline({ brokers: "x", topics: { orders: { "replication.factor": 4 } } })).toEqual(["E_VALUE brokers"]);
    expect(outline({ brokers: 3, topics: { orders: { "replication.factor": 0 } } })).toEqual([
      "E_VALUE topics orders replication.factor",
    ]);
  });

  it("may be lower than min.insync.replicas: that is capped", () => {
    expect(outline({ brokers: 1, topics: { orders: { "min.insync.replicas": 3 } } })).toEqual([]);
  });
});

describe("eligible leader replicas", () => {
  it.each([
    ["4.1", 0, []],
    ["4.1", 1, []],
    ["3.7", 0, []],
    ["3.7", 1, ["E_CONTRADICTION server eligible.leader.replicas.version"]],
    ["pre-3.7", 0, []],
    ["pre-3.7", 1, ["E_CONTRADICTION server eligible.leader.replicas.version"]],
    ["5.0", 1, ["E_VALUE profile"]],
  ])("profile %s, version %d", (profile, version, problems) => {
    const server = { "eligible.leader.replicas.version": version };
    expect(outline({ profile, brokers: 1, server, topics })).toEqual(problems);
  });
});

describe("a follower's fetch waits at most", () => {
  it.each([
    ["its socket timeout", "replica.socket.timeout.ms"],
    ["the lag time", "replica.lag.time.max.ms"],
  ])("%s", (_, limit) => {
    const wait = "replica.fetch.wait.max.ms";
    const with_ = (server: object) => outline({ brokers: 1, server, topics });
    expect(with_({ [wait]: 700, [limit]: 700 })).toEqual([]);
    expect(with_({ [wait]: 701, [limit]: 700 })).toEqual([`E_CONTRADICTION server ${wait}`]);
    expect(with_({ [limit]: 500 })).toEqual([]);
    expect(with_({ [limit]: 499 })).toEqual([`E_CONTRADICTION server ${limit}`]);
    expect(with_({ [wait]: -1, [limit]: 400 })).toEqual([`E_VALUE server ${wait}`]);
  });

  it("both", () => {
    const server = { "replica.fetch.wait.max.ms": "31s" };
    const problems = problemsOf({ brokers: 1, server, topics });
    expect(problems.map(({ message }) => message)).toEqual([
      "`replica.fetch.wait.max.ms` is 31000 ms, more than `replica.socket.timeout.ms`, 30000 ms, expected `replica.fetch.wait.max.ms` at most `replica.socket.timeout.ms`",
      "`replica.fetch.wait.max.ms` is 31000 ms, more than `replica.lag.time.max.ms`, 30000 ms, expected `replica.fetch.wait.max.ms` at most `replica.lag.time.max.ms`",
    ]);
  });
});

describe("delivery.timeout.ms", () => {
  const withProducer = (producer: object, profile = "4.1") =>
    outline({ profile, brokers: 1, topics, producers: { p0: {}, p1: producer } });
  const problem = ["E_CONTRADICTION producers p1 delivery.timeout.ms"];

  it("is at least linger.ms + request.timeout.ms", () => {
    expect(withProducer({ "delivery.timeout.ms": 30_005 })).toEqual([]);
    expect(withProducer({ "delivery.timeout.ms": 30_004 })).toEqual(problem);
    expect(withProducer({ "delivery.timeout.ms": 30_000 }, "3.7")).toEqual([]);
    expect(withProducer({ "delivery.timeout.ms": 29_999 }, "3.7")).toEqual(problem);
    expect(withProducer({ "delivery.timeout.ms": 110, "linger.ms": 10, "request.timeout.ms": 100 })).toEqual([]);
    expect(withProducer({ "delivery.timeout.ms": 109, "linger.ms": 10, "request.timeout.ms": 100 })).toEqual(problem);
    expect(withProducer({ "delivery.timeout.ms": 0, "linger.ms": 0, "request.timeout.ms": 0 })).toEqual([]);
  });

  it("may be the largest number, whatever the sum", () => {
    expect(withProducer({ "delivery.timeout.ms": 2147483647, "linger.ms": 2147483647 })).toEqual([]);
  });

  it("is not judged by values that are refused", () => {
    expect(withProducer({ "delivery.timeout.ms": 1, "linger.ms": "x" })).toEqual(["E_VALUE producers p1 linger.ms"]);
    expect(withProducer({ "delivery.timeout.ms": 1, "request.timeout.ms": -1 })).toEqual([
      "E_VALUE producers p1 request.timeout.ms",
    ]);
  });
});

describe("enable.auto.commit", () => {
  const withConsumer = (consumer: object) => outline({ brokers: 1, topics, consumers: { c1: consumer } });
  const problem = ["E_CONTRADICTION consumers c1 enable.auto.commit"];

  it("needs a group", () => {
    expect(withConsumer({ "enable.auto.commit": true, "group.id": "billing" })).toEqual([]);
    expect(withConsumer({ "enable.auto.commit": false })).toEqual([]);
    expect(withConsumer({ "enable.auto.commit": true })).toEqual(problem);
    expect(withConsumer({ "enable.auto.commit": "true", "group.id": null })).toEqual(problem);
    expect(withConsumer({ "enable.auto.commit": true, "group.id": "" })).toEqual(["E_VALUE consumers c1 group.id"]);
  });
});
