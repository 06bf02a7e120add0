import { connect, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { freePorts } from "../../../conformance/cluster/free-ports.ts";
import { peerIn } from "../../../conformance/cluster/link-proxy.ts";
import { type Links, openLinks } from "../../../conformance/cluster/links.ts";

/** A request as Kafka's nodes begin a connection with it: only the header is looked at. */
function request(clientId: string, body = ""): Buffer {
  const id = Buffer.from(clientId);
  const header = Buffer.alloc(14);
  header.writeInt32BE(10 + id.length + body.length, 0);
  header.writeInt16BE(18, 4);
  header.writeInt16BE(3, 6);
  header.writeInt32BE(7, 8);
  header.writeInt16BE(id.length, 12);
  return Buffer.concat([header, id, Buffer.from(body)]);
}

describe("who has made a connection", () => {
  it.each([
    ["1", 1],
    ["23", 23],
    ["broker-2-fetcher-0", 2],
    ["broker-3-txn-marker-sender", 3],
    ["raft-client-100", 100],
    ["AddPartitionsManager-client-2", 2],
    ["highwater", null],
    ["", null],
    ["consumer-1-group", null],
    ["1st", null],
  ])("is told by the client id %j", (clientId, peer) => {
    expect(peerIn(request(clientId))).toBe(peer);
  });

  it("is not known before the client id is there, and never where there is none", () => {
    const whole = request("broker-2-fetcher-0");
    for (let length = 0; length < whole.length; length += 1) expect(peerIn(whole.subarray(0, length))).toBe(undefined);
    expect(peerIn(Buffer.from("GET / HTTP/1.1\r\n\r\n"))).toBe(null);
    expect(peerIn(Buffer.alloc(14, 0xff))).toBe(null);
  });
});

describe("links", () => {
  const ended: (() => void)[] = [];
  let links: Links;
  /** Of nodes 1, 2 and 3. */
  let linkPorts: readonly number[] = [];
  /** Everything that node 1 has received, and its connections. */
  let received = "";
  let accepted: Socket[] = [];

  beforeEach(async () => {
    [received, accepted] = ["", []];
    const node = createServer((socket) => {
      accepted.push(socket);
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => {
        received += chunk;
        socket.write(chunk);
      });
    });
    await new Promise<void>((resolve) => node.listen(0, "127.0.0.1", resolve));
    const address = node.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    // Of nodes 2 and 3 only the connections that they make are needed.
    linkPorts = await freePorts(3);
    const nodes = linkPorts.map((linkPort, index) => [index + 1, { linkPort, port: index === 0 ? port : 1 }] as const);
    links = await openLinks(new Map(nodes));
    ended.push(() => {
      links.close();
      node.close();
      for (const socket of accepted) socket.destroy();
    });
  });
  afterEach(() => {
    for (const end of ended.splice(0)) end();
  });

  /** A connection to a node; the answers that it gets. */
  function dial(node = 1) {
    const socket = connect({ host: "127.0.0.1", port: linkPorts[node - 1] ?? 0 });
    const seen = { socket, answers: "", isClosed: false };
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      seen.answers += chunk;
    });
    socket.on("close", () => {
      seen.isClosed = true;
    });
    ended.push(() => socket.destroy());
    return seen;
  }

  const soon = (check: () => void) => vi.waitFor(check, { timeout: 5000 });
  const aWhile = () => new Promise((resolve) => setTimeout(resolve, 100));

  it("hand on what is said, both ways and in pieces", async () => {
    const line = dial();
    for (const byte of request("broker-2-fetcher-0", "hello")) line.socket.write(Buffer.of(byte));
    await soon(() => expect(line.answers).toContain("hello"));
    line.socket.write("again");
    await soon(() => expect(line.answers).toContain("again"));
  });

  it("that are cut keep connections open and bytes back, until they are healed", async () => {
    const [of2, of3] = [dial(), dial()];
    of2.socket.write(request("2", "two"));
    of3.socket.write(request("3", "three"));
    await soon(() => expect(of2.answers + of3.answers).toMatch(/two.*three|three.*two/s));
    links.cut(2, 1);
    expect([links.isCut(1, 2), links.isCut(1, 3), links.areWhole]).toEqual([true, false, false]);
    of2.socket.write("late");
    of3.socket.write("early");
    await soon(() => expect(of3.answers).toContain("early"));
    await aWhile();
    expect(received).not.toContain("late");
    expect(of2.isClosed).toBe(false);
    links.heal(1, 2);
    await soon(() => expect(of2.answers).toContain("late"));
    expect(links.areWhole).toBe(true);
  });

  it("that are cut let nobody in anew", async () => {
    links.cut(1, 2);
    const line = dial();
    line.socket.write(request("raft-client-2", "new"));
    await aWhile();
    expect([accepted.length, received, line.isClosed]).toEqual([0, "", false]);
    links.healAll();
    await soon(() => expect(line.answers).toContain("new"));
  });

  it("that are cut do not tell that the other side is gone; those that are whole do", async () => {
    const [of2, of3] = [dial(), dial()];
    of2.socket.write(request("2", "two"));
    of3.socket.write(request("3", "three"));
    await soon(() => expect(received).toMatch(/two.*three|three.*two/s));
    links.cut(1, 2);
    for (const socket of accepted) socket.destroy();
    await soon(() => expect(of3.isClosed).toBe(true));
    await aWhile();
    expect(of2.isClosed).toBe(false);
    links.healAll();
    await soon(() => expect(of2.isClosed).toBe(true));
  });

  it("to a node that is dead are closed", async () => {
    const line = dial(2);
    line.socket.write(request("3"));
    await soon(() => expect(line.isClosed).toBe(true));
  });
});
