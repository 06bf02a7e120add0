/**
 * The set of fingerprints that were seen: 64 bits each, in one open-addressing table of 32-bit words.
 *
 * Two words a cell, linear probing, at most 7/10 full; it doubles when it is fuller. So a fingerprint takes 12 to 23
 * bytes. The high word 0 marks an empty cell: a fingerprint whose high word is 0 counts as that whose high word is 1.
 */
export class FingerprintTable {
  #cells: Int32Array;
  #mask: number;
  #size = 0;
  #sizeLimit: number;
  #touched = 0;

  /** `cells` is a power of two. */
  constructor(cells = 1 << 12) {
    this.#cells = new Int32Array(2 * cells);
    this.#mask = cells - 1;
    this.#sizeLimit = fullAt(cells);
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#cells.byteLength;
  }

  /** Whether so many more would make it double. */
  growsWithin(more: number): boolean {
    return this.#size + more > this.#sizeLimit;
  }

  /** Adds a fingerprint, unless it is in; true if it was new. */
  add(low: number, high: number): boolean {
    const cells = this.#cells;
    const mask = this.#mask;
    const wanted = high === 0 ? 1 : high;
    let cell = low & mask;
    let found = cells[2 * cell + 1] as number;
    while (found !== 0) {
      if (found === wanted && cells[2 * cell] === low) return false;
      cell = (cell + 1) & mask;
      found = cells[2 * cell + 1] as number;
    }
    cells[2 * cell] = low;
    cells[2 * cell + 1] = wanted;
    this.#size += 1;
    if (this.#size > this.#sizeLimit) this.#grow();
    return true;
  }

  /**
   * Reads the cells where fingerprints would begin, one after the other and nothing else, so that the memory answers many
   * at once: those whose low words stand from `begin` to before `end`, every `stride`. It changes nothing but the time
   * that `add` takes.
   */
  warm(lows: Int32Array, begin: number, end: number, stride = 1): void {
    const cells = this.#cells;
    const mask = this.#mask;
    let touched = 0;
    for (let at = begin; at < end; at += stride) touched ^= cells[2 * ((lows[at] as number) & mask)] as number;
    this.#touched ^= touched;
  }

  #grow(): void {
    const old = this.#cells;
    const cells = new Int32Array(2 * old.length);
    const mask = old.length - 1;
    for (let at = 0; at < old.length; at += 2) {
      const high = old[at + 1] as number;
      if (high === 0) continue;
      const low = old[at] as number;
      let cell = low & mask;
      while (cells[2 * cell + 1] !== 0) cell = (cell + 1) & mask;
      cells[2 * cell] = low;
      cells[2 * cell + 1] = high;
    }
    this.#cells = cells;
    this.#mask = mask;
    this.#sizeLimit = fullAt(old.length);
  }
}

function fullAt(cells: number): number {
  return Math.floor(0.7 * cells);
}
