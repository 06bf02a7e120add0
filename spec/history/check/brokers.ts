/** Calls against the state of the brokers, as far as injected faults tell it: `acknowledged-below-min-isr`, `stuck-after-heal`. */
import { sentRecords } from "../judge/calls.ts";
import { type Finding, witness } from "../judge/finding.ts";
import { createOpenFaults } from "../judge/open-faults.ts";
import type { Step } from "./step.ts";
import type { Suspicion } from "./suspicion.ts";

/** So long everything has to be mended, in nanoseconds, before a call that fails is held against a key. */
export const graceNs = 60_000_000_000;

/** So many calls have to fail, or to bring nothing. */
export const triesMin = 3;

/** What a client is told where a partition does not move; any other error says nothing of that. */
const waitingErrors = [
  "TIMEOUT",
  "REQUEST_TIMED_OUT",
  "NETWORK_EXCEPTION",
  "NOT_ENOUGH_REPLICAS",
  "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
  "NOT_LEADER_OR_FOLLOWER",
  "LEADER_NOT_AVAILABLE",
];

/** What was asked of a key after the time of grace. */
interface Tries {
  count: number;
  readonly first: number;
  last: number;
}

export interface Brokers {
  take(step: Step): void;
  /** When all was taken. */
  end(): readonly Suspicion[];
}

/**
 * `stoppedMax`: how many brokers may be stopped at most so that a send of this producer to this key can be acknowledged;
 * `null` where that is not known. A broker is stopped from the `ok` of a fault `kill`, `power-off` or `pause` to the
 * invocation of any heal.
 */
export function createBrokers(stoppedMax: (producer: string, key: string) => number | null): Brokers {
  const suspicions: Suspicion[] = [];
  const faults = createOpenFaults();
  const stopped = new Map<string, number>();
  /** Of each open send: how many brokers were stopped at the least, and the operation that stopped the last of them. */
  const sends = new Map<string, { least: number; since: number }>();
  const tries = new Map<string, Tries>();
  const begun = new Map<string, number>();
  let struck = false;
  let mendedNs: number | null = null;
  let lastStop = 0;

  function follow({ operation }: Step): void {
    faults.take(operation);
    if (operation.f === "fault") {
      struck = true;
      mendedNs = null;
      tries.clear();
      const { kind, target } = operation.value;
      const stops = kind === "kill" || kind === "power-off" || kind === "pause";
      if (operation.type === "ok" && stops && /^[0-9]+$/.test(target)) {
        stopped.set(target, operation.index);
        lastStop = operation.index;
      }
    }
    if (operation.f !== "heal") return;
    if (operation.type === "invoke") {
      if (operation.value === null) stopped.clear();
      else stopped.delete(operation.value.target);
      for (const send of sends.values()) send.least = Math.min(send.least, stopped.size);
    }
    mendedNs = operation.type === "ok" && struck && !faults.any() ? operation.time_ns : null;
    tries.clear();
  }

  function acknowledge({ operation, client }: Step): void {
    if (operation.f !== "send" && operation.f !== "txn") return;
    if (operation.type === "invoke") {
      sends.set(operation.process, { least: stopped.size, since: lastStop });
      return;
    }
    const send = sends.get(operation.process);
    sends.delete(operation.process);
    if (operation.type !== "ok" || send === undefined || send.least === 0) return;
    for (const { key, value } of sentRecords(operation)) {
      const most = stoppedMax(client, key);
      if (most === null || send.least <= most) continue;
      const text = `${value} of ${client} was acknowledged in ${key} while ${send.least} brokers were stopped; min ISR allows ${most}`;
      const operations = witness(send.since, operation.index);
      const finding: Finding = { name: "acknowledged-below-min-isr", key, value, client, text, operations };
      suspicions.push({ finding, premises: [{ kind: "acks-all", producer: client }] });
      return;
    }
  }

  function tried({ operation, invocation }: Step): void {
    if (operation.f !== "send" && operation.f !== "poll") return;
    const isLate = mendedNs !== null && operation.time_ns >= mendedNs + graceNs;
    if (operation.type === "invoke") {
      if (isLate) begun.set(operation.process, operation.index);
      return;
    }
    if (!begun.delete(operation.process) || invocation === null) return;
    const keys =
      invocation.f === "send" ? new Set(invocation.value.map(({ key }) => key)) : new Set(Object.keys(operation.value));
    for (const key of keys) {
      const known = tries.get(key) ?? { count: 0, first: operation.index, last: operation.index };
      // One success will do.
      if (operation.type === "ok") known.count = Number.NEGATIVE_INFINITY;
      else if (waitingErrors.includes(operation.error ?? "")) known.count += 1;
      known.last = operation.index;
      tries.set(key, known);
    }
  }

  return {
    take(step) {
      follow(step);
      acknowledge(step);
      tried(step);
    },
    end() {
      const stuck = [...tries].flatMap(([key, { count, first, last }]): readonly Suspicion[] => {
        if (count < triesMin) return [];
        const text = `${key}: everything had been mended for a minute, and none of ${count} calls after that succeeded`;
        const finding: Finding = { name: "stuck-after-heal", key, text, operations: witness(first, last) };
        return [{ finding, premises: [] }];
      });
      return [...suspicions, ...stuck];
    },
  };
}
