/**
 * A stepper that remembers: machines are deterministic, and a search meets the same states and events again and again. What
 * it answers is shared.
 */
import { isSamePlainData, PlainDataHash } from "../../explore/plain-data.ts";
import type { MachineState, Step, Stepper } from "./machines.ts";

/** When it remembers more steps than this it begins anew. */
const stepsMax = 500_000;

interface Remembered {
  readonly event: unknown;
  readonly step: Step;
}

/** By the event's hash. */
type Steps = Map<number, Remembered[]>;

export function createMemoizedStepper(stepper: Stepper): Stepper {
  const hash = new PlainDataHash();
  const begun: Steps = new Map();
  const taken = new Map<MachineState, Steps>();
  let count = 0;

  function remembered(steps: Steps, event: unknown, take: () => Step): Step {
    const key = hash.of(event);
    const alike = steps.get(key);
    for (const known of alike ?? []) if (isSamePlainData(event, known.event)) return known.step;
    const step = take();
    if (alike === undefined) steps.set(key, [{ event, step }]);
    else alike.push({ event, step });
    count += 1;
    return step;
  }

  return {
    create: (kind, input) => remembered(begun, { kind, input }, () => stepper.create(kind, input)),
    step(state, event) {
      if (count > stepsMax) {
        begun.clear();
        taken.clear();
        count = 0;
      }
      let steps = taken.get(state);
      if (steps === undefined) {
        steps = new Map();
        taken.set(state, steps);
      }
      return remembered(steps, event, () => stepper.step(state, event));
    },
  };
}
