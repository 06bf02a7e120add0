/** Producer ids, epochs and sequence numbers. */
import type { ProtocolRule } from "./protocol-rule.ts";
import type { RuleContext, RuleTopic } from "./rule-context.ts";

/** Batches of one record with these sequence numbers, one after the other, under one id: how each ended. */
async function sendAll(
  context: RuleContext,
  topic: RuleTopic,
  steps: readonly { readonly sequence: number; readonly epoch?: number; readonly records?: number }[],
) {
  const { id } = await context.producerId();
  const ends: (readonly [string, number])[] = [];
  for (const { sequence, epoch = 0, records = 1 } of steps) {
    const values = Array.from({ length: records }, (_, index) => ({ value: `s${sequence + index}` }));
    const { error, offset } = await context.produce(topic, values, { id, epoch, sequence });
    ends.push([error, offset]);
  }
  return { ends, end: (await context.offset(topic, "latest")).offset };
}

export const idempotenceRules: readonly ProtocolRule[] = [
  {
    id: "idempotence/duplicate",
    title: "A batch that was written already is not written again: its own offset is answered",
    requirement: "DUP-1",
    source: "ProducerStateEntry.findDuplicateBatch",
    expected: {
      ends: [
        ["NONE", 0],
        ["NONE", 2],
        ["NONE", 0],
        ["NONE", 2],
      ],
      end: 3,
    },
    async ask(context) {
      const steps = [{ sequence: 0, records: 2 }, { sequence: 2 }, { sequence: 0, records: 2 }, { sequence: 2 }];
      return sendAll(context, await context.topic(), steps);
    },
  },
  {
    id: "idempotence/window-of-five",
    title: "The last five batches are known as duplicates, the sixth is not",
    requirement: "DUP-1",
    source: "ProducerStateEntry.NUM_BATCHES_TO_RETAIN",
    expected: { fifth: ["NONE", 1], sixth: ["OUT_OF_ORDER_SEQUENCE_NUMBER", -1], end: 6 },
    async ask(context) {
      const steps = [0, 1, 2, 3, 4, 5, 1, 0].map((sequence) => ({ sequence }));
      const { ends, end } = await sendAll(context, await context.topic(), steps);
      return { fifth: ends[6] ?? null, sixth: ends[7] ?? null, end };
    },
  },
  {
    id: "idempotence/gap",
    title: "A gap in the sequence is refused, and nothing is written",
    requirement: "ORD-1",
    source: "ProducerAppendInfo.checkSequence",
    expected: {
      ends: [
        ["NONE", 0],
        ["OUT_OF_ORDER_SEQUENCE_NUMBER", -1],
        ["NONE", 1],
      ],
      end: 2,
    },
    async ask(context) {
      return sendAll(context, await context.topic(), [{ sequence: 0 }, { sequence: 2 }, { sequence: 1 }]);
    },
  },
  {
    id: "idempotence/unknown-producer",
    title: "Of a producer of whom nothing is known, any first sequence is taken",
    requirement: "DUP-1",
    source: "ProducerAppendInfo.checkSequence (KIP-360)",
    expected: {
      ends: [
        ["NONE", 0],
        ["NONE", 1],
      ],
      end: 2,
    },
    async ask(context) {
      return sendAll(context, await context.topic(), [{ sequence: 7 }, { sequence: 8 }]);
    },
  },
  {
    id: "idempotence/new-epoch",
    title: "A new epoch begins with sequence 0, and fences the old one",
    requirement: "DUP-1",
    source: "ProducerAppendInfo.checkProducerEpoch",
    expected: {
      ends: [
        ["NONE", 0],
        ["OUT_OF_ORDER_SEQUENCE_NUMBER", -1],
        ["NONE", 1],
        ["INVALID_PRODUCER_EPOCH", -1],
      ],
      end: 2,
    },
    async ask(context) {
      const steps = [{ sequence: 0 }, { sequence: 1, epoch: 1 }, { sequence: 0, epoch: 1 }, { sequence: 1, epoch: 0 }];
      return sendAll(context, await context.topic(), steps);
    },
  },
  {
    id: "idempotence/own-state-per-partition",
    title: "Sequences are counted per partition, and per producer",
    requirement: "DUP-1",
    source: "ProducerStateManager",
    expected: { same: "OUT_OF_ORDER_SEQUENCE_NUMBER", otherPartition: "NONE", otherProducer: "NONE" },
    async ask(context) {
      const topic = await context.topic({ partitions: 2, factor: 1 });
      const [one, two] = [await context.producerId(), await context.producerId()];
      const places = (await context.client.metadata([topic.name])).topics.get(topic.name) ?? [];
      const send = async (id: bigint, partition: number, sequence: number) => {
        const node = places.find((place) => place.partition === partition)?.leader ?? topic.leader;
        const { error } = await context.produce(topic, [{ value: "a" }], { id, epoch: 0, sequence, partition, node });
        return error;
      };
      await send(one.id, 0, 0);
      return {
        same: await send(one.id, 0, 5),
        otherPartition: await send(one.id, 1, 0),
        otherProducer: await send(two.id, 0, 0),
      };
    },
  },
];
