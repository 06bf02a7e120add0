/**
 * An exhaustive search in shards, so that several processors can share it: what it finds, and every story, is the same as
 * with `search`, whatever their number.
 *
 * Level by level, in rounds: all shards know how many states each has found and in which order one search alone would have
 * found them, so each comes to the same end without being told.
 */
import { Exploration } from "./exploration.ts";
import type { Move } from "./move-table.ts";
import { oneSlotParts } from "./one-slot-parts.ts";
import type { Parts } from "./parts.ts";
import { checkLimits } from "./search-limits.ts";
import type { SearchBytes, SearchEnd, SearchOptions } from "./search-options.ts";
import type { Findings, Found } from "./search-result.ts";
import { type RankedState, Shard, type ShardPlace } from "./shard.ts";
import { broadcast, type Exchange, exchange, type RoundReport } from "./shard-message.ts";
import { type Cut, orderRound } from "./shard-order.ts";
import type { System } from "./system.ts";

/** A round is as many states as lead to about so many outcomes. */
const roundOutcomes = 2 ** 19;

/** Of this shard alone. `first`: the lowest number that a state has in the search, and the name of that state. */
interface Counted {
  count: number;
  first: { readonly number: number; readonly state: number } | null;
}

/**
 * The part of one shard. All shards need the same system and options, but only `onProgress` of shard 0 is called; a limit
 * of memory, and "stop", end the search after a round. There is no checked mode and no symmetry. Every shard returns the same. Throws
 * `E_NUMBER` for a limit out of range.
 */
export function* searchShard<State, Choice>(
  system: System<State, Choice>,
  options: Omit<SearchOptions, "checked" | "symmetry">,
  place: ShardPlace,
): Exchange<Found> {
  checkLimits(options);
  const parts = system.parts ?? oneSlotParts(system);
  // One alone has nobody to wait for.
  if (place.shards === 1) return new Exploration(system, parts, options).run();
  return yield* new ShardSearch(system, parts, options, place).run();
}

class ShardSearch<State, Choice> {
  readonly #options: SearchOptions;
  readonly #place: ShardPlace;
  readonly #shard: Shard;
  readonly #root: number;
  readonly #levels = [1];
  #states = 1;
  /** The level whose states get their successors now. */
  #depth = 0;
  /** How many states of the next level were found so far, by all shards. */
  #nextCount = 0;
  /** The rank from which on states of this level were not looked at. */
  #rank = 0;
  #roundStates = 64;
  #transitions = 0;
  readonly #deadlocks: Counted = { count: 0, first: null };
  readonly #violations: readonly Counted[];
  #stop = false;
  #reports: readonly RoundReport[] = [];

  constructor(system: System<State, Choice>, parts: Parts<State, Choice>, options: SearchOptions, place: ShardPlace) {
    this.#options = options;
    this.#place = place;
    this.#shard = new Shard(parts, options, place);
    this.#violations = (options.invariants ?? []).map(() => ({ count: 0, first: null }));
    const { owner, violated } = this.#shard.begin(parts.split(system.initial()));
    this.#root = owner;
    if (owner !== place.index) return;
    for (const invariant of violated) this.#count(this.#violations[invariant], 0, { rank: 0, state: owner });
  }

  *run(): Exchange<Found> {
    const violated = yield* broadcast(
      this.#violations.some(({ count }) => count > 0),
      this.#place.shards,
    );
    const end = this.#options.onViolation !== "go on" && violated.includes(true) ? "violation" : yield* this.#explore();
    const all = yield* this.#tell({
      transitions: this.#transitions,
      deadlocks: this.#deadlocks,
      violations: this.#violations,
      bytes: { ...this.#shard.bytes, memo: this.#shard.memo.peak },
    });
    const deadlocks = yield* this.#findings(all.map((totals) => totals.deadlocks));
    const violations: Findings[] = [];
    for (const index of this.#violations.keys()) {
      violations.push(yield* this.#findings(all.map((totals) => totals.violations[index] as Counted)));
    }
    return {
      end,
      states: this.#states,
      covered: this.#states,
      transitions: all.reduce((sum, totals) => sum + totals.transitions, 0),
      levels: this.#levels,
      queued: end === "complete" ? 0 : this.#queued,
      deadlocks,
      violations,
      bytes: sumOf(all.map(({ bytes }) => bytes)),
    };
  }

