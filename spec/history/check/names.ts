/**
 * Numbers for names, in the order in which they are first met. A long history has millions of them: they are kept as plain
 * numbers in a few large pieces, so that nothing has to look through millions of objects for garbage again and again.
 */
import { indexColumn, offsetColumn } from "./column.ts";

export interface Names {
  /** The number of a name within a scope, a new one where it is not known yet. All scopes share one row of numbers. */
  numberOf(name: string, scope?: number): number;
  /** `undefined` where the name was never met. */
  find(name: string, scope?: number): number | undefined;
  nameOf(number: number): string;
  count(): number;
}

const firstSlots = 16;

/** So many are kept as they are, too: keys and clients are few, and their names are asked for again and again. */
const keptMax = 2 ** 14;

export function createNames(): Names {
  const texts = createTexts();
  const kept: string[] = [];
  const [hashes, scopes] = [indexColumn(0), indexColumn(0)];
  /** Open addressing: a number plus one, 0 where the slot is empty. Never more than half full. */
  let slots = new Uint32Array(firstSlots);
  let count = 0;

  /** The slot of a name, or the empty one where it belongs. */
  function slotOf(name: string, scope: number, hash: number): number {
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = (slots[slot] ?? 0) - 1;
      if (number === -1) return slot;
      if (hashes.get(number) === hash && scopes.get(number) === scope && texts.isAt(number, name)) return slot;
    }
  }

  function grow(): void {
    slots = new Uint32Array(slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 0; number < count; number++) {
      let slot = hashes.get(number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
  }

  return {
    find(name, scope = 0) {
      const number = (slots[slotOf(name, scope, hashOf(name, scope))] ?? 0) - 1;
      return number === -1 ? undefined : number;
    },
    numberOf(name, scope = 0) {
      const hash = hashOf(name, scope);
      const slot = slotOf(name, scope, hash);
      const known = slots[slot] ?? 0;
      if (known !== 0) return known - 1;
      const number = count;
      count += 1;
      slots[slot] = count;
      hashes.set(number, hash);
      scopes.set(number, scope);
      texts.set(number, name);
      if (number < keptMax) kept.push(name);
      if (count * 2 > slots.length) grow();
      return number;
    },
    nameOf: (number) => kept[number] ?? (number < count ? texts.get(number) : ""),
    count: () => count,
  };
}

/** FNV-1a over the UTF-16 units, and what murmur3 ends with, so that the low bits depend on all of it. */
function hashOf(name: string, scope: number): number {
  let hash = 0x811c9dc5 ^ scope;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const firstUnits = 256;
const unitsMax = 2 ** 20;
/** A place is the number of its piece times this, plus where it begins there. */
const pieceStride = 2 ** 32;
/** So many units become a string at once. */
const unitsAtOnce = 4096;

/** Texts by number, as UTF-16 units in pieces; a piece is twice as long as the one before, up to a limit. */
function createTexts() {
  const pieces: Uint16Array[] = [];
  const [places, lengths] = [offsetColumn(), indexColumn(0)];
  let piece = new Uint16Array(0);
  let used = 0;
  return {
    set(number: number, text: string): void {
      if (used + text.length > piece.length) {
        piece = new Uint16Array(Math.max(text.length, firstUnits, Math.min(piece.length * 2, unitsMax)));
        pieces.push(piece);
        used = 0;
      }
      places.set(number, (pieces.length - 1) * pieceStride + used);
      lengths.set(number, text.length);
      for (let at = 0; at < text.length; at++) piece[used + at] = text.charCodeAt(at);
      used += text.length;
    },
    isAt(number: number, text: string): boolean {
      if (lengths.get(number) !== text.length) return false;
      const place = places.get(number);
      const units = pieces[Math.floor(place / pieceStride)];
      const begin = place % pieceStride;
      for (let at = 0; at < text.length; at++) if (units?.[begin + at] !== text.charCodeAt(at)) return false;
      return true;
    },
    get(number: number): string {
      const place = places.get(number);
      const units = pieces[Math.floor(place / pieceStride)] ?? piece;
      const begin = place % pieceStride;
      const end = begin + lengths.get(number);
      let text = "";
      for (let at = begin; at < end; at += unitsAtOnce) {
        text += String.fromCharCode(...units.subarray(at, Math.min(end, at + unitsAtOnce)));
      }
      return text;
    },
  };
}
