/** What a run makes on somebody's cluster: named so that it is known for ours, and removed whatever happens. */
import { afterEach, describe, expect, it } from "vitest";
import { parseCluster } from "../../../spec/config/parse-cluster.ts";
import { createKafkaSubject } from "../../../subjects/kafka/kafka-subject.ts";
import { createRunNames, ownPrefix } from "../../../subjects/kafka/run-names.ts";
import { removeOwn } from "../../../subjects/kafka/topics.ts";
import { type FakeServer, fakeBroker, metadataBody } from "./fake-server.ts";

const security = { tls: null, sasl: null };
const keys = { metadata: 3, createTopics: 19, deleteTopics: 20 };
let server: (FakeServer & { readonly asked: readonly Buffer[] }) | null = null;

afterEach(async () => {
  await server?.close();
  server = null;
});

/** CreateTopics and DeleteTopics: no throttling, one topic, this error. */
function body(name: string, error: number, rest: Buffer): Buffer {
  const head = Buffer.alloc(10);
  head.writeInt32BE(1, 4);
  head.writeInt16BE(name.length, 8);
  const code = Buffer.alloc(2);
  code.writeInt16BE(error);
  return Buffer.concat([head, Buffer.from(name), code, rest]);
}

const topicIn = (asked: Buffer) => /highwater-[0-9a-f]+-orders/.exec(asked.toString("latin1"))?.[0] ?? "";
const noMessage = Buffer.from([0xff, 0xff]);

/** A broker that makes topics, or ends in the attempt, and removes them with `removing` as its error. */
async function start(making: number | null, removing: number, removed?: string) {
  server = await fakeBroker({
    [keys.metadata]: { version: 1, answer: () => metadataBody(server === null ? [] : [server.address]) },
    [keys.createTopics]: {
      version: 2,
      answer: (asked) => (making === null ? null : body(topicIn(asked), making, noMessage)),
    },
    [keys.deleteTopics]: { version: 1, answer: (asked) => body(removed ?? topicIn(asked), removing, Buffer.alloc(0)) },
  });
  const options = { name: "x", control: null, bootstrap: [server.address], security, isPinned: false };
  const subject = createKafkaSubject(options);
  const parsed = parseCluster({ brokers: 1, topics: { orders: { partitions: 1, "replication.factor": 1 } } });
  if (!parsed.ok) throw new Error("no cluster");
  const started = await subject.start(parsed.config, () => undefined, {}).catch((error: Error) => error.message);
  await subject.close();
  const topicsAsked = (key: number) => server?.asked.filter((one) => one.readInt16BE(4) === key).map(topicIn);
  return { started, left: subject.left(), made: topicsAsked(keys.createTopics), gone: topicsAsked(keys.deleteTopics) };
}

describe("a topic of a run", () => {
  it.each([
    ["is refused", 38, "INVALID_REPLICATION_FACTOR"],
    ["may have been made by a broker that hung up", null, "the connection was closed"],
  ])("is removed at the end though it %s", async (_, making, words) => {
    const { started, made, gone, left } = await start(making, 3);
    expect(started).toContain(words);
    expect(made?.[0]).toMatch(/^highwater-[0-9a-f]{10}-orders$/);
    // What is not there need not be removed.
    expect([gone, left]).toEqual([[made?.[0]], []]);
  });

  it("is named if it cannot be removed", async () => {
    const { made, left } = await start(38, 29);
    expect(left).toEqual([`topic ${made?.[0]}`]);
  });

  it("is named if the broker says nothing of it", async () => {
    const { made, left } = await start(38, 0, "another");
    expect(left).toEqual([`topic ${made?.[0]}`]);
  });

  it("that is not ours is never removed", async () => {
    server = await fakeBroker({});
    const options = { bootstrap: [server.address], security, isPinned: false };
    for (const made of [
      { topics: ["orders"], groups: [] },
      { topics: [`${ownPrefix}a`], groups: ["readers"] },
    ]) {
      await expect(removeOwn(options, made)).rejects.toThrow("not ours to remove");
    }
    expect(server.accepted()).toBe(0);
  });

  it("has a name that no other run has", () => {
    const names = Array.from({ length: 200 }, () => createRunNames());
    expect(new Set(names.map((one) => one.topic("t"))).size).toBe(200);
    for (const one of names)
      expect(one.topic("t").startsWith(ownPrefix) && one.group("g").startsWith(ownPrefix)).toBe(true);
  });
});

it("a cluster whose machines nobody has in hand is not broken", () => {
  const subject = createKafkaSubject({ name: "x", control: null, bootstrap: [], security, isPinned: true });
  const breaking = ["kill", "power-off", "pause", "cut", "hold"] as const;
  expect(breaking.filter((one) => subject.capabilities.has(one))).toEqual([]);
});
