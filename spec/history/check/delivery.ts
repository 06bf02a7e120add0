/**
 * What clients are given, in the order in which they are: repetitions and steps back, stretches that they pass over, and
 * transactions of which they see a part.
 */
import { isFinalPoll, polledEntries } from "../judge/calls.ts";
import { type Finding, witness } from "../judge/finding.ts";
import { type LogFacts, noRow, type Reads } from "./log-facts.ts";
import { createPassedOver, type PassedOver } from "./passed-over.ts";
import type { Step } from "./step.ts";
import type { Premise, Suspicion } from "./suspicion.ts";

interface Delivery {
  readonly offset: number;
  readonly index: number;
  readonly leaderEpoch: number | null;
}

/** A client and how far it has got since it was placed. */
interface Session {
  readonly keys: Map<number, Delivery>;
  /** Calls that place it anew and are not completed yet: until then nobody knows where it stands. */
  placing: number;
  /** Index of the last operation by which it was placed. */
  placedAt: number;
  /** It has subscribed, and no `assignment` has shown yet that its rebalances are recorded. */
  movesUnseen: boolean;
  /** A poll of unknown outcome, or one that failed, may have delivered more than is known. */
  mayHaveRead: boolean;
}

export interface Deliveries {
  take(step: Step, reads: Reads): void;
  readonly suspicions: readonly Suspicion[];
  /** Passed over within one operation, between two, and between two of a client whose rebalances are not recorded. */
  readonly within: PassedOver;
  readonly between: PassedOver;
  readonly loosely: PassedOver;
  /** Could two records of one session be compared? */
  premise(): boolean;
}

const inPlace: readonly Premise[] = [{ kind: "clean" }, { kind: "nothing-gone" }];
const unseenRebalances: Premise = {
  kind: "never",
  because: "the client subscribes, and its rebalances are not recorded",
};

/**
 * A session ends where the client's position is set otherwise than by reading on, in a call that is not `fail`:
 * `subscribe`, `assign`, `assignment`, `crash` and `restart` end it for every key, `seek` for its keys, an empty final
 * answer for the keys that it ends. While such a call is open, nothing is compared. Linear; memory: an entry for each
 * client and key.
 */
export function createDeliveries(facts: LogFacts): Deliveries {
  const sessions = new Map<string, Session>();
  const suspicions: Suspicion[] = [];
  const [within, between, loosely] = [createPassedOver(), createPassedOver(), createPassedOver()];
  let premise = false;

  function sessionOf(client: string): Session {
    let session = sessions.get(client);
    if (session === undefined) {
      session = { keys: new Map(), placing: 0, placedAt: -1, movesUnseen: false, mayHaveRead: false };
      sessions.set(client, session);
    }
    return session;
  }

  /** Two records that one client was given, one after the other. */
  function compare(
    step: Step,
    session: Session,
    row: number,
    before: Delivery,
    next: Delivery,
    isInside: boolean,
  ): void {
    const { client, operation } = step;
    if (isInside && session.placedAt > (step.invocation?.index ?? operation.index)) return;
    premise ||= isInside || !session.movesUnseen;
    const key = facts.keyOf.get(row);
    const premises = session.movesUnseen ? [unseenRebalances] : inPlace;
    const note = (name: string, text: string) => {
      const finding: Finding = {
        name,
        key: facts.keys.nameOf(key),
        value: facts.nameOf(row),
        offset: next.offset,
        client,
        text: `${client} was given ${facts.nameOf(row)} of ${facts.keys.nameOf(key)} ${text}`,
        operations: witness(before.index, next.index),
      };
      suspicions.push({ finding, premises });
    };
    if (next.offset <= before.offset) {
      note(
        isInside ? "int-nonmonotonic-poll" : "nonmonotonic-poll",
        `at offset ${next.offset} after offset ${before.offset}`,
      );
      return;
    }
    if (before.leaderEpoch !== null && next.leaderEpoch !== null && next.leaderEpoch < before.leaderEpoch) {
      note("leader-epoch-regress", `in leader epoch ${next.leaderEpoch} after epoch ${before.leaderEpoch}`);
    }
    if (next.offset === before.offset + 1 || (!isInside && session.mayHaveRead)) return;
    const stretch = { from: before.offset, to: next.offset, before: before.index, after: next.index, client };
    (session.movesUnseen ? loosely : isInside ? within : between).add(key, stretch);
  }

  return {
    take(step, reads) {
      const { operation, client } = step;
      const { type, index } = operation;
      if (operation.f === "send" || operation.f === "commit") return;
      const session = sessionOf(client);
      place(session, operation, facts);
      if (type === "invoke") return;
      const latest = new Map<number, Delivery>();
      const partOf = new Map<number, number>();
      const goesOn = type === "ok" && session.placing === 0;
      const epochs = epochsOf(operation);
      for (let at = 0; at < reads.rows.length; at++) {
        const [key = 0, row = 0, offset = 0] = [reads.keys[at], reads.rows[at], reads.offsets[at]];
        const next: Delivery = { offset, index, leaderEpoch: epochs?.[at] ?? null };
        const inside = latest.get(key);
        const before = inside ?? (goesOn ? session.keys.get(key) : undefined);
        latest.set(key, next);
        if (before !== undefined) compare(step, session, row, before, next, inside !== undefined);
        const part = intermediate(facts, partOf, row, step);
        if (part !== null)
          suspicions.push({ finding: part, premises: session.movesUnseen ? [unseenRebalances] : inPlace });
      }
      const isPoll = operation.f === "poll" || operation.f === "txn";
      if (isPoll && (type === "info" || (type === "fail" && reads.rows.length > 0))) session.mayHaveRead = true;
      else if (type === "ok" && reads.rows.length > 0) session.mayHaveRead = false;
      if (type === "ok") for (const [key, delivery] of latest) session.keys.set(key, delivery);
    },
    suspicions,
    within,
    between,
    loosely,
    premise: () => premise,
  };
}

