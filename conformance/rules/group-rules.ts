/** Groups: committing, generations and members. */
import { heartbeat, joinGroup, leaveGroup, offsetCommit, offsetFetch, syncGroup } from "../../subjects/kafka/apis.ts";
import { protocolErrorName } from "../../subjects/kafka/protocol-error.ts";
import type { ProtocolRule } from "./protocol-rule.ts";
import type { RuleContext, RuleTopic } from "./rule-context.ts";

const errorOf = ({ errorCode }: { readonly errorCode: number }) => protocolErrorName(errorCode);

async function commit(
  context: RuleContext,
  group: string,
  topic: RuleTopic,
  offset: number,
  generation = -1,
  member = "",
) {
  const node = await context.coordinator(group);
  const partitions = [
    { partitionIndex: 0, committedOffset: BigInt(offset), committedLeaderEpoch: -1, committedMetadata: "m" },
  ];
  const ask = async () => {
    const answer = await context.client.call(node, offsetCommit, [
      group,
      generation,
      member,
      null,
      [{ name: topic.name, partitions }],
    ]);
    return protocolErrorName(answer.topics[0]?.partitions[0]?.errorCode ?? -1);
  };
  return context.patiently(ask, (error) => error);
}

async function committed(context: RuleContext, group: string, topic: RuleTopic): Promise<number> {
  const asked = {
    groupId: group,
    memberId: null,
    memberEpoch: -1,
    topics: [{ name: topic.name, partitionIndexes: [0] }],
  };
  const answer = await context.client.call(await context.coordinator(group), offsetFetch, [[asked], false]);
  return Number(answer.groups[0]?.topics[0]?.partitions[0]?.committedOffset ?? -1n);
}

interface Member {
  readonly id: string;
  readonly generation: number;
}

/** A member that has joined alone, with its assignment. */
async function join(context: RuleContext, group: string): Promise<Member> {
  const node = await context.coordinator(group);
  const protocols = [{ name: "range", metadata: Buffer.alloc(6) }];
  const ask = (id: string) => () =>
    context.client.call(node, joinGroup, [group, 10_000, 10_000, id, null, "consumer", protocols, null], {
      timeoutMs: 15_000,
      purpose: "join",
    });
  let answer = await context.patiently(ask(""), errorOf);
  // Whoever joins for the first time is given a name first (KIP-394).
  if (errorOf(answer) === "MEMBER_ID_REQUIRED") answer = await ask(answer.memberId)();
  const own = [{ memberId: answer.memberId, assignment: Buffer.alloc(0) }];
  await context.client.call(node, syncGroup, [
    group,
    answer.generationId,
    answer.memberId,
    null,
    "consumer",
    "range",
    own,
  ]);
  return { id: answer.memberId, generation: answer.generationId };
}

async function leave(context: RuleContext, group: string, { id }: Member): Promise<void> {
  await context.client.call(await context.coordinator(group), leaveGroup, [group, [{ memberId: id }]]);
}

export const groupRules: readonly ProtocolRule[] = [
  {
    id: "groups/commit",
    title: "What was committed is answered, also when it went backwards; of nothing, -1",
    requirement: "CON-2",
    source: "OffsetMetadataManager",
    expected: { before: -1, first: ["NONE", 5], back: ["NONE", 2] },
    async ask(context) {
      const topic = await context.topic();
      const group = context.name();
      const before = await committed(context, group, topic);
      const first = [await commit(context, group, topic, 5), await committed(context, group, topic)] as const;
      const back = [await commit(context, group, topic, 2), await committed(context, group, topic)] as const;
      return { before, first, back };
    },
  },
  {
    id: "groups/independent",
    title: "Two groups commit independently of each other",
    requirement: "CON-2",
    source: "OffsetMetadataManager",
    expected: { one: 4, other: -1 },
    async ask(context) {
      const topic = await context.topic();
      const [one, other] = [context.name(), context.name()];
      await commit(context, one, topic, 4);
      return { one: await committed(context, one, topic), other: await committed(context, other, topic) };
    },
  },
  {
    id: "groups/generations",
    title: "Only a member of the current generation may commit for a group that has members",
    requirement: "GRP-1",
    source: "ClassicGroup.validateOffsetCommit",
    expected: {
      current: "NONE",
      older: "ILLEGAL_GENERATION",
      stranger: "UNKNOWN_MEMBER_ID",
      outside: "UNKNOWN_MEMBER_ID",
      committed: 1,
    },
    async ask(context) {
      const topic = await context.topic();
      const group = context.name();
      const member = await join(context, group);
      const answers = {
        current: await commit(context, group, topic, 1, member.generation, member.id),
        older: await commit(context, group, topic, 2, member.generation - 1, member.id),
        stranger: await commit(context, group, topic, 3, member.generation, "nobody"),
        outside: await commit(context, group, topic, 4),
        committed: await committed(context, group, topic),
      };
      await leave(context, group, member);
      return answers;
    },
  },
  {
    id: "groups/heartbeats",
    title: "A heartbeat of another generation or of a stranger is refused",
    requirement: "GRP-1",
    source: "GroupMetadataManager.classicGroupHeartbeat",
    expected: { current: "NONE", older: "ILLEGAL_GENERATION", stranger: "UNKNOWN_MEMBER_ID" },
    async ask(context) {
      const group = context.name();
      const member = await join(context, group);
      const node = await context.coordinator(group);
      const beat = async (generation: number, id: string) =>
        errorOf(await context.client.call(node, heartbeat, [group, generation, id, null]));
      const answers = {
        current: await beat(member.generation, member.id),
        older: await beat(member.generation - 1, member.id),
        stranger: await beat(member.generation, "nobody"),
      };
      await leave(context, group, member);
      return answers;
    },
  },
  {
    id: "groups/left",
    title: "Who has left is a stranger, and its group may be committed for from outside again",
    requirement: "GRP-1",
    source: "ClassicGroup.validateOffsetCommit",
    expected: { left: "UNKNOWN_MEMBER_ID", outside: "NONE" },
    async ask(context) {
      const topic = await context.topic();
      const group = context.name();
      const member = await join(context, group);
      await leave(context, group, member);
      return {
        left: await commit(context, group, topic, 1, member.generation, member.id),
        outside: await commit(context, group, topic, 2),
      };
    },
  },
  {
    id: "groups/new-generation",
    title: "A rebalance begins a new generation, and fences the one before",
    requirement: "GRP-1",
    source: "ClassicGroup.initNextGeneration",
    expected: { grew: 1, old: "ILLEGAL_GENERATION", now: "NONE" },
    async ask(context) {
      const topic = await context.topic();
      const group = context.name();
      const member = await join(context, group);
      const node = await context.coordinator(group);
      const protocols = [{ name: "range", metadata: Buffer.alloc(7) }];
      const call = { timeoutMs: 15_000, purpose: "join" };
      const again = await context.client.call(
        node,
        joinGroup,
        [group, 10_000, 10_000, member.id, null, "consumer", protocols, null],
        call,
      );
      const own = [{ memberId: member.id, assignment: Buffer.alloc(0) }];
      await context.client.call(node, syncGroup, [
        group,
        again.generationId,
        member.id,
        null,
        "consumer",
        "range",
        own,
      ]);
      const answers = {
        grew: again.generationId - member.generation,
        old: await commit(context, group, topic, 1, member.generation, member.id),
        now: await commit(context, group, topic, 1, again.generationId, member.id),
      };
      await leave(context, group, member);
      return answers;
    },
  },
];
