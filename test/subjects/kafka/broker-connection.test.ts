import type { Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { metadata, produce } from "../../../subjects/kafka/apis.ts";
import { type BrokerConnection, openBroker } from "../../../subjects/kafka/broker-connection.ts";
import { WireError } from "../../../subjects/kafka/wire-error.ts";
import { answerTo, deadPort, type FakeServer, fakeBroker, fakeServer, versionsBody } from "./fake-server.ts";

const security = { tls: null, sasl: null };
let server: FakeServer | null = null;
let connection: BrokerConnection | null = null;

afterEach(async () => {
  connection?.close();
  await server?.close();
  connection = null;
  server = null;
});

/** Answers ApiVersions in version 0, refuses its version 3, and leaves the rest to `onCall`. */
function oldBroker(onCall: (socket: Socket, asked: Buffer) => void) {
  return fakeServer((socket, asked) => {
    const [key, version] = [asked.readInt16BE(4), asked.readInt16BE(6)];
    if (key !== 18) onCall(socket, asked);
    else if (version === 0) socket.write(answerTo(asked, versionsBody([[3, 0, 4]])));
    else socket.write(answerTo(asked, versionsBody([[18, 0, 2]], 35)));
  });
}

async function open(timeoutMs = 1000): Promise<BrokerConnection> {
  if (server === null) throw new Error("no server");
  connection = await openBroker(server.address, security, timeoutMs);
  return connection;
}

/** Metadata in version 4: no throttling, no brokers, a cluster id, no controller, no topics. */
function metadataBody(): Buffer {
  const head = Buffer.alloc(8);
  const id = Buffer.from("\0\u0005other");
  const rest = Buffer.alloc(8);
  rest.writeInt32BE(-1, 0);
  return Buffer.concat([head, id, rest]);
}

const problemOf = (run: Promise<unknown>) =>
  run.then(
    () => "none",
    (error: unknown) => (error instanceof WireError ? error.problem : String(error)),
  );

describe("a connection to a broker", () => {
  it("asks for versions in version 0 where version 3 is refused, and takes the newest that both have", async () => {
    let asked: Buffer = Buffer.alloc(0);
    server = await oldBroker((socket, bytes) => {
      asked = bytes;
      socket.write(answerTo(bytes, metadataBody()));
    });
    const broker = await open();
    expect(broker.versionOf(metadata)).toBe(4);
    expect(broker.versionOf(produce)).toBe(null);
    const answer = await broker.call(metadata, [[], false, false], 1000);
    expect([asked.readInt16BE(4), asked.readInt16BE(6)]).toEqual([3, 4]);
    expect(answer.clusterId).toBe("other");
  });

  it("asks anew in version 0 where a broker hangs up on version 3", async () => {
    server = await fakeServer((socket, asked) => {
      if (asked.readInt16BE(6) === 3) socket.destroy();
      else socket.write(answerTo(asked, versionsBody([[3, 1, 1]])));
    });
    expect((await open()).versionOf(metadata)).toBe(1);
    expect(server.accepted()).toBe(2);
  });

  it("says that a request is not offered rather than sending it", async () => {
    server = await oldBroker((socket) => socket.destroy());
    const broker = await open();
    expect(await problemOf(broker.call(produce, [-1, 1000, []], 1000))).toBe("unsupported");
    expect(broker.isOpen).toBe(true);
  });

  it("takes answers in pieces", async () => {
    server = await oldBroker((socket, asked) => {
      const frame = answerTo(asked, metadataBody());
      for (const [index, byte] of frame.entries()) setTimeout(() => socket.write(Buffer.of(byte)), index);
    });
    expect((await (await open()).call(metadata, [[], false, false], 2000)).clusterId).toBe("other");
  });

  it("cannot be opened where nobody listens", async () => {
    const address = { host: "127.0.0.1", port: await deadPort() };
    expect(await problemOf(openBroker(address, security, 1000))).toBe("unreachable");
  });

  const nonsense: readonly (readonly [string, Buffer | ((asked: Buffer) => Buffer), string])[] = [
    ["text of another protocol", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), "nonsense"],
    ["zeros", Buffer.alloc(64), "nonsense"],
    ["a length below zero", Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1]), "nonsense"],
    ["a length beyond reason", Buffer.from([0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1]), "nonsense"],
    ["an answer to nothing that was asked", Buffer.from([0, 0, 0, 4, 0, 0, 0x7f, 1]), "nonsense"],
    ["an empty answer", (asked) => answerTo(asked, Buffer.alloc(0)), "nonsense"],
    ["an answer that breaks off", (asked) => answerTo(asked, Buffer.from([0, 0, 0x7f])), "nonsense"],
    [
      "a list of two thousand million",
      (asked) => answerTo(asked, Buffer.from([0, 0, 0xff, 0xff, 0xff, 0xff, 0x07, 1])),
      "nonsense",
    ],
    ["less than a frame's length, and then nothing", Buffer.from([0, 0, 0]), "timeout"],
    ["half a frame, and then nothing", Buffer.from([0, 0, 0, 100, 0, 0, 0, 1]), "timeout"],
  ];
  it.each(nonsense)("is told apart from a broker that says %s", async (_, said, problem) => {
    server = await fakeServer((socket, asked) => socket.write(typeof said === "function" ? said(asked) : said));
    expect(await problemOf(openBroker(server.address, security, 300))).toBe(problem);
  });

  it("fails every call that waits when it is closed on", async () => {
    server = await oldBroker((socket) => socket.destroy());
    const broker = await open();
    const calls = [1, 2, 3].map(() => problemOf(broker.call(metadata, [[], false, false], 1000)));
    expect(await Promise.all(calls)).toEqual(["closed", "closed", "closed"]);
    expect(broker.isOpen).toBe(false);
  });
});

