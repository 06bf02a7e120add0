/**
 * The connections of one client: to every node a pipe of requests that are not answered yet. Assumed of the network:
 * a node answers the requests of a connection in their order, once; what was under way on a connection that has been
 * given up, or has broken, is never answered.
 */
import type { Effect } from "../../../model/effect.ts";
import type { RequestBody } from "../../../model/message.ts";

export interface Pipes {
  /** Carries out what a step asks of the network. */
  carryOut(effects: readonly Effect[]): void;
  /** Nodes that have something to answer. */
  busy(): readonly string[];
  /** Requests under way to a node, oldest first. */
  to(node: string): readonly RequestBody[];
  /** Takes the oldest request that waits at a node. */
  take(node: string): RequestBody | undefined;
  /** The node, or the network, closes the connection. */
  drop(node: string): void;
}

export function createPipes(): Pipes {
  let pipes: Readonly<Record<string, readonly RequestBody[]>> = {};
  const to = (node: string) => pipes[node] ?? [];
  const drop = (node: string) => {
    pipes = { ...pipes, [node]: [] };
  };
  return {
    carryOut(effects) {
      for (const effect of effects) {
        if (effect.kind === "request") pipes = { ...pipes, [effect.to]: [...to(effect.to), effect.body] };
        else if (effect.kind === "close") drop(effect.to);
        else if (effect.kind === "process-died") pipes = {};
      }
    },
    busy: () =>
      Object.keys(pipes)
        .filter((node) => to(node).length > 0)
        .sort(),
    to,
    take(node) {
      const [first, ...rest] = to(node);
      pipes = { ...pipes, [node]: rest };
      return first;
    },
    drop,
  };
}
