/** What a judge has found, with what has to be promised for it to count. */
import type { Finding } from "../judge/finding.ts";

/** One thing that a finding presumes. All that a finding names must be promised; otherwise it is allowed. */
export type Premise =
  /** What `producer` was acknowledged stays. */
  | { readonly kind: "acknowledged-stays"; readonly producer: string }
  /** What was read stays. */
  | { readonly kind: "read-stays" }
  /** One of the two: of a value that was read, and that `producer` was acknowledged. */
  | { readonly kind: "seen-stays"; readonly producer: string }
  /** No replica outside the ISR is elected, and no disk has lost anything. */
  | { readonly kind: "clean" }
  /** The record at the offset has not gone by retention or DeleteRecords. */
  | { readonly kind: "not-gone" }
  /** No record of the key has. */
  | { readonly kind: "nothing-gone" }
  /** A producer writes each value once, and in order. */
  | { readonly kind: "once"; readonly producer: string }
  /** It does so as far as its acknowledged writes go. */
  | { readonly kind: "in-order"; readonly producer: string; readonly bothAcknowledged: boolean }
  /** Members of the group begin at the beginning. */
  | { readonly kind: "from-the-start"; readonly group: string }
  /** The offsets that a group committed are kept: the history is not too long, and the disks are whole. */
  | { readonly kind: "commits-stay" }
  /** No member of the group commits by itself. */
  | { readonly kind: "commits-shown"; readonly group: string }
  /** The producer asks for all in-sync replicas. */
  | { readonly kind: "acks-all"; readonly producer: string }
  /** The producer's partitioner goes by the key. */
  | { readonly kind: "by-key"; readonly producer: string }
  /** It is not promised at all. */
  | { readonly kind: "never"; readonly because: string };

export interface Suspicion {
  readonly finding: Finding;
  readonly premises: readonly Premise[];
  /** Why the history does not prove it; then it neither counts nor is it allowed. */
  readonly unproven?: string;
}
