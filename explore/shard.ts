/**
 * One of several shards of a search: it owns the states whose fingerprints fall to it, and no other shard takes those up.
 *
 * A round goes through the states of a level from one rank to another. `expand` finds what the own ones lead to, for all
 * shards; `settle` takes up what falls to this shard, in the order in which one search alone would have found it.
 */
import { Ancestry } from "./ancestry.ts";
import { ExploreError } from "./explore-error.ts";
import { FingerprintTable } from "./fingerprint-table.ts";
import { Frontier, rowHeader } from "./frontier.ts";
import { grown } from "./grown.ts";
import { InvariantChecks } from "./invariant-checks.ts";
import type { Move } from "./move-table.ts";
import { OutcomeBuffer } from "./outcome-buffer.ts";
import type { Parts } from "./parts.ts";
import { SearchMemo } from "./search-memo.ts";
import type { SearchBytes, SearchOptions } from "./search-options.ts";
import { type Candidates, candidateHeader, type RoundReport } from "./shard-message.ts";
import { ShardOutbox } from "./shard-outbox.ts";
import { ShardTranslation } from "./shard-translation.ts";

/** So many are looked up ahead (`FingerprintTable.warm`); more would fall out of the processor's cache. */
const warmOutcomes = 2048;

/** Which shard it is, and of how many. */
export interface ShardPlace {
  readonly index: number;
  readonly shards: number;
}

/** A state, named as parents are, and its rank in its level. */
export interface RankedState {
  readonly rank: number;
  readonly state: number;
}

export class Shard {
  readonly place: ShardPlace;
  readonly memo: SearchMemo;
  readonly #checks: InvariantChecks;
  readonly #stopsAtViolation: boolean;
  readonly #seen = new FingerprintTable();
  /** The parent of a state is its number in its own shard, times the shards, plus its shard. */
  readonly #ancestry = new Ancestry();
  #level: Frontier;
  /** The rank of every state of the level among those of all shards. */
  #ranks = new Int32Array(64);
  #levelStart = 0;
  #nextLevel: Frontier;
  #nextRanks = new Int32Array(64);
  /** The states of the level from here to `#to` are the round's. */
  #from = 0;
  #to = 0;
  readonly #outcomes = new OutcomeBuffer();
  /** Behind the outcomes of each state of the round. */
  #ends = new Int32Array(64);
  /** The shard that owns each outcome of the round. */
  #owners = new Int32Array(64);
  /** For every slot whether it counts for who owns a state. */
  readonly #home: Uint8Array;
  readonly #homeSlots: readonly number[];
  readonly #outboxes: readonly ShardOutbox[];
  readonly #translations: readonly ShardTranslation[];
  /** The outcomes before this one were looked up ahead. */
  #warmed = 0;
  /** Rank of the parent and number of the outcome, for every new state of the round. */
  #keys = new Int32Array(128);
  #newStates = 0;
  /** New states of the round that violate invariants. */
  #violators: { readonly state: number; readonly invariants: readonly number[] }[] = [];

