/**
 * A 64-bit hash of a text, as two 32-bit words: not cryptographic, but well mixed and the same on every machine.
 *
 * Every UTF-16 code unit goes through MurmurHash3's multiply-rotate-multiply (Appleby, public domain) into two words that
 * feed each other, and its finalizer ends them. A step is a bijection of the two words, so nothing is lost on the way.
 */

/** Both words are signed 32-bit numbers. */
export interface Hash64 {
  readonly low: number;
  readonly high: number;
}

export function contentHash(text: string): Hash64 {
  let low = 0x243f6a88;
  let high = 0x85a308d3;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    low ^= Math.imul(rotateLeft(Math.imul(unit, 0xcc9e2d51), 15), 0x1b873593);
    low = (Math.imul(rotateLeft(low, 13) + high, 5) + 0xe6546b64) | 0;
    high ^= Math.imul(rotateLeft(Math.imul(unit, 0x239b961b), 16), 0xab0e9789);
    high = (Math.imul(rotateLeft(high, 17) + low, 5) + 0x561ccd1b) | 0;
  }
  low = finish(low ^ text.length);
  high = finish(high + low);
  low = finish(low + high);
  return { low, high };
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function finish(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
