/**
 * Waits until a cluster serves: its own processes run, the cluster that answers is ours (a stranger's on the same ports
 * looks healthy too), every broker is unfenced, gives out producer ids, and a group finds its coordinator.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { initProducerId, offsetFetch } from "../../subjects/kafka/apis.ts";
import type { Security } from "../../subjects/kafka/broker-connection.ts";
import type { Address } from "../../subjects/kafka/frame-connection.ts";
import { createKafkaClient, type KafkaClient } from "../../subjects/kafka/kafka-client.ts";
import { protocolErrorName } from "../../subjects/kafka/protocol-error.ts";
import { WireError } from "../../subjects/kafka/wire-error.ts";
import { LaunchError } from "./launch-error.ts";
import type { NodeProcess } from "./node-process.ts";

export interface Awaited {
  readonly bootstrap: readonly Address[];
  readonly security: Security;
  readonly clusterId: string;
  readonly brokers: readonly number[];
  readonly nodes: ReadonlyMap<number, NodeProcess>;
  /** Where the nodes' logs are, for the words of the error. */
  readonly folder: string;
  readonly timeoutMs: number;
}

const pauseMs = 100;

export async function awaitReady(awaited: Awaited): Promise<void> {
  const client = createKafkaClient({ bootstrap: awaited.bootstrap, security: awaited.security, isPinned: false });
  const begin = performance.now();
  let lacking = "no broker answers";
  try {
    while (performance.now() - begin < awaited.timeoutMs) {
      for (const [id, node] of awaited.nodes) {
        if (!node.isRunning)
          throw new LaunchError("E_CLUSTER", `node ${id} has ended`, `${awaited.folder}/${id}.log says why`);
      }
      const missing = await whatIsMissing(client, awaited).catch((error: unknown) => {
        if (error instanceof WireError) return error.message;
        throw error;
      });
      if (missing === null) return;
      lacking = missing;
      await sleep(pauseMs);
    }
  } finally {
    client.close();
  }
  const seconds = Math.round(awaited.timeoutMs / 1000);
  throw new LaunchError(
    "E_CLUSTER",
    `the cluster is not ready after ${seconds} s: ${lacking}`,
    `see ${awaited.folder}`,
  );
}

/** In words, or `null`: nothing. */
async function whatIsMissing(client: KafkaClient, { clusterId, brokers }: Awaited): Promise<string | null> {
  const seen = await client.metadata([]);
  if (seen.clusterId !== clusterId) throw new LaunchError("E_CLUSTER", "another cluster answers on the ports of ours");
  const fenced = brokers.filter((id) => !seen.brokers.includes(id));
  if (fenced.length > 0) return `broker ${fenced.join(", ")} is not in service`;
  for (const id of brokers) {
    // The first ones after a start are refused while a block of ids is fetched.
    const { errorCode } = await client.call(id, initProducerId, [null, 60_000, -1n, -1]);
    if (errorCode !== 0) return `broker ${id} gives out no producer ids: ${protocolErrorName(errorCode)}`;
  }
  const group = "highwater-ready";
  const coordinator = await client.coordinatorOf(group);
  const asked = { groupId: group, memberId: null, memberEpoch: -1, topics: [] };
  const { groups } = await client.call(coordinator, offsetFetch, [[asked], false]);
  const code = groups[0]?.errorCode ?? 0;
  return code === 0 ? null : `groups have no coordinator: ${protocolErrorName(code)}`;
}
