/**
 * A workload under faults: producers that never stop, a group that reads and commits, brokers that are killed, paused or
 * cut off one after the other. Then everything is mended, the cluster has to converge, and what was recorded is judged.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterConfig } from "../../spec/config/cluster-config.ts";
import { parseCluster } from "../../spec/config/parse-cluster.ts";
import type { HistoryOperation } from "../../spec/history/format.ts";
import type { Subject } from "../../spec/subject.ts";
import type { FaultMoment } from "./fault-schedule.ts";
import { type Judged, judgeWorkload } from "./judge-workload.ts";
import { withIdempotence } from "./workload.ts";

export interface FaultRun extends Judged {
  readonly history: readonly HistoryOperation[];
  /** How many times a partition has got a new leader. */
  readonly elections: number;
  readonly acknowledged: number;
  readonly unknown: number;
  /** What is not as it should be again after everything was mended; `null`: all of it is. */
  readonly unmended: string | null;
}

export interface FaultRunOptions {
  readonly isIdempotent: boolean;
  readonly moments: readonly FaultMoment[];
  /** Starts and resumes whatever is down, and waits until it serves. */
  readonly mend: () => Promise<void>;
}

const partitions = ["orders-0", "orders-1"] as const;
const convergeMsMax = 60_000;
const pollsMax = 200;

export function faultCluster(isIdempotent: boolean): ClusterConfig {
  const producer = { acks: "all", "linger.ms": 0, "request.timeout.ms": 1500, "delivery.timeout.ms": 20_000 };
  const consumer = { "group.id": "readers", "enable.auto.commit": false, "auto.offset.reset": "earliest" };
  const parsed = parseCluster({
    brokers: 3,
    topics: { orders: { partitions: 2, "replication.factor": 3, "min.insync.replicas": 2 } },
    producers: { p1: producer, p2: producer },
    consumers: { c1: { ...consumer, "fetch.max.wait.ms": 100, "request.timeout.ms": 1500 } },
  });
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("; "));
  return isIdempotent ? withIdempotence(parsed.config) : parsed.config;
}

/** The subject is used for this run alone and closed at the end. */
export async function runUnderFaults(subject: Subject, options: FaultRunOptions): Promise<FaultRun> {
  const { isIdempotent, moments, mend } = options;
  const cluster = faultCluster(isIdempotent);
  const history: HistoryOperation[] = [];
  try {
    const refused = await subject.start(cluster, (operation) => history.push(operation), {});
    if (refused !== null) throw new Error(`the topic is refused: ${refused}`);
    const epochsBefore = await epochs(subject);
    const load = startLoad(subject);
    try {
      await sleep(500);
      for (const moment of moments) await breakAndMend(subject, moment);
      await mend();
    } finally {
      await load.stop();
    }
    const unmended = await converge(subject);
    const epochsAfter = await epochs(subject);
    await readOn(subject);
    await subject.finalReads();
    const judged = judgeWorkload(history, cluster, { mayRepeat: !isIdempotent });
    const sends = history.filter(({ f, type }) => f === "send" && type !== "invoke");
    return {
      history,
      ...judged,
      unmended,
      elections: epochsAfter.reduce((sum, epoch, index) => sum + epoch - (epochsBefore[index] ?? 0), 0),
      acknowledged: sends.filter(({ type }) => type === "ok").length,
      unknown: sends.filter(({ type }) => type === "info").length,
    };
  } finally {
    await subject.close();
  }
}

/** The group reads what is left, so that what it never got can be told from what it had no time for. */
async function readOn(subject: Subject): Promise<void> {
  for (let polls = 0; polls < pollsMax; polls += 1) {
    const { outcome, records } = await subject.poll({ consumer: "c1", timeoutMs: 1000 });
    if (outcome === "ok" && Object.keys(records).length === 0) return;
  }
}

async function epochs(subject: Subject): Promise<readonly number[]> {
  return ((await subject.describe()).partitions ?? []).map(({ leaderEpoch }) => leaderEpoch ?? 0);
}

async function breakAndMend(subject: Subject, { fault, hitsLeader, brokenMs, restMs }: FaultMoment): Promise<void> {
  const { partitions: seen = [] } = await subject.describe();
  const leader = seen[0]?.leader ?? 1;
  const broker = hitsLeader ? leader : (leader % 3) + 1;
  if (fault === "cut") {
    const others = ["controller", ...[1, 2, 3].filter((id) => id !== broker).map(String)];
    for (const other of others) await subject.fault({ kind: "cut", between: [String(broker), other] });
  } else await subject.fault({ kind: fault, broker });
  await sleep(brokenMs);
  if (fault === "cut") await subject.fault({ kind: "heal-all" });
  else await subject.fault({ kind: fault === "kill" ? "start" : "resume", broker });
  await sleep(restMs);
}

/** Clients that go on until they are stopped. */
function startLoad(subject: Subject): { stop(): Promise<void> } {
  let goesOn = true;
  let sent = 0;
  const produce = async (producer: string) => {
    while (goesOn) {
      const to = partitions[sent % partitions.length] ?? "orders-0";
      const records = [0, 1, 2].map((index) => ({ value: `${producer}-${sent + index}`, key: null }));
      sent += records.length;
      await subject.send({ producer, to, records, wait: true });
      await sleep(20);
    }
  };
  const consume = async () => {
    while (goesOn) {
      const { records } = await subject.poll({ consumer: "c1", timeoutMs: 300 });
      if (Object.keys(records).length > 0) await subject.commit({ consumer: "c1", offsets: null });
      await sleep(50);
    }
  };
  const all = Promise.all([produce("p1"), produce("p2"), consume()]);
  // Whoever stops the load hears of it.
  all.catch(() => undefined);
  return {
    async stop() {
      goesOn = false;
      await all;
    },
  };
}

/** Waits until every partition has its leader and a full ISR, whose high watermarks have reached the log end. */
async function converge(subject: Subject): Promise<string | null> {
  const deadline = performance.now() + convergeMsMax;
  for (;;) {
    const { partitions: seen = [] } = await subject.describe();
    const short = seen.find((one) => {
      const ends = (one.replicas ?? []).map(({ logEnd }) => logEnd);
      const isEven = ends.every((end) => end === one.highWatermark);
      return one.leader === null || one.isr?.length !== 3 || !isEven;
    });
    if (short === undefined) return null;
    if (performance.now() > deadline) {
      return `${short.partition}: leader ${short.leader}, ISR ${short.isr?.join(", ")}, high watermark ${short.highWatermark}`;
    }
    await sleep(100);
  }
}
