/** The steps of a system for random walks: a state is a row of part numbers, and what rules led to is remembered. */
import { type FootprintContext, FootprintTree } from "./footprint-tree.ts";
import { type Frontier, rowHeader } from "./frontier.ts";
import { MoveTable } from "./move-table.ts";
import { oneSlotParts } from "./one-slot-parts.ts";
import { PartTable } from "./part-table.ts";
import type { PartAction, PartSuccessor, Parts } from "./parts.ts";
import type { ReadSlot } from "./rule-run.ts";
import type { SearchInvariant, Story } from "./search-options.ts";
import { tellStory } from "./story.ts";
import type { System } from "./system.ts";

/** A choice that is enabled in some states. */
export interface WalkChoice {
  /** Choices of one kind are of the same action; of a system without parts, they have the same label. 0, 1, … */
  readonly kind: number;
  /** Its number for `story`. */
  readonly move: number;
  readonly writes: readonly (readonly [slot: number, part: number])[];
}

/** What the rules find in a state. */
export interface WalkView {
  /** Numbers of the footprints of all checks and actions. */
  readonly footprints: readonly number[];
  /** The enabled ones, in the system's order; the caller's own. */
  readonly choices: WalkChoice[];
  /** The first invariant that does not hold. */
  readonly violated: string | null;
}

export class WalkSteps<State, Choice> {
  readonly #system: System<State, Choice>;
  readonly #parts: Parts<State, Choice>;
  readonly #context: FootprintContext;
  readonly #moves = new MoveTable();
  readonly #kinds = new Map<string, number>();
  readonly #actions: readonly FootprintTree<WalkChoice>[];
  /** A check has its invariant's name for an outcome where it fails. */
  readonly #checks: readonly FootprintTree<string>[];

  constructor(system: System<State, Choice>, invariants: readonly SearchInvariant[]) {
    this.#system = system;
    this.#parts = system.parts ?? oneSlotParts(system);
    const { slots, actions } = this.#parts;
    this.#context = { slots, parts: new PartTable(slots.length), footprints: 0 };
    this.#actions = actions.map((action, rule) => this.#actionTree(action, rule));
    this.#checks = invariants.flatMap((invariant) =>
      invariant.checks.map((check) => checkTree(invariant, check, this.#context)),
    );
  }

  /** How many there are. */
  get slots(): number {
    return this.#context.slots.length;
  }

  /** Appends the initial state; returns where its row begins. */
  begin(rows: Frontier): number {
    const values = this.#parts.split(this.#system.initial());
    const writes = values.map((value, slot) => [slot, this.#context.parts.intern(slot, value)] as const);
    const row = rows.push();
    rows.rows.fill(0, row, row + rowHeader);
    for (const [slot, part] of writes) {
      rows.rows[row + rowHeader + slot] = part;
      this.#toggle(rows.rows, row, part);
    }
    return row;
  }

  /** Appends what `choice` leads to from the state in row `from`; returns where its row begins. */
  step(rows: Frontier, from: number, choice: WalkChoice): number {
    const row = rows.push();
    const words = rows.rows;
    words.copyWithin(row, from, from + rows.width);
    for (const [slot, part] of choice.writes) {
      this.#toggle(words, row, words[row + rowHeader + slot] as number);
      this.#toggle(words, row, part);
      words[row + rowHeader + slot] = part;
    }
    return row;
  }

  /** Takes a part's hash into the fingerprint of a row, or out of it. */
  #toggle(words: Int32Array, row: number, part: number): void {
    const { hashes } = this.#context.parts;
    words[row] = (words[row] as number) ^ (hashes[2 * part] as number);
    words[row + 1] = (words[row + 1] as number) ^ (hashes[2 * part + 1] as number);
  }

  view(rows: Frontier, row: number): WalkView {
    const footprints: number[] = [];
    let violated: string | null = null;
    for (const check of this.#checks) {
      const { number, outcomes } = check.at(rows.rows, row + rowHeader);
      footprints.push(number);
      violated ??= outcomes[0] ?? null;
    }
    const choices: WalkChoice[] = [];
    for (const action of this.#actions) {
      const { number, outcomes } = action.at(rows.rows, row + rowHeader);
      footprints.push(number);
      for (const choice of outcomes) choices.push(choice);
    }
    return { footprints, choices, violated };
  }

  /** Throws `E_PARTS` if the system itself does not come to where its parts led. */
  story(moves: readonly number[]): Story<State> {
    return tellStory(
      this.#system,
      this.#parts,
      moves.map((move) => this.#moves.move(move)),
    );
  }

  #actionTree(action: PartAction<Choice>, rule: number): FootprintTree<WalkChoice> {
    const choiceOf = ({ choice, writes }: PartSuccessor<Choice>, nth: number): WalkChoice => ({
      kind: this.#kindOf(this.#system.parts === undefined ? this.#system.label(choice) : action.name),
      move: this.#moves.numberOf(rule, nth),
      // The last write counts where a slot is written twice.
      writes: [...new Map(writes)].map(([slot, value]) => [slot, this.#context.parts.intern(slot, value)] as const),
    });
    return new FootprintTree(action, this.#context, (successors) =>
      (successors as readonly PartSuccessor<Choice>[]).map(choiceOf),
    );
  }

  #kindOf(name: string): number {
    const kind = this.#kinds.get(name) ?? this.#kinds.size;
    this.#kinds.set(name, kind);
    return kind;
  }
}

function checkTree({ name }: SearchInvariant, check: SearchInvariant["checks"][number], context: FootprintContext) {
  const failed = [{ writes: [] }];
  const rule = { name, successors: (read: ReadSlot) => (check(read) ? [] : failed) };
  return new FootprintTree(rule, context, (failures) => failures.map(() => name));
}
