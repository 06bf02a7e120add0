/**
 * What a leader should do, by the rules of KIP-497 and of the high watermark, told in sequence: what it says, in its
 * order, and what it knows afterwards.
 */
import { type Effect, local, observe } from "../../../model/effect.ts";
import type { EpochEnd, ErrorName } from "../../../model/message.ts";
import type { FollowerLagEvent } from "../../../model/replica/follower-lag-machine.ts";
import type { ReplicaEvent, ReplicaInput, RequesterEvent } from "../../../model/replica/replica-context.ts";
import type { LogEntry } from "../../../spec/vocabulary.ts";
import { type Book, blank, endOf, epochEnd, from, type Remote, withEntries, withEpoch } from "./replica-book.ts";
import { partition } from "./replica-surroundings.ts";

type Of<Type extends ReplicaEvent["type"]> = Extract<ReplicaEvent, { type: Type }>;

const toRequester = (to: string, event: RequesterEvent): Effect => local(to, event);
const toLag = (follower: number, event: FollowerLagEvent): Effect => local(`b1/${partition}/lag-${follower}`, event);

export const maximalIsr = ({ isr, proposed }: Book) => [...new Set([...isr, ...(proposed ?? [])])];

const isAtEnd = ({ log }: Book, { logEnd }: Remote) => logEnd === endOf(log);
const isCaughtUp = (book: Book, remote: Remote) => remote.withinLagTime || isAtEnd(book, remote);
const isEligible = ({ live }: Book, { broker, brokerEpoch }: Remote) =>
  live.some((one) => one.broker === broker && one.epoch === brokerEpoch);

/** The least log end of all that the high watermark waits for. */
export function replicated(book: Book): number {
  const maximal = maximalIsr(book);
  const ends = book.remotes.flatMap((remote) => {
    const counts = maximal.includes(remote.broker) || (isCaughtUp(book, remote) && isEligible(book, remote));
    return counts ? [remote.logEnd] : [];
  });
  return Math.min(endOf(book.log), ...ends);
}

