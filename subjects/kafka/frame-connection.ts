/**
 * One connection to a broker, as frames: a length, a correlation id and bytes, in the order of asking. What does not fit
 * that form ends the connection with an error; nothing that a broker sends can throw anywhere else.
 */
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions as TlsOptions } from "node:tls";
import { WireError, type WireProblem } from "./wire-error.ts";

/** Larger answers are refused unread; we never ask for so much. */
const frameBytesMax = 128 * 1024 * 1024;

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface FrameConnection {
  readonly isOpen: boolean;
  /** `frame` begins with the request header; its correlation id is written over. The answer is without its own. */
  ask(frame: Buffer, timeoutMs: number): Promise<Buffer>;
  /** For requests that have no answer (`acks=0`): resolves when the bytes are handed to the network. */
  tell(frame: Buffer): Promise<void>;
  close(): void;
}

interface Waiting {
  readonly resolve: (answer: Buffer) => void;
  readonly reject: (error: WireError) => void;
  readonly timer: NodeJS.Timeout;
}

/** Names that Node gives to what is wrong with a certificate of the other side. */
const certificateErrors = /^(?!ERR_SSL_).*(CERT|SELF_SIGNED|UNABLE_TO_VERIFY)/;

export function addressText({ host, port }: Address): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

export async function openFrames(
  address: Address,
  tls: TlsOptions | null,
  timeoutMs: number,
): Promise<FrameConnection> {
  const socket = await openSocket(address, tls, timeoutMs);
  const name = addressText(address);
  const waiting = new Map<number, Waiting>();
  let received: Buffer = Buffer.alloc(0);
  /** What came after `received`, in pieces: joining them for each would take long for a large frame. */
  let pieces: Buffer[] = [];
  let missing = 4;
  let lastId = 0;
  let isOpen = true;

  function end(problem: WireProblem, detail: string): void {
    isOpen = false;
    socket.destroy();
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer);
      reject(new WireError(problem, name, detail));
    }
    waiting.clear();
  }

  function takeFrames(): void {
    while (isOpen && received.length >= 4) {
      const length = received.readInt32BE(0);
      if (length < 4 || length > frameBytesMax) {
        end("nonsense", `a frame of ${length} bytes`);
        return;
      }
      missing = 4 + length - received.length;
      if (missing > 0) return;
      const id = received.readInt32BE(4);
      const answer = received.subarray(8, 4 + length);
      received = received.subarray(4 + length);
      const asked = waiting.get(id);
      if (asked === undefined) {
        end("nonsense", "an answer to nothing that was asked");
        return;
      }
      waiting.delete(id);
      clearTimeout(asked.timer);
      asked.resolve(answer);
    }
    missing = 4 - received.length;
  }

  socket.on("data", (chunk: Buffer) => {
    pieces.push(chunk);
    missing -= chunk.length;
    if (missing > 0) return;
    received = Buffer.concat([received, ...pieces]);
    pieces = [];
    takeFrames();
  });
  socket.on("error", (error: NodeJS.ErrnoException) => end("closed", error.code ?? error.message));
  socket.on("close", () => end("closed", ""));

  function write(frame: Buffer, id: number, failed: (error: WireError) => void, done: () => void): void {
    frame.writeInt32BE(id, 4);
    const length = Buffer.alloc(4);
    length.writeInt32BE(frame.length, 0);
    socket.write(Buffer.concat([length, frame]), (error) => {
      if (error) failed(new WireError("closed", name, error.message));
      else done();
    });
  }

  return {
    get isOpen() {
      return isOpen;
    },
    ask(frame, answerMs) {
      if (!isOpen) return Promise.reject(new WireError("closed", name, ""));
      lastId += 1;
      const id = lastId;
      return new Promise((resolve, reject) => {
        // A late answer would be taken for nonsense, and TCP keeps the order: the connection is of no use any more.
        const timer = setTimeout(() => end("timeout", `${answerMs} ms`), answerMs);
        waiting.set(id, { resolve, reject, timer });
        write(
          frame,
          id,
          (error) => end("closed", error.message),
          () => undefined,
        );
      });
    },
    tell(frame) {
      if (!isOpen) return Promise.reject(new WireError("closed", name, ""));
      lastId += 1;
      return new Promise((resolve, reject) => write(frame, lastId, reject, resolve));
    },
    close: () => end("closed", "by us"),
  };
}

function openSocket(address: Address, tls: TlsOptions | null, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const name = addressText(address);
    const { host, port } = address;
    // A name for the certificate to be chosen by; an address is none (RFC 6066).
    const named = isIP(host) === 0 ? { servername: host } : {};
    if (host === "" || !(port >= 1 && port <= 65_535)) {
      // Node would take loopback for it, or throw.
      reject(new WireError("nonsense", name, "no address"));
      return;
    }
    const socket = tls === null ? connectTcp({ host, port }) : connectTls({ ...named, ...tls, host, port });
    const fail = (detail: string) => {
      clearTimeout(timer);
      socket.destroy();
      reject(new WireError(certificateErrors.test(detail) ? "untrusted" : "unreachable", name, detail));
    };
    const timer = setTimeout(() => fail(`${timeoutMs} ms`), timeoutMs);
    const onError = (error: NodeJS.ErrnoException) => fail(error.code ?? error.message);
    socket.once("error", onError);
    socket.once(tls === null ? "connect" : "secureConnect", () => {
      clearTimeout(timer);
      socket.off("error", onError);
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}
