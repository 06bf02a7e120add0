/**
 * A hash of the model, for trace files: it changes whenever a machine's structure or the model's behaviour does, and
 * with nothing else (not with how the source is formatted, nor how it was loaded). It covers the statecharts as data,
 * and what they do, in every variant, on a fixed random walk through a cluster under faults.
 */
import { canonicalJson } from "../../explore/canonical-json.ts";
import { randomWalk } from "../../explore/random-walk.ts";
import { createTraceHash, hashText } from "../../explore/trace-hash.ts";
import { type LogReconciliation, logReconciliations } from "../../spec/config/cluster-config.ts";
import { parseCluster } from "../../spec/config/parse-cluster.ts";
import type { ExternalChoice } from "./choice.ts";
import { createCluster } from "./cluster.ts";
import { createMachines } from "./machines.ts";

const cluster = {
  profile: "3.7",
  brokers: 3,
  server: { "replica.lag.time.max.ms": 4000, "broker.session.timeout.ms": 3000 },
  topics: { t: { partitions: 2, "replication.factor": 3, "min.insync.replicas": 2 } },
  producers: { p: { acks: "all", "request.timeout.ms": 2000, "delivery.timeout.ms": 6000 } },
  consumers: { c: { "group.id": "g", "auto.offset.reset": "earliest" } },
};

function external(): readonly ExternalChoice[] {
  const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
  return [
    ...numbers.map((number): ExternalChoice => {
      const isKeyed = number % 2 === 0;
      const records = [{ key: isKeyed ? `k${number}` : null, value: `v${number}` }];
      return { kind: "client", client: "p", operation: { f: "send", to: isKeyed ? "t" : "t-0", records } };
    }),
    ...numbers.flatMap((): ExternalChoice[] => [
      { kind: "client", client: "c", operation: { f: "poll", timeoutMs: 500 } },
      { kind: "client", client: "c", operation: { f: "commit", offsets: null } },
    ]),
    { kind: "fault", fault: { kind: "cut", between: ["b1", "b3"] } },
    { kind: "fault", fault: { kind: "heal-all" } },
    { kind: "fault", fault: { kind: "kill", broker: 1 } },
    { kind: "fault", fault: { kind: "start", broker: 1 } },
    { kind: "fault", fault: { kind: "pause", broker: 2 } },
    { kind: "fault", fault: { kind: "resume", broker: 2 } },
  ];
}

const seed = 1;
const stepsMax = 500;

let known: string | null = null;

export function modelHash(): string {
  known ??= hashText(`${structure()} ${logReconciliations.map(behaviour).join(" ")}`);
  return known;
}

/** The statecharts without their implementations, which are functions. */
function structure(): string {
  const charts = Object.entries(createMachines()).map(([kind, machine]) => [
    kind,
    JSON.parse(JSON.stringify(machine.config)),
  ]);
  return canonicalJson(charts);
}

function behaviour(reconciliation: LogReconciliation): string {
  const parsed = parseCluster({ ...cluster, server: { ...cluster.server, "log.reconciliation": reconciliation } });
  if (!parsed.ok) throw new Error(`the cluster of the model's hash is not valid: ${parsed.problems[0]?.message}`);
  const hash = createTraceHash();
  randomWalk(createCluster(parsed.config, { external: external() }), {
    seed,
    maxSteps: stepsMax,
    weight: ({ kind }) => (kind === "fault" ? 1 : kind === "client" ? 4 : 60),
    onStep(before, _choice, label, after) {
      const ids = Object.keys(after.machines).filter((id) => after.machines[id] !== before.machines[id]);
      hash.step(label, canonicalJson([after.now, ids.map((id) => [id, after.machines[id]])]));
      return undefined;
    },
  });
  return hash.digest();
}
