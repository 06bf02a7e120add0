/** What a judgement of a history says; the same shape for all of them. */
import type { ClientId, TopicPartition } from "../../vocabulary.ts";

/** One anomaly, or one thing still open, with its witness. */
export interface Finding {
  /** Name of the anomaly, Jepsen's where Jepsen has it. */
  readonly name: string;
  readonly key: TopicPartition;
  readonly value?: string;
  readonly offset?: number;
  /** Whose promise is broken, where it is one client's. */
  readonly client?: ClientId;
  readonly group?: string;
  /** One sentence with the values. */
  readonly text: string;
  /** Indices of the operations that show it, ascending. */
  readonly operations: readonly number[];
}

export interface Findings {
  /** Proven by the history, whatever it leaves open. */
  readonly violations: readonly Finding[];
  /** What may still come right: neither a violation nor its absence. */
  readonly pending: readonly Finding[];
  /** Does "no violation" mean that there is none? If not, the history does not show enough. */
  readonly conclusive: boolean;
  /** Was there anything to judge at all? */
  readonly premise: boolean;
}

/** A witness: each index once, ascending. */
export function witness(...indices: readonly (number | undefined)[]): number[] {
  const known = indices.filter((index) => index !== undefined);
  return [...new Set(known)].sort((a, b) => a - b);
}