  constructor(parts: Parts<unknown, unknown>, options: SearchOptions, place: ShardPlace) {
    this.place = place;
    this.#checks = new InvariantChecks(options.invariants ?? []);
    this.#stopsAtViolation = options.onViolation !== "go on";
    const { slots, actions, home = [...slots.keys()] } = parts;
    for (const slot of home) {
      if (slots[slot] === undefined)
        throw new ExploreError("E_SLOT", `\`home\` names slot ${slot}, which does not exist.`);
    }
    this.#home = Uint8Array.from(slots, (_, slot) => (home.includes(slot) ? 1 : 0));
    this.#homeSlots = [...slots.keys()].filter((slot) => home.includes(slot));
    const memoBytes = Math.floor((options.memoBytes ?? 2 ** 29) / place.shards);
    this.memo = new SearchMemo({ slots, actions, checks: this.#checks.rules }, memoBytes);
    this.#level = new Frontier(slots.length);
    this.#nextLevel = new Frontier(slots.length);
    this.#outboxes = Array.from({ length: place.shards }, () => new ShardOutbox());
    this.#translations = Array.from({ length: place.shards }, () => new ShardTranslation());
  }

  get bytes(): SearchBytes {
    const outboxes = this.#outboxes.reduce((sum, outbox) => sum + outbox.bytes, 0);
    const ranks = this.#ranks.byteLength + this.#nextRanks.byteLength;
    return {
      states: this.#seen.bytes + this.#ancestry.bytes,
      queue: this.#level.bytes + this.#nextLevel.bytes + ranks + outboxes,
      memo: this.memo.bytes,
    };
  }

  /** What the table of fingerprints will take in addition if it takes up so many more. */
  growthWithin(more: number): number {
    return this.#seen.growsWithin(more) ? 2 * this.#seen.bytes : 0;
  }

  /** Takes up the initial state if it falls to this shard. Returns the shard that owns it, and what the state violates. */
  begin(values: readonly unknown[]): { readonly owner: number; readonly violated: readonly number[] } {
    const { parts, checks } = this.memo;
    const row = this.#level.push();
    const { rows } = this.#level;
    let [low, high] = [0, 0];
    for (const [slot, value] of values.entries()) {
      const part = parts.intern(slot, value);
      rows[row + rowHeader + slot] = part;
      low ^= parts.hashes[2 * part] as number;
      high ^= parts.hashes[2 * part + 1] as number;
    }
    rows[row] = low;
    rows[row + 1] = high;
    const violated = this.#checks.invariantsOf(this.#checks.failed(checks, rows, row + rowHeader));
    const owner = this.#ownerOf(this.#homeHash(rows, row + rowHeader));
    if (owner === this.place.index) {
      this.#seen.add(low, high);
      this.#ancestry.add(0, 0);
    } else this.#level.count = 0;
    return { owner, violated };
  }

  /** Finds what the own states of the level lead to, up to before this rank; candidates for every shard, none for this. */
  expand(toRank: number): readonly Candidates[] {
    const { rows, width, count } = this.#level;
    const outcomes = this.#outcomes;
    outcomes.count = 0;
    this.#from = this.#to;
    while (this.#to < count && (this.#ranks[this.#to] as number) < toRank) {
      const row = this.#to * width;
      const first = outcomes.count;
      this.memo.actions.evaluate(rows, row + rowHeader, rows[row] as number, rows[row + 1] as number, outcomes);
      if (this.#to - this.#from === this.#ends.length) this.#ends = grown(this.#ends);
      this.#ends[this.#to - this.#from] = outcomes.count;
      this.#postOutcomes(this.#to, first);
      this.#to += 1;
    }
    return this.#outboxes.map((outbox) => outbox.empty(this.memo));
  }

  /** Finds the owners of what the state leads to, which are the outcomes from `first` on, and tells the other ones. */
  #postOutcomes(state: number, first: number): void {
    const { lows, highs, records, count } = this.#outcomes;
    const { index } = this.place;
    const { rows, width } = this.#level;
    if (this.#owners.length < count) this.#owners = grown(this.#owners, count);
    const base = state * width + rowHeader;
    const hash = this.#homeHash(rows, base);
    for (let outcome = first; outcome < count; outcome += 1) {
      const record = records[outcome] as number;
      const owner = this.#ownerOf(this.memo.actions.hashAfter(record, rows, base, hash, this.#home));
      this.#owners[outcome] = owner;
      if (owner === index) continue;
      const outbox = this.#outboxes[owner] as ShardOutbox;
      if (outbox.posts(lows[outcome] as number, highs[outcome] as number))
        this.#post(outbox, state, outcome, outcome - first);
    }
  }

  #post(outbox: ShardOutbox, state: number, outcome: number, nth: number): void {
    const { lows, highs, records } = this.#outcomes;
    const { rows, width } = this.#level;
    const record = records[outcome] as number;
    const row = outbox.push(width - rowHeader + candidateHeader);
    const into = outbox.rows;
    into[row] = this.#ranks[state] as number;
    into[row + 1] = nth;
    into[row + 2] = lows[outcome] as number;
    into[row + 3] = highs[outcome] as number;
    into[row + 4] = this.#levelStart + state;
    into[row + 5] = this.memo.actions.moveOf(record);
    const from = state * width + rowHeader;
    for (let slot = 0; slot < width - rowHeader; slot += 1) {
      into[row + candidateHeader + slot] = rows[from + slot] as number;
    }
    this.memo.actions.write(record, into, row + candidateHeader);
  }

  /** Takes up what is new, among what the own states lead to and what the other shards send. */
  settle(inboxes: readonly Candidates[]): void {
    const { memo } = this;
    for (const [sender, told] of inboxes.entries()) {
      if (sender !== this.place.index) this.#translations[sender]?.learn(told, memo.parts, memo.moves);
    }
    this.#newStates = 0;
    this.#violators = [];
    this.#warmed = 0;
    const width = this.#level.width - rowHeader + candidateHeader;
    const read = inboxes.map(() => 0);
    let state = this.#from;
    while (true) {
      let next = this.place.index;
      let rank = state < this.#to ? (this.#ranks[state] as number) : Number.POSITIVE_INFINITY;
      for (let sender = 0; sender < inboxes.length; sender += 1) {
        const { rows } = inboxes[sender] as Candidates;
        const row = read[sender] as number;
        if (row === rows.length || (rows[row] as number) > rank) continue;
        next = sender;
        rank = rows[row] as number;
      }
      if (rank === Number.POSITIVE_INFINITY) return;
      if (next === this.place.index) {
        this.#settleOwn(state);
        state += 1;
      } else {
        const { rows } = inboxes[next] as Candidates;
        const row = read[next] as number;
        if (row % (warmOutcomes * width) === 0) {
          this.#seen.warm(rows, row + 2, Math.min(rows.length, row + warmOutcomes * width), width);
        }
        this.#settleSent(next, rows, row);
        read[next] = row + width;
      }
    }
  }

  #settleOwn(state: number): void {
    const { lows, highs, records } = this.#outcomes;
    const { index } = this.place;
    const first = state === this.#from ? 0 : (this.#ends[state - this.#from - 1] as number);
    const end = this.#ends[state - this.#from] as number;
    if (end > this.#warmed) {
      this.#warmed = Math.min(this.#outcomes.count, Math.max(end, first + warmOutcomes));
      this.#seen.warm(lows, first, this.#warmed);
    }
    for (let outcome = first; outcome < end; outcome += 1) {
      const [low, high] = [lows[outcome] as number, highs[outcome] as number];
      if (this.#owners[outcome] !== index || !this.#seen.add(low, high)) continue;
      const record = records[outcome] as number;
      const row = this.#take(low, high, this.#ranks[state] as number, outcome - first);
      const { rows, width } = this.#nextLevel;
      const parent = this.#level.rows;
      const from = state * width;
      for (let at = rowHeader; at < width; at += 1) rows[row + at] = parent[from + at] as number;
      this.memo.actions.write(record, rows, row + rowHeader);
      this.#ancestry.add((this.#levelStart + state) * this.place.shards + index, this.memo.actions.moveOf(record));
      this.#check(rows, row);
    }
  }

  #settleSent(sender: number, candidates: Int32Array, at: number): void {
    const [low, high] = [candidates[at + 2] as number, candidates[at + 3] as number];
    if (!this.#seen.add(low, high)) return;
    const translation = this.#translations[sender] as ShardTranslation;
    const row = this.#take(low, high, candidates[at] as number, candidates[at + 1] as number);
    const { rows, width } = this.#nextLevel;
    const { parts } = translation;
    for (let slot = 0; slot < width - rowHeader; slot += 1) {
      rows[row + rowHeader + slot] = parts[candidates[at + candidateHeader + slot] as number] as number;
    }
    const parent = (candidates[at + 4] as number) * this.place.shards + sender;
    this.#ancestry.add(parent, translation.move(candidates[at + 5] as number));
    this.#check(rows, row);
  }

  #take(low: number, high: number, rank: number, nth: number): number {
    const row = this.#nextLevel.push();
    const { rows } = this.#nextLevel;
    rows[row] = low;
    rows[row + 1] = high;
    if (2 * this.#newStates === this.#keys.length) this.#keys = grown(this.#keys);
    this.#keys[2 * this.#newStates] = rank;
    this.#keys[2 * this.#newStates + 1] = nth;
    this.#newStates += 1;
    return row;
  }

  #check(rows: Int32Array, row: number): void {
    const failed = this.#checks.failed(this.memo.checks, rows, row + rowHeader);
    if (failed.size === 0) return;
    this.#violators.push({ state: this.#newStates - 1, invariants: this.#checks.invariantsOf(failed) });
  }

  /** What all shards must know of the round. */
  get found(): Pick<RoundReport, "keys" | "stopAt" | "outcomes"> {
    const [violator] = this.#stopsAtViolation ? this.#violators : [];
    const keys = this.#keys.slice(0, 2 * this.#newStates);
    return { keys, stopAt: violator?.state ?? -1, outcomes: this.#outcomes.count };
  }

  /** Gives the new states of the round their ranks: the places among those of the round, behind the ranks so far. */
  rank(places: Int32Array, firstRank: number): void {
    const begin = this.#nextLevel.count - this.#newStates;
    while (this.#nextRanks.length < this.#nextLevel.count) this.#nextRanks = grown(this.#nextRanks);
    for (let at = 0; at < this.#newStates; at += 1) this.#nextRanks[begin + at] = firstRank + (places[at] as number);
  }

  /** The states of the round that lead nowhere, and their ranks; those before `toRank`, which all were looked at. */
  *deadlocks(toRank: number): Generator<RankedState> {
    for (let state = this.#from; state < this.#to && (this.#ranks[state] as number) < toRank; state += 1) {
      if (this.#outcomesOf(state) === 0) yield this.#ranked(this.#ranks, state, this.#levelStart);
    }
  }

  /** The new states of the round that violate invariants, among the first `taken`. `rank` comes first. */
  *violators(taken: number): Generator<RankedState & { readonly invariants: readonly number[] }> {
    const levelStart = this.#levelStart + this.#level.count;
    for (const { state, invariants } of this.#violators) {
      if (state >= taken) return;
      const at = this.#nextLevel.count - this.#newStates + state;
      yield { ...this.#ranked(this.#nextRanks, at, levelStart), invariants };
    }
  }

  /** How many outcomes of the round come before this outcome and with it. */
  outcomesUpTo(rank: number, nth: number): number {
    let sum = 0;
    for (let state = this.#from; state < this.#to && (this.#ranks[state] as number) <= rank; state += 1) {
      sum += this.#ranks[state] === rank ? nth + 1 : this.#outcomesOf(state);
    }
    return sum;
  }

  goDeeper(): void {
    const done = this.#level;
    this.#levelStart += done.count;
    this.#level = this.#nextLevel;
    this.#nextLevel = done;
    done.count = 0;
    const ranks = this.#ranks;
    this.#ranks = this.#nextRanks;
    this.#nextRanks = ranks;
    this.#from = 0;
    this.#to = 0;
  }

  /** All shards must forget in the same round, for they know each other's part numbers. */
  forget(): void {
    this.memo.forget([this.#level, this.#nextLevel]);
    for (const outbox of this.#outboxes) outbox.forgetParts();
    for (const translation of this.#translations) translation.forgetParts();
  }

  /** How an own state was found first; its number is that in this shard. */
  origin(state: number): { readonly parent: number; readonly move: Move } {
    return { parent: this.#ancestry.parentOf(state), move: this.memo.moves.move(this.#ancestry.moveOf(state)) };
  }

  #outcomesOf(state: number): number {
    const at = state - this.#from;
    return (this.#ends[at] as number) - (at === 0 ? 0 : (this.#ends[at - 1] as number));
  }

  #ranked(ranks: Int32Array, state: number, levelStart: number): RankedState {
    return { rank: ranks[state] as number, state: (levelStart + state) * this.place.shards + this.place.index };
  }

  #homeHash(vectors: Int32Array, base: number): number {
    const { hashes } = this.memo.parts;
    let hash = 0;
    for (const slot of this.#homeSlots) hash ^= hashes[2 * (vectors[base + slot] as number) + 1] as number;
    return hash;
  }

  /** Low bits tell nothing here: the table of fingerprints takes a high word 0 for 1. */
  #ownerOf(hash: number): number {
    return (hash >>> 8) % this.place.shards;
  }
}