  /** States of this level that were not all looked at, and what was found of the next. */
  get #queued(): number {
    return this.#levelCount - this.#rank + this.#nextCount;
  }

  get #levelCount(): number {
    return this.#levels[this.#depth] as number;
  }

  *#explore(): Exchange<SearchEnd> {
    this.#reports = yield* this.#tell(this.#report());
    while (true) {
      if (this.#depth === this.#options.maxDepth) return "maxDepth";
      while (this.#rank < this.#levelCount) {
        const end = this.#pause() ?? (yield* this.#round());
        if (end === null) continue;
        if (this.#nextCount > 0) this.#levels.push(this.#nextCount);
        return end;
      }
      if (this.#nextCount === 0) return "complete";
      this.#levels.push(this.#nextCount);
      this.#depth += 1;
      this.#rank = 0;
      this.#nextCount = 0;
      this.#shard.goDeeper();
    }
  }

  /** Between two rounds; all shards see the same reports. */
  #pause(): SearchEnd | null {
    const { maxBytes = Number.POSITIVE_INFINITY, onProgress } = this.#options;
    const reports = this.#reports;
    if (reports.some(({ stop }) => stop)) return "stopped";
    const { states, queue, memo } = sumOf(reports.map(({ bytes }) => bytes));
    const bytes = states + queue + memo;
    if (bytes + reports.reduce((sum, { growth }) => sum + growth, 0) > maxBytes) return "maxBytes";
    if (reports.some(({ memoFull }) => memoFull)) this.#shard.forget();
    if (onProgress === undefined || this.#place.index !== 0) return null;
    const transitions = reports.reduce((sum, report) => sum + report.transitions, 0);
    const depth = this.#levels.length - 1;
    this.#stop = onProgress({ states: this.#states, transitions, depth, queued: this.#queued, bytes }) === "stop";
    return null;
  }

  *#round(): Exchange<SearchEnd | null> {
    const toRank = Math.min(this.#levelCount, this.#rank + this.#roundStates);
    this.#shard.settle(yield* exchange(this.#shard.expand(toRank)));
    this.#reports = yield* this.#tell(this.#report());
    const lists = this.#reports.map(({ keys }) => keys);
    const stops = this.#reports.map(({ stopAt }) => stopAt);
    const room = (this.#options.maxStates ?? Number.POSITIVE_INFINITY) - this.#states;
    const { index } = this.#place;
    const places = new Int32Array((lists[index] as Int32Array).length / 2);
    const { taken, count, cut } = orderRound(lists, stops, room, index, places);
    this.#shard.rank(places, this.#nextCount);
    this.#account(taken[index] as number, cut);
    this.#states += count;
    this.#nextCount += count;
    this.#rank = cut?.rank ?? toRank;
    const outcomes = this.#reports.reduce((sum, report) => sum + report.outcomes, 0);
    const fitting = Math.floor((this.#roundStates * roundOutcomes) / Math.max(1, outcomes));
    this.#roundStates = Math.max(1, Math.min(2 * this.#roundStates, fitting));
    return cut?.end ?? null;
  }

  /** Counts what this shard has found in the round, up to the cut. */
  #account(taken: number, cut: Cut | null): void {
    const { rank = Number.POSITIVE_INFINITY, nth = 0 } = cut ?? {};
    this.#transitions += this.#shard.outcomesUpTo(rank, nth);
    const levelStart = this.#states - this.#nextCount - this.#levelCount;
    for (const deadlock of this.#shard.deadlocks(rank)) this.#count(this.#deadlocks, levelStart, deadlock);
    const nextStart = this.#states - this.#nextCount;
    for (const { invariants, ...violator } of this.#shard.violators(taken)) {
      for (const invariant of invariants) this.#count(this.#violations[invariant], nextStart, violator);
    }
  }

  #count(counted: Counted | undefined, levelStart: number, { rank, state }: RankedState): void {
    if (counted === undefined) return;
    counted.count += 1;
    counted.first ??= { number: levelStart + rank, state };
  }

  #report(): RoundReport {
    const { bytes, memo, found } = this.#shard;
    const growth = this.#shard.growthWithin(roundOutcomes);
    return { ...found, transitions: this.#transitions, bytes, growth, memoFull: memo.full, stop: this.#stop };
  }

  #tell<Message>(message: Message): Exchange<readonly Message[]> {
    return broadcast(message, this.#place.shards);
  }

  /** Of all shards. */
  *#findings(counts: readonly Counted[]): Exchange<Findings> {
    const firsts = counts.flatMap(({ first }) => (first === null ? [] : [first]));
    const [first] = firsts.toSorted((one, other) => one.number - other.number);
    const count = counts.reduce((sum, counted) => sum + counted.count, 0);
    return { count, first: first === undefined ? null : yield* this.#movesTo(first.state) };
  }

  *#movesTo(state: number): Exchange<readonly Move[]> {
    const { index, shards } = this.#place;
    const moves: Move[] = [];
    for (let at = state; at !== this.#root; ) {
      const owner = at % shards;
      const origins = yield* this.#tell(owner === index ? this.#shard.origin((at - owner) / shards) : null);
      const origin = origins[owner];
      if (!origin) throw new RangeError(`Shard ${owner} does not know its state ${at}.`);
      moves.push(origin.move);
      at = origin.parent;
    }
    return moves.reverse();
  }
}

function sumOf(all: readonly SearchBytes[]): SearchBytes {
  const sum = (of: (bytes: SearchBytes) => number) => all.reduce((total, bytes) => total + of(bytes), 0);
  return { states: sum(({ states }) => states), queue: sum(({ queue }) => queue), memo: sum(({ memo }) => memo) };
}
