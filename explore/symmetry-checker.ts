/** The checking mode of a search with symmetry: whether the declared permutations are one, state by state. */
import { canonicalJson } from "./canonical-json.ts";
import { ExploreError } from "./explore-error.ts";
import { type PartPermutation, permuteParts } from "./part-permutation.ts";
import type { Rule } from "./rule-run.ts";
import { writtenParts } from "./written-parts.ts";

export class SymmetryChecker {
  readonly #actions: readonly Rule[];
  readonly #checks: readonly Rule[];
  readonly #permutations: readonly PartPermutation[];

  /** The checks of an invariant carry its name. */
  constructor(actions: readonly Rule[], checks: readonly Rule[], permutations: readonly PartPermutation[]) {
    this.#actions = actions;
    this.#checks = checks;
    this.#permutations = permutations;
  }

  /** One text for all states of an orbit. Throws `E_SYMMETRY` if an image of the state has images that it has not. */
  orbitText(values: readonly unknown[]): string {
    const known = this.#texts(values);
    for (const permutation of this.#permutations) {
      const image = permuteParts(values, permutation);
      if (!this.#texts(image).every((text) => known.includes(text))) throw broken("has other images", values, image);
    }
    return known.reduce((least, text) => (text < least ? text : least));
  }

  /** Throws `E_SYMMETRY` if an image of the state can do something else, or violates something else. */
  compare(values: readonly unknown[]): void {
    for (const permutation of this.#permutations) {
      const image = permuteParts(values, permutation);
      const permuted = this.#successors(values).map((successor) => canonicalJson(permuteParts(successor, permutation)));
      const successors = this.#successors(image).map((successor) => canonicalJson(successor));
      if (`${permuted.sort()}` !== `${successors.sort()}`) throw broken("leads elsewhere", values, image);
      if (this.#violated(values) !== this.#violated(image)) throw broken("violates something else", values, image);
    }
  }

  /** Those of its images, itself among them. */
  #texts(values: readonly unknown[]): readonly string[] {
    const texts = this.#permutations.map((permutation) => canonicalJson(permuteParts(values, permutation)));
    return [canonicalJson(values), ...texts];
  }

  #successors(values: readonly unknown[]): readonly (readonly unknown[])[] {
    return this.#actions.flatMap((action) =>
      action.successors((slot) => values[slot]).map(({ writes }) => writtenParts(values, writes)),
    );
  }

  #violated(values: readonly unknown[]): string {
    const failed = this.#checks.filter((check) => check.successors((slot) => values[slot]).length > 0);
    return [...new Set(failed.map(({ name }) => name))].join();
  }
}

function broken(what: string, values: readonly unknown[], image: readonly unknown[]): ExploreError {
  const [one, other] = [canonicalJson(values), canonicalJson(image)];
  return new ExploreError(
    "E_SYMMETRY",
    `The declared permutations are no symmetry: ${other}, the image of ${one}, ${what}.`,
  );
}
