/**
 * Stands before one node of a cluster, so that its links to the others can be cut: a TCP proxy that knows by the first
 * request of a connection who has made it, for Kafka's nodes put their ids into their client ids (ReplicaFetcherManager,
 * NodeToControllerChannelManager, RaftManager, NetworkUtils). A cut link is as TCP finds
 * it in a net that loses everything: connections stay open, bytes wait, and go on when it is healed.
 */
import { connect, createServer, type Server, type Socket } from "node:net";

export interface LinkProxy {
  cut(peer: number): void;
  heal(peer: number): void;
  close(): void;
}

interface Link {
  readonly peer: number | null;
  readonly near: Socket;
  /** Towards the node; `null` until bytes may go there. */
  far: Socket | null;
  readonly greeting: Buffer;
}

const host = "127.0.0.1";

/** Longer first requests do not come from Kafka's nodes. */
const greetingBytesMax = 1024;

/** Listens on `port` of loopback, and hands on to `nodePort`. */
export async function openLinkProxy(port: number, nodePort: number): Promise<LinkProxy> {
  const cuts = new Set<number>();
  const sockets = new Set<Socket>();
  const links = new Set<Link>();

  function isCut({ peer }: Link): boolean {
    return peer !== null && cuts.has(peer);
  }

  function keep(socket: Socket, onGone: () => void): Socket {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.once("close", () => {
      sockets.delete(socket);
      onGone();
    });
    return socket;
  }

  /** Over a cut link nobody hears that the other side is gone. */
  function end(link: Link): void {
    if (isCut(link)) return;
    link.near.destroy();
    link.far?.destroy();
    links.delete(link);
  }

  function join(link: Link): void {
    if (link.far === null) {
      link.far = keep(connect({ host, port: nodePort }), () => end(link));
      link.far.write(link.greeting);
    }
    link.near.pipe(link.far).pipe(link.near);
  }

  function part({ near, far }: Link): void {
    if (far === null) return;
    near.unpipe(far);
    far.unpipe(near);
  }

  function greet(near: Socket): void {
    let received: Buffer = Buffer.alloc(0);
    let link: Link | null = null;
    keep(near, () => link !== null && end(link));
    const read = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const peer = peerIn(received);
      if (peer === undefined) return;
      near.off("data", read);
      near.pause();
      link = { peer, near, far: null, greeting: received };
      links.add(link);
      if (!isCut(link)) join(link);
    };
    near.on("data", read);
  }

  const server = await listen(port, greet);
  return {
    cut(peer) {
      cuts.add(peer);
      for (const link of links) if (link.peer === peer) part(link);
    },
    heal(peer) {
      cuts.delete(peer);
      for (const link of [...links]) {
        if (link.peer !== peer) continue;
        if (link.near.destroyed || link.far?.destroyed) end(link);
        else join(link);
      }
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/**
 * Which node has sent these first bytes: a length, key, version and correlation id of a request, and a client id. `null`:
 * none of Kafka's; `undefined`: there is more to come.
 */
export function peerIn(bytes: Buffer): number | null | undefined {
  if (bytes.length < 14) return undefined;
  const length = bytes.readInt16BE(12);
  if (length < 0 || length > greetingBytesMax) return null;
  if (bytes.length < 14 + length) return undefined;
  const clientId = bytes.toString("utf8", 14, 14 + length);
  const id = /^(?:broker-|raft-client-|[A-Za-z]+-client-)?([0-9]+)(?:-|$)/.exec(clientId)?.[1];
  return id === undefined ? null : Number(id);
}

function listen(port: number, onConnection: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(onConnection);
    server.once("error", reject);
    server.listen(port, host, () => {
      server.unref();
      resolve(server);
    });
  });
}
