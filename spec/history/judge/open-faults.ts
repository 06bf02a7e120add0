/** Which injected faults are not mended yet, while a history is read. */
import type { FaultValue, HistoryOperation } from "../format.ts";
import { entryOf } from "./calls.ts";

interface OpenFaults {
  take(operation: HistoryOperation): void;
  /** May any fault be in force after the operations taken so far? */
  any(): boolean;
}

/**
 * A `fault` is in force from its invocation, unless it is `fail`. A `heal` that is `ok` ends the faults of the same kind
 * and target, or all of them where it names none.
 */
export function createOpenFaults(): OpenFaults {
  const open = new Map<string, Map<string, number>>();
  let count = 0;
  const add = ({ kind, target }: FaultValue, change: number) => {
    const targets = entryOf(open, kind, () => new Map<string, number>());
    const before = targets.get(target) ?? 0;
    const after = Math.max(0, before + change);
    targets.set(target, after);
    count += after - before;
  };
  return {
    take(operation) {
      if (operation.f === "fault" && operation.type === "invoke") add(operation.value, 1);
      if (operation.f === "fault" && operation.type === "fail") add(operation.value, -1);
      if (operation.f !== "heal" || operation.type !== "ok") return;
      if (operation.value === null) {
        open.clear();
        count = 0;
      } else add(operation.value, Number.NEGATIVE_INFINITY);
    },
    any: () => count > 0,
  };
}
