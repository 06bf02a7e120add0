/**
 * `npm run bench:cluster`: our cluster, exhaustively, against a search that steps its statecharts through XState's
 * `transition()` and keeps states as texts in a `Set`.
 */
import { canonicalJson } from "../explore/canonical-json.ts";
import { search } from "../explore/search.ts";
import { createMachines, createStepper } from "../model/cluster/machines.ts";
import { createUntimedCluster, type UntimedCluster } from "../model/cluster/untimed-cluster.ts";
import { parseCluster } from "../spec/config/parse-cluster.ts";
import { grouped, measured, median, printTable } from "./measure.ts";

const rounds = 3;
const naiveStates = 2_000;

const parsed = parseCluster({
  brokers: 3,
  server: { "replica.fetch.wait.max.ms": "0" },
  topics: { t: { partitions: 1, "replication.factor": 3, "min.insync.replicas": 2 } },
  producers: { p1: { acks: "all", retries: 0 } },
});
if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
const { config } = parsed;

const options = {
  faults: { kill: 1 },
  programs: { p1: [{ f: "send", to: "t-0", records: [{ key: null, value: "a" }] }] },
} as const;

/** States a second of processor time, breadth first; every successor is worked out once. */
function naively(cluster: UntimedCluster, maxStates: number): number {
  const { seconds, value } = measured(() => {
    const seen = new Set([canonicalJson(cluster.initial())]);
    const queue = [cluster.initial()];
    let expanded = 0;
    for (const state of queue) {
      if (seen.size >= maxStates) break;
      expanded += 1;
      for (const action of cluster.parts.actions) {
        for (const { writes } of action.successors((slot) => state[slot])) {
          const next = [...state];
          for (const [slot, part] of writes) next[slot] = part;
          if (seen.size < seen.add(canonicalJson(next)).size) queue.push(next);
        }
      }
    }
    return expanded;
  });
  return value / seconds;
}

const rows = Array.from({ length: rounds }, () => {
  const naive = naively(
    createUntimedCluster(config, { ...options, stepper: createStepper(createMachines()) }),
    naiveStates,
  );
  const { seconds, value } = measured(() => search(createUntimedCluster(config, options)));
  const rate = value.states / seconds;
  return { naive, rate, ratio: rate / naive, value };
});
const found = rows[0]?.value;
printTable(
  `One kill, one record, three brokers: ${grouped(found?.states ?? 0)} states, ${found?.end}; states expanded a second of processor time, medians of ${rounds} rounds`,
  [
    ["transition() and texts", "search", "ratio"],
    [
      grouped(median(rows.map(({ naive }) => naive))),
      grouped(median(rows.map(({ rate }) => rate))),
      median(rows.map(({ ratio }) => ratio)).toFixed(1),
    ],
  ],
);
