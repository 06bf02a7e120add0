/**
 * The memory of a decision forest: blocks of 32-bit words in one array, addressed by where they begin. 0 is no block.
 *
 * A node asks for the part in one slot:
 *
 *     slot, shift, rule set, depth, edges, then 2^(32 - shift) cells of: part (-1: free), branch
 *
 * Its cells are a hash table with linear probing, at most half full. A branch is what is known once that part is known:
 *
 *     nodes, outcomes, then the addresses of the nodes, then the outcomes one behind the other, each of:
 *     low, high (what the fingerprint changes by), move, blind * 65536 + writes, then for each write: slot, part
 *
 * A write is blind if the rule did not read the slot before: then the old part is not known here, its hash is still to be
 * taken from the fingerprint. Blind writes stand first.
 */
import { grown } from "./grown.ts";
import type { OutcomeBuffer } from "./outcome-buffer.ts";
import type { PartTable } from "./part-table.ts";

/** Where the branch at the root stands. */
export const rootPlace = 1;

const nodeHeader = 5;
const branchHeader = 2;
const outcomeHeader = 4;

/** Spreads part numbers over a node's cells: 2^32 by the golden ratio (Knuth, "Sorting and Searching", 6.4). */
const cellFactor = 0x9e3779b1 | 0;

export class ForestMemory {
  /** Replaced when it grows: read it anew after anything that allocates. */
  words = new Int32Array(1 << 12);
  #used = rootPlace + 1;
  readonly #parts: Pick<PartTable, "hashes">;
  /** The places of the nodes that a walk has still to ask: those from head to before tail. */
  #queue = new Int32Array(64);
  #head = 0;
  #tail = 0;
  /** Blocks of nodes that grew out of them, by shift. */
  readonly #freeNodes: number[][] = Array.from({ length: 32 }, () => []);

  constructor(parts: Pick<PartTable, "hashes">) {
    this.#parts = parts;
  }

  get bytes(): number {
    return this.words.byteLength;
  }

