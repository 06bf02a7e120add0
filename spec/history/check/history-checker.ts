/**
 * The checker of histories: takes one operation after the other, in one pass, and gives a verdict. It remembers a few
 * bytes of every value, call and gap; operations themselves it forgets.
 *
 * An anomaly that is proven makes a history invalid, whatever else is missing. Without any, evidence that is not complete
 * makes it `unknown`.
 */
import { effectiveMinIsr } from "../../config/cluster-config.ts";
import type { HistoryOperation } from "../format.ts";
import type { Refusal } from "../history-error.ts";
import { polledEntries, sentRecords } from "../judge/calls.ts";
import type { Finding } from "../judge/finding.ts";
import { sentAgain } from "../well-formed.ts";
import { findGroupLosses } from "./at-least-once.ts";
import { createBrokers } from "./brokers.ts";
import { createCircumstances } from "./circumstances.ts";
import { createCommittedOffsets } from "./committed-offsets.ts";
import { createTransactionReads, findCycles } from "./cycles.ts";
import { createDeliveries } from "./delivery.ts";
import { createFinalReads } from "./final-reads.ts";
import { createGenerations } from "./generations.ts";
import { createGroups } from "./groups.ts";
import { type HistoryContract, hasKey, readsCommitted } from "./history-contract.ts";
import { createLatestOffsets } from "./latest-offsets.ts";
import { findDuplicates, findInconsistentOffsets, findWrongReads, readUncommitted } from "./log-anomalies.ts";
import { createLogFacts, noRow } from "./log-facts.ts";
import { findLostWrites } from "./lost-writes.ts";
import { createResumptions } from "./resumptions.ts";
import { createRouting } from "./routing.ts";
import { findSendOrder, findSendSkips } from "./send-order.ts";
import { findSkips } from "./skips.ts";
import { createSteps, type Step } from "./step.ts";
import { createStuckConsumers } from "./stuck-consumers.ts";
import type { Suspicion } from "./suspicion.ts";
import { versionOrders } from "./version-order.ts";
import { allowedBecause, goesByKey } from "./weigh.ts";

/** A finding that counts has no `because`. */
export interface Found extends Finding {
  /** Why the contract allows it. */
  readonly because?: string;
}

export interface Evidence {
  readonly operations: number;
  /** Keys that were read to their end by final reads. */
  readonly finalReads: number;
  /** Keys with committed values that final reads have not reached. */
  readonly unreadKeys: readonly string[];
  /** Calls whose outcome is not known. */
  readonly unknownOutcomes: number;
  /** Injected faults. */
  readonly faults: number;
  /** Losses that hold only if readers read everything. */
  readonly unproven: number;
  /** What a group has not been given, and may still be. */
  readonly undelivered: number;
}

export interface HistoryVerdict {
  readonly valid: boolean | "unknown";
  /** Why it is unknown; empty otherwise. */
  readonly reasons: readonly string[];
  readonly anomalies: readonly Found[];
  readonly allowed: readonly Found[];
  readonly evidence: Evidence;
}

export interface HistoryChecker {
  /** Takes the next operation of a well-formed history. A value that its key was sent before is refused. */
  take(operation: HistoryOperation): Refusal | null;
  /** When all was taken; asked once. */
  verdict(): HistoryVerdict;
}

