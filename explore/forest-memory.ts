/**
 * The memory of a decision forest: blocks of 32-bit words in one array, addressed by where they begin. 0 is no block.
 *
 * A node asks for the part in one slot:
 *
 *     slot, shift, rule set, depth, edges, then 2^(32 - shift) cells of: part (-1: free), branch
 *
 * Its cells are a hash table with linear probing, at most 3/4 full. A branch is what is known once that part is known:
 *
 *     nodes, outcomes, then the addresses of the nodes, then the outcomes one behind the other, each of:
 *     low, high (what the fingerprint changes by), move, blind * 65536 + writes, then for each write: slot, part
 *
 * A write is blind if the rule did not read the slot before: then the old part is not known here, its hash is still to be
 * taken from the fingerprint. Blind writes stand first.
 */
import { grown } from "./grown.ts";

/** Where the branch at the root stands. */
export const rootPlace = 1;

export const nodeHeader = 5;
export const branchHeader = 2;
export const outcomeHeader = 4;

/** Spreads part numbers over a node's cells: 2^32 by the golden ratio (Knuth, "Sorting and Searching", 6.4). */
export const cellFactor = 0x9e3779b1 | 0;

export class ForestMemory {
  /** Replaced when it grows: read it anew after anything that allocates. */
  words = new Int32Array(1 << 12);
  #used = rootPlace + 1;
  /** Blocks of nodes that grew out of them, by shift. */
  readonly #freeNodes: number[][] = Array.from({ length: 32 }, () => []);

  get bytes(): number {
    return this.words.byteLength;
  }

  allocate(size: number): number {
    const block = this.#used;
    this.#used += size;
    if (this.#used > this.words.length) this.words = grown(this.words, this.#used);
    return block;
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
    words.fill(-1, node + nodeHeader, node + nodeHeader + 2 * cells);
    return node;
  }

  /** Adds an edge to the node whose address stands at `place`. If the node must move, the address there changes. */
  addEdge(place: number, part: number, branch: number): number {
    let node = ~(this.words[place] as number);
    const shift = this.words[node + 1] as number;
    const cells = 2 ** (32 - shift);
    if (4 * ((this.words[node + 4] as number) + 1) > 3 * cells) {
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
