/**
 * What a rendezvous is: a request and its answer are one step, with all that has come together until then.
 *
 * Whatever keeps a cluster going (registration, heartbeats, metadata for clients) arrives and is answered within the step
 * that asks for it. A fetch is on its way only until it arrives, with its answer; given up before, it never does. A broker
 * fetches the controller's log, too: it hears of all that is recorded by then, as one change.
 */
import type { RequestBody } from "../message.ts";
import type { Cell } from "./cells.ts";
import * as network from "./network.ts";
import type { Connection, Packet } from "./state.ts";

type Requests = readonly Packet<RequestBody>[];

/** Does it arrive, and is it answered, within the step that sends it? */
export function isInstant({ type }: RequestBody): boolean {
  return type === "register" || type === "heartbeat" || type === "metadata";
}

export function cellAtRendezvous(cell: Cell): Cell {
  const connections = cell.connections.filter((connection) => !isVain(connection)).map(withLatestChanges);
  const isSame =
    connections.length === cell.connections.length &&
    connections.every((connection, index) => connection === cell.connections[index]);
  return isSame ? cell : { ...cell, connections };
}

/** Its follower has given this fetch up. */
function isVain({ state, serving, requests }: Connection): boolean {
  return state === "abandoned" && !serving && requests.every(({ body }) => body.type === "fetch");
}

/** Does the controller push changes here? */
export function isPushed({ requests }: Pick<Connection, "requests">): boolean {
  return requests.some(({ body }) => network.isPushed(body));
}

function withLatestChanges(connection: Connection): Connection {
  const { server, requests } = connection;
  const latest = latestChanges(server, requests);
  return latest === requests ? connection : { ...connection, requests: latest };
}

/**
 * What these requests change when they are heard together, if the controller has pushed them: whatever has changed several
 * times has become what it is now. The broker's own registration comes first, then brokers, then partitions, whose roles
 * need to know the brokers.
 *
 * Source: MetadataLoader.handleCommit publishes one delta of all batches that it is given; BrokerMetadataPublisher.
 */
export function latestChanges(server: string, requests: Requests): Requests {
  if (!isPushed({ requests })) return requests;
  const bySubject = new Map(requests.map(({ body }) => [subjectOf(server, body), body]));
  const inOrder = [...bySubject].sort(([one], [other]) => (one < other ? -1 : 1));
  return inOrder.map(([, body]) => ({ body, due: 0 }));
}

/** Whatever changes, in the order in which it is heard. */
function subjectOf(server: string, body: RequestBody): string {
  if (body.type === "broker-change") {
    const id = `b${body.change.broker}`;
    return id === server ? "0" : `1 ${id}`;
  }
  return body.type === "partition-change" ? `2 ${body.change.partition}` : "";
}
