/** The thread of one shard. Tells the main thread how far it is, and at last what was found or what went wrong. */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { SearchProgress } from "../explore/search-options.ts";
import type { Found } from "../explore/search-result.ts";
import { searchShard } from "../explore/shard-search.ts";
import type { SearchLimits } from "./search-on-cores.ts";
import { loadSource, type SearchSource } from "./search-source.ts";
import { type ExchangeSignals, WorkerExchange } from "./worker-exchange.ts";

export interface WorkerTask {
  readonly source: SearchSource;
  readonly limits: SearchLimits;
  readonly index: number;
  readonly ports: readonly (MessagePort | null)[];
  readonly signals: ExchangeSignals;
  /** Set to 1 to stop the search. */
  readonly stop: Int32Array<SharedArrayBuffer>;
}

export type WorkerNews =
  | { readonly kind: "progress"; readonly progress: SearchProgress }
  | { readonly kind: "found"; readonly found: Found; readonly busySeconds: number; readonly report: unknown };

async function work({ source, limits, index, ports, signals, stop }: WorkerTask): Promise<void> {
  const { system, invariants, report } = await loadSource(source);
  const tell = (news: WorkerNews) => parentPort?.postMessage(news);
  const onProgress = (progress: SearchProgress) => {
    tell({ kind: "progress", progress });
    return Atomics.load(stop, 0) === 1 ? ("stop" as const) : undefined;
  };
  const before = process.threadCpuUsage();
  const run = searchShard(system, { ...limits, invariants, onProgress }, { index, shards: ports.length });
  const exchange = new WorkerExchange(index, ports, signals);
  let step = run.next([]);
  while (step.done !== true) {
    const received = exchange.round(step.value);
    if (received === null) return;
    step = run.next(received);
  }
  const { user, system: kernel } = process.threadCpuUsage(before);
  tell({ kind: "found", found: step.value, busySeconds: (user + kernel) / 1e6, report: report?.() });
}

await work(workerData as WorkerTask);