export function createHistoryChecker(contract: HistoryContract): HistoryChecker {
  const isCommitted = (client: string) => readsCommitted(contract, client);
  const groupOf = (client: string) => contract.config?.consumers[client]?.["group.id"] ?? null;
  const steps = createSteps();
  const facts = createLogFacts(isCommitted);
  const finals = createFinalReads();
  const circumstances = createCircumstances();
  const deliveries = createDeliveries(facts);
  const groups = createGroups(facts, groupOf);
  const transactionReads = createTransactionReads(facts);
  const ownReads = createOwnReads(isCommitted);
  const generations = createGenerations();
  const resumptions = createResumptions(facts, groupOf);
  const committed = createCommittedOffsets(facts);
  const latest = createLatestOffsets(facts, (client) => viewOf(contract, client));
  const routing = createRouting(
    (topic) => contract.config?.topics[topic]?.partitions ?? null,
    (producer) => goesByKey(contract, producer),
  );
  const stuck = createStuckConsumers(facts, (client) => isAlone(contract, client));
  const brokers = createBrokers((_, key) => stoppedMax(contract, key));
  const counts = { operations: 0, unknown: 0, faults: 0 };

  function end() {
    const orders = versionOrders(facts);
    const passedOver = [deliveries.within, deliveries.between];
    const lost = findLostWrites(facts, finals, passedOver);
    const losses = findGroupLosses(facts, groups);
    const suspicions = [
      ...findInconsistentOffsets(facts, orders),
      ...findDuplicates(facts, finals, passedOver),
      ...lost.suspicions,
      ...findWrongReads(facts, orders),
      ...ownReads.suspicions,
      ...findSkips(facts, deliveries, orders),
      ...deliveries.suspicions,
      ...findSendOrder(facts, finals, orders).suspicions,
      ...findSendSkips(facts, orders),
      ...findCycles(facts, orders, transactionReads, isCommitted),
      ...losses.suspicions,
      ...committed.suspicions,
      ...committed.beyondPosition(orders),
      ...resumptions.end(orders),
      ...generations.suspicions,
      ...latest.suspicions,
      ...routing.suspicions,
      ...brokers.end(),
      ...stuck.end(orders),
    ];
    return { suspicions, unread: lost.uncovered, pending: losses.pending.length, premise: lost.premise };
  }

  function verdict(): HistoryVerdict {
    const { suspicions, unread, pending, premise } = end();
    const [anomalies, allowed]: [Found[], Found[]] = [[], []];
    let unproven = 0;
    for (const suspicion of suspicions) {
      const because = allowedBecause(suspicion, contract, circumstances);
      if (because !== null) allowed.push({ ...suspicion.finding, because });
      else if (suspicion.unproven !== undefined) unproven += 1;
      else anomalies.push(suspicion.finding);
    }
    const keys = Array.from({ length: facts.keys.count() }, (_, key) => facts.keys.nameOf(key));
    const evidence: Evidence = {
      operations: counts.operations,
      finalReads: keys.filter((key) => finals.of(key) !== undefined).length,
      unreadKeys: unread,
      unknownOutcomes: counts.unknown + steps.open().length,
      faults: counts.faults,
      unproven,
      undelivered: pending,
    };
    const reasons = anomalies.length > 0 ? [] : reasonsFor(evidence, contract, premise || facts.finallyRead.size > 0);
    const valid = anomalies.length > 0 ? false : reasons.length > 0 ? "unknown" : true;
    return { valid, reasons, anomalies, allowed, evidence };
  }

  return {
    take(operation) {
      const step = steps.take(operation);
      const reads = facts.take(step);
      counts.operations += 1;
      if (operation.type === "info") counts.unknown += 1;
      if (operation.f === "fault" && operation.type === "invoke") counts.faults += 1;
      finals.take(step);
      circumstances.take(step);
      deliveries.take(step, reads);
      groups.take(step, reads);
      transactionReads.take(step, reads);
      ownReads.take(step);
      generations.take(step);
      committed.take(step, reads);
      resumptions.take(step, reads);
      latest.take(step, reads);
      routing.take(step);
      brokers.take(step);
      stuck.take(step, reads);
      const twice = facts.sentTwice();
      if (twice === noRow) return null;
      const key = facts.keys.nameOf(facts.keyOf.get(twice));
      return sentAgain(key, facts.nameOf(twice), facts.invoked.get(facts.callOf.get(twice)));
    },
    verdict,
  };
}

/** What keeps a history without anomalies from being valid. */
function reasonsFor({ unreadKeys, unproven }: Evidence, contract: HistoryContract, isJudgeable: boolean): string[] {
  if (!isJudgeable) return ["nothing was written and nothing read to its end, so there is nothing to judge"];
  const unread = unreadKeys.filter((key) => hasKey(contract, key));
  const shown = unread.slice(0, 8).join(", ");
  const more = unread.length > 8 ? ` and ${unread.length - 8} more` : "";
  return [
    ...(unread.length > 0 ? [`not read to the end after the last write: ${shown}${more}`] : []),
    ...(unproven > 0 ? [`${unproven} values may be lost, but no reader is known to have read everything`] : []),
  ];
}

/** What a client sees as the end of a log. Where the contract is silent, each sees his own. */
function viewOf(contract: HistoryContract, client: string) {
  if (contract.config === null) return { name: `client ${client}`, isStable: false };
  const isStable = readsCommitted(contract, client);
  return { name: isStable ? "last stable offset" : "high watermark", isStable };
}

/** Is nobody else of its group given what it consumes, and nothing kept from it but what is not committed? */
function isAlone(contract: HistoryContract, client: string): boolean {
  const consumers = contract.config?.consumers ?? {};
  const own = consumers[client];
  if (own === undefined || readsCommitted(contract, client)) return false;
  return Object.entries(consumers).every(
    ([name, settings]) => name === client || own["group.id"] === null || settings["group.id"] !== own["group.id"],
  );
}

/** With more brokers stopped, fewer than min ISR run. */
function stoppedMax(contract: HistoryContract, key: string): number | null {
  const { config } = contract;
  if (config === null || !hasKey(contract, key)) return null;
  return config.brokers - effectiveMinIsr(config, key);
}

/** `precommitted-read`: a transaction has polled what it had sent itself. */
function createOwnReads(isCommittedReader: (client: string) => boolean) {
  const suspicions: Suspicion[] = [];
  return {
    suspicions,
    take({ operation, invocation, client }: Step): void {
      if (operation.f !== "txn" || operation.type === "invoke") return;
      const sent = new Set(sentRecords(operation).map(({ key, value }) => placeOf(key, value)));
      for (const [key, records] of polledEntries(operation)) {
        for (const [offset, value] of records ?? []) {
          if (!sent.has(placeOf(key, value))) continue;
          const text = `the transaction of ${client} was given ${value} of ${key}, which it had sent itself`;
          const operations = invocation === null ? [operation.index] : [invocation.index, operation.index];
          const finding: Finding = { name: "precommitted-read", key, value, offset, client, text, operations };
          suspicions.push({ finding, premises: isCommittedReader(client) ? [] : [readUncommitted] });
        }
      }
    },
  };
}

function placeOf(key: string, value: string): string {
  return `${key}\n${value}`;
}
