/**
 * What rules led to, remembered by what they read.
 *
 * A rule sees a state only by asking for parts, and it asks the same again if it gets the same answers. So its runs form a
 * tree: a node asks for a slot, an edge is the part found there, and at the end stands what the rule led to. Rules that have
 * read the same so far share their nodes. To evaluate a state is to walk down from the roots; where the forest has no edge yet,
 * the rules that stand there are run for once.
 */

import { ExploreError } from "./explore-error.ts";
import { branchHeader, cellFactor, ForestMemory, nodeHeader, outcomeHeader, rootPlace } from "./forest-memory.ts";
import { grown } from "./grown.ts";
import type { Move, MoveTable } from "./move-table.ts";
import type { OutcomeBuffer } from "./outcome-buffer.ts";
import type { PartTable } from "./part-table.ts";
import { type Rule, type RuleRun, runRule } from "./rule-run.ts";

interface NumberedRun extends RuleRun {
  readonly rule: number;
}

export class DecisionForest {
  readonly #rules: readonly Rule[];
  readonly #slots: readonly string[];
  readonly #parts: PartTable;
  readonly #memory = new ForestMemory();
  /** Whether there is a root. */
  #planted = false;
  readonly #ruleSets: (readonly number[])[] = [];
  readonly #ruleSetNumbers = new Map<string, number>();
  readonly #moves: MoveTable;
  #stack = new Int32Array(64);
  #runs = 0;

  constructor(rules: readonly Rule[], slots: readonly string[], parts: PartTable, moves: MoveTable) {
    this.#rules = rules;
    this.#slots = slots;
    this.#parts = parts;
    this.#moves = moves;
  }

  /** How often a rule was really run. */
  get runs(): number {
    return this.#runs;
  }

  get bytes(): number {
    return this.#memory.bytes;
  }

  /**
   * Appends the outcomes of the state whose parts begin at `base` in `vectors` and whose fingerprint is `low`, `high`.
   * Their order depends on the state alone.
   */
  evaluate(vectors: Int32Array, base: number, low: number, high: number, out: OutcomeBuffer): void {
    if (!this.#planted) this.#plant(vectors, base);
    let words = this.#memory.words;
    let stack = this.#stack;
    let top = 0;
    let place = rootPlace;
    let branch = words[rootPlace] as number;
    while (true) {
      if (branch > 0) {
        const nodes = words[branch] as number;
        const outcomes = words[branch + 1] as number;
        if (top + nodes > stack.length) stack = this.#stack = grown(stack, top + nodes);
        for (let index = 0; index < nodes; index += 1) stack[top + index] = branch + branchHeader + index;
        top += nodes;
        if (outcomes > 0) this.#emit(branch + branchHeader + nodes, outcomes, vectors, base, low, high, out);
      }
      if (branch >= 0) {
        if (top === 0) return;
        top -= 1;
        place = stack[top] as number;
      }
      const node = ~(words[place] as number);
      const part = vectors[base + (words[node] as number)] as number;
      const shift = words[node + 1] as number;
      let cell = Math.imul(part, cellFactor) >>> shift;
      let key = words[node + nodeHeader + 2 * cell] as number;
      while (key !== part && key !== -1) {
        cell = (cell + 1) & (-1 >>> shift);
        key = words[node + nodeHeader + 2 * cell] as number;
      }
      if (key === part) {
        place = node + nodeHeader + 2 * cell + 1;
        branch = words[place] as number;
      } else {
        place = this.#explore(place, vectors, base);
        words = this.#memory.words;
        branch = words[place] as number;
      }
    }
  }

  /** Does what the outcome does to the parts that begin at `base` in `vectors`. */
  write(record: number, vectors: Int32Array, base: number): void {
    const words = this.#memory.words;
    const first = record + outcomeHeader;
    const end = first + 2 * ((words[record + 3] as number) & 0xffff);
    for (let at = first; at < end; at += 2) vectors[base + (words[at] as number)] = words[at + 1] as number;
  }

  /** The outcome's number in the table of moves. */
  moveOf(record: number): number {
    return this.#memory.words[record + 2] as number;
  }

  moveAt(record: number): Move {
    return this.#moves.move(this.moveOf(record));
  }

  #emit(
    first: number,
    outcomes: number,
    vectors: Int32Array,
    base: number,
    low: number,
    high: number,
    out: OutcomeBuffer,
  ): void {
    const words = this.#memory.words;
    let count = out.count;
    out.reserve(count + outcomes);
    const { lows, highs, records } = out;
    let record = first;
    for (const end = count + outcomes; count < end; count += 1) {
      let newLow = low ^ (words[record] as number);
      let newHigh = high ^ (words[record + 1] as number);
      const sizes = words[record + 3] as number;
      if (sizes >>> 16 > 0) {
        const { hashes } = this.#parts;
        const blindEnd = record + outcomeHeader + 2 * (sizes >>> 16);
        for (let at = record + outcomeHeader; at < blindEnd; at += 2) {
          const old = vectors[base + (words[at] as number)] as number;
          newLow ^= hashes[2 * old] as number;
          newHigh ^= hashes[2 * old + 1] as number;
        }
      }
      lows[count] = newLow;
      highs[count] = newHigh;
      records[count] = record;
      record += outcomeHeader + 2 * (sizes & 0xffff);
    }
    out.count = count;
  }

