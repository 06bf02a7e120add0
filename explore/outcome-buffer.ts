/** Outcomes of one or many states, one after the other: a fingerprint, and where in the forest's memory its writes are. */
import { grown } from "./grown.ts";

export class OutcomeBuffer {
  count = 0;
  /** All three are replaced when they grow. */
  lows = new Int32Array(1 << 13);
  highs = new Int32Array(1 << 13);
  records = new Int32Array(1 << 13);

  /** Makes room for at least this many. */
  reserve(count: number): void {
    if (count <= this.records.length) return;
    this.lows = grown(this.lows, count);
    this.highs = grown(this.highs, count);
    this.records = grown(this.records, count);
  }
}
