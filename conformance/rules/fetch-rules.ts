/** Fetching: offsets, epochs and what is visible. */
import { deleteRecords, fetchReplica, offsetForLeaderEpoch } from "../../subjects/kafka/apis.ts";
import { protocolErrorName } from "../../subjects/kafka/protocol-error.ts";
import type { ProtocolRule } from "./protocol-rule.ts";
import type { RuleContext, RuleTopic } from "./rule-context.ts";

async function filled(context: RuleContext): Promise<RuleTopic> {
  const topic = await context.topic();
  await context.produce(
    topic,
    ["a", "b", "c"].map((value) => ({ value })),
  );
  return topic;
}

async function deleteBelow(context: RuleContext, topic: RuleTopic, offset: number): Promise<string> {
  const asked = [{ name: topic.name, partitions: [{ partitionIndex: 0, offset: BigInt(offset) }] }];
  const answer = await context.client.call(topic.leader, deleteRecords, [asked, 5_000]);
  return protocolErrorName(answer.topics[0]?.partitions[0]?.errorCode ?? -1);
}

/** What stands where the last epoch ends, as the leader has it. */
async function epochEnd(context: RuleContext, topic: RuleTopic, leaderEpoch: number, currentLeaderEpoch: number) {
  const asked = [{ name: topic.name, partitions: [{ partitionIndex: 0, currentLeaderEpoch, leaderEpoch }] }];
  const answer = await context.client.call(topic.leader, offsetForLeaderEpoch, [-1, asked]);
  const told = answer.topics[0]?.partitions[0];
  return { error: protocolErrorName(told?.errorCode ?? -1), end: Number(told?.endOffset ?? -1n) };
}

