/** Plays a generated workload on a subject, with final reads, and judges what was recorded. */
import type { ClusterConfig } from "../../spec/config/cluster-config.ts";
import type { HistoryOperation } from "../../spec/history/format.ts";
import type { Subject } from "../../spec/subject.ts";
import { type Judged, judgeWorkload } from "./judge-workload.ts";
import type { Workload, WorkloadOperation } from "./workload.ts";

export interface WorkloadRun extends Judged {
  readonly history: readonly HistoryOperation[];
  /** Why it could not be run; `null`: it was. */
  readonly lacking: string | null;
}

const pollMs = 300;

/** The subject is used for this run alone and closed at the end. */
export async function runWorkload(workload: Workload, cluster: ClusterConfig, subject: Subject): Promise<WorkloadRun> {
  const history: HistoryOperation[] = [];
  const nothing = { history, verdicts: [], anomalies: [] };
  try {
    const lacks = await subject.lacks(cluster);
    if (lacks.length > 0) return { ...nothing, lacking: lacks.join("; ") };
    const refused = await subject.start(cluster, (operation) => history.push(operation), {});
    if (refused !== null) return { ...nothing, lacking: `the topic is refused: ${refused}` };
    let sent = 0;
    for (const operation of workload.operations) {
      const count = operation.f === "send" ? operation.count : 0;
      const values = Array.from({ length: count }, (_, index) => `v${sent + index}`);
      sent += count;
      await perform(subject, workload, operation, values);
    }
    await subject.finalReads();
    return { history, lacking: null, ...judgeWorkload(history, cluster, { mayRepeat: false }) };
  } finally {
    await subject.close();
  }
}

async function perform(
  subject: Subject,
  workload: Workload,
  operation: WorkloadOperation,
  values: readonly string[],
): Promise<void> {
  switch (operation.f) {
    case "send": {
      const to = `orders-${operation.partition % workload.partitions}`;
      const records = values.map((value) => ({ value, key: null }));
      await subject.send({ producer: operation.producer, to, records, wait: true });
      return;
    }
    case "poll":
      await subject.poll({ consumer: operation.consumer, timeoutMs: pollMs });
      return;
    case "commit":
      await subject.commit({ consumer: operation.consumer, offsets: null });
      return;
    case "rewind": {
      const partition = `orders-${operation.partition % workload.partitions}`;
      await subject.seek({ consumer: operation.consumer, partition, offset: 0 });
      return;
    }
    case "restart":
      if (!subject.capabilities.has("crash-client")) return;
      await subject.crash(operation.client);
      await subject.restart(operation.client);
  }
}
