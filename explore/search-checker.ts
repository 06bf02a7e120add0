/** The checking mode of a search: holds what the search remembers against new runs of the rules and against the system. */
import { canonicalJson } from "./canonical-json.ts";
import { choicesByLabel } from "./choices-by-label.ts";
import { ExploreError } from "./explore-error.ts";
import type { Move } from "./move-table.ts";
import type { PartPermutation } from "./part-permutation.ts";
import type { PartSuccessor, Parts } from "./parts.ts";
import { type Rule, type RuleRun, runRule } from "./rule-run.ts";
import { SymmetryChecker } from "./symmetry-checker.ts";
import type { System } from "./system.ts";
import { writtenParts } from "./written-parts.ts";

/** What the search takes a move for. */
export interface RememberedOutcome extends Move {
  /** The parts it leads to. */
  readonly values: readonly unknown[];
  /** The words of the fingerprint that the search gave it. */
  readonly low: number;
  readonly high: number;
}

export class SearchChecker<State, Choice> {
  readonly #system: System<State, Choice>;
  readonly #parts: Parts<State, Choice>;
  readonly #checks: readonly Rule[];
  readonly #symmetry: SymmetryChecker;
  /** The text of every state, or of its orbit, under its fingerprint. */
  readonly #texts = new Map<string, string>();

  constructor(
    system: System<State, Choice>,
    parts: Parts<State, Choice>,
    checks: readonly Rule[],
    permutations: readonly PartPermutation[],
  ) {
    this.#symmetry = new SymmetryChecker(parts.actions, checks, permutations);
    this.#system = system;
    this.#parts = parts;
    this.#checks = checks;
  }

  /** Throws `E_COLLISION` if another state came with this fingerprint. */
  compareState(values: readonly unknown[], low: number, high: number): void {
    const text = this.#symmetry.orbitText(values);
    const fingerprint = `${low},${high}`;
    const known = this.#texts.get(fingerprint);
    this.#texts.set(fingerprint, text);
    if (known === undefined || known === text) return;
    throw new ExploreError("E_COLLISION", `Two states have the fingerprint ${fingerprint}: ${known} and ${text}.`);
  }

  /** `failed`: the checks that do not hold in this state, as the search remembers them. Throws `E_IMPURE`. */
  compareChecks(values: readonly unknown[], failed: ReadonlySet<number>): void {
    for (const [index, check] of this.#checks.entries()) {
      const { successors } = this.#runTwice(check, values);
      if (successors.length > 0 !== failed.has(index)) throw impure(check, values);
    }
  }

  /** Throws `E_IMPURE`, `E_PARTS`, `E_DUPLICATE_LABEL`, `E_NOT_PLAIN_JSON` or `E_SYMMETRY`. */
  compareExpansion(values: readonly unknown[], remembered: readonly RememberedOutcome[]): void {
    const state = this.#parts.join(values);
    const again = canonicalJson(this.#parts.split(state));
    if (again !== canonicalJson(values)) {
      throw new ExploreError("E_PARTS", `Joined and split again, ${canonicalJson(values)} has become ${again}.`);
    }
    const successors = this.#parts.actions.flatMap((action, rule) => {
      const ofAction = this.#runTwice(action, values).successors as readonly PartSuccessor<Choice>[];
      this.#compareMemory(
        action,
        values,
        ofAction,
        remembered.filter((outcome) => outcome.rule === rule),
      );
      return ofAction;
    });
    this.#compareSystem(state, values, successors);
    this.#symmetry.compare(values);
    for (const outcome of remembered) this.compareState(outcome.values, outcome.low, outcome.high);
  }

  #runTwice(rule: Rule, values: readonly unknown[]): RuleRun {
    const run = () => runRule(rule, this.#parts.slots, (slot) => values[slot]);
    const first = run();
    if (canonicalJson(first) !== canonicalJson(run())) throw impure(rule, values);
    return first;
  }

  #compareMemory(
    action: Rule,
    values: readonly unknown[],
    successors: readonly PartSuccessor<Choice>[],
    remembered: readonly RememberedOutcome[],
  ): void {
    const known = new Map(remembered.map((outcome) => [outcome.nth, canonicalJson(outcome.values)]));
    const same = (successor: PartSuccessor<Choice>, nth: number) =>
      known.get(nth) === canonicalJson(writtenParts(values, successor.writes));
    if (known.size !== successors.length || !successors.every(same)) throw impure(action, values);
  }

  #compareSystem(state: State, values: readonly unknown[], successors: readonly PartSuccessor<Choice>[]): void {
    const system = this.#system;
    const enabled = choicesByLabel(system, state);
    const labels = successors.map(({ choice }) => system.label(choice));
    const expected = canonicalJson([...enabled.keys()]);
    if (canonicalJson(labels) !== expected) {
      const found = canonicalJson(labels);
      throw new ExploreError(
        "E_PARTS",
        `In ${canonicalJson(state)} the system enables ${expected}, its parts ${found}.`,
      );
    }
    for (const [index, [label, choice]] of [...enabled].entries()) {
      const applied = canonicalJson(system.apply(state, choice));
      const joined = canonicalJson(this.#parts.join(writtenParts(values, successors[index]?.writes ?? [])));
      if (applied === joined) continue;
      const where = `${JSON.stringify(label)} in ${canonicalJson(state)}`;
      throw new ExploreError("E_PARTS", `By the system, ${where} leads to ${applied}; by its parts, to ${joined}.`);
    }
  }
}

function impure(rule: Rule, values: readonly unknown[]): ExploreError {
  return new ExploreError(
    "E_IMPURE",
    `${JSON.stringify(rule.name)} once led to something else than now, in ${canonicalJson(values)}. It must depend on nothing but what it reads, and change nothing.`,
  );
}
