/** The run of a search: what it has found, and what waits. */
import { Ancestry } from "./ancestry.ts";
import { ExploreError } from "./explore-error.ts";
import { FingerprintTable } from "./fingerprint-table.ts";
import { Frontier, rowHeader } from "./frontier.ts";
import { InvariantChecks } from "./invariant-checks.ts";
import type { Move } from "./move-table.ts";
import { OutcomeBuffer } from "./outcome-buffer.ts";
import type { Parts } from "./parts.ts";
import type { ReadSlot } from "./rule-run.ts";
import { type RememberedOutcome, SearchChecker } from "./search-checker.ts";
import { SearchMemo } from "./search-memo.ts";
import type { SearchBytes, SearchEnd, SearchOptions } from "./search-options.ts";
import type { Findings, Found } from "./search-result.ts";
import type { Symmetry } from "./symmetry.ts";
import type { System } from "./system.ts";

/** Batches hide the memory's latency (`FingerprintTable.warm`); larger ones would fall out of the processor's cache. */
const batchStates = 2048;
const batchOutcomes = 4096;

/** Is told of every state once, in the order of their numbers, and of every transition, by the fingerprint it leads to. */
export interface SearchObserver {
  state(low: number, high: number, read: ReadSlot): void;
  transition(from: number, low: number, high: number): void;
}

/** How many states there are of a kind, and the number of the first. */
interface Counted {
  count: number;
  first: number | null;
}

export class Exploration<State, Choice> {
  transitions = 0;
  /** How many states the states that were found stand for. */
  covered = 0;
  readonly levels: number[] = [];
  readonly #deadlocks: Counted = { count: 0, first: null };
  readonly #violations: readonly Counted[];

  readonly #options: SearchOptions;
  readonly #memo: SearchMemo;
  readonly #checks: InvariantChecks;
  readonly #seen = new FingerprintTable();
  readonly #ancestry = new Ancestry();
  /** The level whose states get their successors now, and how many of them have. */
  #level: Frontier;
  #expanded = 0;
  /** The number of its first state. */
  #levelStart = 0;
  #nextLevel: Frontier;
  readonly #outcomes = new OutcomeBuffer();
  /** Behind the outcomes of each state of the batch. */
  readonly #ends = new Int32Array(batchStates);
  readonly #checker: SearchChecker<State, Choice> | null;
  readonly #observer: SearchObserver | null;

