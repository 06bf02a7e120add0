/** The producer on a client that answers as it is told: batches, retries, and what the end of a record is called. */
import { describe, expect, it, vi } from "vitest";
import { parseCluster } from "../../../spec/config/parse-cluster.ts";
import type { KafkaClient } from "../../../subjects/kafka/kafka-client.ts";
import { WireError } from "../../../subjects/kafka/wire-error.ts";
import { type BatchEnd, createWireProducer } from "../../../subjects/kafka/wire-producer.ts";

/** Kafka's codes of errors. */
const none = 0;
const notEnoughReplicas = 19;
const outOfOrder = 45;
const messageTooLarge = 10;

type Answer = number | WireError;

interface Sent {
  readonly values: readonly string[];
  readonly sequence: number;
  readonly producerId: bigint;
}

/** Every produce request is answered by the next of `answers`, then with success; offsets count what was taken. */
function harness(settings: Readonly<Record<string, unknown>>, answers: Answer[] = [], isIdempotent = false) {
  const sent: Sent[] = [];
  const ends: BatchEnd[] = [];
  let end = 0;
  let ids = 0n;
  const answerProduce = (args: readonly unknown[]) => {
    const [, , messages, batch] = args as [
      number,
      number,
      { value: Buffer }[],
      { producerId: bigint; sequences: Map<string, number> },
    ];
    const values = messages.map(({ value }) => value.toString());
    sent.push({ values, sequence: [...batch.sequences.values()][0] ?? -1, producerId: batch.producerId });
    const answer = answers.shift() ?? none;
    if (answer instanceof WireError) throw answer;
    if (answer === none) end += values.length;
    const baseOffset = answer === none ? BigInt(end - values.length) : -1n;
    return { responses: [{ partitionResponses: [{ errorCode: answer, baseOffset }] }] };
  };
  const client = {
    connection: async () => undefined,
    call: async (_: unknown, api: { name: string }, args: readonly unknown[]) => {
      if (api.name === "Produce") return answerProduce(args);
      ids += 1n;
      return { errorCode: 0, producerId: ids, producerEpoch: 0 };
    },
    tell: async (_: unknown, __: unknown, args: readonly unknown[]) => void answerProduce(args),
  } as unknown as KafkaClient;
  const parsed = parseCluster({
    brokers: 1,
    topics: { t: {} },
    producers: { p: { "retry.backoff.ms": 1, ...settings } },
  });
  const config = parsed.ok ? parsed.config.producers["p"] : undefined;
  if (config === undefined) throw new Error("the producer is not in order");
  const leaders = { of: () => ({ node: 1, epoch: 0 }), refresh: async () => undefined };
  const producer = createWireProducer(client, leaders, { ...config, "enable.idempotence": isIdempotent }, (one) =>
    ends.push(one),
  );
  const send = (...values: readonly string[]) =>
    producer.append(values.map((value) => ({ topic: "t", partition: 0, record: { value, key: null } })));
  return { sent, ends, producer, send, ended: (count: number) => vi.waitFor(() => expect(ends).toHaveLength(count)) };
}

const gone = (problem: "unreachable" | "closed") => new WireError(problem, "b:1", "");

