/** The checks of all invariants, as rules that a forest can remember: one outcome if a check fails, none if it holds. */
import type { DecisionForest } from "./decision-forest.ts";
import { OutcomeBuffer } from "./outcome-buffer.ts";
import type { Rule } from "./rule-run.ts";
import type { SearchInvariant } from "./search-options.ts";

const nothing: ReadonlySet<number> = new Set();

export class InvariantChecks {
  readonly rules: readonly Rule[];
  /** For every check the invariant it belongs to. */
  readonly #invariantOf: readonly number[];
  readonly #failures = new OutcomeBuffer();

  constructor(invariants: readonly SearchInvariant[]) {
    const failed = [{ writes: [] }];
    this.rules = invariants.flatMap(({ name, checks }) =>
      checks.map((check): Rule => ({ name, successors: (read) => (check(read) ? [] : failed) })),
    );
    this.#invariantOf = invariants.flatMap(({ checks }, index) => checks.map(() => index));
  }

  /** The checks that fail in the state whose parts begin at `base` in `vectors`; `forest` is one of these rules. */
  failed(forest: DecisionForest, vectors: Int32Array, base: number): ReadonlySet<number> {
    const failures = this.#failures;
    failures.count = 0;
    forest.evaluate(vectors, base, 0, 0, failures);
    if (failures.count === 0) return nothing;
    return new Set(Array.from(failures.records.subarray(0, failures.count), (record) => forest.moveAt(record).rule));
  }

  /** The invariants that these checks belong to, each once. */
  invariantsOf(checks: ReadonlySet<number>): readonly number[] {
    return [...new Set([...checks].map((check) => this.#invariantOf[check] as number))];
  }
}