  constructor(
    system: System<State, Choice>,
    parts: Parts<State, Choice>,
    options: SearchOptions,
    observer: SearchObserver | null = null,
  ) {
    const invariants = options.invariants ?? [];
    const { slots, actions } = parts;
    this.#checks = new InvariantChecks(invariants);
    const checks = this.#checks.rules;
    this.#options = options;
    this.#observer = observer;
    this.#memo = new SearchMemo(
      { slots, actions, checks, permutations: options.symmetry },
      options.memoBytes ?? 2 ** 29,
    );
    this.#checker = options.checked === true ? new SearchChecker(system, parts, checks, options.symmetry ?? []) : null;
    this.#violations = invariants.map(() => ({ count: 0, first: null }));
    this.#level = new Frontier(slots.length);
    this.#nextLevel = new Frontier(slots.length);
    this.#begin(parts.split(system.initial()));
  }

  get states(): number {
    return this.#ancestry.count;
  }

  get queued(): number {
    return this.#level.count - this.#expanded + this.#nextLevel.count;
  }

  get bytes(): SearchBytes {
    return {
      states: this.#seen.bytes + this.#ancestry.bytes,
      queue: this.#level.bytes + this.#nextLevel.bytes,
      memo: this.#memo.peak,
    };
  }

  run(): Found {
    const end = this.#explore();
    const { states, covered, transitions, levels, queued, bytes } = this;
    const deadlocks = this.#findings(this.#deadlocks);
    const violations = this.#violations.map((counted) => this.#findings(counted));
    return { end, states, covered, transitions, levels, queued, deadlocks, violations, bytes };
  }

  #findings({ count, first }: Counted): Findings {
    return { count, first: first === null ? null : this.movesTo(first) };
  }

  /** The moves that lead to the state of this number. */
  movesTo(state: number): readonly Move[] {
    return this.#ancestry.movesTo(state).map((move) => this.#memo.moves.move(move));
  }

  #explore(): SearchEnd {
    const { maxDepth, onViolation } = this.#options;
    if (onViolation !== "go on" && this.#violations.some(({ count }) => count > 0)) return "violation";
    while (this.#level.count > 0) {
      if (this.levels.length - 1 === maxDepth) return "maxDepth";
      while (this.#expanded < this.#level.count) {
        const end = this.#pause() ?? this.#settle(this.#expand());
        if (end !== null) {
          if (this.#nextLevel.count > 0) this.levels.push(this.#nextLevel.count);
          return end;
        }
      }
      this.#goDeeper();
    }
    return "complete";
  }

  #begin(values: readonly unknown[]): void {
    const { parts } = this.#memo;
    const row = this.#level.push();
    const { rows } = this.#level;
    for (const [slot, value] of values.entries()) {
      const part = parts.intern(slot, value);
      rows[row + rowHeader + slot] = part;
      rows[row] = (rows[row] as number) ^ (parts.hashes[2 * part] as number);
      rows[row + 1] = (rows[row + 1] as number) ^ (parts.hashes[2 * part + 1] as number);
    }
    this.#standIn(rows, row);
    if (this.covered > 1) throw new ExploreError("E_SYMMETRY", "A declared permutation moves the initial state.");
    this.#seen.add(rows[row] as number, rows[row + 1] as number);
    this.#ancestry.add(0, 0);
    this.levels.push(1);
    this.#check(rows, row, 0);
  }

  /** Between two batches: makes room, tells how far the search is, and looks whether it must end. */
  #pause(): SearchEnd | null {
    const { maxBytes, onProgress } = this.#options;
    if (this.#memo.full) this.#memo.forget([this.#level, this.#nextLevel]);
    if (maxBytes === undefined && onProgress === undefined) return null;
    const { states, queue } = this.bytes;
    const bytes = states + queue + this.#memo.bytes;
    const { transitions, queued } = this;
    const depth = this.levels.length - 1;
    if (onProgress?.({ states: this.states, transitions, depth, queued, bytes }) === "stop") return "stopped";
    // The table grows into a new one of twice its size.
    const growth = this.#seen.growsWithin(batchOutcomes) ? 2 * this.#seen.bytes : 0;
    return bytes + growth > (maxBytes ?? Number.POSITIVE_INFINITY) ? "maxBytes" : null;
  }

  /** Collects the outcomes of a batch of states; returns the state of the level behind the last one. */
  #expand(): number {
    const { rows, width, count } = this.#level;
    const outcomes = this.#outcomes;
    outcomes.count = 0;
    const from = this.#expanded;
    let to = from;
    while (to < count && to - from < batchStates && outcomes.count < batchOutcomes) {
      const row = to * width;
      this.#memo.actions.evaluate(rows, row + rowHeader, rows[row] as number, rows[row + 1] as number, outcomes);
      if (this.#memo.symmetry !== null)
        this.#findOrbits(this.#memo.symmetry, row, to === from ? 0 : (this.#ends[to - from - 1] as number));
      this.#ends[to - from] = outcomes.count;
      to += 1;
    }
    if (this.#checker !== null) this.#compare(this.#checker, from, to);
    this.#seen.warm(outcomes.lows, 0, outcomes.count);
    return to;
  }

  /** Gives the outcomes of a state from `first` on the fingerprints of what stands for their orbits. */
  #findOrbits(symmetry: Symmetry, row: number, first: number): void {
    const { lows, highs, records, count } = this.#outcomes;
    for (let outcome = first; outcome < count; outcome += 1) {
      const next = this.#level.rows.slice(row + rowHeader, row + this.#level.width);
      this.#memo.actions.write(records[outcome] as number, next, 0);
      symmetry.look(next, 0);
      lows[outcome] = symmetry.low;
      highs[outcome] = symmetry.high;
    }
  }

  /** Puts what stands for the orbit of a state in its place. */
  #standIn(rows: Int32Array, row: number): void {
    const { symmetry } = this.#memo;
    symmetry?.look(rows, row + rowHeader);
    symmetry?.replace(rows, row);
    this.covered += symmetry?.orbit ?? 1;
  }

  /** The checking mode, for the batch of states from `from` to before `to`. */
  #compare(checker: SearchChecker<State, Choice>, from: number, to: number): void {
    const { rows, width } = this.#level;
    const { lows, highs, records } = this.#outcomes;
    let outcome = 0;
    for (let state = from; state < to; state += 1) {
      const begin = state * width + rowHeader;
      const vector = rows.subarray(begin, begin + width - rowHeader);
      const remembered: RememberedOutcome[] = [];
      for (; outcome < (this.#ends[state - from] as number); outcome += 1) {
        const record = records[outcome] as number;
        const next = vector.slice();
        this.#memo.actions.write(record, next, 0);
        const [low, high] = [lows[outcome] as number, highs[outcome] as number];
        remembered.push({ ...this.#memo.actions.moveAt(record), values: this.#memo.valuesOf(next), low, high });
      }
      const values = this.#memo.valuesOf(vector);
      checker.compareState(values, rows[begin - rowHeader] as number, rows[begin - rowHeader + 1] as number);
      checker.compareExpansion(values, remembered);
    }
  }

  /** Takes up what is new among the outcomes of the batch that ends before `to`. */
  #settle(to: number): SearchEnd | null {
    const from = this.#expanded;
    const seen = this.#seen;
    const { lows, highs, records } = this.#outcomes;
    let outcome = 0;
    for (let state = from; state < to; state += 1) {
      const end = this.#ends[state - from] as number;
      if (outcome === end) count(this.#deadlocks, this.#levelStart + state);
      for (; outcome < end; outcome += 1) {
        this.transitions += 1;
        this.#observer?.transition(this.#levelStart + state, lows[outcome] as number, highs[outcome] as number);
        if (!seen.add(lows[outcome] as number, highs[outcome] as number)) continue;
        const stop = this.#take(state, lows[outcome] as number, highs[outcome] as number, records[outcome] as number);
        if (stop !== null) return stop;
      }
      this.#expanded = state + 1;
    }
    return null;
  }

  /** Takes up a new state: the outcome `record` of a state of this level. */
  #take(parent: number, low: number, high: number, record: number): SearchEnd | null {
    const state = this.#ancestry.count;
    if (state === this.#options.maxStates) return "maxStates";
    const from = parent * this.#level.width;
    const row = this.#nextLevel.push();
    const { rows, width } = this.#nextLevel;
    const parentRows = this.#level.rows;
    rows[row] = low;
    rows[row + 1] = high;
    for (let at = rowHeader; at < width; at += 1) rows[row + at] = parentRows[from + at] as number;
    this.#memo.actions.write(record, rows, row + rowHeader);
    this.#standIn(rows, row);
    this.#ancestry.add(this.#levelStart + parent, this.#memo.actions.moveOf(record));
    return this.#check(rows, row, state) && this.#options.onViolation !== "go on" ? "violation" : null;
  }

  /** True if the state violates an invariant. */
  #check(rows: Int32Array, row: number, state: number): boolean {
    if (this.#observer !== null) {
      const read = (slot: number) => this.#memo.parts.value(rows[row + rowHeader + slot] as number);
      this.#observer.state(rows[row] as number, rows[row + 1] as number, read);
    }
    const failed = this.#checks.failed(this.#memo.checks, rows, row + rowHeader);
    this.#checker?.compareChecks(this.#memo.valuesOf(rows.subarray(row + rowHeader, row + this.#level.width)), failed);
    if (failed.size === 0) return false;
    for (const invariant of this.#checks.invariantsOf(failed)) count(this.#violations[invariant] as Counted, state);
    return true;
  }

  #goDeeper(): void {
    const done = this.#level;
    this.#level = this.#nextLevel;
    this.#nextLevel = done;
    this.#levelStart += done.count;
    done.count = 0;
    this.#expanded = 0;
    if (this.#level.count > 0) this.levels.push(this.#level.count);
  }
}

function count(counted: Counted, state: number): void {
  counted.count += 1;
  counted.first ??= state;
}
