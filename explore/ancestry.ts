/** How every state was found first: from which state, by which move. States are numbered in the order of discovery. */
import { grown } from "./grown.ts";

export class Ancestry {
  #parents = new Uint32Array(1 << 10);
  /** 16 bits are enough for nearly every system. */
  #moves: Uint16Array | Uint32Array = new Uint16Array(1 << 10);
  #count = 0;

  /** How many states there are. */
  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#parents.byteLength + this.#moves.byteLength;
  }

  /** The state in which every run begins comes first; its parent and move say nothing. */
  add(parent: number, move: number): void {
    const state = this.#count;
    this.#count += 1;
    if (state === this.#parents.length) {
      this.#parents = grown(this.#parents);
      this.#moves = grown(this.#moves);
    }
    if (move > 0xffff && this.#moves instanceof Uint16Array) this.#moves = Uint32Array.from(this.#moves);
    this.#parents[state] = parent;
    this.#moves[state] = move;
  }

  /** The parent that was given with a state. */
  parentOf(state: number): number {
    return this.#parents[state] as number;
  }

  moveOf(state: number): number {
    return this.#moves[state] as number;
  }

  /** The moves that lead from the first state to this one. */
  movesTo(state: number): readonly number[] {
    const moves: number[] = [];
    for (let at = state; at > 0; at = this.#parents[at] as number) moves.push(this.#moves[at] as number);
    return moves.reverse();
  }
}
