/** Which injected faults are not mended yet, while a history is read. */
import type { FaultValue, HistoryOperation } from "../format.ts";
import { entryOf } from "./calls.ts";

interface OpenFaults {
  take(operation: HistoryOperation): void;
  /** May any fault be in force after the operations taken so far? */
  any(): boolean;
}

/** Which kinds of fault a kind of heal ends, beside its own. */
const mends: Readonly<Record<string, readonly string[]>> = {
  start: ["kill", "power-off"],
  resume: ["pause"],
  heal: ["cut"],
  release: ["hold"],
};

/**
 * A `fault` is in force from its invocation, unless it is `fail`. A `heal` that is `ok` ends the faults of the same kind
 * and target (a `start` those of `kill`, and so on; the target `all` is every one), or all of them where it names none.
 */
export function createOpenFaults(): OpenFaults {
  const open = new Map<string, Map<string, number>>();
  let count = 0;
  const add = (kind: string, target: string, change: number) => {
    const targets = entryOf(open, kind, () => new Map<string, number>());
    const before = targets.get(target) ?? 0;
    const after = Math.max(0, before + change);
    targets.set(target, after);
    count += after - before;
  };
  const end = ({ kind, target }: FaultValue) => {
    for (const ended of [kind, ...(Object.hasOwn(mends, kind) ? (mends[kind] ?? []) : [])]) {
      const targets = target === "all" ? [...(open.get(ended)?.keys() ?? [])] : [target];
      for (const one of targets) add(ended, one, Number.NEGATIVE_INFINITY);
    }
  };
  return {
    take(operation) {
      if (operation.f === "fault" && operation.type === "invoke") add(operation.value.kind, operation.value.target, 1);
      if (operation.f === "fault" && operation.type === "fail") add(operation.value.kind, operation.value.target, -1);
      if (operation.f !== "heal" || operation.type !== "ok") return;
      if (operation.value === null) {
        open.clear();
        count = 0;
      } else end(operation.value);
    },
    any: () => count > 0,
  };
}
