/** What a history says of sends: which partitions, when a call begins and ends, and how. */
import { describe, expect, it } from "vitest";
import { parseCluster } from "../../spec/config/parse-cluster.ts";
import type { HistoryOperation } from "../../spec/history/format.ts";
import { createModelSubject } from "../../subjects/model-subject.ts";

async function startWith(producer: object, partitioners = {}) {
  const parsed = parseCluster({
    brokers: 1,
    topics: { orders: { partitions: 3, "replication.factor": 1 } },
    producers: { p1: { "linger.ms": 0, ...producer }, p2: { "linger.ms": 0 } },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const history: HistoryOperation[] = [];
  const subject = createModelSubject();
  await subject.start(parsed.config, (operation) => history.push(operation), partitioners);
  return { subject, history };
}

const record = (value: string, key: string | null = null) => ({ value, key });
/** Without numbers and times. */
const outline = (history: readonly HistoryOperation[]) =>
  history.map(({ process, type, value, error }) => ({
    process,
    type,
    value,
    ...(error === undefined ? {} : { error }),
  }));

describe("a send", () => {
  it("to a topic is recorded with the partitions that were chosen and the keys of which", async () => {
    const { subject, history } = await startWith({});
    const records = [record("a", "carol"), record("b", "anna"), record("c", "")];
    const results = await subject.send({ producer: "p1", to: "orders", records, wait: true });
    expect(results).toEqual([
      { value: "a", partition: 2, outcome: "ok", offset: 0, error: null },
      { value: "b", partition: 1, outcome: "ok", offset: 0, error: null },
      { value: "c", partition: 0, outcome: "ok", offset: 0, error: null },
    ]);
    expect(outline(history)).toEqual([
      {
        process: "p1",
        type: "invoke",
        value: [
          { key: "orders-2", value: "a", partitionKey: "carol" },
          { key: "orders-1", value: "b", partitionKey: "anna" },
          { key: "orders-0", value: "c", partitionKey: "" },
        ],
      },
      {
        process: "p1",
        type: "ok",
        value: [
          { key: "orders-2", value: "a", offset: 0 },
          { key: "orders-1", value: "b", offset: 0 },
          { key: "orders-0", value: "c", offset: 0 },
        ],
      },
    ]);
  });

  it("to a partition is recorded without the key, which nobody has gone by", async () => {
    const { subject, history } = await startWith({});
    await subject.send({ producer: "p1", to: "orders-1", records: [record("a", "carol")], wait: true });
    expect(history.map(({ value }) => value)).toEqual([
      [{ key: "orders-1", value: "a" }],
      [{ key: "orders-1", value: "a", offset: 0 }],
    ]);
  });

  it("by a partitioner of the user's own goes where it says", async () => {
    const { subject } = await startWith(
      { "partitioner.class": "./last.ts" },
      { "./last.ts": (_: unknown, n: number) => n - 1 },
    );
    const [result] = await subject.send({ producer: "p1", to: "orders", records: [record("a")], wait: true });
    expect(result).toMatchObject({ partition: 2, outcome: "ok" });
  });

  it("begins before it ends, though with acks=0 both are in one step", async () => {
    const { subject, history } = await startWith({ acks: 0, "batch.size": 1 });
    const send = (value: string) =>
      subject.send({ producer: "p1", to: "orders", records: [record(value, "k")], wait: true });
    await send("a");
    await send("b");
    expect(history.map(({ index, process, type }) => `${index} ${process} ${type}`)).toEqual([
      "0 p1 invoke",
      "1 p1 ok",
      "2 p1 invoke",
      "3 p1 ok",
    ]);
  });

  it("that is not waited for tells the partition, and no more", async () => {
    const { subject } = await startWith({ "linger.ms": 5 });
    const send = { producer: "p1", to: "orders", records: [record("a", "carol")], wait: false };
    expect(await subject.send(send)).toEqual([
      { value: "a", partition: 2, outcome: "pending", offset: null, error: null },
    ]);
  });

  it("of the same value to two partitions ends with the offset of its own", async () => {
    const { subject, history } = await startWith({});
    await subject.send({ producer: "p1", to: "orders-0", records: [record("x"), record("a")], wait: false });
    const [result] = await subject.send({ producer: "p1", to: "orders-1", records: [record("a")], wait: true });
    await subject.flush({ producer: "p1" });
    expect(result).toMatchObject({ partition: 1, offset: 0 });
    expect(history.filter(({ type }) => type === "ok").map(({ process, value }) => [process, value])).toEqual([
      [
        "p1",
        [
          { key: "orders-0", value: "x", offset: 0 },
          { key: "orders-0", value: "a", offset: 1 },
        ],
      ],
      ["p1/2", [{ key: "orders-1", value: "a", offset: 0 }]],
    ]);
  });

  it("whose producer dies is of unknown outcome, another producer's is not", async () => {
    const { subject, history } = await startWith({});
    const send = (producer: string) =>
      subject.send({ producer, to: "orders", records: [record(`of ${producer}`, "k")], wait: false });
    await send("p1");
    await send("p2");
    await subject.crash("p1");
    await subject.flush({ producer: "p2" });
    expect(outline(history).filter(({ type }) => type !== "invoke")).toEqual([
      { process: "p1", type: "info", value: [{ key: "orders-2", value: "of p1" }], error: "CRASHED" },
      { process: "p1", type: "ok", value: null },
      { process: "p2", type: "ok", value: [{ key: "orders-2", value: "of p2", offset: 0 }] },
    ]);
  });

  it("by a producer that is dead is none: nothing happens, and nothing is recorded", async () => {
    const { subject, history } = await startWith({});
    await subject.crash("p1");
    const before = history.length;
    const results = await subject.send({ producer: "p1", to: "orders", records: [record("a", "k")], wait: true });
    expect(results).toEqual([{ value: "a", partition: null, outcome: "fail", offset: null, error: "CRASHED" }]);
    expect(history).toHaveLength(before);
  });
});
