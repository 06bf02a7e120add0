/** What clients are told of the end of a log, against what they were told and given before (KIP-207). */
import { entryOf } from "../judge/calls.ts";
import { type Finding, witness } from "../judge/finding.ts";
import type { LogFacts, Reads } from "./log-facts.ts";
import type { Step } from "./step.ts";
import type { Suspicion } from "./suspicion.ts";

/** An end of a log that somebody has seen: exclusive, with the operation that says so. */
interface End {
  readonly offset: number;
  readonly index: number;
}

/** What is known of a key: the highest end that was told, and the end behind the highest record that was read. */
interface Known {
  readonly told: End | null;
  readonly read: End | null;
}

export interface LatestOffsets {
  take(step: Step, reads: Reads): void;
  readonly suspicions: readonly Suspicion[];
}

/**
 * `latest-regressed`: an answer lower than one that had been given before the question was asked. `read-above-high-watermark`
 * and `read-above-last-stable-offset`: an answer at or below a record that had been read before. Only clients that see
 * the same end are compared: `viewOf` names what a client sees, the high watermark or the last stable offset.
 */
export function createLatestOffsets(
  facts: LogFacts,
  viewOf: (client: string) => { readonly name: string; readonly isStable: boolean },
): LatestOffsets {
  const suspicions: Suspicion[] = [];
  const views = new Map<string, Map<number, Known>>();
  const asked = new Map<string, ReadonlyMap<string, Known>>();
  const nothing: Known = { told: null, read: null };
  const knownTo = (client: string) => entryOf(views, viewOf(client).name, () => new Map<number, Known>());

  function readFurther({ operation, client }: Step, { keys, offsets }: Reads): void {
    if (operation.type !== "ok") return;
    const known = knownTo(client);
    for (let at = keys.length - 1; at >= 0; at--) {
      const key = keys[at] ?? 0;
      // The last record of a key stands highest, or the order is judged elsewhere.
      if (at < keys.length - 1 && keys[at + 1] === key) continue;
      const end = (offsets[at] ?? 0) + 1;
      const before = known.get(key) ?? nothing;
      if (end > (before.read?.offset ?? 0))
        known.set(key, { ...before, read: { offset: end, index: operation.index } });
    }
  }

  function answer({ operation, client, invocation }: Step): void {
    if (operation.f !== "latest") return;
    const known = knownTo(client);
    if (operation.type === "invoke") {
      const then = Object.keys(operation.value).map((key) => {
        return [key, known.get(facts.keys.numberOf(key)) ?? nothing] as const;
      });
      asked.set(operation.process, new Map(then));
      return;
    }
    const then = asked.get(operation.process);
    asked.delete(operation.process);
    if (operation.type !== "ok" || invocation === null) return;
    for (const [key, told] of Object.entries(operation.value)) {
      if (told === null) continue;
      judge(key, told, then?.get(key) ?? nothing, invocation.index, operation.index, viewOf(client).isStable);
      const number = facts.keys.numberOf(key);
      const before = known.get(number) ?? nothing;
      if (told > (before.told?.offset ?? -1))
        known.set(number, { ...before, told: { offset: told, index: operation.index } });
    }
  }

  function judge(key: string, told: number, then: Known, invoked: number, index: number, isStable: boolean): void {
    const note = (name: string, text: string, before: End) => {
      const finding: Finding = { name, key, offset: told, text, operations: witness(before.index, invoked, index) };
      suspicions.push({ finding, premises: [{ kind: "read-stays" }] });
    };
    if (then.told !== null && told < then.told.offset) {
      note("latest-regressed", `${key}: the latest offset was ${then.told.offset}, and then ${told}`, then.told);
    }
    if (then.read === null || told >= then.read.offset) return;
    const name = isStable ? "read-above-last-stable-offset" : "read-above-high-watermark";
    note(name, `${key}: offset ${then.read.offset - 1} was read, and then the latest offset was ${told}`, then.read);
  }

  return {
    take(step, reads) {
      const { f } = step.operation;
      if (f === "latest") answer(step);
      else if (reads.rows.length > 0) readFurther(step, reads);
    },
    suspicions,
  };
}