describe("a producer over the wire", () => {
  it("puts what is handed over in one go into one batch, and tells where it went", async () => {
    const { sent, ends, send, ended } = harness({ "linger.ms": 0 });
    send("a", "b", "c");
    await ended(1);
    expect(sent.map(({ values }) => values)).toEqual([["a", "b", "c"]]);
    expect(ends).toMatchObject([{ values: ["a", "b", "c"], outcome: "ok", error: null, baseOffset: 0 }]);
  });

  it("fills batches up to their size, and sends a larger record alone", async () => {
    const { sent, send, ended } = harness({ "linger.ms": 0, "batch.size": 4 });
    send("aa", "bb", "cc", "dddddd");
    await ended(3);
    expect(sent.map(({ values }) => values)).toEqual([["aa", "bb"], ["cc"], ["dddddd"]]);
  });

  it("lets records linger until it is flushed", async () => {
    const { sent, send, producer, ended } = harness({ "linger.ms": 60_000 });
    send("a");
    send("b");
    expect(sent).toEqual([]);
    producer.flush();
    await ended(1);
    expect(sent.map(({ values }) => values)).toEqual([["a", "b"]]);
  });

  it("keeps the order over retries: what comes after waits", async () => {
    const { sent, ends, send, ended } = harness({ "linger.ms": 0 }, [notEnoughReplicas, notEnoughReplicas]);
    send("a");
    send("b");
    await ended(2);
    expect(sent.map(({ values }) => values)).toEqual([["a"], ["a"], ["a"], ["b"]]);
    expect(ends.map(({ outcome, baseOffset }) => [outcome, baseOffset])).toEqual([
      ["ok", 0],
      ["ok", 1],
    ]);
  });

  it.each([
    ["an error that proves that nothing was written", [notEnoughReplicas], 0, "fail", "NOT_ENOUGH_REPLICAS"],
    [
      "the same after a try that may have written",
      [gone("closed"), notEnoughReplicas],
      1,
      "unknown",
      "NOT_ENOUGH_REPLICAS",
    ],
    [
      "the same after a try that did not get there",
      [gone("unreachable"), notEnoughReplicas],
      1,
      "fail",
      "NOT_ENOUGH_REPLICAS",
    ],
    ["an error that is not retried", [messageTooLarge], 9, "fail", "MESSAGE_TOO_LARGE"],
    ["a connection that broke", [gone("closed")], 0, "unknown", "NETWORK_EXCEPTION"],
  ])("calls the end by %s", async (_, answers: Answer[], retries, outcome, error) => {
    const { ends, send, ended } = harness({ "linger.ms": 0, retries }, answers);
    send("a");
    await ended(1);
    expect(ends).toMatchObject([{ outcome, error, baseOffset: null }]);
  });

  it("does not know what became of a record whose time is over", async () => {
    const times = { "linger.ms": 0, "request.timeout.ms": 20, "delivery.timeout.ms": 40 };
    const { ends, send, ended } = harness(times, Array<Answer>(1000).fill(gone("unreachable")));
    send("a");
    await ended(1);
    expect(ends).toMatchObject([{ outcome: "unknown", error: "TIMEOUT" }]);
  });

  it("with acks=0 believes what it has sent, and knows no offset", async () => {
    const { ends, send, ended } = harness({ "linger.ms": 0, acks: 0 });
    send("a");
    await ended(1);
    expect(ends).toMatchObject([{ outcome: "ok", baseOffset: null }]);
  });

  it("tells nothing more once it has crashed", async () => {
    const { ends, send, producer, sent } = harness({ "linger.ms": 0 });
    send("a");
    producer.crash();
    await vi.waitFor(() => expect(sent).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(ends).toEqual([]);
  });
});

describe("an idempotent producer", () => {
  it("numbers records, and sends a retry under the same number", async () => {
    const { sent, send, ended } = harness({ "linger.ms": 0 }, [none, gone("closed")], true);
    send("a", "b");
    await ended(1);
    send("c");
    await ended(2);
    expect(sent.map(({ sequence, producerId }) => [sequence, producerId])).toEqual([
      [0, 1n],
      [2, 1n],
      [2, 1n],
    ]);
  });

  it("begins again under another id after a batch that may be missing", async () => {
    const { sent, ends, send, ended } = harness({ "linger.ms": 0 }, [none, outOfOrder], true);
    send("a");
    await ended(1);
    send("b");
    await ended(2);
    send("c");
    await ended(3);
    expect(ends.map(({ outcome }) => outcome)).toEqual(["ok", "fail", "ok"]);
    expect(sent.map(({ sequence, producerId }) => [sequence, producerId])).toEqual([
      [0, 1n],
      [1, 1n],
      [0, 2n],
    ]);
  });

  it("without idempotence has neither id nor number", async () => {
    const { sent, send, ended } = harness({ "linger.ms": 0 });
    send("a");
    await ended(1);
    expect(sent).toMatchObject([{ sequence: -1, producerId: -1n }]);
  });
});
