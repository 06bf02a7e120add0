/**
 * The hash by which Kafka's producers choose a partition for a key. The reference is a 32-bit MurmurHash2 with a fixed
 * seed, computed in wrapping arithmetic over unsigned bytes, with a signed result.
 *
 * Source: clients/…/common/utils/Utils.java (murmur2, toPositive); BuiltInPartitioner.partitionForKey.
 */

const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;

/** A signed 32-bit number. */
export function murmur2(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wholeWords = bytes.length - (bytes.length % 4);
  let hash = seed ^ bytes.length;
  for (let at = 0; at < wholeWords; at += 4) {
    const word = Math.imul(view.getInt32(at, true), multiplier);
    hash = Math.imul(hash, multiplier) ^ Math.imul(word ^ (word >>> 24), multiplier);
  }
  const rest = bytes.subarray(wholeWords);
  if (rest.length > 0) {
    for (const [place, byte] of rest.entries()) hash ^= byte << (8 * place);
    hash = Math.imul(hash, multiplier);
  }
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return hash ^ (hash >>> 15);
}

/**
 * The partition of a key, 0 to `partitions` - 1: of all partitions, whether available or not. The sign bit is masked, for
 * the absolute value of the lowest 32-bit number has none.
 */
export function partitionForKey(key: string, partitions: number): number {
  return (murmur2(new TextEncoder().encode(key)) & 0x7fffffff) % partitions;
}
