/** What a follower should do: ask its leader, one question at a time, and make its log the leader's (KIP-595). */
import type { Effect } from "../../../model/effect.ts";
import { observe } from "../../../model/effect.ts";
import type { FetchResult, RequestBody } from "../../../model/message.ts";
import type { ReplicaEvent, ReplicaInput } from "../../../model/replica/replica-context.ts";
import { type Book, endOf, epochEnd, from, lastEpoch, upTo, withEntries } from "./replica-book.ts";
import { partition } from "./replica-surroundings.ts";

type Listed = Extract<ReplicaEvent, { type: "list-offsets-response" }>;

export function createFollowerBook(book: Book, { fetchWaitMs: maxWaitMs }: ReplicaInput) {
  const ask = (body: RequestBody): Effect[] => [{ kind: "request", to: `b${book.leader}`, body }];

  function fetch(): Effect[] {
    book.doing = "fetching";
    const { log, leaderEpoch: currentLeaderEpoch, brokerEpoch } = book;
    const at = { partition, offset: endOf(log), currentLeaderEpoch, lastFetchedEpoch: lastEpoch(log) };
    const replica = { broker: 1, brokerEpoch };
    return ask({ type: "fetch", replica, consumer: null, maxWaitMs, partitions: [at] });
  }

  function askOffset(at: "earliest" | "latest"): Effect[] {
    book.doing = at === "latest" ? "asking" : "askingStart";
    const currentLeaderEpoch = book.leaderEpoch;
    return ask({ type: "list-offsets", partition, at, currentLeaderEpoch, isFollower: true });
  }

  function rest(how: "idle" | "backingOff"): Effect[] {
    book.doing = how;
    return [];
  }

  function truncate(offset: number): Effect[] {
    const end = endOf(book.log);
    const to = Math.min(offset, end);
    book.log = upTo(book.log, to);
    book.highWatermark = Math.min(book.highWatermark, to);
    const seen = observe({ kind: "truncated", broker: 1, partition, from: end, to });
    return [...(to < end ? [seen] : []), ...fetch()];
  }

  /** Both know the epoch: the smaller end. The follower knows a lower one: its own end of that. It knows none: the leader's. */
  function commonEnd({ epoch, endOffset }: NonNullable<FetchResult["diverging"]>): number {
    const own = epochEnd(book.log, epoch);
    if (own === null) return endOffset;
    return own.epoch === epoch ? Math.min(own.endOffset, endOffset) : own.endOffset;
  }

  return {
    fetch,
    rest,
    closes: (): Effect[] => (book.leader === null ? [] : [{ kind: "close", to: `b${book.leader}` }]),
    hearFetched({ error, diverging, entries, highWatermark, logStart }: FetchResult): Effect[] {
      if (error === "FENCED_LEADER_EPOCH") return rest("idle");
      if (error === "OFFSET_OUT_OF_RANGE") return askOffset("latest");
      if (error !== null) return rest("backingOff");
      if (diverging !== null) return truncate(commonEnd(diverging));
      const longer = withEntries(book.log, entries);
      book.highWatermark = Math.max(longer.start, Math.min(highWatermark, endOf(longer)));
      book.log = from(longer, logStart);
      return fetch();
    },
    hearListed({ error, offset }: Listed): Effect[] {
      if (error === "FENCED_LEADER_EPOCH") return rest("idle");
      if (error !== null) return rest("backingOff");
      const end = endOf(book.log);
      if (book.doing === "asking") return offset < end ? truncate(offset) : askOffset("earliest");
      if (offset > end) {
        book.log = { start: offset, entries: [], epochs: [] };
        book.highWatermark = offset;
      }
      return fetch();
    },
  };
}
