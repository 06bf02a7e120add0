/** The candidates that a shard has for another one, and how much the other knows of the numbers in them. */
import { grown } from "./grown.ts";
import type { Move } from "./move-table.ts";
import type { SearchMemo } from "./search-memo.ts";
import type { Candidates } from "./shard-message.ts";

export class ShardOutbox {
  /** Replaced when it grows. */
  rows = new Int32Array(1 << 10);
  #used = 0;
  #partsTold = 0;
  #movesTold = 0;

  get bytes(): number {
    return this.rows.byteLength;
  }

  /** Makes room for a row and returns where it begins. */
  push(width: number): number {
    const base = this.#used;
    this.#used += width;
    if (this.#used > this.rows.length) this.rows = grown(this.rows, this.#used);
    return base;
  }

  /** Everything since the last time; the outbox is empty then. */
  empty({ parts, moves }: SearchMemo): Candidates {
    const rows = this.rows.slice(0, this.#used);
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
