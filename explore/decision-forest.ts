/**
 * What rules led to, remembered by what they read.
 *
 * A rule sees a state only by asking for parts, and it asks the same again if it gets the same answers. So its runs form a
 * tree: a node asks for a slot, an edge is the part found there, and at the end stands what the rule led to. Rules that have
 * read the same so far share their nodes. To evaluate a state is to walk down from the roots; where the forest has no edge yet,
 * the rules that stand there are run for once.
 */

import { ExploreError } from "./explore-error.ts";
import { ForestMemory, rootPlace } from "./forest-memory.ts";
import type { Move, MoveTable } from "./move-table.ts";
import type { OutcomeBuffer } from "./outcome-buffer.ts";
import type { PartTable } from "./part-table.ts";
import type { PartSuccessor } from "./parts.ts";
import { type Rule, type RuleRun, runRule } from "./rule-run.ts";

interface NumberedRun extends RuleRun {
  readonly rule: number;
}

export class DecisionForest {
  readonly #rules: readonly Rule[];
  readonly #slots: readonly string[];
  readonly #parts: PartTable;
  readonly #memory: ForestMemory;
  /** Whether there is a root. */
  #planted = false;
  readonly #ruleSets: (readonly number[])[];
  readonly #ruleSetNumbers = new Map<string, number>();
  readonly #moves: MoveTable;
  #runs = 0;

  constructor(rules: readonly Rule[], slots: readonly string[], parts: PartTable, moves: MoveTable) {
    this.#rules = rules;
    this.#ruleSets = rules.map((_, rule) => [rule]);
    this.#slots = slots;
    this.#parts = parts;
    this.#memory = new ForestMemory(parts);
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
    const memory = this.#memory;
    let missing = memory.walk(rootPlace, vectors, base, low, high, out);
    while (missing !== 0) {
      missing = memory.walk(this.#explore(missing, vectors, base), vectors, base, low, high, out);
    }
  }

  /** Does what the outcome does to the parts that begin at `base` in `vectors`. */
  write(record: number, vectors: Int32Array, base: number): void {
    this.#memory.write(record, vectors, base);
  }

  /** What the outcome makes of `hash`, the exclusive-or of the high words of the parts in the slots where `among` is 1. */
  hashAfter(record: number, vectors: Int32Array, base: number, hash: number, among: Uint8Array): number {
    return this.#memory.hashAfter(record, vectors, base, hash, among);
  }

  /** The outcome's number in the table of moves. */
  moveOf(record: number): number {
    return this.#memory.words[record + 2] as number;
  }

  moveAt(record: number): Move {
    return this.#moves.move(this.moveOf(record));
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
    const [first] = runs;
    if (runs.length === 1 && first !== undefined) return this.#layAlone(first, depth, vectors, base);
    const ended = runs.filter(({ reads }) => reads.length === depth);
    let going = runs.filter(({ reads }) => reads.length > depth);
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
    return this.#layBranch(nodes, ended, vectors, base);
  }

  /** One run shares nothing with others: its nodes stand one below the other, and its outcomes below the last. */
  #layAlone(run: NumberedRun, depth: number, vectors: Int32Array, base: number): number {
    let branch = this.#layBranch([], [run], vectors, base);
    for (let at = run.reads.length - 1; at >= depth; at -= 1) {
      const slot = run.reads[at] as number;
      const node = this.#memory.newNode(slot, run.rule, at);
      this.#memory.put(node, vectors[base + slot] as number, branch);
      branch = ~node;
    }
    return branch;
  }

  /** The branch to these nodes and to what these runs led to. */
  #layBranch(nodes: readonly number[], ended: readonly NumberedRun[], vectors: Int32Array, base: number): number {
    const outcomes: number[] = [];
    let count = 0;
    for (const run of ended) {
      for (let nth = 0; nth < run.successors.length; nth += 1) this.#layOutcome(run, nth, vectors, base, outcomes);
      count += run.successors.length;
    }
    const [only] = nodes;
    if (only === undefined && count === 0) return 0;
    if (only !== undefined && nodes.length === 1 && count === 0) return only;
    return this.#memory.newBranch(nodes, count, outcomes);
  }

  #layOutcome(run: NumberedRun, nth: number, vectors: Int32Array, base: number, into: number[]): void {
    const { writes } = run.successors[nth] as RuleRun["successors"][number];
    const begin = into.length;
    into.push(0, 0, this.#moves.numberOf(run.rule, nth), 0);
    const known: number[] = [];
    let low = 0;
    let high = 0;
    let blind = 0;
    for (let at = 0; at < writes.length; at += 1) {
      const [slot, value] = writes[at] as PartSuccessor<unknown>["writes"][number];
      if (writes.length > 1 && isWrittenAfter(at, slot, writes)) continue;
      const old = vectors[base + slot] as number;
      const part = Object.is(value, this.#parts.value(old)) ? old : this.#intern(run.rule, slot, value);
      const { hashes } = this.#parts;
      low ^= hashes[2 * part] as number;
      high ^= hashes[2 * part + 1] as number;
      if (run.reads.includes(slot)) {
        low ^= hashes[2 * old] as number;
        high ^= hashes[2 * old + 1] as number;
        if (part !== old) known.push(slot, part);
      } else {
        into.push(slot, part);
        blind += 1;
      }
    }
    for (const word of known) into.push(word);
    into[begin] = low;
    into[begin + 1] = high;
    into[begin + 3] = blind * 0x10000 + blind + known.length / 2;
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

  /** The sets of one rule come first, each with the number of its rule. */
  #ruleSetOf(runs: readonly NumberedRun[]): number {
    const [first] = runs;
    if (runs.length === 1 && first !== undefined) return first.rule;
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

/** Whether a later write of the same successor is to the same slot; then it is the one that counts. */
function isWrittenAfter(at: number, slot: number, writes: PartSuccessor<unknown>["writes"]): boolean {
  for (let later = at + 1; later < writes.length; later += 1) if (writes[later]?.[0] === slot) return true;
  return false;
}
