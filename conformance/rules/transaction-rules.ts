/** Transactions: visibility by isolation level, and fencing. */
import { addPartitionsToTxn, endTxn } from "../../subjects/kafka/apis.ts";
import { protocolErrorName } from "../../subjects/kafka/protocol-error.ts";
import type { ProtocolRule } from "./protocol-rule.ts";
import type { RuleContext, RuleTopic } from "./rule-context.ts";

interface Transaction {
  readonly transactionalId: string;
  readonly id: bigint;
  readonly epoch: number;
}

async function begin(
  context: RuleContext,
  topic: RuleTopic,
  transactionalId: string,
): Promise<Transaction & { readonly added: string }> {
  const { id, epoch } = await context.producerId(transactionalId);
  const node = await context.coordinator(transactionalId, "transaction");
  const topics = [{ name: topic.name, partitions: [0] }];
  const asked = { transactionalId, producerId: id, producerEpoch: epoch, verifyOnly: false, topics };
  const ask = async () => {
    const answer = await context.client.call(node, addPartitionsToTxn, [[asked]]);
    const told = answer.resultsByTransaction[0]?.topicResults[0]?.resultsByPartition[0];
    return protocolErrorName(told?.partitionErrorCode ?? answer.errorCode);
  };
  return { transactionalId, id, epoch, added: await context.patiently(ask, (error) => error) };
}

async function end(
  context: RuleContext,
  { transactionalId, id, epoch }: Transaction,
  commits: boolean,
): Promise<string> {
  const node = await context.coordinator(transactionalId, "transaction");
  const ask = () => context.client.call(node, endTxn, [transactionalId, id, epoch, commits]);
  const errorOf = ({ errorCode }: { readonly errorCode: number }) => protocolErrorName(errorCode);
  return errorOf(await context.patiently(ask, errorOf));
}

async function write(
  context: RuleContext,
  topic: RuleTopic,
  { transactionalId, id, epoch }: Transaction,
  sequence: number,
  value: string,
) {
  const { error } = await context.produce(topic, [{ value }], { transactionalId, id, epoch, sequence });
  return error;
}

/** Values that each isolation level sees, and how far the last stable offset is; markers may take a moment. */
async function seen(context: RuleContext, topic: RuleTopic, lastStable: number) {
  const read = async () => context.fetch(topic, 0, { readCommitted: true });
  const deadline = performance.now() + 10_000;
  let committed = await read();
  while (committed.lastStable !== lastStable && performance.now() < deadline) committed = await read();
  const uncommitted = await context.fetch(topic, 0);
  return {
    lastStable: committed.lastStable,
    committed: committed.records.map(({ value }) => value),
    aborted: committed.aborted,
    uncommitted: uncommitted.records.map(({ value }) => value),
  };
}

export const transactionRules: readonly ProtocolRule[] = [
  {
    id: "transactions/open",
    title: "Records of an open transaction are seen by read_uncommitted only, and hold back what comes after them",
    requirement: "ATO-1",
    source: "UnifiedLog.lastStableOffset",
    expected: {
      errors: ["NONE", "NONE", "NONE"],
      open: { lastStable: 0, committed: [], aborted: 0, uncommitted: ["t", "plain"] },
      ended: "NONE",
      after: { lastStable: 3, committed: ["t", "plain"], aborted: 0, uncommitted: ["t", "plain"] },
    },
    async ask(context) {
      const topic = await context.topic();
      const transaction = await begin(context, topic, context.name());
      const written = await write(context, topic, transaction, 0, "t");
      const plain = await context.produce(topic, [{ value: "plain" }]);
      const open = await seen(context, topic, 0);
      const ended = await end(context, transaction, true);
      return { errors: [transaction.added, written, plain.error], open, ended, after: await seen(context, topic, 3) };
    },
  },
  {
    id: "transactions/aborted",
    title: "Of an aborted transaction read_committed is told what to leave out",
    requirement: "ATO-1",
    source: "UnifiedLog.collectAbortedTransactions",
    expected: { ended: "NONE", after: { lastStable: 2, committed: ["t"], aborted: 1, uncommitted: ["t"] } },
    async ask(context) {
      const topic = await context.topic();
      const transaction = await begin(context, topic, context.name());
      await write(context, topic, transaction, 0, "t");
      const ended = await end(context, transaction, false);
      return { ended, after: await seen(context, topic, 2) };
    },
  },
  {
    id: "transactions/fenced",
    title: "A second producer of the same transactional id fences the first, and aborts what it had begun",
    requirement: "ATO-1",
    source: "TransactionCoordinator.handleInitProducerId, ProducerAppendInfo.checkProducerEpoch",
    expected: { epochGrew: true, write: "INVALID_PRODUCER_EPOCH", ended: "PRODUCER_FENCED", committed: [] },
    async ask(context) {
      const topic = await context.topic();
      const first = await begin(context, topic, context.name());
      await write(context, topic, first, 0, "t");
      const second = await context.producerId(first.transactionalId);
      const after = await seen(context, topic, 2);
      return {
        epochGrew: second.id !== first.id || second.epoch > first.epoch,
        write: await write(context, topic, first, 1, "late"),
        ended: await end(context, first, true),
        committed: after.aborted > 0 ? [] : after.committed,
      };
    },
  },
];
