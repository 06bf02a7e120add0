/**
 * What shards of a search tell each other. Shards work in rounds: every shard sends a message to every shard, itself
 * included, and goes on when it has one from each. All messages are plain data, so they can cross threads.
 */
import type { Move } from "./move-table.ts";
import type { SearchBytes } from "./search-options.ts";

/** One round: yields a message for every shard, by its number, and is given one from each. */
export type Exchange<Result> = Generator<readonly unknown[], Result, readonly unknown[]>;

export function* exchange<Message>(messages: readonly Message[]): Exchange<readonly Message[]> {
  return (yield messages) as readonly Message[];
}

/** Tells all shards the same. */
export function broadcast<Message>(message: Message, shards: number): Exchange<readonly Message[]> {
  return exchange(Array.from({ length: shards }, () => message));
}

/** Successors that belong to the receiver, and what the sender's numbers in them mean. */
export interface Candidates {
  /** Rows of `rank, nth, low, high, parent, move`, then a part for every slot; ascending by rank, then nth. */
  readonly rows: Int32Array;
  /** The values of part numbers that the receiver was not told yet, in their order; `slot` for each. */
  readonly parts: readonly (readonly [slot: number, value: unknown])[];
  readonly moves: readonly Move[];
}

/** Where the parts begin in a row of candidates. */
export const candidateHeader = 6;

/** What a shard found in a round. */
export interface RoundReport {
  /** Rank of the parent and number of the outcome, for every new state, ascending. */
  readonly keys: Int32Array;
  /** Which of them ends the search by a violation: an index, or -1. */
  readonly stopAt: number;
  readonly outcomes: number;
  /** All transitions so far, without those of this round. */
  readonly transitions: number;
  readonly bytes: SearchBytes;
  /** What the table of fingerprints may take soon in addition. */
  readonly growth: number;
  readonly memoFull: boolean;
  readonly stop: boolean;
}
