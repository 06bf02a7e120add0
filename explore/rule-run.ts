/** One run of a rule (an action, or the check of an invariant) on one state, with what it read of it. */
import { ExploreError } from "./explore-error.ts";
import type { PartSuccessor } from "./parts.ts";

export type ReadSlot = (slot: number) => unknown;

/** A `PartAction` is one; a check is one that leads somewhere if it fails. */
export interface Rule {
  readonly name: string;
  successors(read: ReadSlot): readonly Pick<PartSuccessor<unknown>, "writes">[];
}

export interface RuleRun {
  /** Every slot that was read, once, in the order of the first reads. */
  readonly reads: readonly number[];
  readonly successors: ReturnType<Rule["successors"]>;
}

/** Throws `E_SLOT` for a slot that does not exist. */
export function runRule(rule: Rule, slots: readonly string[], value: ReadSlot): RuleRun {
  const reads: number[] = [];
  const successors = rule.successors((slot) => {
    if (!reads.includes(slot)) {
      if (!(slot >= 0 && slot < slots.length)) throw noSuchSlot(rule, "reads", slot, slots);
      reads.push(slot);
    }
    return value(slot);
  });
  for (const { writes } of successors) {
    for (const [slot] of writes) if (!(slot >= 0 && slot < slots.length)) throw noSuchSlot(rule, "writes", slot, slots);
  }
  return { reads, successors };
}

function noSuchSlot(rule: Rule, does: "reads" | "writes", slot: number, slots: readonly string[]): ExploreError {
  return new ExploreError(
    "E_SLOT",
    `${JSON.stringify(rule.name)} ${does} slot ${slot}; there are slots 0 to ${slots.length - 1} (${slots.join(", ")}).`,
  );
}
