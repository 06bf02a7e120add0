/**
 * A directed schedule: the loss of a record that was acknowledged with acks=1, made sure where it would only be likely.
 * Both followers are stopped, and given time until no fetch of theirs waits at the leader; the record is written and
 * acknowledged; the leader is killed; the followers go on before any session or lag time has run out, so that one of them
 * is elected without ever having seen the record.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterConfig } from "../../spec/config/cluster-config.ts";
import { parseCluster } from "../../spec/config/parse-cluster.ts";
import type { HistoryOperation } from "../../spec/history/format.ts";
import { acknowledgedLost } from "../../spec/history/judge/acknowledged-lost.ts";
import type { Subject } from "../../spec/subject.ts";
import { type SuiteItem, suiteItem } from "../suite-item.ts";

const attemptsMax = 5;
export const acks1LossFile = "directed/acks-1-loss";
export const acks1LossName = "acks=1: a record that only the leader had is lost with it, though it was acknowledged";

/** Longer than `replica.fetch.wait.max.ms` of the clusters that we start, shorter than a broker's session. */
const lastFetchMs = 300;

const electionMsMax = 20_000;

/** `subjectOf` gives a fresh subject for every attempt, `mend` brings all brokers back. */
export async function provokeAcks1Loss(
  subjectOf: () => Promise<Subject>,
  mend: () => Promise<void>,
): Promise<SuiteItem> {
  const cluster = acks1Cluster();
  const contract = JSON.parse(JSON.stringify(cluster));
  const reasons: string[] = [];
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const { history, outcome } = await tryOnce(await subjectOf(), cluster);
    await mend();
    reasons.push(`attempt ${attempt}: ${outcome}`);
    const [lost] = acknowledgedLost(history).violations;
    if (lost === undefined) continue;
    const requirements = [{ id: "DUR-1", verdict: "expected-loss" as const }];
    const reason = `${reasons.at(-1)}: ${lost.text}`;
    return suiteItem({
      file: acks1LossFile,
      name: acks1LossName,
      status: "passed",
      reason,
      requirements,
      history,
      contract,
    });
  }
  return suiteItem({
    file: acks1LossFile,
    name: acks1LossName,
    status: "inconclusive",
    reason: reasons.join("; "),
    contract,
  });
}

function acks1Cluster(): ClusterConfig {
  const parsed = parseCluster({
    brokers: 3,
    topics: { orders: { partitions: 1, "replication.factor": 3, "min.insync.replicas": 2 } },
    producers: { p1: { acks: 1, "linger.ms": 0, retries: 0, "request.timeout.ms": 2000 } },
  });
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("; "));
  return parsed.config;
}

async function tryOnce(subject: Subject, cluster: ClusterConfig) {
  const history: HistoryOperation[] = [];
  try {
    const refused = await subject.start(cluster, (operation) => history.push(operation), {});
    if (refused !== null) return { history, outcome: `the topic is refused: ${refused}` };
    await sendOne(subject, "before");
    await subject.settle();
    const leader = (await subject.describe()).partitions?.[0]?.leader ?? 1;
    const followers = [1, 2, 3].filter((broker) => broker !== leader);
    for (const broker of followers) await subject.fault({ kind: "pause", broker });
    await sleep(lastFetchMs);
    const { outcome } = await sendOne(subject, "only-the-leader-has-it");
    await subject.fault({ kind: "kill", broker: leader });
    for (const broker of followers) await subject.fault({ kind: "resume", broker });
    const elected = await awaitElection(subject, leader);
    if (elected === null) return { history, outcome: "nobody was elected" };
    await subject.finalReads();
    return { history, outcome: `acknowledged: ${outcome}, leader ${leader} killed, broker ${elected} elected` };
  } finally {
    await subject.close();
  }
}

async function sendOne(subject: Subject, value: string) {
  const [sent] = await subject.send({ producer: "p1", to: "orders-0", records: [{ value, key: null }], wait: true });
  return sent ?? { outcome: "unknown" };
}

async function awaitElection(subject: Subject, old: number): Promise<number | null> {
  const deadline = performance.now() + electionMsMax;
  while (performance.now() < deadline) {
    const leader = (await subject.describe()).partitions?.[0]?.leader ?? null;
    if (leader !== null && leader !== old) return leader;
    await sleep(50);
  }
  return null;
}
