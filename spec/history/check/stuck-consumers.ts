/** Consumers that are given nothing more of a key, long after everything was mended: `stuck-after-heal`. */
import { entryOf, isFinalPoll } from "../judge/calls.ts";
import { type Finding, witness } from "../judge/finding.ts";
import { createOpenFaults } from "../judge/open-faults.ts";
import { graceNs, triesMin } from "./brokers.ts";
import type { LogFacts, Reads } from "./log-facts.ts";
import { countBelow } from "./passed-over.ts";
import { isCommittedRead } from "./skips.ts";
import type { Step } from "./step.ts";
import type { Suspicion } from "./suspicion.ts";
import type { VersionOrder } from "./version-order.ts";

/** One client, as long as nothing sets its positions but its own polls. */
interface Consumer {
  /** By the number of the key: the last offset that it was given. */
  readonly given: Map<number, number>;
  /** Empty answers without a break since a minute after everything was mended. */
  empty: { count: number; readonly firstAsked: number; readonly since: number; last: number; until: number } | null;
}

export interface StuckConsumers {
  take(step: Step, reads: Reads): void;
  /** When all was taken. */
  end(orders: readonly VersionOrder[]): readonly Suspicion[];
}

/**
 * A consumer is stuck that goes on polling for a minute, a minute after everything was mended, three times at least, and
 * gets nothing, though a record beyond the last one of a key that it was given had been read by somebody before it began.
 * `isAlone`: nobody else may have been given its keys.
 */
export function createStuckConsumers(facts: LogFacts, isAlone: (client: string) => boolean): StuckConsumers {
  const faults = createOpenFaults();
  const consumers = new Map<string, Consumer>();
  let struck = false;
  let mendedNs: number | null = null;

  function follow({ operation }: Step): void {
    faults.take(operation);
    struck ||= operation.f === "fault";
    mendedNs = operation.f === "heal" && operation.type === "ok" && struck && !faults.any() ? operation.time_ns : null;
    for (const consumer of consumers.values()) consumer.empty = null;
  }

  function poll({ operation, invocation, client }: Step, reads: Reads): void {
    if (operation.type === "invoke" || isFinalPoll(operation)) return;
    const consumer = entryOf(consumers, client, (): Consumer => ({ given: new Map(), empty: null }));
    if (operation.type !== "ok") {
      consumers.delete(client);
      return;
    }
    for (let at = 0; at < reads.keys.length; at++) consumer.given.set(reads.keys[at] ?? 0, reads.offsets[at] ?? 0);
    if (reads.rows.length > 0) consumer.empty = null;
    else if (invocation !== null && mendedNs !== null && invocation.time_ns >= mendedNs + graceNs) {
      consumer.empty ??= { count: 0, firstAsked: invocation.index, since: invocation.time_ns, last: 0, until: 0 };
      consumer.empty.count += 1;
      consumer.empty.last = operation.index;
      consumer.empty.until = operation.time_ns;
    }
  }

  return {
    take(step, reads) {
      const { f } = step.operation;
      if (f === "send") return;
      if (f === "fault" || f === "heal") follow(step);
      else if (f === "poll" || f === "txn") poll(step, reads);
      else if (["subscribe", "assign", "assignment", "seek", "crash", "restart"].includes(f)) {
        consumers.delete(step.client);
      }
    },
    end: (orders) =>
      [...consumers].flatMap(([client, { given, empty }]) => {
        if (empty === null || empty.count < triesMin || empty.until - empty.since < graceNs) return [];
        if (!isAlone(client)) return [];
        const { count, firstAsked, last } = empty;
        return [...given].flatMap(([key, offset]): Suspicion[] => {
          const row = nextRead(facts, orders[key], offset, firstAsked);
          if (row === null) return [];
          const [name, value] = [facts.keys.nameOf(key), facts.nameOf(row)];
          const text = `${client} polled ${count} times, when everything had been mended for a minute, and was not given ${value} of ${name}`;
          const operations = witness(facts.readOkAt.get(row), firstAsked, last);
          const finding: Finding = { name: "stuck-after-heal", key: name, value, client, text, operations };
          return [{ finding, premises: [{ kind: "clean" }, { kind: "nothing-gone" }] }];
        });
      }),
  };
}

/** The first value behind an offset that an `ok` poll had returned before an operation. */
function nextRead(facts: LogFacts, order: VersionOrder | undefined, offset: number, before: number): number | null {
  if (order === undefined) return null;
  for (let place = countBelow(order.offsets, offset + 1); place < order.rows.length; place++) {
    const row = order.rows[place] ?? 0;
    if (isCommittedRead(facts, row, order.offsets[place] ?? 0) && facts.readOkAt.get(row) < before) return row;
  }
  return null;
}
