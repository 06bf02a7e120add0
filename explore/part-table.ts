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
import { isSamePlainData, PlainDataHash } from "./plain-data.ts";

export class PartTable {
  /** The two words of every part's hash, at twice its number. Replaced when it grows: read it anew after `intern`. */
  hashes = new Int32Array(256);
  /** By slot: the number of a value by its canonical text. */
  readonly #numbers: readonly Map<string, number>[];
  /** By slot: numbers of values by their hash as plain data, by which they are found faster. */
  readonly #found: readonly Map<number, number[]>[];
  readonly #hash = new PlainDataHash();
  readonly #values: unknown[] = [];
  readonly #slots: number[] = [];
  /** What several values have in common is kept once; by hash. */
  readonly #common = new Map<number, object[]>();
  #textLength = 0;

  constructor(slots: number) {
    this.#numbers = Array.from({ length: slots }, () => new Map());
    this.#found = Array.from({ length: slots }, () => new Map());
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
    const [numbers, found] = [this.#numbers[slot], this.#found[slot]];
    if (numbers === undefined || found === undefined) throw new RangeError(`There is no slot ${slot}.`);
    const hash = this.#hash.of(value);
    const known = found.get(hash) ?? [];
    for (const part of known) if (isSamePlainData(value, this.#values[part])) return part;
    const text = canonicalJson(value);
    const part = numbers.get(text) ?? this.#add(slot, text, numbers);
    found.set(hash, [...known, part]);
    return part;
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
    this.#values.push(this.#kept(JSON.parse(text), 0));
    this.#slots.push(slot);
    this.#textLength += text.length;
    if (this.hashes.length < 2 * this.size) this.hashes = grown(this.hashes);
    const { low, high } = contentHash(`${slot}:${text}`);
    this.hashes[2 * part] = low;
    this.hashes[2 * part + 1] = high;
    return part;
  }

  /** The same, frozen, and made of what is kept already, down to some depth: then comparing two values takes little. */
  #kept(value: unknown, depth: number): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (depth > commonDepth) return deepFreeze(value);
    const hash = this.#hash.of(value);
    const alike = depth === 0 ? [] : (this.#common.get(hash) ?? []);
    const kept = alike.find((one) => isSamePlainData(value, one));
    if (kept !== undefined) return kept;
    const members = value as Record<string, unknown>;
    for (const [key, member] of Object.entries(members)) members[key] = this.#kept(member, depth + 1);
    if (depth > 0) {
      this.#common.set(hash, [...alike, members]);
      this.#hash.remember(members);
    }
    return Object.freeze(members);
  }
}

/** What is deeper is small. */
const commonDepth = 2;

/** Whoever changes what he read would change what others remember. */
function deepFreeze(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
