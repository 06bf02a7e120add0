/** What a group has committed, and committing, as a client that is assigned by hand does it. */
import { setTimeout as sleep } from "node:timers/promises";
import { classify } from "../../spec/history/error-classes.ts";
import type { CallResult } from "../../spec/subject.ts";
import type { TopicPartition } from "../../spec/vocabulary.ts";
import { offsetCommit, offsetFetch } from "./apis.ts";
import type { KafkaClient } from "./kafka-client.ts";
import { protocolErrorName } from "./protocol-error.ts";
import type { RunNames } from "./run-names.ts";
import { errorNameOf, WireError } from "./wire-error.ts";

const commitPatienceMs = 15_000;

export interface Committed {
  readonly offset: number;
  /** `null`: the committer did not say. */
  readonly epoch: number | null;
}

/** What a group has committed; a partition without is absent. Throws a `WireError` where the group has no coordinator. */
export async function fetchCommitted(
  client: KafkaClient,
  names: RunNames,
  group: string,
  partitions: readonly TopicPartition[],
): Promise<ReadonlyMap<TopicPartition, Committed>> {
  const coordinator = await client.coordinatorOf(group);
  const asked = { groupId: group, memberId: null, memberEpoch: -1, topics: perTopic(names, partitions) };
  const { groups } = await client.call(coordinator, offsetFetch, [[asked], false]);
  const [answer] = groups;
  const codes = [
    answer?.errorCode ?? 0,
    ...(answer?.topics ?? []).flatMap((one) => one.partitions.map((at) => at.errorCode)),
  ];
  const failed = codes.find((code) => code !== 0);
  if (failed !== undefined) throw new WireError("unreachable", `coordinator of ${group}`, protocolErrorName(failed));
  const all = (answer?.topics ?? []).flatMap(({ name, partitions: at }) =>
    at.map(({ partitionIndex, committedOffset, committedLeaderEpoch: epoch }) => {
      const committed = { offset: Number(committedOffset), epoch: epoch < 0 ? null : epoch };
      return [names.back(name, partitionIndex), committed] as const;
    }),
  );
  return new Map(all.filter(([, { offset }]) => offset >= 0));
}

function perTopic(names: RunNames, partitions: readonly TopicPartition[]) {
  const topics = new Map<string, number[]>();
  for (const name of partitions) {
    const { topic, partition } = names.partition(name);
    topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  }
  return [...topics].map(([name, partitionIndexes]) => ({ name, partitionIndexes }));
}

/** As a consumer outside the membership of its group; tried again while the group has no coordinator. */
export async function commitOffsets(
  client: KafkaClient,
  names: RunNames,
  group: string,
  offsets: Readonly<Record<TopicPartition, number>>,
  epochs: ReadonlyMap<TopicPartition, number>,
): Promise<CallResult> {
  const deadline = performance.now() + commitPatienceMs;
  const topics = perTopic(names, Object.keys(offsets)).map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partitionIndex) => {
      const partition = names.back(name, partitionIndex);
      const committedOffset = BigInt(offsets[partition] ?? 0);
      return {
        partitionIndex,
        committedOffset,
        committedLeaderEpoch: epochs.get(partition) ?? -1,
        committedMetadata: "",
      };
    }),
  }));
  for (let attempts = 0; ; ) {
    let error: string;
    try {
      const coordinator = await client.coordinatorOf(group);
      await client.connection(coordinator);
      attempts += 1;
      const answer = await client.call(coordinator, offsetCommit, [group, -1, "", null, topics]);
      const codes = answer.topics.flatMap((topic) => topic.partitions.map(({ errorCode }) => errorCode));
      error = protocolErrorName(codes.find((code) => code !== 0) ?? 0);
    } catch (cause) {
      error = errorNameOf(cause);
    }
    if (error === "NONE") return { outcome: "ok", error: null };
    const mayPass = /^(COORDINATOR_|NOT_COORDINATOR|NETWORK_EXCEPTION|TIMEOUT|REQUEST_TIMED_OUT)/.test(error);
    if (!mayPass || performance.now() >= deadline) {
      return { outcome: classify("commit", error, attempts) === "fail" ? "fail" : "unknown", error };
    }
    await sleep(100);
  }
}
