/** How much the runs of a guided walk like the kinds of choices: each in its own way, and what was seldom taken more. */
import type { Random } from "./random.ts";

/** The likings of a run lie between 1 and 2^-15: most of its choices are made by a strict order of kinds, some are not. */
const likings = 16;

export class ChoiceTaste {
  readonly #random: Random;
  /** By kind. */
  #likings: number[] = [];
  readonly #chosen: number[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** For the next run. */
  change(): void {
    this.#likings = [];
  }

  /** The index of one of these, of which there is at least one: a draw by liking, divided by how often its kind was chosen. */
  choose(choices: readonly { readonly kind: number }[]): number {
    let total = 0;
    const ends = choices.map(({ kind }) => {
      this.#likings[kind] ??= 2 ** -this.#random.below(likings);
      total += (this.#likings[kind] as number) / (1 + (this.#chosen[kind] ?? 0));
      return total;
    });
    const point = (this.#random.next() / 2 ** 32) * total;
    const index = ends.findIndex((end) => point < end);
    const { kind } = choices[index] as (typeof choices)[number];
    this.#chosen[kind] = (this.#chosen[kind] ?? 0) + 1;
    return index;
  }
}
