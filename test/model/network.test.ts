/** The network between the nodes: what reaches whom after a connection was given up. */
import { describe, expect, it } from "vitest";
import * as network from "../../model/cluster/network.ts";
import type { Connection } from "../../model/cluster/state.ts";
import type { RequestBody } from "../../model/message.ts";

const produce: RequestBody = { type: "produce", acks: -1, timeoutMs: 1000, partitions: [] };
const metadata: RequestBody = { type: "metadata" };
const answer = { type: "produce-response", results: [] } as const;

const send = (connections: readonly Connection[], body: RequestBody = produce) =>
  network.sendRequest(connections, "p1", "b1", body, 1);
const ids = (connections: readonly Connection[]) => connections.map(({ id }) => id);

describe("a connection that its client has given up", () => {
  const served = network.takeRequest(send([]), "p1→b1#0");
  const abandoned = network.abandon(served, "p1", "b1");

  it("lives on while its request is served, so that the answer does not find its successor", () => {
    const next = send(abandoned);
    expect(ids(next)).toEqual(["p1→b1#0", "p1→b1#1"]);
    const answered = network.sendResponse(next, "p1→b1#0", answer, 2);
    expect(answered.flatMap(({ responses }) => responses)).toEqual([]);
    expect(ids(network.endServing(answered, "p1→b1#0"))).toEqual(["p1→b1#1"]);
  });

  it("still delivers what was on its way, and is forgotten then", () => {
    const waiting = network.abandon(send([], metadata), "p1", "b1");
    expect(waiting).toMatchObject([{ state: "abandoned", requests: [{ body: metadata }] }]);
    expect(network.takeRequest(waiting, "p1→b1#0")).toEqual([]);
  });
});

describe("a connection that its server has closed", () => {
  const broken = network.dropNode(send([]), "b1", 3);

  it("takes nothing more, until its client has heard of it or does not wait to hear", () => {
    expect(send(broken)).toEqual(broken);
    expect(network.forgetBroken(broken, "p1", "b1")).toEqual([]);
  });

  it("is no other: one that is open stays as it is", () => {
    const open = send([]);
    expect(network.forgetBroken(open, "p1", "b1")).toBe(open);
    expect(network.forgetBroken(broken, "p2", "b1")).toBe(broken);
  });
});

describe("a server that dies", () => {
  it("lets what it has answered arrive, and then the end; what it has not read is lost", () => {
    const answered = network.sendResponse(send(send([])), "p1→b1#0", answer, 2);
    const [dead] = network.dropNode(answered, "b1", 3);
    expect(dead).toMatchObject({ state: "broken", requests: [] });
    expect(dead?.responses.map(({ body }) => body.type)).toEqual(["produce-response", "disconnect"]);
    expect(send([dead as Connection])).toEqual([dead]);
  });

  it("leaves nothing of a connection that its client had given up", () => {
    expect(network.dropNode(network.abandon(send([]), "p1", "b1"), "b1", 3)).toEqual([]);
  });
});

describe("a client that dies", () => {
  it("leaves what it has sent on its way", () => {
    const [left] = network.dropNode(send([]), "p1", 3);
    expect(left).toMatchObject({ state: "abandoned", requests: [{ body: produce }] });
  });
});
