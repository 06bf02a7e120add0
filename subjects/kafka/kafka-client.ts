/**
 * A client of a cluster: one connection per broker and purpose, opened when it is needed, and what the cluster's metadata
 * say of leaders. It contacts the bootstrap addresses and, unless it is pinned, what the cluster advertises; it keeps a
 * list of them.
 */
import { type Api, findCoordinator, metadata } from "./apis.ts";
import { type BrokerConnection, openBroker, type Security } from "./broker-connection.ts";
import { type Address, addressText } from "./frame-connection.ts";
import { protocolErrorName } from "./protocol-error.ts";
import { WireError } from "./wire-error.ts";

export interface KafkaClientOptions {
  readonly bootstrap: readonly Address[];
  readonly security: Security;
  /** Contact no address but the bootstrap ones. */
  readonly isPinned: boolean;
}

export interface PartitionMetadata {
  readonly partition: number;
  /** `null`: none. */
  readonly leader: number | null;
  /** -1 where the broker does not tell. */
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  /** Ascending. */
  readonly isr: readonly number[];
}

export interface ClusterMetadata {
  readonly clusterId: string | null;
  /** Ids of the brokers that are in service, ascending. */
  readonly brokers: readonly number[];
  /** By topic; a topic that does not exist is absent. */
  readonly topics: ReadonlyMap<string, readonly PartitionMetadata[]>;
}

/** A broker's id, or whoever answers first. */
export type Node = number | "any";

export interface KafkaClient {
  /**
   * Throws a `WireError` when there is no answer; from "any" node only after every one was asked. `purpose` gives callers that wait long a connection of their own.
   */
  call<Args extends readonly unknown[], Answer>(
    node: Node,
    api: Api<Args, Answer>,
    args: Args,
    options?: { readonly timeoutMs?: number; readonly purpose?: string },
  ): Promise<Answer>;
  tell<Args extends readonly unknown[]>(node: number, api: Api<Args, unknown>, args: Args): Promise<void>;
  connection(node: Node, purpose?: string): Promise<BrokerConnection>;
  /** `null`: of all topics. Where any node may answer, another one is asked each time: one may be behind. */
  metadata(topics: readonly string[] | null, node?: Node): Promise<ClusterMetadata>;
  /** The broker that coordinates a group, or a transactional id; throws a `WireError` while there is none. */
  coordinatorOf(name: string, kind?: "group" | "transaction"): Promise<number>;
  /** Everything that was contacted, ascending. */
  contacted(): readonly string[];
  /** Hangs up, for good: every later call fails. */
  close(): void;
}

/** Of a call that names none. */
export const callTimeoutMs = 5_000;
const connectTimeoutMs = 3_000;

export function createKafkaClient({ bootstrap, security, isPinned }: KafkaClientOptions): KafkaClient {
  const addresses = new Map<number, Address>();
  const connections = new Map<string, Promise<BrokerConnection>>();
  const contacted = new Set<string>();
  const given = new Set(bootstrap.map(addressText));
  let turn = 0;
  let isClosed = false;

  function connectTo(address: Address, purpose: string): Promise<BrokerConnection> {
    const name = addressText(address);
    if (isClosed) return Promise.reject(new WireError("closed", name, "by us"));
    if (isPinned && !given.has(name)) return Promise.reject(new WireError("pinned", name, ""));
    const key = `${name} ${purpose}`;
    const known = connections.get(key);
    if (known !== undefined) return known;
    contacted.add(name);
    const opened = openBroker(address, security, connectTimeoutMs);
    connections.set(key, opened);
    opened.catch(() => connections.delete(key));
    return opened;
  }

  async function openTo(address: Address, purpose: string): Promise<BrokerConnection> {
    const connection = await connectTo(address, purpose);
    if (connection.isOpen) return connection;
    connections.delete(`${addressText(address)} ${purpose}`);
    return connectTo(address, purpose);
  }

  /** Whoever can be reached: the bootstrap addresses, then the brokers that they told of. */
  async function anyConnection(purpose: string): Promise<BrokerConnection> {
    const known = isPinned ? [] : [...addresses.values()];
    const all = new Map([...bootstrap, ...known].map((address) => [addressText(address), address]));
    let last: unknown = new WireError("unreachable", "no address", "none is given");
    for (let tried = 0; tried < all.size; tried += 1) {
      const address = [...all.values()][turn % all.size];
      if (address === undefined) break;
      try {
        return await openTo(address, purpose);
      } catch (error) {
        last = error;
        turn += 1;
      }
    }
    throw last;
  }

  const client: KafkaClient = {
    async connection(node, purpose = "") {
      if (node === "any") return anyConnection(purpose);
      if (!addresses.has(node)) await client.metadata([]);
      const address = addresses.get(node);
      if (address === undefined) throw new WireError("unreachable", `broker ${node}`, "the cluster does not know it");
      return openTo(address, purpose);
    },
    async call(node, api, args, { timeoutMs = callTimeoutMs, purpose = "" } = {}) {
      const triesMax = node === "any" ? new Set([...bootstrap, ...addresses.values()].map(addressText)).size : 1;
      for (let tries = 1; ; tries += 1) {
        try {
          const connection = await client.connection(node, purpose);
          return await connection.call(api, args, timeoutMs);
        } catch (error) {
          if (tries >= triesMax || !(error instanceof WireError)) throw error;
          turn += 1;
        }
      }
    },
    async tell(node, api, args) {
      await (await client.connection(node)).tell(api, args);
    },
    async metadata(topics, node = "any") {
      if (node === "any") turn += 1;
      // A broker that is paused still takes connections: let another one answer then.
      const answer = await client.call(node, metadata, [topics === null ? null : [...topics], false, false], {
        timeoutMs: 1_500,
        purpose: "metadata",
      });
      for (const { nodeId, host, port } of answer.brokers) addresses.set(nodeId, { host, port });
      const named = answer.topics.filter(({ errorCode, name }) => name !== null && isThere(errorCode));
      return {
        clusterId: answer.clusterId ?? null,
        brokers: answer.brokers.map(({ nodeId }) => nodeId).sort((one, other) => one - other),
        topics: new Map(
          named.map(({ name, partitions }) => [
            name ?? "",
            partitions
              .map((one) => ({
                partition: one.partitionIndex,
                leader: one.leaderId < 0 ? null : one.leaderId,
                leaderEpoch: one.leaderEpoch,
                replicas: one.replicaNodes,
                isr: [...one.isrNodes].sort((a, b) => a - b),
              }))
              .sort((one, other) => one.partition - other.partition),
          ]),
        ),
      };
    },
    async coordinatorOf(name, kind = "group") {
      const { coordinators } = await client.call("any", findCoordinator, [kind === "group" ? 0 : 1, [name]]);
      const [found] = coordinators;
      if (found === undefined || found.errorCode !== 0) {
        const reason = found === undefined ? "none named" : protocolErrorName(found.errorCode);
        throw new WireError("unreachable", `coordinator of ${name}`, reason);
      }
      addresses.set(found.nodeId, { host: found.host, port: found.port });
      return found.nodeId;
    },
    contacted: () => [...contacted].sort(),
    close() {
      isClosed = true;
      for (const opened of connections.values()) {
        opened.then(
          (connection) => connection.close(),
          () => undefined,
        );
      }
      connections.clear();
    },
  };
  return client;
}

/** A topic whose partitions have no leader is there all the same. */
function isThere(errorCode: number): boolean {
  return errorCode === 0 || protocolErrorName(errorCode) === "LEADER_NOT_AVAILABLE";
}
