/**
 * What one rule (an action, or the check of an invariant) led to, remembered by what it read.
 *
 * The parts that a rule reads of a state are its footprint there: all that it knows of the state. Footprints are numbered
 * over all rules, so that whoever guides a walk can ask which states look new to some rule.
 */
import { ExploreError } from "./explore-error.ts";
import type { PartTable } from "./part-table.ts";
import { type Rule, type RuleRun, runRule } from "./rule-run.ts";

/** What all trees of a walk share. */
export interface FootprintContext {
  readonly slots: readonly string[];
  readonly parts: PartTable;
  /** How many footprints there are, of all rules. */
  footprints: number;
}

export interface Footprint<Outcome> {
  /** 0, 1, … in the order in which they come, over all trees of the context. */
  readonly number: number;
  /** What the rule leads to, wherever it reads these parts. */
  readonly outcomes: readonly Outcome[];
}

interface Branch<Outcome> {
  /** The slot that the rule reads here. */
  readonly slot: number;
  /** By the part that it finds there. */
  readonly behind: Map<number, Branch<Outcome> | Footprint<Outcome>>;
}

export class FootprintTree<Outcome> {
  readonly #rule: Rule;
  readonly #context: FootprintContext;
  readonly #outcomes: (successors: RuleRun["successors"]) => readonly Outcome[];
  #root: Branch<Outcome> | Footprint<Outcome> | null = null;

  /** `outcomes`: what is remembered of the successors of a run. */
  constructor(
    rule: Rule,
    context: FootprintContext,
    outcomes: (successors: RuleRun["successors"]) => readonly Outcome[],
  ) {
    this.#rule = rule;
    this.#context = context;
    this.#outcomes = outcomes;
  }

  /** The rule's footprint in the state whose parts begin at `base`. Throws `E_SLOT`, `E_IMPURE` or `E_NOT_PLAIN_JSON`. */
  at(vectors: Int32Array, base: number): Footprint<Outcome> {
    let found = this.#root ?? undefined;
    while (found !== undefined && "behind" in found) found = found.behind.get(vectors[base + found.slot] as number);
    return found ?? this.#explore(vectors, base);
  }

  /** Runs the rule where it has not been, and lays the way there. */
  #explore(vectors: Int32Array, base: number): Footprint<Outcome> {
    const { slots, parts } = this.#context;
    const read = (slot: number) => parts.value(vectors[base + slot] as number);
    const { reads, successors } = runRule(this.#rule, slots, read);
    const footprint = { number: this.#context.footprints, outcomes: this.#outcomes(successors) };
    this.#context.footprints += 1;
    const [first] = reads;
    this.#root ??= first === undefined ? footprint : { slot: first, behind: new Map() };
    let found: Branch<Outcome> | Footprint<Outcome> = this.#root;
    for (const [depth, slot] of reads.entries()) {
      if (!("behind" in found) || found.slot !== slot) throw this.#impure();
      const part = vectors[base + slot] as number;
      const next = reads[depth + 1];
      const behind: Branch<Outcome> | Footprint<Outcome> =
        found.behind.get(part) ?? (next === undefined ? footprint : { slot: next, behind: new Map() });
      found.behind.set(part, behind);
      found = behind;
    }
    if (found !== footprint) throw this.#impure();
    return footprint;
  }

  #impure(): ExploreError {
    return new ExploreError(
      "E_IMPURE",
      `${JSON.stringify(this.#rule.name)} once read other slots than now, though all it read before was the same. It must depend on nothing but what it reads.`,
    );
  }
}