  /** Runs all rules for the first time. */
  #plant(vectors: Int32Array, base: number): void {
    const runs = this.#rules.map((_, rule) => this.#run(rule, vectors, base));
    const branch = this.#lay(runs, 0, vectors, base);
    this.#memory.words[rootPlace] = branch;
    this.#planted = true;
  }

  /** Adds the missing edge to the node that `place` names; returns the place of its branch. */
  #explore(place: number, vectors: Int32Array, base: number): number {
    const { words } = this.#memory;
    const node = ~(words[place] as number);
    const slot = words[node] as number;
    const depth = words[node + 3] as number;
    const rules = this.#ruleSets[words[node + 2] as number] ?? [];
    const runs = rules.map((rule) => this.#run(rule, vectors, base));
    for (const { rule, reads } of runs) if (reads[depth] !== slot) throw this.#readsOther(rule, slot);
    const branch = this.#lay(runs, depth + 1, vectors, base);
    return this.#memory.addEdge(place, vectors[base + slot] as number, branch);
  }

  #run(rule: number, vectors: Int32Array, base: number): NumberedRun {
    this.#runs += 1;
    const read = (slot: number) => this.#parts.value(vectors[base + slot] as number);
    const { reads, successors } = runRule(this.#rules[rule] as Rule, this.#slots, read);
    return { rule, reads, successors };
  }

  /** The branch behind `depth` reads that all these runs have in common, with all that is below it in this state. */
  #lay(runs: readonly NumberedRun[], depth: number, vectors: Int32Array, base: number): number {
    const outcomes: number[] = [];
    let count = 0;
    let going: NumberedRun[] = [];
    for (const run of runs) {
      if (run.reads.length > depth) going.push(run);
      else {
        for (const [nth, { writes }] of run.successors.entries())
          this.#layOutcome(run, nth, writes, vectors, base, outcomes);
        count += run.successors.length;
      }
    }
    const nodes: number[] = [];
    while (going.length > 0) {
      const slot = going[0]?.reads[depth] as number;
      const group = going.filter((run) => run.reads[depth] === slot);
      going = going.filter((run) => run.reads[depth] !== slot);
      const branch = this.#lay(group, depth + 1, vectors, base);
      const node = this.#memory.newNode(slot, this.#ruleSetOf(group), depth);
      this.#memory.put(node, vectors[base + slot] as number, branch);
      nodes.push(~node);
    }
    const [only] = nodes;
    if (only === undefined && count === 0) return 0;
    if (only !== undefined && nodes.length === 1 && count === 0) return only;
    const branch = this.#memory.allocate(branchHeader + nodes.length + outcomes.length);
    const { words } = this.#memory;
    words[branch] = nodes.length;
    words[branch + 1] = count;
    words.set(nodes, branch + branchHeader);
    words.set(outcomes, branch + branchHeader + nodes.length);
    return branch;
  }

  #layOutcome(
    run: NumberedRun,
    nth: number,
    writes: RuleRun["successors"][number]["writes"],
    vectors: Int32Array,
    base: number,
    into: number[],
  ): void {
    const known: number[] = [];
    const blind: number[] = [];
    let low = 0;
    let high = 0;
    for (const [slot, value] of new Map(writes)) {
      const part = this.#intern(run.rule, slot, value);
      const old = vectors[base + slot] as number;
      const { hashes } = this.#parts;
      low ^= hashes[2 * part] as number;
      high ^= hashes[2 * part + 1] as number;
      if (run.reads.includes(slot)) {
        low ^= hashes[2 * old] as number;
        high ^= hashes[2 * old + 1] as number;
        if (part !== old) known.push(slot, part);
      } else blind.push(slot, part);
    }
    const sizes = (blind.length / 2) * 0x10000 + (blind.length + known.length) / 2;
    into.push(low, high, this.#moves.numberOf(run.rule, nth), sizes, ...blind, ...known);
  }

  #intern(rule: number, slot: number, value: unknown): number {
    try {
      return this.#parts.intern(slot, value);
    } catch (error) {
      if (!(error instanceof ExploreError)) throw error;
      const [name, slotName] = [this.#rules[rule]?.name, this.#slots[slot]].map((text) => JSON.stringify(text));
      throw new ExploreError(error.code, `What ${name} writes into ${slotName}: ${error.message}`);
    }
  }

  #ruleSetOf(runs: readonly NumberedRun[]): number {
    const rules = runs.map(({ rule }) => rule);
    const key = rules.join();
    let number = this.#ruleSetNumbers.get(key);
    if (number === undefined) {
      number = this.#ruleSets.length;
      this.#ruleSets.push(rules);
      this.#ruleSetNumbers.set(key, number);
    }
    return number;
  }

  #readsOther(rule: number, slot: number): ExploreError {
    return new ExploreError(
      "E_IMPURE",
      `${JSON.stringify(this.#rules[rule]?.name)} once read slot ${slot} where it now reads another or none, though all it read before was the same. It must depend on nothing but what it reads.`,
    );
  }
}
