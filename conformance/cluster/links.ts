/** The links between the nodes of a cluster, each of which can be cut and healed. */
import { type LinkProxy, openLinkProxy } from "./link-proxy.ts";

export interface Links {
  /** In both directions. */
  cut(one: number, other: number): void;
  heal(one: number, other: number): void;
  healAll(): void;
  isCut(one: number, other: number): boolean;
  /** Is every link there? */
  readonly areWhole: boolean;
  close(): void;
}

export interface NodePorts {
  /** Where it listens. */
  readonly port: number;
  /** Where the others reach it: the port of the proxy before it. */
  readonly linkPort: number;
}

/** By the nodes' ids. */
export async function openLinks(nodes: ReadonlyMap<number, NodePorts>): Promise<Links> {
  const proxies = new Map<number, LinkProxy>();
  for (const [node, { port, linkPort }] of nodes) proxies.set(node, await openLinkProxy(linkPort, port));
  const cuts = new Map<string, readonly [number, number]>();

  function proxyOf(node: number): LinkProxy {
    const proxy = proxies.get(node);
    if (proxy === undefined) throw new RangeError(`the cluster has no node ${node}`);
    return proxy;
  }

  function heal(one: number, other: number): void {
    cuts.delete(keyOf(one, other));
    proxyOf(one).heal(other);
    proxyOf(other).heal(one);
  }

  return {
    cut(one, other) {
      proxyOf(one).cut(other);
      proxyOf(other).cut(one);
      cuts.set(keyOf(one, other), [one, other]);
    },
    heal,
    healAll() {
      for (const [one, other] of [...cuts.values()]) heal(one, other);
    },
    isCut: (one, other) => cuts.has(keyOf(one, other)),
    get areWhole() {
      return cuts.size === 0;
    },
    close() {
      for (const proxy of proxies.values()) proxy.close();
    },
  };
}

function keyOf(one: number, other: number): string {
  return one < other ? `${one}-${other}` : `${other}-${one}`;
}