export const fetchRules: readonly ProtocolRule[] = [
  {
    id: "fetch/at-the-end",
    title: "At the high watermark there is nothing to read, and no error",
    requirement: "CON-1",
    source: "ReplicaManager.fetchMessages",
    expected: { error: "NONE", records: 0, highWatermark: 3 },
    async ask(context) {
      const { error, records, highWatermark } = await context.fetch(await filled(context), 3);
      return { error, records: records.length, highWatermark };
    },
  },
  {
    id: "fetch/beyond-the-end",
    title: "Beyond the log end is out of range",
    requirement: "CON-1",
    source: "UnifiedLog.read",
    expected: { error: "OFFSET_OUT_OF_RANGE" },
    async ask(context) {
      const { error } = await context.fetch(await filled(context), 4);
      return { error };
    },
  },
  {
    id: "fetch/below-the-start",
    title: "What was deleted is out of range, and the log starts after it",
    requirement: "RET-1",
    source: "UnifiedLog.maybeIncrementLogStartOffset",
    expected: { deleted: "NONE", error: "OFFSET_OUT_OF_RANGE", earliest: 2, rest: [[2, "c"]] },
    async ask(context) {
      const topic = await filled(context);
      const deleted = await deleteBelow(context, topic, 2);
      const { error } = await context.fetch(topic, 1);
      const { records } = await context.fetch(topic, 2);
      const rest = records.filter(({ offset }) => offset >= 2).map(({ offset, value }) => [offset, value] as const);
      return { deleted, error, earliest: (await context.offset(topic, "earliest")).offset, rest };
    },
  },
  {
    id: "fetch/delete-beyond-high-watermark",
    title: "Nothing above the high watermark can be deleted",
    requirement: "RET-1",
    source: "Partition.deleteRecordsOnLeader",
    expected: { error: "OFFSET_OUT_OF_RANGE", earliest: 0 },
    async ask(context) {
      const topic = await filled(context);
      const error = await deleteBelow(context, topic, 4);
      return { error, earliest: (await context.offset(topic, "earliest")).offset };
    },
  },
  {
    id: "fetch/in-the-middle",
    title: "A fetch from the middle of a batch brings the record asked for, and all after it",
    requirement: "CON-1",
    source: "LogSegment.read",
    expected: {
      read: [
        [1, "b"],
        [2, "c"],
      ],
    },
    async ask(context) {
      const { records } = await context.fetch(await filled(context), 1);
      // Batches come whole; what lies before the offset is the client's to drop.
      return { read: records.filter(({ offset }) => offset >= 1).map(({ offset, value }) => [offset, value] as const) };
    },
  },
  {
    id: "fetch/epoch-unknown",
    title: "A leader epoch that is higher than the leader's is unknown",
    requirement: "ELE-1",
    source: "Partition.checkCurrentLeaderEpoch (KIP-320)",
    expected: { higher: "UNKNOWN_LEADER_EPOCH", same: "NONE", none: "NONE" },
    async ask(context) {
      const topic = await filled(context);
      const at = async (leaderEpoch: number) => (await context.fetch(topic, 0, { leaderEpoch })).error;
      return { higher: await at(topic.leaderEpoch + 1), same: await at(topic.leaderEpoch), none: await at(-1) };
    },
  },
  {
    id: "fetch/epoch-fenced",
    title: "A leader epoch of before the last election is fenced",
    requirement: "ELE-1",
    source: "Partition.checkCurrentLeaderEpoch (KIP-320)",
    needs: "faults",
    expected: { epochs: "grew", old: "FENCED_LEADER_EPOCH", now: "NONE", end: { error: "NONE", end: 3 } },
    async ask(context) {
      const topic = await filled(context);
      const elected = await elect(context, topic);
      const { error: old } = await context.fetch(elected, 0, { leaderEpoch: topic.leaderEpoch });
      const { error: now } = await context.fetch(elected, 0, { leaderEpoch: elected.leaderEpoch });
      const end = await epochEnd(context, elected, topic.leaderEpoch, elected.leaderEpoch);
      return { epochs: elected.leaderEpoch > topic.leaderEpoch ? "grew" : "did not grow", old, now, end };
    },
  },
  {
    id: "fetch/epoch-end",
    title: "An epoch ends where its last record does",
    requirement: "LOG-2",
    source: "OffsetsForLeaderEpoch (KIP-101, KIP-320)",
    expected: { now: { error: "NONE", end: 3 }, later: { error: "NONE", end: -1 } },
    async ask(context) {
      const topic = await filled(context);
      return {
        now: await epochEnd(context, topic, topic.leaderEpoch, topic.leaderEpoch),
        later: await epochEnd(context, topic, topic.leaderEpoch + 1, topic.leaderEpoch),
      };
    },
  },
  {
    id: "fetch/followers-agree",
    title: "Every replica gives the same records up to its high watermark",
    requirement: "LOG-2",
    source: "ReplicaFetcherThread, KIP-392",
    needs: "two brokers",
    expected: { different: 0 },
    async ask(context) {
      const topic = await filled(context);
      const place = (await context.client.metadata([topic.name])).topics.get(topic.name)?.[0];
      const asked = {
        partition: 0,
        currentLeaderEpoch: -1,
        fetchOffset: 0n,
        lastFetchedEpoch: -1,
        partitionMaxBytes: 1_000_000,
      };
      const from = [{ topicId: topic.name, partitions: [asked] }];
      let different = 0;
      for (const node of place?.replicas ?? []) {
        const answer = await context.client.call(node, fetchReplica, [0, 0, 1_000_000, 0, 0, -1, from, [], ""]);
        const values = (answer.responses[0]?.partitions[0]?.records ?? []).flatMap((batch) =>
          batch.records.map((one) => String(one.value)),
        );
        if (values.some((value, index) => value !== ["a", "b", "c"][index])) different += 1;
      }
      return { different };
    },
  },
  {
    id: "fetch/offsets-by-time",
    title: "The offset for a time is that of the first record at or after it",
    requirement: "CON-1",
    source: "UnifiedLog.fetchOffsetByTimestamp",
    expected: { earliest: 0, latest: 3, at2000: 1, at2001: 2, at9000: -1 },
    async ask(context) {
      // Retention goes by these times too.
      const topic = await context.topic({ configs: { "retention.ms": "-1" } });
      for (const timestamp of [1000, 2000, 3000]) await context.produce(topic, [{ value: "a", timestamp }]);
      const at = async (time: "earliest" | "latest" | number) => (await context.offset(topic, time)).offset;
      return {
        earliest: await at("earliest"),
        latest: await at("latest"),
        at2000: await at(2000),
        at2001: await at(2001),
        at9000: await at(9000),
      };
    },
  },
];

/** Has another leader elected by killing the one in office, and brings it back. */
async function elect(context: RuleContext, topic: RuleTopic): Promise<RuleTopic> {
  const { control } = context;
  if (control === null) throw new Error("this rule needs the machines in hand");
  await control.kill(topic.leader);
  const deadline = performance.now() + 30_000;
  for (;;) {
    const [seen] = (await context.client.metadata([topic.name])).topics.get(topic.name) ?? [];
    if (seen?.leader !== null && seen?.leader !== undefined && seen.leader !== topic.leader) break;
    if (performance.now() > deadline) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await control.start(topic.leader);
  return context.look(topic);
}
