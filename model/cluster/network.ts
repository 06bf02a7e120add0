/**
 * The network: connections with a channel each way, first in, first out, with a delay; cut links; held messages.
 * Functions of the list of connections, which is kept in the order of ids.
 */
import type { RequestBody, ResponseBody } from "../message.ts";
import { type ClusterState, type Connection, type Disconnect, nodeOf } from "./state.ts";

export type Connections = readonly Connection[];

function replaced(connections: Connections, next: Connection): Connections {
  // An abandoned connection is forgotten as soon as nothing of it is left; an answer must not find its successor.
  const isOver =
    (next.state === "abandoned" && next.requests.length === 0 && !next.serving) ||
    (next.state === "broken" && next.responses.length === 0);
  const others = connections.filter(({ id }) => id !== next.id);
  if (isOver) return others;
  const later = others.findIndex(({ id }) => id > next.id);
  return later === -1 ? [...others, next] : others.toSpliced(later, 0, next);
}

function find(connections: Connections, id: string): Connection | undefined {
  return connections.find((connection) => connection.id === id);
}

/** The connection that a machine would use to a node now: one that it has not given up itself. */
function current(connections: Connections, client: string, server: string): Connection | undefined {
  return connections.find(
    (connection) => connection.client === client && connection.server === server && connection.state !== "abandoned",
  );
}

function opened(connections: Connections, client: string, server: string): Connection {
  let slot = 0;
  while (find(connections, `${client}→${server}#${slot}`) !== undefined) slot += 1;
  return {
    id: `${client}→${server}#${slot}`,
    client,
    server,
    state: "open",
    serving: false,
    requests: [],
    responses: [],
  };
}

/** Puts a request on its way. On a connection that the server has closed already it is lost. */
export function sendRequest(
  connections: Connections,
  client: string,
  server: string,
  body: RequestBody,
  due: number,
): Connections {
  const connection = current(connections, client, server) ?? opened(connections, client, server);
  if (connection.state === "broken") return connections;
  return replaced(connections, { ...connection, requests: [...connection.requests, { body, due }] });
}

/** Nobody listens: the client finds itself disconnected. */
export function refuseConnection(connections: Connections, client: string, server: string, due: number): Connections {
  if (current(connections, client, server) !== undefined) return connections;
  const responses = [{ body: { type: "disconnect" } as const, due }];
  return replaced(connections, { ...opened(connections, client, server), state: "broken", responses });
}

/** An answer to a client that has gone is lost. */
export function sendResponse(connections: Connections, id: string, body: ResponseBody, due: number): Connections {
  const connection = find(connections, id);
  if (connection?.state !== "open") return connections;
  return replaced(connections, { ...connection, responses: [...connection.responses, { body, due }] });
}

/** The client gives up: no answer reaches it any more, what it has sent may still arrive. */
export function abandon(connections: Connections, client: string, server: string): Connections {
  const connection = current(connections, client, server);
  return connection === undefined
    ? connections
    : replaced(connections, {
        ...connection,
        state: "abandoned",
        requests: connection.state === "broken" ? [] : connection.requests,
        responses: [],
      });
}

/** The server closes: what it has answered arrives, then the client learns of the end. */
export function breakOff(connections: Connections, id: string, due: number): Connections {
  const connection = find(connections, id);
  if (connection === undefined || connection.state === "broken") return connections;
  const responses =
    connection.state === "abandoned"
      ? []
      : [...connection.responses, { body: { type: "disconnect" } as const satisfies Disconnect, due }];
  return replaced(connections, { ...connection, state: "broken", serving: false, requests: [], responses });
}

/**
 * A node's process has died: it abandons what it had opened, and breaks what others had opened to it. What the
 * controller had on its way to it is gone without a trace, as nobody waits for an answer.
 */
export function dropNode(connections: Connections, node: string, due: number): Connections {
  return connections.reduce((kept, connection) => {
    if (nodeOf(connection.client) === node) {
      return withoutRegistration(abandon(kept, connection.client, connection.server), connection.id);
    }
    if (connection.server === node && nodeOf(connection.client) === "controller") {
      return kept.filter(({ id }) => id !== connection.id);
    }
    return connection.server === node ? breakOff(kept, connection.id, due) : kept;
  }, connections);
}

/**
 * A dead process's registration that comes after its successor's would lock the successor out for good: Kafka's
 * controller takes any incarnation while a broker is fenced. The model spares itself that.
 */
function withoutRegistration(connections: Connections, id: string): Connections {
  const connection = find(connections, id);
  if (connection === undefined) return connections;
  const requests = connection.requests.filter(({ body }) => body.type !== "register");
  return requests.length === connection.requests.length
    ? connections
    : replaced(connections, { ...connection, requests });
}

/** The server takes up a request. One that is not answered at once keeps the connection busy until it is. */
export function takeRequest(connections: Connections, id: string): Connections {
  return takeRequests(connections, id, find(connections, id)?.requests.slice(0, 1) ?? []);
}

export function takeRequests(connections: Connections, id: string, taken: Connection["requests"]): Connections {
  const connection = find(connections, id);
  if (connection === undefined || taken.length === 0) return connections;
  const requests = connection.requests.filter((request) => !taken.includes(request));
  return replaced(connections, { ...connection, requests, serving: taken.some(({ body }) => isServed(body)) });
}

/** Is it a change that the controller pushes? */
export function isPushed(body: RequestBody): boolean {
  return body.type === "partition-change" || body.type === "broker-change";
}

/** Is it served over time, by a machine of its own? */
export function isServed(body: RequestBody): body is Extract<RequestBody, { type: "produce" | "fetch" }> {
  return body.type === "produce" || body.type === "fetch";
}

export function endServing(connections: Connections, id: string): Connections {
  const connection = find(connections, id);
  return connection === undefined ? connections : replaced(connections, { ...connection, serving: false });
}

export function takeResponse(connections: Connections, id: string): Connections {
  const connection = find(connections, id);
  if (connection === undefined) return connections;
  return replaced(connections, { ...connection, responses: connection.responses.slice(1) });
}

/** Can the head of this channel arrive, as far as the network is concerned? */
export function isPassable(
  state: ClusterState,
  connection: Connection,
  direction: "request" | "response",
  message: string,
): boolean {
  const client = nodeOf(connection.client);
  const { server } = connection;
  const isCut = state.cuts.some(
    ([one, other]) => (one === client && other === server) || (one === server && other === client),
  );
  const [from, to] = direction === "request" ? [client, server] : [server, client];
  const isHeld = state.holds.some((hold) => hold.from === from && hold.to === to && hold.message === message);
  return !isCut && !isHeld;
}