/** What an operation does to the place of its client, apart from reading on. */
function place(session: Session, operation: Step["operation"], facts: LogFacts): void {
  const { f, type, index } = operation;
  switch (operation.f) {
    case "subscribe":
    case "assign":
    case "assignment":
    case "crash":
    case "restart":
    case "seek": {
      if (f === "subscribe") session.movesUnseen = true;
      if (f === "assign" || f === "assignment") session.movesUnseen = false;
      if (type === "invoke") {
        session.placing += 1;
        return;
      }
      session.placing = Math.max(0, session.placing - 1);
      if (type === "fail") return;
      session.placedAt = index;
      if (operation.f !== "seek") session.keys.clear();
      else for (const key of Object.keys(operation.value)) session.keys.delete(facts.keys.numberOf(key));
      return;
    }
    case "poll": {
      if (!isFinalPoll(operation) || type !== "ok") return;
      const answers = Object.entries(operation.value);
      if (answers.length === 0) session.keys.clear();
      for (const [key, records] of answers) if (records.length === 0) session.keys.delete(facts.keys.numberOf(key));
      return;
    }
    default:
  }
}

/** A record of a transaction behind another one of it, where a third that was sent between them was left out. */
function intermediate(facts: LogFacts, partOf: Map<number, number>, row: number, step: Step): Finding | null {
  const call = facts.callOf.get(row);
  if (call === noRow || facts.isTransaction.get(call) === 0) return null;
  const key = facts.keyOf.get(row);
  const part = call * 2 ** 20 + key;
  const earlier = partOf.get(part);
  partOf.set(part, row);
  const missing = facts.before.get(row);
  if (earlier === undefined || missing === noRow || missing === earlier || earlier >= row) return null;
  const [name, value] = [facts.keys.nameOf(key), facts.nameOf(row)];
  const text = `${step.client} was given ${facts.nameOf(earlier)} and ${value} of ${name}, and not ${facts.nameOf(missing)}, which one transaction had sent between them`;
  const operations = witness(facts.invoked.get(call), step.operation.index);
  return { name: "intermediate-read", key: name, value, client: step.client, text, operations };
}

/** The leader epochs of what was read, in the order of `Reads`; `null` where none is told at all. */
function epochsOf(operation: Step["operation"]): readonly (number | null)[] | null {
  const polled = polledEntries(operation);
  if (!polled.some(([, records]) => records?.[0]?.length === 3)) return null;
  return polled.flatMap(([, records]) => (records ?? []).map(([, , epoch]) => epoch ?? null));
}
