/**
 * Plain JSON data compared by content, fast: by a hash, and member by member. `canonicalJson` looks more closely (a getter
 * passes here for its value, hidden properties and further ones of an array go unseen), so whoever uses this gives it what
 * is new to him.
 */

/** Two values of the same content have the same hash. */
export class PlainDataHash {
  /** Strings are numbered as they come. */
  readonly #strings = new Map<string, number>();
  /** Of values that will never change and come again. */
  readonly #known = new Map<object, number>();

  remember(value: object): void {
    this.#known.set(value, this.of(value));
  }

  /** 32 bits. */
  of(value: unknown): number {
    if (typeof value === "number") return mixed(value | 0, value === (value | 0) ? 1 : this.#ofString(`${value}`));
    if (typeof value === "string") return this.#ofString(value);
    if (typeof value !== "object" || value === null) return value === true ? 2 : value === false ? 3 : 5;
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    if (Array.isArray(value)) {
      let hash = value.length;
      for (let index = 0; index < value.length; index += 1) hash = mixed(hash, this.of(value[index]));
      return hash;
    }
    // A sum does not depend on the order of keys.
    let hash = 7;
    const members = value as Readonly<Record<string, unknown>>;
    for (const key of Object.keys(members)) hash = (hash + mixed(this.#ofString(key), this.of(members[key]))) | 0;
    return hash;
  }

  #ofString(text: string): number {
    let number = this.#strings.get(text);
    if (number === undefined) {
      number = Math.imul(this.#strings.size + 1, 0x9e3779b1);
      this.#strings.set(text, number);
    }
    return number;
  }
}

function mixed(one: number, other: number): number {
  const product = Math.imul(one ^ (other >>> 15) ^ 0x5bd1e995, 0x85ebca6b) ^ Math.imul(other, 0xc2b2ae35);
  return product ^ (product >>> 13);
}

/** `plain` is plain JSON; the other may be anything. */
export function isSamePlainData(value: unknown, plain: unknown): boolean {
  if (Object.is(value, plain)) return true;
  if (typeof value !== "object" || typeof plain !== "object" || value === null || plain === null) return false;
  if (Object.getPrototypeOf(value) !== Object.getPrototypeOf(plain)) return false;
  if (Array.isArray(plain)) {
    const items = value as readonly unknown[];
    if (items.length !== plain.length) return false;
    for (let index = 0; index < plain.length; index += 1) {
      if (!isSamePlainData(items[index], plain[index])) return false;
    }
    return true;
  }
  const [members, others] = [value, plain] as readonly Readonly<Record<string, unknown>>[];
  const keys = Object.keys(value);
  if (members === undefined || others === undefined || keys.length !== Object.keys(plain).length) return false;
  for (const key of keys) if (!isSamePlainData(members[key], others[key])) return false;
  return true;
}
