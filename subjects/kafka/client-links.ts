/**
 * The links of clients to brokers, which can be cut: what is asked over a cut link is not sent, what was asked before is not
 * answered, until it is healed or the client's time is over.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { BrokerId, ClientId } from "../../spec/vocabulary.ts";
import { callTimeoutMs, type KafkaClient, type Node } from "./kafka-client.ts";
import { WireError } from "./wire-error.ts";

export interface ClientLinks {
  /** The cluster as this client reaches it. Metadata are asked of whoever answers. */
  of(client: ClientId): KafkaClient;
  cut(client: ClientId, broker: BrokerId): void;
  heal(client: ClientId, broker: BrokerId): void;
  healAll(): void;
}

interface Cut {
  readonly healed: Promise<void>;
  heal(): void;
}

export function createClientLinks(client: KafkaClient): ClientLinks {
  const cuts = new Map<string, Cut>();

  /** Waits for a link that is cut. */
  async function pass(key: string, limitMs: number): Promise<void> {
    const cut = cuts.get(key);
    if (cut === undefined) return;
    const isHealed = await Promise.race([cut.healed.then(() => true), sleep(limitMs, false, { ref: false })]);
    if (!isHealed) throw new WireError("timeout", key, "the link is cut");
  }

  function end(key: string): void {
    cuts.get(key)?.heal();
    cuts.delete(key);
  }

  const keyOf = (name: ClientId, node: Node) => `${name} to broker ${node}`;

  return {
    of: (name) => ({
      ...client,
      async call(node, api, args, options = {}) {
        const { timeoutMs = callTimeoutMs } = options;
        const key = keyOf(name, node);
        await pass(key, timeoutMs);
        const answer = await client.call(node, api, args, options);
        await pass(key, timeoutMs);
        return answer;
      },
      async tell(node, api, args) {
        await pass(keyOf(name, node), callTimeoutMs);
        await client.tell(node, api, args);
      },
    }),
    cut(name, broker) {
      const { promise, resolve } = Promise.withResolvers<void>();
      cuts.set(keyOf(name, broker), { healed: promise, heal: resolve });
    },
    heal: (name, broker) => end(keyOf(name, broker)),
    healAll() {
      for (const key of [...cuts.keys()]) end(key);
    },
  };
}