  allocate(size: number): number {
    const block = this.#used;
    this.#used += size;
    if (this.#used > this.words.length) this.words = grown(this.words, this.#used);
    return block;
  }

  /** `outcomes`: so many, word by word. */
  newBranch(nodes: readonly number[], count: number, outcomes: readonly number[]): number {
    const branch = this.allocate(branchHeader + nodes.length + outcomes.length);
    const words = this.words;
    words[branch] = nodes.length;
    words[branch + 1] = count;
    let at = branch + branchHeader;
    for (const node of nodes) words[at++] = node;
    for (const word of outcomes) words[at++] = word;
    return branch;
  }

  newNode(slot: number, ruleSet: number, depth: number, shift = 31): number {
    const cells = 2 ** (32 - shift);
    const node = this.#freeNodes[shift]?.pop() ?? this.allocate(nodeHeader + 2 * cells);
    const words = this.words;
    words[node] = slot;
    words[node + 1] = shift;
    words[node + 2] = ruleSet;
    words[node + 3] = depth;
    words[node + 4] = 0;
    const end = node + nodeHeader + 2 * cells;
    for (let cell = node + nodeHeader; cell < end; cell += 2) words[cell] = -1;
    return node;
  }

  /** Adds an edge to the node whose address stands at `place`. If the node must move, the address there changes. */
  addEdge(place: number, part: number, branch: number): number {
    let node = ~(this.words[place] as number);
    const shift = this.words[node + 1] as number;
    const cells = 2 ** (32 - shift);
    if (2 * ((this.words[node + 4] as number) + 1) > cells) {
      node = this.#moved(node, shift, cells);
      this.words[place] = ~node;
    }
    return this.put(node, part, branch);
  }

  /** Adds an edge to a node that has room for it, as a new one has. */
  put(node: number, part: number, branch: number): number {
    const words = this.words;
    const shift = words[node + 1] as number;
    const mask = 2 ** (32 - shift) - 1;
    let cell = Math.imul(part, cellFactor) >>> shift;
    while (words[node + nodeHeader + 2 * cell] !== -1) cell = (cell + 1) & mask;
    words[node + nodeHeader + 2 * cell] = part;
    words[node + nodeHeader + 2 * cell + 1] = branch;
    words[node + 4] = (words[node + 4] as number) + 1;
    return node + nodeHeader + 2 * cell + 1;
  }

  /**
   * Goes on at the branch at `place`, in the state whose parts begin at `base` in `vectors`, and appends its outcomes.
   * Returns the place of a node that has no edge for this state, or 0 at the end. A node is asked first in, first out: most
   * come from different trees, and so the processor looks up several at once.
   */
  walk(place: number, vectors: Int32Array, base: number, low: number, high: number, out: OutcomeBuffer): number {
    const words = this.words;
    let queue = this.#queue;
    let head = this.#head;
    let tail = this.#tail;
    let at = place;
    while (true) {
      const branch = words[at] as number;
      if (branch > 0) {
        const nodes = words[branch] as number;
        const outcomes = words[branch + 1] as number;
        if (tail + nodes > queue.length) queue = this.#queue = grown(queue, tail + nodes);
        for (let index = 0; index < nodes; index += 1) queue[tail + index] = branch + branchHeader + index;
        tail += nodes;
        if (outcomes > 0) this.#emit(branch + branchHeader + nodes, outcomes, vectors, base, low, high, out);
      } else if (branch < 0) {
        if (tail === queue.length) queue = this.#queue = grown(queue);
        queue[tail] = at;
        tail += 1;
      }
      if (head === tail) {
        this.#head = this.#tail = 0;
        return 0;
      }
      at = queue[head] as number;
      head += 1;
      const node = ~(words[at] as number);
      const part = vectors[base + (words[node] as number)] as number;
      const shift = words[node + 1] as number;
      let cell = Math.imul(part, cellFactor) >>> shift;
      let key = words[node + nodeHeader + 2 * cell] as number;
      while (key !== part && key !== -1) {
        cell = (cell + 1) & (-1 >>> shift);
        key = words[node + nodeHeader + 2 * cell] as number;
      }
      if (key === -1) {
        this.#head = head;
        this.#tail = tail;
        return at;
      }
      at = node + nodeHeader + 2 * cell + 1;
    }
  }

  /** Does what the outcome does to the parts that begin at `base` in `vectors`. */
  write(record: number, vectors: Int32Array, base: number): void {
    const words = this.words;
    const first = record + outcomeHeader;
    const end = first + 2 * ((words[record + 3] as number) & 0xffff);
    for (let at = first; at < end; at += 2) vectors[base + (words[at] as number)] = words[at + 1] as number;
  }

  /** What the outcome makes of `hash`, the exclusive-or of the high words of the parts in the slots where `among` is 1. */
  hashAfter(record: number, vectors: Int32Array, base: number, hash: number, among: Uint8Array): number {
    const words = this.words;
    const { hashes } = this.#parts;
    const first = record + outcomeHeader;
    const end = first + 2 * ((words[record + 3] as number) & 0xffff);
    let after = hash;
    for (let at = first; at < end; at += 2) {
      const slot = words[at] as number;
      if (among[slot] === 0) continue;
      const old = vectors[base + slot] as number;
      after ^= (hashes[2 * old + 1] as number) ^ (hashes[2 * (words[at + 1] as number) + 1] as number);
    }
    return after;
  }

  #emit(
    first: number,
    outcomes: number,
    vectors: Int32Array,
    base: number,
    low: number,
    high: number,
    out: OutcomeBuffer,
  ): void {
    const words = this.words;
    let count = out.count;
    out.reserve(count + outcomes);
    const { lows, highs, records } = out;
    let record = first;
    for (const end = count + outcomes; count < end; count += 1) {
      let newLow = low ^ (words[record] as number);
      let newHigh = high ^ (words[record + 1] as number);
      const sizes = words[record + 3] as number;
      if (sizes >>> 16 > 0) {
        const { hashes } = this.#parts;
        const blindEnd = record + outcomeHeader + 2 * (sizes >>> 16);
        for (let at = record + outcomeHeader; at < blindEnd; at += 2) {
          const old = vectors[base + (words[at] as number)] as number;
          newLow ^= hashes[2 * old] as number;
          newHigh ^= hashes[2 * old + 1] as number;
        }
      }
      lows[count] = newLow;
      highs[count] = newHigh;
      records[count] = record;
      record += outcomeHeader + 2 * (sizes & 0xffff);
    }
    out.count = count;
  }

  #moved(old: number, shift: number, cells: number): number {
    const [slot, ruleSet, depth] = [this.words[old], this.words[old + 2], this.words[old + 3]] as [
      number,
      number,
      number,
    ];
    const node = this.newNode(slot, ruleSet, depth, shift - 1);
    for (let cell = old + nodeHeader; cell < old + nodeHeader + 2 * cells; cell += 2) {
      const part = this.words[cell] as number;
      if (part !== -1) this.put(node, part, this.words[cell + 1] as number);
    }
    this.#freeNodes[shift]?.push(old);
    return node;
  }
}
