/**
 * Every value that a slot ever had, interned: one small number for a slot with a value.
 *
 * A state is then a short vector of numbers. Its fingerprint is the exclusive-or of its parts' hashes, so a successor's
 * follows from the parts that changed. The hash of a part is that of its slot and its canonical text, so fingerprints do
 * not depend on the numbering. (Zobrist, "A New Hashing Method with Application for Game Playing", 1970.)
 */
import { canonicalJson } from "./canonical-json.ts";
import { contentHash } from "./content-hash.ts";
import { grown } from "./grown.ts";
import { plainText } from "./plain-text.ts";

export class PartTable {
  /** The two words of every part's hash, at twice its number. Replaced when it grows: read it anew after `intern`. */
  hashes = new Int32Array(256);
  readonly #numbers: readonly Map<string, number>[];
  readonly #values: unknown[] = [];
  readonly #slots: number[] = [];
  #textLength = 0;

  constructor(slots: number) {
    this.#numbers = Array.from({ length: slots }, () => new Map());
  }

  /** How many there are. */
  get size(): number {
    return this.#values.length;
  }

  /** Roughly: a text stands here twice, as key and as value. */
  get bytes(): number {
    return this.hashes.byteLength + 4 * this.#textLength + 100 * this.size;
  }

  /** The number of `value` in `slot`: 0, 1, … in the order in which they come. Throws `E_NOT_PLAIN_JSON`. */
  intern(slot: number, value: unknown): number {
    const numbers = this.#numbers[slot];
    if (numbers === undefined) throw new RangeError(`There is no slot ${slot}.`);
    const quick = plainText(value);
    const known = quick === null ? undefined : numbers.get(quick);
    if (known !== undefined) return known;
    const text = canonicalJson(value);
    return numbers.get(text) ?? this.#add(slot, text, numbers);
  }

  /** The value behind a number: a frozen copy, with sorted keys, of what was interned. */
  value(part: number): unknown {
    return this.#values[part];
  }

  /** The slot that a number belongs to. */
  slot(part: number): number {
    return this.#slots[part] as number;
  }

  #add(slot: number, text: string, numbers: Map<string, number>): number {
    const part = this.#values.length;
    numbers.set(text, part);
    this.#values.push(deepFreeze(JSON.parse(text)));
    this.#slots.push(slot);
    this.#textLength += text.length;
    if (this.hashes.length < 2 * this.size) this.hashes = grown(this.hashes);
    const { low, high } = contentHash(`${slot}:${text}`);
    this.hashes[2 * part] = low;
    this.hashes[2 * part + 1] = high;
    return part;
  }
}

/** Whoever changes what he read would change what others remember. */
function deepFreeze(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
