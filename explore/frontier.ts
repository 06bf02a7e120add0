/**
 * States that wait for their turn, as rows of numbers in one array: the two words of the fingerprint, then a part for every
 * slot. They stand in the order in which they were found.
 */
import { grown } from "./grown.ts";

/** Where the parts begin in a row. */
export const rowHeader = 2;

export class Frontier {
  readonly width: number;
  /** Replaced when it grows. */
  rows: Int32Array;
  count = 0;

  constructor(slots: number) {
    this.width = rowHeader + slots;
    this.rows = new Int32Array(64 * this.width);
  }

  get bytes(): number {
    return this.rows.byteLength;
  }

  /** Appends a row and returns where it begins; its contents are the caller's to fill. */
  push(): number {
    const base = this.count * this.width;
    this.count += 1;
    if (base + this.width > this.rows.length) this.rows = grown(this.rows);
    return base;
  }
}
