/** The corpus: small histories with the verdict that is expected of them, three and more of each anomaly, and near misses. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type HistoryContract, readContract } from "../../../../spec/history/check/history-contract.ts";
import type { HistoryOperation } from "../../../../spec/history/format.ts";
import { historyOf } from "./notation.ts";

export interface CorpusCase {
  readonly file: string;
  /** Of `anomaly`: it counts, it is allowed, or it is not found. */
  readonly expected: "counts" | "allowed" | "absent";
  readonly anomaly: string;
  readonly title: string;
  readonly contract: HistoryContract;
  readonly operations: readonly HistoryOperation[];
}

const topic = { partitions: 2, "replication.factor": 3, "min.insync.replicas": 2 };
const consumer = { "group.id": "g", "auto.offset.reset": "earliest", "enable.auto.commit": false };

/** What a case's `[…]` names; several are put on top of each other. */
function clusterOf(names: readonly string[]): object {
  const has = (name: string) => names.includes(name);
  const settings = {
    ...topic,
    ...(has("unclean") ? { "unclean.leader.election.enable": true } : {}),
    ...(has("minisr1") ? { "min.insync.replicas": 1 } : {}),
    ...(has("retention") ? { "retention.bytes": 10 } : {}),
  };
  const producer = {
    acks: has("acks1") ? 1 : "all",
    ...(has("once") ? { "enable.idempotence": true } : {}),
    ...(has("noretry") ? { retries: 0 } : {}),
    "partitioner.class": has("roundrobin") ? "RoundRobinPartitioner" : null,
  };
  const reader = {
    ...consumer,
    ...(has("fromlatest") ? { "auto.offset.reset": "latest" } : {}),
    ...(has("auto") ? { "enable.auto.commit": true } : {}),
  };
  return {
    profile: "4.1",
    brokers: 3,
    topics: { a: settings, b: settings, c: settings, d: settings },
    producers: { p1: producer, p2: producer, p3: producer, p4: producer },
    consumers: {
      c1: { ...reader, ...(has("committed") ? { "isolation.level": "read_committed" } : {}) },
      c2: { ...reader, ...(has("alone") ? { "group.id": "h" } : {}) },
    },
  };
}

const marks = { "!": "counts", "?": "allowed", "~": "absent" } as const;

export function corpus(): readonly CorpusCase[] {
  const folder = import.meta.dirname;
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".txt"))
    .sort();
  return files.flatMap((file) =>
    readFileSync(join(folder, file), "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => caseOf(file, line)),
  );
}

function caseOf(file: string, line: string): CorpusCase {
  const [, mark = "", anomaly = "", named = "", title = "", steps = ""] =
    /^([!?~]) ([\w-]+) \| (?:\[([\w ]+)\] )?(.*?) \| (.*)$/.exec(line) ?? [];
  const expected = mark === "!" || mark === "?" || mark === "~" ? marks[mark] : undefined;
  if (expected === undefined) throw new Error(`${file}: ${line}`);
  const read = readContract(named === "" ? {} : clusterOf(named.split(" ")));
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return { file, expected, anomaly, title, contract: read.contract, operations: historyOf(steps) };
}
