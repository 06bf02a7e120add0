/** The rounds of a sharded search between threads: a port to every other shard, and a counter to wait for its messages. */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";

/** Shared by all threads: whether to give up, then for every shard how many messages were sent to it. */
export type ExchangeSignals = Int32Array<SharedArrayBuffer>;

export function createSignals(shards: number): ExchangeSignals {
  return new Int32Array(new SharedArrayBuffer(4 * (1 + shards)));
}

/** Lets every thread that waits, or that will wait, give up. */
export function giveUp(signals: ExchangeSignals): void {
  Atomics.store(signals, 0, 1);
  for (let at = 1; at < signals.length; at += 1) {
    Atomics.add(signals, at, 1);
    Atomics.notify(signals, at);
  }
}

export class WorkerExchange {
  readonly #index: number;
  /** By shard; `null` is this one. */
  readonly #ports: readonly (MessagePort | null)[];
  readonly #signals: ExchangeSignals;

  constructor(index: number, ports: readonly (MessagePort | null)[], signals: ExchangeSignals) {
    this.#index = index;
    this.#ports = ports;
    this.#signals = signals;
  }

  /** One round. Blocks the thread until a message has come from every shard; `null` if it was told to give up. */
  round(messages: readonly unknown[]): readonly unknown[] | null {
    for (const [shard, port] of this.#ports.entries()) {
      if (port === null) continue;
      port.postMessage(messages[shard]);
      Atomics.add(this.#signals, 1 + shard, 1);
      Atomics.notify(this.#signals, 1 + shard);
    }
    const received: unknown[] = [];
    for (const port of this.#ports) {
      if (port === null) received.push(messages[this.#index]);
      else {
        const envelope = this.#receive(port);
        if (envelope === null) return null;
        received.push(envelope.message);
      }
    }
    return received;
  }

  #receive(port: MessagePort): { readonly message: unknown } | null {
    const counter = 1 + this.#index;
    while (true) {
      // What comes after this look changes the counter, so nothing is missed.
      const seen = Atomics.load(this.#signals, counter);
      if (Atomics.load(this.#signals, 0) === 1) return null;
      const envelope = receiveMessageOnPort(port) as { readonly message: unknown } | undefined;
      if (envelope !== undefined) return envelope;
      Atomics.wait(this.#signals, counter, seen);
    }
  }
}
