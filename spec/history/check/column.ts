/** Columns of numbers that grow: what is remembered of every value takes a few bytes and no object. */

export interface Column {
  /** What was set for the row; the column's `none` where nothing was. */
  get(row: number): number;
  set(row: number, value: number): void;
}

/** No operation: an index that no operation can have. */
export const never = 0xffff_ffff;

const firstCapacity = 256;

/** Whole numbers from 0 to 2^32 - 1. */
export function indexColumn(none = never): Column {
  let rows = new Uint32Array(firstCapacity).fill(none);
  return {
    get: (row) => rows[row] ?? none,
    set(row, value) {
      if (row >= rows.length) {
        const more = new Uint32Array(Math.max(row + 1, rows.length * 2)).fill(none, rows.length);
        more.set(rows);
        rows = more;
      }
      rows[row] = value;
    },
  };
}

/** Offsets: whole numbers up to 2^53 - 1; -1 where none is known. */
export function offsetColumn(): Column {
  let rows = new Float64Array(firstCapacity).fill(-1);
  return {
    get: (row) => rows[row] ?? -1,
    set(row, value) {
      if (row >= rows.length) {
        const more = new Float64Array(Math.max(row + 1, rows.length * 2)).fill(-1, rows.length);
        more.set(rows);
        rows = more;
      }
      rows[row] = value;
    },
  };
}
