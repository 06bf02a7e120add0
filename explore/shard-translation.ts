/** What part numbers and moves of another shard are called here. */
import { grown } from "./grown.ts";
import type { MoveTable } from "./move-table.ts";
import type { PartTable } from "./part-table.ts";
import type { Candidates } from "./shard-message.ts";

export class ShardTranslation {
  /** By the other's number, the own one. Replaced when it grows. */
  parts = new Int32Array(64);
  #partCount = 0;
  readonly #moves: number[] = [];

  /** Learns what comes with a message. */
  learn(told: Pick<Candidates, "parts" | "moves">, parts: PartTable, moves: MoveTable): void {
    for (const [slot, value] of told.parts) {
      if (this.#partCount === this.parts.length) this.parts = grown(this.parts);
      this.parts[this.#partCount] = parts.intern(slot, value);
      this.#partCount += 1;
    }
    for (const { rule, nth } of told.moves) this.#moves.push(moves.numberOf(rule, nth));
  }

  move(number: number): number {
    return this.#moves[number] as number;
  }

  /** Parts are numbered anew on both sides. */
  forgetParts(): void {
    this.#partCount = 0;
  }
}
