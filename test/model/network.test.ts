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
  const abandoned = () => network.abandon(network.takeRequest(send([]), "p1→b1#0"), "p1", "b1");

  it("lives on while its request is served, so that the answer does not find its successor", () => {
    const next = send(abandoned());
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
  it("takes nothing more until its client has heard of it", () => {
    const broken = network.dropNode(send([]), "b1", 3);
    expect(send(broken)).toEqual(broken);
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

describe("a connection", () => {
  it("is opened by the first request, and used by the next; each channel keeps its order", () => {
    const two = network.sendRequest(send([]), "p1", "b1", metadata, 7);
    expect(two).toEqual([
      {
        id: "p1→b1#0",
        client: "p1",
        server: "b1",
        state: "open",
        serving: false,
        requests: [
          { body: produce, due: 1 },
          { body: metadata, due: 7 },
        ],
        responses: [],
      },
    ]);
    const answers = [answer, { type: "metadata-response", partitions: [] } as const];
    const answered = answers.reduce((now, body) => network.sendResponse(now, "p1→b1#0", body, 3), two);
    expect(answered[0]?.responses).toEqual(answers.map((body) => ({ body, due: 3 })));
    expect(network.takeResponse(answered, "p1→b1#0")[0]?.responses.map(({ body }) => body)).toEqual([answers[1]]);
  });

  it("belongs to one client and one server; the list is in the order of ids", () => {
    const other = network.sendRequest(send([]), "p0", "b1", metadata, 1);
    const third = network.sendRequest(other, "p1", "b2", metadata, 1);
    expect(ids(third)).toEqual(["p0→b1#0", "p1→b1#0", "p1→b2#0"]);
    expect(third.map(({ requests }) => requests.length)).toEqual([1, 1, 1]);
  });

  it("is kept busy by a produce or a fetch until that is over, by nothing else", () => {
    const fetch: RequestBody = { type: "fetch", replica: null, consumer: "c1", maxWaitMs: 1, partitions: [] };
    const serving = (body: RequestBody) => network.takeRequest(send([], body), "p1→b1#0")[0]?.serving;
    expect([produce, fetch, metadata].map(serving)).toEqual([true, true, false]);
    const [over] = network.endServing(network.takeRequest(send([]), "p1→b1#0"), "p1→b1#0");
    expect(over).toMatchObject({ state: "open", serving: false, requests: [] });
  });

  it("that is not there takes nothing and gives nothing", () => {
    const one = send([]);
    const taken = network.takeRequest(one, "p1→b1#0");
    expect(network.takeRequest(taken, "p1→b1#0")).toBe(taken);
    expect(network.takeRequest(one, "x")).toBe(one);
    expect(network.takeResponse(one, "x")).toBe(one);
    expect(network.endServing(one, "x")).toBe(one);
    expect(network.sendResponse(one, "x", answer, 2)).toBe(one);
    expect(network.breakOff(one, "x", 2)).toBe(one);
    expect(network.abandon(one, "p2", "b1")).toBe(one);
    expect(network.abandon(one, "p1", "b2")).toBe(one);
  });
});

describe("a connection to a node that is dead", () => {
  const refused = () => network.refuseConnection([], "p1", "b1", 4);

  it("ends at once", () => {
    expect(refused()).toMatchObject([{ id: "p1→b1#0", state: "broken", requests: [] }]);
    expect(refused()[0]?.responses).toEqual([{ body: { type: "disconnect" }, due: 4 }]);
  });

  it("is refused once, as long as the client has not heard of it", () => {
    const once = refused();
    expect(network.refuseConnection(once, "p1", "b1", 5)).toBe(once);
    expect(network.takeResponse(once, "p1→b1#0")).toEqual([]);
  });
});

describe("a server that hangs up", () => {
  const busy = () => network.takeRequest(network.sendRequest(send([]), "p1", "b1", metadata, 1), "p1→b1#0");

  it("drops what it has not read, serves no more, and tells the client once", () => {
    const broken = network.breakOff(busy(), "p1→b1#0", 6);
    expect(broken).toMatchObject([{ state: "broken", serving: false, requests: [] }]);
    expect(broken[0]?.responses).toEqual([{ body: { type: "disconnect" }, due: 6 }]);
    expect(network.breakOff(broken, "p1→b1#0", 7)).toBe(broken);
    expect(network.sendResponse(broken, "p1→b1#0", answer, 7)).toBe(broken);
  });

  it("is forgotten when its client gives up before it has heard", () => {
    expect(network.abandon(network.breakOff(busy(), "p1→b1#0", 6), "p1", "b1")).toEqual([]);
  });
});

describe("a node that dies", () => {
  it("gives up the connections of all its machines, breaks those of others to it, and leaves the rest alone", () => {
    const all = [
      ["p1", "b1"],
      ["b1/t-0", "b2"],
      ["b2/t-0", "b3"],
    ].reduce<readonly Connection[]>((now, [client = "", server = ""]) => {
      return network.sendRequest(now, client, server, metadata, 1);
    }, []);
    const states = network.dropNode(all, "b1", 2).map(({ id, state }) => [id, state]);
    expect(states).toEqual([
      ["b1/t-0→b2#0", "abandoned"],
      ["b2/t-0→b3#0", "open"],
      ["p1→b1#0", "broken"],
    ]);
  });
});
