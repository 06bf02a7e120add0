/** A cluster's state, as data: machines, armed timers, connections, the network's faults, and what was observed. */
import type { Observation } from "../../spec/cluster-view.ts";
import type { Completion } from "../client-operation.ts";
import type { RequestBody, ResponseBody } from "../message.ts";
import type { Ghosts } from "./ghosts.ts";
import type { MachineState } from "./machines.ts";

/** An armed timer. It lives here, not in its machine's snapshot, so that snapshots stay data. */
export interface Timer {
  readonly machine: string;
  readonly id: string;
  readonly event: { readonly type: string };
  /** Virtual milliseconds. */
  readonly due: number;
}

export interface Packet<Body> {
  readonly body: Body;
  readonly due: number;
}

/** Ends a connection from the server's side; it arrives behind the answers that are on their way. */
export interface Disconnect {
  readonly type: "disconnect";
}

/**
 * One connection of one machine to one node. Requests and answers keep their order; the server takes one request at a
 * time and leaves the next in the channel until it has answered (SocketServer mutes the channel).
 */
export interface Connection {
  /** `p1→b1#0`: who, to whom, and a number, as an abandoned connection may live on beside its successor. */
  readonly id: string;
  readonly client: string;
  readonly server: string;
  /**
   * `abandoned`: the client has closed it; requests on their way still arrive, answers do not. `broken`: the server
   * has closed it; the client does not know yet.
   */
  readonly state: "open" | "abandoned" | "broken";
  /** The server is at a request of this connection and has not answered it yet; the next one waits. */
  readonly serving: boolean;
  readonly requests: readonly Packet<RequestBody>[];
  readonly responses: readonly Packet<ResponseBody | Disconnect>[];
}

/** Messages of one type from one node to another wait, and with them all that is behind them on their connection. */
export interface Hold {
  readonly from: string;
  readonly to: string;
  readonly message: string;
}

export interface ClusterState {
  /** Virtual milliseconds since the start. */
  readonly now: number;
  readonly machines: Readonly<Record<string, MachineState>>;
  /** In the order in which they come due. */
  readonly timers: readonly Timer[];
  readonly connections: readonly Connection[];
  readonly cuts: readonly (readonly [string, string])[];
  readonly holds: readonly Hold[];
  /** How many of the choices offered from outside each actor has taken. */
  readonly taken: Readonly<Record<string, number>>;
  readonly ghosts: Ghosts;
  /** What the last step did. */
  readonly observed: readonly Observation[];
  readonly completed: readonly Completion[];
}

/** `b1/orders-0` runs on node `b1`. */
export function nodeOf(machine: string): string {
  const slash = machine.indexOf("/");
  return slash === -1 ? machine : machine.slice(0, slash);
}
