/**
 * Seeded random numbers: xoshiro128** 1.1 by Blackman and Vigna (https://prng.di.unimi.it/xoshiro128starstar.c), in
 * 32-bit arithmetic, so that a seed means the same run on every machine.
 */
import { ExploreError } from "./explore-error.ts";

const twoTo32 = 2 ** 32;

export interface Random {
  /** The next number, 0 to 2^32 - 1. */
  next(): number;
  /** A number from 0 to n - 1, each equally likely; n from 1 to 2^32. */
  below(n: number): number;
}

/**
 * The generator for a seed from 0 to 2^32 - 1. The four words of its state are the MurmurHash3 finalizer of the seed
 * plus 1, 2, 3, 4 times 0x9e3779b9 (as SplitMix does it), so that neighbouring seeds have nothing in common. The
 * finalizer is a bijection, so at most one word is 0; a state of zeros alone would give nothing but zeros.
 */
export function createRandom(seed: number): Random {
  if (!Number.isInteger(seed) || seed < 0 || seed >= twoTo32) {
    throw new ExploreError("E_NUMBER", `The seed is ${seed}; it must be a whole number from 0 to ${twoTo32 - 1}.`);
  }
  const word = (n: number) => mix(seed + Math.imul(n, 0x9e3779b9));
  return randomFromState([word(1), word(2), word(3), word(4)]);
}

/** The generator that stands at this state: four words, not all 0. */
export function randomFromState(state: readonly [number, number, number, number]): Random {
  let [a, b, c, d] = state;

  const next = () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };

  const below = (n: number) => {
    if (!Number.isInteger(n) || n < 1 || n > twoTo32) {
      throw new ExploreError("E_NUMBER", `below(${n}): n must be a whole number from 1 to ${twoTo32}.`);
    }
    // Numbers above the largest multiple of n would make small results likelier: draw again.
    const limit = twoTo32 - (twoTo32 % n);
    let number = next();
    while (number >= limit) number = next();
    return number % n;
  };

  return { next, below };
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function mix(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
