import { afterEach, describe, expect, it } from "vitest";
import { metadata } from "../../../subjects/kafka/apis.ts";
import type { Address } from "../../../subjects/kafka/frame-connection.ts";
import { createKafkaClient } from "../../../subjects/kafka/kafka-client.ts";
import { createLeaders } from "../../../subjects/kafka/leaders.ts";
import { WireError } from "../../../subjects/kafka/wire-error.ts";
import { type FakeServer, fakeBroker, metadataBody } from "./fake-server.ts";

const security = { tls: null, sasl: null };
const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

/** A broker whose metadata name these addresses, after its own. */
async function broker(others: () => readonly Address[] = () => []) {
  const server: FakeServer = await fakeBroker({
    3: { version: 1, answer: () => metadataBody([server.address, ...others()]) },
  });
  opened.push(server);
  return server;
}

function clientOf(bootstrap: readonly Address[], isPinned: boolean) {
  const client = createKafkaClient({ bootstrap, security, isPinned });
  opened.push(client);
  return client;
}

const textOf = ({ address }: FakeServer) => `${address.host}:${address.port}`;
const problemOf = (run: Promise<unknown>) =>
  run.then(
    () => "none",
    (error: unknown) => (error instanceof WireError ? error.problem : String(error)),
  );
const ask = [[], false, false] as const;

describe("a client of a cluster", () => {
  it("contacts the bootstrap address and what the cluster advertises, nothing else, and lists them", async () => {
    const [second, stranger] = [await broker(), await broker()];
    const first = await broker(() => [second.address]);
    const client = clientOf([first.address], false);
    await client.metadata([]);
    expect(client.contacted()).toEqual([textOf(first)]);
    await client.call(2, metadata, [[...ask[0]], ask[1], ask[2]]);
    expect(client.contacted()).toEqual([textOf(first), textOf(second)].sort());
    expect(await problemOf(client.call(3, metadata, [[], false, false]))).toBe("unreachable");
    expect([second.accepted() > 0, stranger.accepted()]).toEqual([true, 0]);
  });

  it("that is pinned contacts the bootstrap addresses alone", async () => {
    const second = await broker();
    const first = await broker(() => [second.address]);
    const client = clientOf([first.address], true);
    for (let turn = 0; turn < 3; turn += 1) await client.metadata([]);
    expect(await problemOf(client.call(2, metadata, [[], false, false]))).toBe("pinned");
    expect(await problemOf(client.call(1, metadata, [[], false, false]))).toBe("none");
    expect([client.contacted(), second.accepted()]).toEqual([[textOf(first)], 0]);
  });

  it("asks another broker for metadata each time, and goes on where one does not answer", async () => {
    const [first, second] = [await broker(), await broker()];
    const client = clientOf([first.address, second.address], false);
    for (let turn = 0; turn < 4; turn += 1) await client.metadata([]);
    expect([first.accepted(), second.accepted()].every((count) => count > 0)).toBe(true);
    await first.close();
    for (let turn = 0; turn < 4; turn += 1) expect((await client.metadata([])).brokers).toEqual([1]);
  });

  it.each([
    ["no host", { host: "", port: 9092 }],
    ["port 0", { host: "127.0.0.1", port: 0 }],
    ["a port beyond all ports", { host: "127.0.0.1", port: 70_000 }],
    ["a port below zero", { host: "127.0.0.1", port: -1 }],
  ])("takes an advertised address of %s for nonsense", async (_, address) => {
    const first = await broker(() => [address]);
    const client = clientOf([first.address], false);
    await client.metadata([]);
    expect(await problemOf(client.call(2, metadata, [[], false, false]))).toBe("nonsense");
  });

  it("calls nobody any more when it is closed", async () => {
    const first = await broker();
    const client = clientOf([first.address], false);
    await client.metadata([]);
    const before = first.accepted();
    client.close();
    expect(await problemOf(client.metadata([]))).toBe("closed");
    expect(first.accepted()).toBe(before);
  });
});

describe("leaders", () => {
  it("are those of the newest leader epoch, whoever tells of older ones", async () => {
    const told = [
      { leader: 1, leaderEpoch: 4 },
      { leader: 2, leaderEpoch: 5 },
      { leader: 1, leaderEpoch: 4 },
      { leader: null, leaderEpoch: 5 },
    ];
    const client = {
      ...clientOf([], true),
      async metadata() {
        const now = told.shift() ?? { leader: 9, leaderEpoch: 9 };
        return {
          clusterId: null,
          brokers: [],
          topics: new Map([["t", [{ partition: 0, replicas: [], isr: [], ...now }]]]),
        };
      },
    };
    const leaders = createLeaders(client, ["t"]);
    const seen: (number | null)[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      await leaders.refresh();
      seen.push(leaders.of("t", 0)?.node ?? null);
    }
    expect(seen).toEqual([1, 2, 2, null]);
  });
});
