/** The candidates that a shard has for another one, and how much the other knows of the numbers in them. */
import type { Move } from "./move-table.ts";
import type { SearchMemo } from "./search-memo.ts";
import type { Candidates } from "./shard-message.ts";

/** How many fingerprints are remembered, as a power of two: what is looked up at random should fit the nearest memory. */
const recentBits = 13;

export class ShardOutbox {
  /** In shared memory, so that nobody must copy it. Replaced when it grows. */
  rows = sharedWords(1 << 12);
  /** Fingerprints that were posted last, each where its low word says. */
  readonly #recent = new Int32Array(2 << recentBits);
  #used = 0;
  #partsTold = 0;
  #movesTold = 0;

  get bytes(): number {
    return this.rows.byteLength + this.#recent.byteLength;
  }

  constructor() {
    // An empty place must not pass for the fingerprint 0: this word does not belong where it stands.
    this.#recent[0] = 1;
  }

  /** Whether a state is new here. If not, the other was sent it already, from a state that comes before. */
  posts(low: number, high: number): boolean {
    const recent = this.#recent;
    const at = 2 * (low & ((1 << recentBits) - 1));
    if (recent[at] === low && recent[at + 1] === high) return false;
    recent[at] = low;
    recent[at + 1] = high;
    return true;
  }

  /** Makes room for a row and returns where it begins. */
  push(width: number): number {
    const base = this.#used;
    this.#used += width;
    if (this.#used > this.rows.length) {
      const rows = sharedWords(2 * this.#used);
      rows.set(this.rows);
      this.rows = rows;
    }
    return base;
  }

  /** Everything since the last time; the outbox is empty then. The rows are overwritten after the round. */
  empty({ parts, moves }: SearchMemo): Candidates {
    const rows = this.rows.subarray(0, this.#used);
    this.#used = 0;
    const newParts: (readonly [slot: number, value: unknown])[] = [];
    for (; this.#partsTold < parts.size; this.#partsTold += 1) {
      newParts.push([parts.slot(this.#partsTold), parts.value(this.#partsTold)]);
    }
    const newMoves: Move[] = [];
    for (; this.#movesTold < moves.size; this.#movesTold += 1) newMoves.push(moves.move(this.#movesTold));
    return { rows, parts: newParts, moves: newMoves };
  }

  /** Parts are numbered anew on both sides. */
  forgetParts(): void {
    this.#partsTold = 0;
  }
}

function sharedWords(words: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(4 * words));
}
