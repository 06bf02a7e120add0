/**
 * What a producer meets on its own node: its batches, each reduced to what it tells the producer, and when. How a
 * refused batch goes on, when it has lingered long enough, and when it expires, is drawn. Assumed of them: a batch
 * speaks only while it exists, answers what it is told within the same step, and expires at any time.
 */
import type { Effect } from "../../../model/effect.ts";
import type { ErrorName } from "../../../model/message.ts";
import type { BatchEvent } from "../../../model/producer/batch-machine.ts";
import type { ProducerEvent } from "../../../model/producer/producer-context.ts";
import type { Outcome } from "../../../spec/vocabulary.ts";
import { pick } from "./moves.ts";

interface Batch {
  readonly slot: number;
  readonly state: "lingering" | "ready" | "in-flight" | "backing-off";
  readonly attempts: number;
}

type Told = BatchEvent & { readonly slot: number };

export interface Batches {
  /** What a step of the producer tells them; they answer in this order. */
  hear(effects: readonly Effect[]): readonly ProducerEvent[];
  /** The time of a batch in that state has come; `undefined` if there is none. */
  runOut(state: Batch["state"], which: number): ProducerEvent | undefined;
  /** A batch reaches its delivery timeout. */
  expire(which: number): ProducerEvent | undefined;
}

/** `retries`: what becomes of a batch that is refused for the first, the second, … time; then it is tried for ever. */
export function createBatches(acks: 0 | 1 | -1, retries: readonly boolean[]): Batches {
  let batches: readonly Batch[] = [];
  let refusals = 0;

  function become(slot: number, state: Batch["state"]): void {
    batches = batches.map((batch) => {
      const attempts = batch.attempts + (state === "in-flight" ? 1 : 0);
      return batch.slot === slot ? { slot, state, attempts } : batch;
    });
  }

  function settle(slot: number, outcome: Outcome, error: ErrorName | null, baseOffset: number | null): ProducerEvent {
    const attempts = batches.find((batch) => batch.slot === slot)?.attempts ?? 0;
    batches = batches.filter((batch) => batch.slot !== slot);
    return { type: "batch-settled", slot, outcome, error, baseOffset, attempts };
  }

  function answer({ slot, ...told }: Told): readonly ProducerEvent[] {
    const batch = batches.find((one) => one.slot === slot);
    if (batch === undefined) throw new Error(`there is no batch ${slot} that could hear ${told.type}`);
    const isOver =
      (batch.state === "lingering" && (told.type === "filled" || told.type === "flush")) ||
      (batch.state === "backing-off" && told.type === "leader-changed");
    if (isOver) {
      become(slot, "ready");
      return [{ type: "batch-ready", slot }];
    }
    switch (told.type) {
      case "sent":
        become(slot, "in-flight");
        return acks === 0 ? [settle(slot, "ok", null, null)] : [];
      case "acknowledged":
        return [settle(slot, "ok", null, told.baseOffset)];
      case "refused": {
        refusals += 1;
        if (retries[refusals - 1] === false) return [settle(slot, "unknown", told.error, null)];
        become(slot, "backing-off");
        return [{ type: "batch-retries", slot }];
      }
      default:
        return [];
    }
  }

  return {
    hear: (effects) =>
      effects.flatMap((effect) => {
        if (effect.kind === "process-died") batches = [];
        if (effect.kind === "create") {
          const { slot } = effect.input as { slot: number };
          batches = [...batches, { slot, state: "lingering", attempts: 0 }];
        }
        const told = toBatch(effect);
        return told === null ? [] : answer(told);
      }),
    runOut(state, which) {
      // A request's time may even run out late, when it has been answered already.
      const isDue = (batch: Batch) => (state === "in-flight" ? batch.attempts > 0 : batch.state === state);
      const batch = pick(batches.filter(isDue), which);
      if (batch === undefined) return undefined;
      if (state === "in-flight") return { type: "request-timed-out", slot: batch.slot };
      become(batch.slot, "ready");
      return { type: "batch-ready", slot: batch.slot };
    },
    expire(which) {
      const batch = pick(batches, which);
      return batch === undefined ? undefined : settle(batch.slot, "unknown", "TIMEOUT", null);
    },
  };
}

/** What an effect tells a batch; `null` if it is for somebody else. */
export function toBatch(effect: Effect): Told | null {
  if (effect.kind !== "local") return null;
  const slot = /^p1\/batch-(\d+)$/.exec(effect.to)?.[1];
  return slot === undefined ? null : { ...(effect.event as BatchEvent), slot: Number(slot) };
}
