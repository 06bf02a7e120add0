import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClusterConfig } from "../../../spec/config/cluster-config.ts";
import { type ConfigProblem, parseCluster } from "../../../spec/config/parse-cluster.ts";
import { anyInput, mutatedInput, shuffled, validInput } from "./cluster-inputs.ts";

function configOf(raw: unknown): ClusterConfig {
  const parsed = parseCluster(raw);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

function problemsOf(raw: unknown): readonly ConfigProblem[] {
  const parsed = parseCluster(raw);
  return parsed.ok ? [] : parsed.problems;
}

/** Code and path of each problem. */
function outline(raw: unknown): string[] {
  return problemsOf(raw).map(({ code, path }) => `${code} ${JSON.stringify(path)}`);
}

const smallest = { brokers: 1, topics: { orders: {} } };

describe("parseCluster: defaults", () => {
  it("are Kafka's, in a fixed order of keys", () => {
    const config = configOf({
      ...smallest,
      producers: { p1: {} },
      consumers: { c1: {}, c2: { "group.id": "billing" } },
    });
    const consumer = {
      "auto.commit.interval.ms": 5000,
      "auto.offset.reset": "latest",
      "max.poll.records": 500,
      "fetch.max.wait.ms": 500,
      "request.timeout.ms": 30000,
      "retry.backoff.ms": 100,
      "isolation.level": "read_uncommitted",
    };
    const expected = {
      profile: "4.1",
      brokers: 1,
      "network.delay.ms": 1,
      "os.writeback.interval.ms": 30000,
      server: {
        "num.partitions": 1,
        "default.replication.factor": 1,
        "min.insync.replicas": 1,
        "unclean.leader.election.enable": false,
        "auto.leader.rebalance.enable": false,
        "replica.lag.time.max.ms": 30000,
        "replica.fetch.wait.max.ms": 500,
        "replica.fetch.backoff.ms": 1000,
        "replica.socket.timeout.ms": 30000,
        "replica.high.watermark.checkpoint.interval.ms": 5000,
        "log.retention.check.interval.ms": 300000,
        "broker.session.timeout.ms": 9000,
        "broker.heartbeat.interval.ms": 2000,
        "eligible.leader.replicas.version": 1,
        "log.flush.interval.messages": 2147483647,
        "log.reconciliation": "kip-595",
      },
      topics: {
        orders: {
          partitions: 1,
          "replication.factor": 1,
          "min.insync.replicas": 1,
          "unclean.leader.election.enable": false,
          "segment.bytes": 1073741824,
          "retention.bytes": -1,
          "retention.ms": 604800000,
        },
      },
      producers: {
        p1: {
          acks: -1,
          "enable.idempotence": false,
          "batch.size": 16384,
          "linger.ms": 5,
          "max.in.flight.requests.per.connection": 5,
          retries: 2147483647,
          "retry.backoff.ms": 100,
          "retry.backoff.max.ms": 1000,
          "request.timeout.ms": 30000,
          "delivery.timeout.ms": 120000,
          "partitioner.class": null,
          "partitioner.ignore.keys": false,
        },
      },
      consumers: {
        c1: { "group.id": null, "enable.auto.commit": false, ...consumer },
        c2: { "group.id": "billing", "enable.auto.commit": true, ...consumer },
      },
    };
    expect(config).toEqual(expected);
    expect(JSON.stringify(config)).toBe(JSON.stringify(expected));
  });

  it.each(["3.7", "pre-3.7"])("of profile %s: no linger, no eligible leader replicas, all else the same", (profile) => {
    const raw = { ...smallest, producers: { p1: {} } };
    const newer = configOf(raw);
    const older = configOf({ ...raw, profile });
    expect(older.producers["p1"]?.["linger.ms"]).toBe(0);
    expect(older.server["eligible.leader.replicas.version"]).toBe(0);
    expect({
      ...older,
      profile: "4.1",
      server: { ...older.server, "eligible.leader.replicas.version": 1 },
      producers: { p1: { ...older.producers["p1"], "linger.ms": 5 } },
    }).toEqual(newer);
  });

  it("of a topic come from the server, unless the topic says otherwise", () => {
    const server = {
      "num.partitions": 4,
      "default.replication.factor": 3,
      "min.insync.replicas": 2,
      "unclean.leader.election.enable": true,
    };
    const retention = { "segment.bytes": 1, "retention.bytes": 2, "retention.ms": -1 };
    const own = {
      ...retention,
      partitions: 5,
      "replication.factor": 2,
      "min.insync.replicas": 1,
      "unclean.leader.election.enable": false,
    };
    expect(configOf({ brokers: 3, server, topics: { orders: retention } }).topics["orders"]).toEqual({
      ...retention,
      partitions: 4,
      "replication.factor": 3,
      "min.insync.replicas": 2,
      "unclean.leader.election.enable": true,
    });
    expect(configOf({ brokers: 3, server, topics: { orders: own } }).topics["orders"]).toEqual(own);
  });

  it.each([
    [{ "linger.ms": 0, "request.timeout.ms": "2min" }, 120_000],
    [{ "linger.ms": 1, "request.timeout.ms": "2min" }, 120_001],
    [{ "request.timeout.ms": "3min" }, 180_005],
    [{ "linger.ms": 2147483647 }, 2147483647],
  ])("delivery.timeout.ms follows linger and request timeout: %j gives %d", (producer, timeout) => {
    const config = configOf({ ...smallest, producers: { p1: producer } });
    expect(config.producers["p1"]?.["delivery.timeout.ms"]).toBe(timeout);
  });

  it("a value of undefined is none", () => {
    const raw = { ...smallest, profile: undefined, server: undefined, producers: { p1: { acks: undefined } } };
    expect(configOf(raw)).toEqual(configOf({ ...smallest, producers: { p1: {} } }));
  });
});

describe("parseCluster: the outer form", () => {
  it.each([null, undefined, 1, "brokers: 3", [], true, new Map([["brokers", 3]]), () => null])(
    "refuses %s as a whole",
    (raw) => {
      expect(outline(raw)).toEqual(["E_TYPE []", 'E_MISSING_KEY ["brokers"]', 'E_MISSING_KEY ["topics"]']);
    },
  );

  it("needs brokers and a topic", () => {
    expect(outline({})).toEqual(['E_MISSING_KEY ["brokers"]', 'E_MISSING_KEY ["topics"]']);
    expect(outline({ brokers: 3, topics: {} })).toEqual(['E_VALUE ["topics"]']);
    expect(outline({ brokers: 3, topics: [] })).toEqual(['E_TYPE ["topics"]']);
    expect(outline({ brokers: 3, topics: { orders: null } })).toEqual(['E_TYPE ["topics","orders"]']);
  });

  it("wants maps for sections and clients, and says how to write an empty one", () => {
    const raw = { ...smallest, server: 1, producers: [], consumers: { c1: null } };
    expect(outline(raw)).toEqual(['E_TYPE ["server"]', 'E_TYPE ["producers"]', 'E_TYPE ["consumers","c1"]']);
    expect(problemsOf(raw).map(({ hint }) => hint)).toEqual([null, null, "write {} for all defaults"]);
  });

  it.each([
    ["broker", "did you mean `brokers`?"],
    ["linger.ms", "set it in a producer"],
    ["group.id", "set it in a consumer"],
    ["replication.factor", "set it in a topic"],
    ["broker.session.timeout.ms", "set it in `server`"],
    ["request.timeout.ms", "set it in a producer"],
    ["cleanup.policy", "set it in a topic"],
    ["steps", null],
    ["constructor", null],
  ])("refuses the key %s", (key, hint) => {
    expect(problemsOf({ ...smallest, [key]: 1 })).toMatchObject([{ code: "E_UNKNOWN_KEY", path: [key], hint }]);
  });

  it("takes one topic for now", () => {
    expect(outline({ brokers: 1, topics: { b: {}, a: {}, c: {} } })).toEqual([
      'E_UNSUPPORTED ["topics","a"]',
      'E_UNSUPPORTED ["topics","c"]',
    ]);
  });

  it("has no profile beside those that it knows", () => {
    expect(outline({ ...smallest, profile: "5.0" })).toEqual(['E_VALUE ["profile"]']);
  });
});

describe("parseCluster: names", () => {
  it.each(["orders", "a", "A.b_c-9", "0", "...", "a".repeat(249), "constructor", "all", "b1"])("topic %s", (name) => {
    expect(Object.keys(configOf({ brokers: 1, topics: { [name]: {} } }).topics)).toEqual([name]);
  });

  it.each(["", ".", "..", "a/b", "a b", "ä", "a".repeat(250), "a\n"])("no topic %j", (name) => {
    expect(outline({ brokers: 1, topics: { [name]: {} } })).toEqual([`E_NAME ${JSON.stringify(["topics", name])}`]);
  });

  it("no topic __proto__", () => {
    const raw: unknown = JSON.parse('{ "brokers": 1, "topics": { "__proto__": {} } }');
    expect(outline(raw)).toEqual(['E_NAME ["topics","__proto__"]']);
  });

  it.each(["p1", "P", "billing-app_2", "b", "b1x", "bb1", "brokers", "allies", "constructor"])("client %s", (name) => {
    expect(Object.keys(configOf({ ...smallest, producers: { [name]: {} } }).producers)).toEqual([name]);
    expect(Object.keys(configOf({ ...smallest, consumers: { [name]: {} } }).consumers)).toEqual([name]);
  });

  it.each([
    "",
    "1p",
    "_p",
    "-p",
    "p.1",
    "p 1",
    "p/1",
    "nemesis",
    "final-reader",
    "admin",
    "controller",
    "coordinator",
    "all",
    "b1",
    "b42",
    "p\n",
  ])("no client %j", (name) => {
    for (const key of ["producers", "consumers"]) {
      const expected = [`E_NAME ${JSON.stringify([key, name])}`];
      expect(outline({ ...smallest, [key]: { [name]: {} } })).toEqual(expected);
    }
  });

  it("a producer and a consumer cannot share one", () => {
    const raw = { ...smallest, producers: { x: {}, y: {} }, consumers: { y: {}, z: {} } };
    expect(outline(raw)).toEqual(['E_DUPLICATE_NAME ["consumers","y"]']);
  });
});

describe("parseCluster: all problems at once", () => {
  it("reports each with its place", () => {
    const raw = {
      profile: "3.8",
      brokers: 0,
      "network.delay.ms": "1h",
      topicz: {},
      server: { "num.partitions": 17, "log.retention.ms": 1, "min.isr": 1 },
      topics: { orders: { partitions: 0, "segment.ms": 1 }, "a/b": {} },
      producers: { p1: { acks: 2, "linger.ms": -1, "buffer.memory": 1 }, all: { "enable.idempotence": true } },
      consumers: { p1: { "isolation.level": "read_committed", "enable.auto.commit": true } },
    };
    expect(outline(raw)).toEqual([
      'E_UNKNOWN_KEY ["topicz"]',
      'E_VALUE ["profile"]',
      'E_VALUE ["brokers"]',
      'E_VALUE ["network.delay.ms"]',
      'E_UNSUPPORTED_PROPERTY ["server","log.retention.ms"]',
      'E_UNKNOWN_PROPERTY ["server","min.isr"]',
      'E_VALUE ["server","num.partitions"]',
      'E_UNSUPPORTED_PROPERTY ["topics","orders","segment.ms"]',
      'E_VALUE ["topics","orders","partitions"]',
      'E_UNSUPPORTED_VALUE ["producers","all","enable.idempotence"]',
      'E_UNSUPPORTED_PROPERTY ["producers","p1","buffer.memory"]',
      'E_VALUE ["producers","p1","acks"]',
      'E_VALUE ["producers","p1","linger.ms"]',
      'E_UNSUPPORTED_VALUE ["consumers","p1","isolation.level"]',
      'E_CONTRADICTION ["consumers","p1","enable.auto.commit"]',
      'E_UNSUPPORTED ["topics","a/b"]',
      'E_NAME ["topics","a/b"]',
      'E_NAME ["producers","all"]',
      'E_DUPLICATE_NAME ["consumers","p1"]',
    ]);
  });
});

describe("parseCluster: properties", () => {
  const settings = { numRuns: 400, seed: 1 };

  it("accepts every valid input, and its normal form is an input with the same normal form", () => {
    fc.assert(
      fc.property(validInput, (raw) => {
        const config = configOf(raw);
        expect(JSON.stringify(configOf(config))).toBe(JSON.stringify(config));
      }),
      settings,
    );
  });

  it("gives the same bytes whatever the order of keys", () => {
    fc.assert(
      fc.property(
        validInput.chain((raw) => fc.tuple(fc.constant(raw), shuffled(raw))),
        ([raw, other]) => {
          expect(JSON.stringify(configOf(other))).toBe(JSON.stringify(configOf(raw)));
        },
      ),
      settings,
    );
  });

  it("does not change its input", () => {
    fc.assert(
      fc.property(validInput, (raw) => {
        const before = structuredClone(raw);
        configOf(raw);
        expect(raw).toEqual(before);
      }),
      settings,
    );
  });

  it("never throws", () => {
    fc.assert(
      fc.property(anyInput, (raw) => {
        for (const problem of problemsOf(raw)) expect(problem.code).toMatch(/^E_[A-Z_]+$/);
      }),
      { ...settings, numRuns: 1000 },
    );
  });

  it("names places that are there, or the key that is missing", () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(mutatedInput, (raw) => {
        const problems = problemsOf(raw);
        seen[problems.length === 0 ? "accepted" : "refused"]++;
        for (const { code, path, message, expected } of problems) {
          const isMissing = code === "E_MISSING_KEY";
          expect([message, exists(raw, path)]).toEqual([message, !isMissing]);
          if (isMissing) expect(exists(raw, path.slice(0, -1))).toBe(true);
          expect(expected).not.toBe("");
        }
      }),
      { ...settings, numRuns: 2000 },
    );
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(200);
  });
});

function exists(raw: unknown, path: readonly (string | number)[]): boolean {
  let value = raw;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return false;
    value = Reflect.get(value, key);
  }
  return true;
}
