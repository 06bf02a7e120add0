/** Room for more words. */
type Words = Uint16Array | Int32Array | Uint32Array;

/** A typed array of twice the length, or of what is asked for if that is more: the same beginning, and zeros behind it. */
export function grown(words: Int32Array, atLeast?: number): Int32Array<ArrayBuffer>;
export function grown(words: Uint32Array, atLeast?: number): Uint32Array<ArrayBuffer>;
export function grown<Any extends Words>(words: Any, atLeast?: number): Any;
export function grown(words: Words, atLeast = 0): Words {
  const length = Math.max(2 * words.length, atLeast);
  const larger = emptyLike(words, length);
  larger.set(words);
  return larger;
}

function emptyLike(words: Words, length: number): Words {
  if (words instanceof Int32Array) return new Int32Array(length);
  return words instanceof Uint16Array ? new Uint16Array(length) : new Uint32Array(length);
}
