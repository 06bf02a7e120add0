/**
 * All that a search remembers only to be fast: the parts' numbers, and what actions and checks led to.
 *
 * It can be forgotten at any time between two batches: fingerprints do not depend on numbers, and the order of outcomes does
 * not depend on what was known before. So it never needs more memory than it is given, however many parts a system has.
 */
import { DecisionForest } from "./decision-forest.ts";
import { type Frontier, rowHeader } from "./frontier.ts";
import { MoveTable } from "./move-table.ts";
import type { PartPermutation } from "./part-permutation.ts";
import { PartTable } from "./part-table.ts";
import type { Rule } from "./rule-run.ts";
import { Symmetry } from "./symmetry.ts";

/** The rules are those of the actions, or of the checks: see `DecisionForest`. */
export interface MemoRules {
  readonly slots: readonly string[];
  readonly actions: readonly Rule[];
  readonly checks: readonly Rule[];
  /** None: no symmetry. */
  readonly permutations?: readonly PartPermutation[] | undefined;
}

export class SearchMemo {
  /** The moves of the actions; they are what stories are told from, so they are kept. */
  readonly moves = new MoveTable();
  /** All four are replaced when it forgets. */
  parts: PartTable;
  actions: DecisionForest;
  checks: DecisionForest;
  symmetry: Symmetry | null;
  readonly #rules: MemoRules;
  #limit: number;
  #peak = 0;

  constructor(rules: MemoRules, limit: number) {
    this.#rules = rules;
    this.#limit = limit;
    this.parts = new PartTable(rules.slots.length);
    this.actions = this.#forest(rules.actions, this.moves);
    this.checks = this.#forest(rules.checks, new MoveTable());
    this.symmetry = this.#newSymmetry();
  }

  get bytes(): number {
    return this.parts.bytes + this.actions.bytes + this.checks.bytes + (this.symmetry?.bytes ?? 0);
  }

  /** The most bytes that it ever took. */
  get peak(): number {
    return Math.max(this.#peak, this.bytes);
  }

  valuesOf(vector: Int32Array): readonly unknown[] {
    return Array.from(vector, (part) => this.parts.value(part));
  }

  /** Whether it takes more than its limit. */
  get full(): boolean {
    return this.bytes > this.#limit;
  }

  /** Forgets everything but the parts of the states in these frontiers. */
  forget(frontiers: readonly Frontier[]): void {
    this.#peak = this.peak;
    const old = this.parts;
    this.parts = new PartTable(this.#rules.slots.length);
    this.actions = this.#forest(this.#rules.actions, this.moves);
    this.checks = this.#forest(this.#rules.checks, new MoveTable());
    this.symmetry = this.#newSymmetry();
    const renumbered = new Int32Array(old.size).fill(-1);
    for (const { rows, width, count } of frontiers) {
      for (let at = 0; at < count * width; at += 1) {
        const slot = (at % width) - rowHeader;
        if (slot < 0) continue;
        const part = rows[at] as number;
        if (renumbered[part] === -1) renumbered[part] = this.parts.intern(slot, old.value(part));
        rows[at] = renumbered[part] as number;
      }
    }
    // If what is alive nearly fills the limit, it must not be forgotten in vain after every batch.
    this.#limit = Math.max(this.#limit, 2 * this.bytes);
  }

  #newSymmetry(): Symmetry | null {
    const { permutations, slots } = this.#rules;
    return permutations === undefined ? null : new Symmetry(permutations, slots.length, this.parts);
  }

  #forest(rules: readonly Rule[], moves: MoveTable): DecisionForest {
    return new DecisionForest(rules, this.#rules.slots, this.parts, moves);
  }
}
