/** The parts of a successor: those of the state, but for what is written. */
import type { PartSuccessor } from "./parts.ts";

export function writtenParts(values: readonly unknown[], writes: PartSuccessor<unknown>["writes"]): readonly unknown[] {
  const next = [...values];
  for (const [slot, value] of writes) next[slot] = value;
  return next;
}
