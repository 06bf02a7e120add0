/** Random clusters under fire: configuration, applications, faults and schedule, all drawn from one seed. */
import { canonicalJson } from "../../explore/canonical-json.ts";
import { createRandom } from "../../explore/random.ts";
import { randomWalk } from "../../explore/random-walk.ts";
import { createTraceHash } from "../../explore/trace-hash.ts";
import type { ClientOperation } from "../../model/client-operation.ts";
import type { ClusterChoice, ExternalChoice } from "../../model/cluster/choice.ts";
import { type Cluster, createCluster } from "../../model/cluster/cluster.ts";
import type { createMachines } from "../../model/cluster/machines.ts";
import type { ClusterState } from "../../model/cluster/state.ts";
import { createViewer } from "../../model/cluster/view.ts";
import type { ClusterView } from "../../spec/cluster-view.ts";
import type { ClusterConfig } from "../../spec/config/cluster-config.ts";
import { parseCluster } from "../../spec/config/parse-cluster.ts";
import { createMonitor } from "../../spec/monitor.ts";
import type { RequirementVerdict } from "../../spec/requirement.ts";
import type { Fault } from "../../spec/subject.ts";

function clusterOf(raw: unknown): ClusterConfig {
  const parsed = parseCluster(raw);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

type Pick = <T>(...of: readonly [T, ...T[]]) => T;

function drawConfig(pick: Pick): ClusterConfig {
  const profile = pick("3.7", "4.1");
  return clusterOf({
    profile,
    brokers: 3,
    server: {
      "unclean.leader.election.enable": pick(false, false, true),
      "replica.lag.time.max.ms": "4s",
      "broker.session.timeout.ms": "3s",
      "broker.heartbeat.interval.ms": "1s",
      "replica.high.watermark.checkpoint.interval.ms": "2s",
    },
    topics: {
      orders: { partitions: pick(1, 2), "replication.factor": pick(3, 3, 2), "min.insync.replicas": pick(1, 2) },
    },
    producers: {
      p1: {
        acks: pick<"all" | 1 | 0>("all", "all", 1, 0),
        "linger.ms": pick(0, 3),
        "batch.size": pick(4, 10, 16384),
        "max.in.flight.requests.per.connection": pick(1, 5),
        retries: pick(0, 3, 2147483647),
        "request.timeout.ms": "2s",
        "delivery.timeout.ms": "6s",
      },
      p2: { acks: "all", "linger.ms": 0, "request.timeout.ms": "2s", "delivery.timeout.ms": "6s" },
    },
    consumers: {
      c1: {
        "group.id": "g",
        "enable.auto.commit": pick(false, true),
        "auto.commit.interval.ms": "1s",
        "auto.offset.reset": pick("earliest", "earliest", "latest", "none"),
        "max.poll.records": pick(1, 500),
        "request.timeout.ms": "2s",
      },
    },
  });
}

function drawSends(pick: Pick, config: ClusterConfig, producer: string): ExternalChoice[] {
  const partitions = config.topics["orders"]?.partitions ?? 1;
  return Array.from({ length: 8 }, (_, index): ExternalChoice => {
    const records = Array.from({ length: pick(1, 1, 2, 3) }, (_, place) => {
      return { key: null, value: `${producer}${index}${"abc"[place]}` };
    });
    const partition = `orders-${pick(0, 1) % partitions}`;
    return { kind: "client", client: producer, operation: { f: "send", partition, records } };
  });
}

function drawCalls(pick: Pick): ExternalChoice[] {
  return Array.from({ length: 14 }, (): ExternalChoice => {
    const operation = pick<ClientOperation>(
      { f: "poll", timeoutMs: 800 },
      { f: "poll", timeoutMs: 800 },
      { f: "poll", timeoutMs: 800 },
      { f: "commit", offsets: null },
      { f: "commit", offsets: null },
      { f: "crash" },
      { f: "seek", partition: "orders-0", offset: pick(0, 2, 99) },
    );
    return { kind: "client", client: "c1", operation };
  }).flatMap((choice) =>
    choice.kind === "client" && choice.operation.f === "crash"
      ? [choice, { kind: "client", client: "c1", operation: { f: "restart" } } as const]
      : [choice],
  );
}

function drawFaults(pick: Pick): ExternalChoice[] {
  const broker = () => pick(1, 2, 3);
  const node = () => pick("b1", "b2", "b3", "controller", "p1", "c1");
  return Array.from({ length: 8 }, () => {
    const hit = broker();
    const between = [`b${hit}`, node()] as const;
    const message = pick("fetch", "fetch-response", "produce", "produce-response", "partition-change");
    const hold = { from: `b${hit}`, to: node(), message };
    return pick<readonly Fault[]>(
      [
        { kind: "kill", broker: hit },
        { kind: "start", broker: hit },
      ],
      [
        { kind: "pause", broker: hit },
        { kind: "resume", broker: hit },
      ],
      [
        { kind: "cut", between },
        { kind: "heal", between },
      ],
      [
        { kind: "hold", ...hold },
        { kind: "release", ...hold },
      ],
    );
  }).flatMap((pair) => pair.map((fault): ExternalChoice => ({ kind: "fault", fault })));
}

/** In place of kills. The operating system's write-back, every 30 s, seldom comes in time. */
function withPowerLosses(faults: readonly ExternalChoice[]): ExternalChoice[] {
  return faults.map((choice, index) => {
    if (choice.kind !== "fault" || choice.fault.kind !== "kill") return choice;
    const keeps = index % 4 === 0 ? { "orders-0": 3 } : {};
    return { kind: "fault", fault: { kind: "power-off", broker: choice.fault.broker, keeps } };
  });
}

export interface DrawnCluster {
  readonly config: ClusterConfig;
  readonly external: readonly ExternalChoice[];
}

export function drawCluster(seed: number): DrawnCluster {
  const random = createRandom(seed);
  const pick: Pick = (...of) => of[random.below(of.length)] ?? of[0];
  const config = drawConfig(pick);
  const producers = ["p1", "p2"].flatMap((producer) => drawSends(pick, config, producer));
  const calls = drawCalls(pick);
  const faults = drawFaults(pick);
  return { config, external: [...producers, ...calls, ...(seed % 2 === 1 ? withPowerLosses(faults) : faults)] };
}

export interface Walked {
  readonly cluster: Cluster;
  readonly labels: readonly string[];
  readonly state: ClusterState;
  readonly hash: string;
  readonly verdicts: readonly RequirementVerdict[];
}

export interface WalkOptions {
  readonly maxSteps: number;
  readonly machines?: ReturnType<typeof createMachines>;
  onView?(view: ClusterView): void;
}

/** A fault strikes seldom, so that something has happened before and something can come of it. */
function weightOf(choice: ClusterChoice): number {
  return choice.kind === "fault" ? 2 : choice.kind === "client" ? 3 : 90;
}

export function walkCluster(seed: number, { maxSteps, machines, onView }: WalkOptions): Walked {
  const { config, external } = drawCluster(seed);
  const slackMs = seed % 2 === 0 ? 0 : 2;
  const cluster = createCluster(config, { external, slackMs, ...(machines === undefined ? {} : { machines }) });
  const viewOf = createViewer(config, slackMs);
  const monitor = createMonitor(config);
  let view = viewOf(cluster.initial());
  monitor.see(view, null);
  const { hash, step } = hashing();
  const { labels, state } = randomWalk(cluster, {
    seed,
    maxSteps,
    weight: weightOf,
    onStep(before, _choice, label, next) {
      const seen = viewOf(next);
      monitor.see(seen, view);
      view = seen;
      onView?.(view);
      step(before, label, next);
      return undefined;
    },
  });
  return { cluster, labels, state, hash: hash(), verdicts: monitor.verdicts() };
}

/** Hashes labels and every machine that a step has changed. */
export function hashing() {
  const trace = createTraceHash();
  return {
    hash: () => trace.digest(),
    step(before: ClusterState, label: string, next: ClusterState): void {
      const ids = Object.keys(next.machines).filter((id) => next.machines[id] !== before.machines[id]);
      trace.step(label, canonicalJson([next.now, ids.map((id) => [id, next.machines[id]]), next.observed]));
    },
  };
}
