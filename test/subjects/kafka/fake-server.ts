/** A TCP server for tests that answers every frame as it is told, or says what it likes. */
import { createServer, type Socket } from "node:net";
import type { Address } from "../../../subjects/kafka/frame-connection.ts";

export interface FakeServer {
  readonly address: Address;
  readonly accepted: () => number;
  close(): Promise<void>;
}

/** `onData` gets what came in one piece: tests ask one thing at a time. */
export async function fakeServer(
  onData: (socket: Socket, bytes: Buffer) => void,
  onClose: () => void = () => undefined,
): Promise<FakeServer> {
  let accepted = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      sockets.delete(socket);
      onClose();
    });
    socket.on("data", (bytes) => onData(socket, bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    address: { host: "127.0.0.1", port },
    accepted: () => accepted,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A port on which nobody listens. */
export async function deadPort(): Promise<number> {
  const server = await fakeServer(() => undefined);
  await server.close();
  return server.address.port;
}

/** A frame with the correlation id that `asked` has. */
export function answerTo(asked: Buffer, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(4 + body.length, 0);
  head.writeInt32BE(asked.readInt32BE(8), 4);
  return Buffer.concat([head, body]);
}

/** ApiVersions in version 0: no error, and these requests with the versions that are offered. */
export function versionsBody(
  offered: readonly (readonly [key: number, min: number, max: number])[],
  error = 0,
): Buffer {
  const body = Buffer.alloc(6 + 6 * offered.length);
  body.writeInt16BE(error, 0);
  body.writeInt32BE(offered.length, 2);
  for (const [index, [key, min, max]] of offered.entries()) {
    body.writeInt16BE(key, 6 + 6 * index);
    body.writeInt16BE(min, 8 + 6 * index);
    body.writeInt16BE(max, 10 + 6 * index);
  }
  return body;
}

/**
 * A broker that offers the requests of `answers`, by their keys, each in one version, and gives these answers; `null` hangs
 * up, `undefined` says nothing.
 */
export async function fakeBroker(
  answers: Readonly<Record<number, { readonly version: number; answer(asked: Buffer): Buffer | null | undefined }>>,
  onClose?: () => void,
): Promise<FakeServer & { readonly asked: readonly Buffer[] }> {
  const asked: Buffer[] = [];
  const offered = Object.entries(answers).map(([key, { version }]) => [Number(key), version, version] as const);
  const server = await fakeServer((socket, bytes) => {
    const key = bytes.readInt16BE(4);
    // ApiVersions is known in version 0 alone, and other versions are refused in it.
    const versions = () => versionsBody(offered, bytes.readInt16BE(6) === 0 ? 0 : 35);
    const body = key === 18 ? versions() : answers[key]?.answer(bytes);
    if (key !== 18) asked.push(bytes);
    if (body === null) socket.destroy();
    else if (body !== undefined) socket.write(answerTo(bytes, body));
  }, onClose);
  return { ...server, asked };
}

/** Metadata in version 1: brokers 1, 2, … at these addresses, and no topics. */
export function metadataBody(brokers: readonly Address[]): Buffer {
  const parts = brokers.map(({ host, port }, index) => {
    const name = Buffer.from(host);
    const head = Buffer.alloc(6);
    head.writeInt32BE(index + 1, 0);
    head.writeInt16BE(name.length, 4);
    const rest = Buffer.alloc(6);
    rest.writeInt32BE(port, 0);
    rest.writeInt16BE(-1, 4);
    return Buffer.concat([head, name, rest]);
  });
  const count = Buffer.alloc(4);
  count.writeInt32BE(brokers.length);
  return Buffer.concat([count, ...parts, Buffer.alloc(8)]);
}
