/**
 * The orbits of states under declared permutations: which of a state's images stands for all of them.
 *
 * It is the image with the smallest fingerprint. What a permutation makes of a part is remembered by the part's number.
 */
import { ExploreError } from "./explore-error.ts";
import { rowHeader } from "./frontier.ts";
import { grown } from "./grown.ts";
import type { PartPermutation } from "./part-permutation.ts";
import type { PartTable } from "./part-table.ts";

export class Symmetry {
  readonly #permutations: readonly PartPermutation[];
  readonly #parts: PartTable;
  /** For every permutation the image of every part number, or -1 if it was not asked for yet. */
  readonly #images: Int32Array<ArrayBuffer>[];
  /** The last state that was looked at: fingerprints of its images, and the one that stands for it. */
  readonly #lows: Int32Array;
  readonly #highs: Int32Array;
  #best = 0;
  readonly #scratch: Int32Array;

  /** Throws `E_SYMMETRY` if there are none, or one does not move every slot to a slot of its own. */
  constructor(permutations: readonly PartPermutation[], slots: number, parts: PartTable) {
    for (const { from } of permutations) {
      const moved = new Set(from.filter((slot) => Number.isInteger(slot) && slot >= 0 && slot < slots));
      if (from.length === slots && moved.size === slots) continue;
      throw new ExploreError(
        "E_SYMMETRY",
        `A permutation takes slots ${from.join()} where there are 0 to ${slots - 1}.`,
      );
    }
    if (permutations.length === 0) throw new ExploreError("E_SYMMETRY", "A symmetry needs one permutation at least.");
    this.#permutations = permutations;
    this.#parts = parts;
    this.#images = permutations.map(() => new Int32Array(64).fill(-1));
    this.#lows = new Int32Array(permutations.length);
    this.#highs = new Int32Array(permutations.length);
    this.#scratch = new Int32Array(slots);
  }

  get bytes(): number {
    return this.#images.reduce((sum, images) => sum + images.byteLength, 0);
  }

  /** The fingerprint of the image that stands for the state that was looked at last. */
  get low(): number {
    return this.#lows[this.#best] as number;
  }

  get high(): number {
    return this.#highs[this.#best] as number;
  }

  /** How many different images that state has. */
  get orbit(): number {
    let different = 0;
    for (let one = 0; one < this.#lows.length; one += 1) {
      let other = 0;
      while (this.#lows[other] !== this.#lows[one] || this.#highs[other] !== this.#highs[one]) other += 1;
      if (other === one) different += 1;
    }
    return different;
  }

  /** Looks at the state whose parts begin at `base` in `vectors`. */
  look(vectors: Int32Array, base: number): void {
    this.#best = 0;
    for (let index = 0; index < this.#permutations.length; index += 1) {
      const { from } = this.#permutations[index] as PartPermutation;
      let [low, high] = [0, 0];
      for (let slot = 0; slot < from.length; slot += 1) {
        const part = this.#imageOf(index, vectors[base + (from[slot] as number)] as number, slot);
        low ^= this.#parts.hashes[2 * part] as number;
        high ^= this.#parts.hashes[2 * part + 1] as number;
      }
      this.#lows[index] = low;
      this.#highs[index] = high;
      if (high < this.high || (high === this.high && low < this.low)) this.#best = index;
    }
  }

  /** Makes the state that was looked at last the image that stands for it, in a row of a frontier. */
  replace(rows: Int32Array, row: number): void {
    const { from } = this.#permutations[this.#best] as PartPermutation;
    const base = row + rowHeader;
    for (let slot = 0; slot < from.length; slot += 1) {
      this.#scratch[slot] = this.#imageOf(this.#best, rows[base + (from[slot] as number)] as number, slot);
    }
    for (let slot = 0; slot < from.length; slot += 1) rows[base + slot] = this.#scratch[slot] as number;
    rows[row] = this.low;
    rows[row + 1] = this.high;
  }

  #imageOf(index: number, part: number, slot: number): number {
    let images = this.#images[index] as Int32Array<ArrayBuffer>;
    if (part >= images.length) {
      const known = images.length;
      images = grown(images, part + 1);
      images.fill(-1, known);
      this.#images[index] = images;
    }
    const known = images[part] as number;
    if (known !== -1) return known;
    const { rename } = this.#permutations[index] as PartPermutation;
    const image = this.#parts.intern(slot, rename(this.#parts.slot(part), this.#parts.value(part)));
    images[part] = image;
    return image;
  }
}