describe("authentication", () => {
  const [handshake, authenticate] = [17, 36];
  const secret = "a-secret-of-this-test";

  /** The handshake's answer: an error, and the mechanisms that there are. */
  function offers(error: number, ...names: readonly string[]): Buffer {
    const head = Buffer.alloc(6);
    head.writeInt16BE(error, 0);
    head.writeInt32BE(names.length, 2);
    return Buffer.concat([
      head,
      ...names.map((name) => Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name)])),
    ]);
  }

  /** No error, no message, and what the server says. */
  function says(text: string, error = 0): Buffer {
    const head = Buffer.alloc(8);
    head.writeInt16BE(error, 0);
    head.writeInt16BE(-1, 2);
    head.writeInt32BE(text.length, 4);
    return Buffer.concat([head, Buffer.from(text)]);
  }

  /** Tries to get in; how it ended, and whether the connection was let go. */
  async function login(mechanism: "PLAIN" | "SCRAM-SHA-256", answers: Parameters<typeof fakeBroker>[0]) {
    let isClosed = false;
    const broker = await fakeBroker(answers, () => {
      isClosed = true;
    });
    server = broker;
    const sasl = { mechanism, username: "alice", password: secret };
    const ended = openBroker(broker.address, { tls: null, sasl }, 1000).then(
      (opened) => {
        connection = opened;
        return "let in";
      },
      (error: unknown) => (error instanceof WireError ? `${error.problem}: ${error.message}` : `thrown: ${error}`),
    );
    const words = await ended;
    if (words !== "let in") await vi.waitFor(() => expect(isClosed).toBe(true));
    expect(words).not.toContain(secret);
    return words;
  }

  const plain = { version: 1, answer: () => offers(0, "PLAIN", "SCRAM-SHA-256") };
  const answering = (answer: (asked: Buffer) => Buffer) => ({
    [handshake]: plain,
    [authenticate]: { version: 0, answer },
  });

  it("lets in who is believed", async () => {
    expect(
      await login(
        "PLAIN",
        answering(() => says("")),
      ),
    ).toBe("let in");
  });

  it("is refused by a broker that does not believe", async () => {
    expect(
      await login(
        "PLAIN",
        answering(() => says("", 58)),
      ),
    ).toMatch(/^refused: .*SASL_AUTHENTICATION_FAILED/);
  });

  it("says which mechanisms there are where the asked one is not", async () => {
    const answer = () => offers(33, "GSSAPI", "\u001b[31mred", "OAUTHBEARER");
    expect(await login("PLAIN", { [handshake]: { version: 1, answer } })).toMatch(/^refused: .*GSSAPI, OAUTHBEARER/);
  });

  it("is not tried on a broker that knows none", async () => {
    expect(await login("PLAIN", {})).toMatch(/^unsupported: /);
  });

  it.each([
    ["its own nonce", () => "r=mine,s=c2FsdA==,i=4096"],
    ["a million million rounds", (asked: Buffer) => `r=${nonceIn(asked)}x,s=c2FsdA==,i=1000000000000`],
    ["nothing of SCRAM", () => "good morning"],
    ["nothing", () => ""],
  ])("tells a broker that says %s in SCRAM from a true one", async (_, text) => {
    expect(
      await login(
        "SCRAM-SHA-256",
        answering((asked) => says(text(asked))),
      ),
    ).toMatch(/^false: /);
  });

  it("tells a broker that does not know the password from a true one", async () => {
    const texts = [(asked: Buffer) => `r=${nonceIn(asked)}x,s=c2FsdA==,i=4096`, () => "v=bm8="];
    expect(
      await login(
        "SCRAM-SHA-256",
        answering((asked) => says(texts.shift()?.(asked) ?? "")),
      ),
    ).toMatch(/^false: /);
  });

  const nonceIn = (asked: Buffer) => /r=([A-Za-z0-9+/]+)/.exec(asked.toString("latin1"))?.[1] ?? "";
});