export function createLeaderBook(book: Book, { effectiveMinIsr, strictMinIsr }: ReplicaInput) {
  function wake(): Effect[] {
    const woken = book.watchers.map((to) => toRequester(to, { type: "changed" }));
    book.watchers = [];
    return woken;
  }

  function evaluate(): Effect[] {
    const isFrozen = strictMinIsr && book.isr.length < effectiveMinIsr;
    if (isFrozen || replicated(book) <= book.highWatermark) return [];
    book.highWatermark = replicated(book);
    const reached = book.waiting.filter(({ required }) => required <= book.highWatermark);
    book.waiting = book.waiting.filter((one) => !reached.includes(one));
    const tooFew = maximalIsr(book).length < effectiveMinIsr;
    const error: ErrorName | null = tooFew ? "NOT_ENOUGH_REPLICAS_AFTER_APPEND" : null;
    const told = reached.flatMap(({ requester, baseOffset, values }) => [
      toRequester(requester, { type: "replicated", partition, error }),
      ...(tooFew ? [] : [answered(baseOffset, values, -1)]),
    ]);
    return [...told, ...wake()];
  }

  function answered(baseOffset: number, values: readonly string[], acks: 0 | 1 | -1): Effect {
    const { leaderEpoch } = book;
    return observe({ kind: "answered", broker: 1, partition, leaderEpoch, baseOffset, values, acks });
  }

  function propose(isr: readonly number[]): Effect[] {
    book.proposed = isr;
    const epochs = new Map<number, number | null>(book.remotes.map(({ broker, brokerEpoch }) => [broker, brokerEpoch]));
    const members = isr.map((broker) => {
      return { broker, epoch: broker === 1 ? book.brokerEpoch : (epochs.get(broker) ?? null) };
    });
    const { leaderEpoch, partitionEpoch } = book;
    const about = { broker: 1, partition, leaderEpoch, partitionEpoch };
    return [{ kind: "request", to: "controller", body: { type: "alter-partition", ...about, isr: members } }];
  }

  function append({ acks, requester, records }: Of<"append">): Effect[] {
    const appended = (error: ErrorName | null, baseOffset: number | null) =>
      toRequester(requester, { type: "appended", partition, error, baseOffset });
    if (acks === -1 && book.isr.length < effectiveMinIsr) return [appended("NOT_ENOUGH_REPLICAS", null)];
    const baseOffset = endOf(book.log);
    const epoch = book.leaderEpoch;
    const entries = records.map(({ value, key }, index): LogEntry => {
      return { offset: baseOffset + index, epoch, value, key };
    });
    book.log = withEntries(book.log, entries);
    const values = records.map(({ value }) => value);
    if (acks === -1) {
      book.waiting = [...book.waiting, { requester, baseOffset, required: endOf(book.log), values }];
    }
    const own = acks === -1 ? [] : [answered(baseOffset, values, acks)];
    return [appended(null, baseOffset), ...own, ...wake(), ...evaluate()];
  }

  /** A fetch that tells where the follower is. */
  function count({ at: { offset } }: Of<"read">, { broker, brokerEpoch }: { broker: number; brokerEpoch: number }) {
    const end = endOf(book.log);
    const remote = book.remotes.find((one) => one.broker === broker) ?? blank(broker, false);
    const before = remote.leaderEndAtLastFetch;
    const told = toLag(broker, { type: "fetched", reachedEnd: offset >= end, reachedPreviousEnd: offset >= before });
    const now = { ...remote, logEnd: offset, leaderEndAtLastFetch: Math.max(end, before), brokerEpoch };
    book.remotes = book.remotes.map((one) => (one.broker === broker ? now : one));
    const isNear = offset >= book.highWatermark && offset >= (book.epochStart ?? 0);
    const joins = book.proposed === null && !book.isr.includes(broker) && isNear && isEligible(book, now);
    const proposal = joins ? propose([...book.isr, broker].sort()) : [];
    return [told, ...proposal, ...(remote.logEnd === offset ? [] : evaluate())];
  }

  function read(event: Of<"read">): Effect[] {
    const { at, replica, requester, again } = event;
    const { log, highWatermark } = book;
    const result = (error: ErrorName | null, entries: readonly LogEntry[] = [], diverging: EpochEnd | null = null) =>
      toRequester(requester, {
        type: "read-result",
        result: {
          ...{ partition, error, diverging, entries, fetchOffset: at.offset },
          ...{ highWatermark, logStart: log.start },
        },
      });
    const end = at.lastFetchedEpoch === null ? null : epochEnd(log, at.lastFetchedEpoch);
    const isUnknown = at.lastFetchedEpoch !== null && end === null;
    if (isUnknown || at.offset < log.start) return [result("OFFSET_OUT_OF_RANGE")];
    if (end !== null && (end.epoch !== at.lastFetchedEpoch || end.endOffset < at.offset))
      return [result(null, [], end)];
    if (at.offset > endOf(log)) return [result("OFFSET_OUT_OF_RANGE")];
    const isReplaced = book.live.some(({ broker, epoch }) => broker === replica?.broker && epoch > replica.brokerEpoch);
    if (isReplaced && !again) return [result("NOT_LEADER_OR_FOLLOWER")];
    const visible = replica === null ? highWatermark : endOf(log);
    const entries = log.entries.filter(({ offset }) => offset >= at.offset && offset < visible);
    book.watchers = [...book.watchers.filter((other) => other !== requester), requester];
    return [result(null, entries), ...(replica === null || again ? [] : count(event, replica))];
  }

  return {
    append,
    read,
    /** Runs before the change is noted. */
    endTerm(): Effect[] {
      const told = [
        ...book.remotes.map(({ broker }) => toLag(broker, { type: "term-ended" })),
        ...book.waiting.map(({ requester }) =>
          toRequester(requester, { type: "replicated", partition, error: "NOT_LEADER_OR_FOLLOWER" }),
        ),
        ...wake(),
      ];
      [book.waiting, book.epochStart] = [[], null];
      return told;
    },
    /** Runs after the change has been noted. */
    beginTerm(): Effect[] {
      book.epochStart = endOf(book.log);
      book.log = withEpoch(book.log, book.leaderEpoch, endOf(book.log));
      book.remotes = book.remotes.map(({ broker }) => blank(broker, book.isr.includes(broker)));
      const told = book.remotes.map(({ broker }) =>
        toLag(broker, { type: "term-began", inIsr: book.isr.includes(broker) }),
      );
      return [...told, ...evaluate()];
    },
    /** The ISR is committed as it is now, whatever had been proposed. */
    commit(isr: readonly number[], partitionEpoch: number): Effect[] {
      [book.isr, book.partitionEpoch, book.proposed] = [isr, partitionEpoch, null];
      return evaluate();
    },
    hearAnswer({ error, isr, leaderEpoch, basedOn, partitionEpoch }: Of<"alter-partition-response">): Effect[] {
      const isLate = leaderEpoch !== book.leaderEpoch || basedOn !== book.partitionEpoch;
      if (book.proposed === null || isLate) return [];
      if (error === null) return this.commit(isr, partitionEpoch);
      if (error === "INELIGIBLE_REPLICA") book.proposed = null;
      return [];
    },
    checkIsr(): Effect[] {
      const lagging = book.remotes.filter((one) => book.isr.includes(one.broker) && !isCaughtUp(book, one));
      if (book.proposed !== null || lagging.length === 0) return [];
      return propose(book.isr.filter((member) => !lagging.some(({ broker }) => broker === member)));
    },
    deleteRecords({ before }: Of<"delete-records">): ErrorName | null {
      if (before > book.highWatermark) return "OFFSET_OUT_OF_RANGE";
      book.log = from(book.log, before);
      return null;
    },
    offsetAt({ at, isFollower }: Of<"list-offsets">): number | null {
      if (at === "earliest") return book.log.start;
      if (isFollower) return endOf(book.log);
      return book.highWatermark < (book.epochStart ?? 0) ? null : book.highWatermark;
    },
  };
}
