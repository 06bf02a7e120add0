/** The exhaustive search on several cores: a thread for every shard. It finds what `search` finds, and tells it alike. */
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { oneSlotParts } from "../explore/one-slot-parts.ts";
import type { SearchOptions, SearchProgress, SearchResult } from "../explore/search-options.ts";
import { type Found, searchResult } from "../explore/search-result.ts";
import { loadSource, type SearchSource } from "./search-source.ts";
import type { WorkerNews, WorkerTask } from "./search-worker.ts";
import { createSignals, giveUp } from "./worker-exchange.ts";

export type SearchLimits = Pick<SearchOptions, "onViolation" | "maxStates" | "maxDepth" | "maxBytes" | "memoBytes">;

export interface CoresOptions extends SearchLimits {
  /** How many threads share the search. */
  readonly cores: number;
  /** Told after every round. "stop" ends the search a little later. */
  onProgress?(progress: SearchProgress): "stop" | undefined;
}

export interface CoresResult {
  /** That of `search`, but for `bytes`, and for where `maxBytes` and "stop" end it. */
  readonly result: SearchResult<unknown>;
  /** Processor time of each thread. The longest is what the search would take if no thread had to wait. */
  readonly busySeconds: readonly number[];
  /** What the system of each thread reports. */
  readonly reports: readonly unknown[];
}

/** Throws what a thread throws. All threads have ended then. */
export async function searchOnCores(source: SearchSource, options: CoresOptions): Promise<CoresResult> {
  const { cores, onProgress, ...limits } = options;
  if (!Number.isSafeInteger(cores) || cores < 1) throw new RangeError(`cores is ${cores}; it must be 1 or more.`);
  const { system, invariants } = await loadSource(source);
  const signals = createSignals(cores);
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const threads = connections(cores).map((ports, index) => {
    const onNews = (progress: SearchProgress) => {
      if (onProgress?.(progress) === "stop") Atomics.store(stop, 0, 1);
    };
    return runThread({ source, limits, index, ports, signals, stop }, onNews);
  });
  const ended = await Promise.allSettled(threads);
  const all = ended.map((thread) => {
    if (thread.status === "rejected") throw thread.reason;
    return thread.value;
  });
  const [first] = all;
  if (first === undefined || first.found === null) throw new Error("The threads of the search ended without a result.");
  const parts = system.parts ?? oneSlotParts(system);
  const result = searchResult(system, parts, { invariants }, first.found);
  return {
    result,
    busySeconds: all.map(({ busySeconds }) => busySeconds),
    reports: all.map(({ report }) => report),
  };
}

interface ThreadEnd {
  /** `null` if it was told to give up. */
  readonly found: Found | null;
  readonly busySeconds: number;
  readonly report: unknown;
}

function runThread(task: WorkerTask, onProgress: (progress: SearchProgress) => void): Promise<ThreadEnd> {
  return new Promise((resolve, reject) => {
    let end: ThreadEnd = { found: null, busySeconds: 0, report: undefined };
    const transferList = task.ports.filter((port) => port !== null);
    const worker = new Worker(new URL("./search-worker.ts", import.meta.url), {
      workerData: task,
      transferList,
      resourceLimits: { maxYoungGenerationSizeMb: 256 },
    });
    worker.on("message", (news: WorkerNews) => {
      if (news.kind === "progress") onProgress(news.progress);
      else end = news;
    });
    worker.on("error", (error) => {
      giveUp(task.signals);
      reject(error);
    });
    worker.on("exit", () => {
      if (end.found === null) giveUp(task.signals);
      resolve(end);
    });
  });
}

/** For every thread its ports to the others. */
function connections(cores: number): readonly (readonly (MessagePort | null)[])[] {
  const ports: (MessagePort | null)[][] = Array.from({ length: cores }, () => Array(cores).fill(null));
  for (const [one, portsOfOne] of ports.entries()) {
    for (const [other, portsOfOther] of ports.entries()) {
      if (other <= one) continue;
      const { port1, port2 } = new MessageChannel();
      portsOfOne[other] = port1;
      portsOfOther[one] = port2;
    }
  }
  return ports;
}
