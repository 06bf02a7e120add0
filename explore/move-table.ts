/** Moves, numbered: which rule, and which of the successors that it has in a state. */
export interface Move {
  readonly rule: number;
  /** From 0. */
  readonly nth: number;
}

export class MoveTable {
  readonly #moves: Move[] = [];
  readonly #numbers: number[][] = [];

  /** How many there are. */
  get size(): number {
    return this.#moves.length;
  }

  numberOf(rule: number, nth: number): number {
    let ofRule = this.#numbers[rule];
    if (ofRule === undefined) {
      ofRule = [];
      this.#numbers[rule] = ofRule;
    }
    let number = ofRule[nth];
    if (number === undefined) {
      number = this.#moves.length;
      ofRule[nth] = number;
      this.#moves.push({ rule, nth });
    }
    return number;
  }

  move(number: number): Move {
    const move = this.#moves[number];
    if (move === undefined) throw new RangeError(`There is no move ${number}.`);
    return move;
  }
}
