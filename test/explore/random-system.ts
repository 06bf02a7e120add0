/** Random guarded systems over a few small parts, for properties. */
import fc from "fast-check";
import type { PartAction } from "../../explore/parts.ts";
import { fromActions, type SearchedSystem, type Step } from "./part-systems.ts";

interface Command {
  /** Slots with the values that they must have. */
  readonly guards: readonly (readonly [slot: number, value: number])[];
  /** What is written: a value, or the value of a slot plus one. */
  readonly writes: readonly (readonly [slot: number, source: "value" | "next", from: number])[];
}

interface RandomSystem {
  readonly slots: number;
  /** A command is one successor of its action. */
  readonly actions: readonly (readonly Command[])[];
  /** For every invariant pairs of slots and values that must not come together. */
  readonly invariants: readonly (readonly (readonly [slot: number, value: number])[])[];
}

const values = 4;

export const randomSystem: fc.Arbitrary<RandomSystem> = fc.integer({ min: 3, max: 5 }).chain((slots) => {
  const slot = fc.nat(slots - 1);
  const pair = fc.tuple(slot, fc.nat(values - 1));
  const write = fc.tuple(slot, fc.constantFrom("value" as const, "next" as const), fc.nat(slots - 1));
  const command = fc.record({
    guards: fc.array(pair, { maxLength: 2 }),
    writes: fc.array(write, { minLength: 1, maxLength: 3 }),
  });
  return fc.record({
    slots: fc.constant(slots),
    actions: fc.array(fc.array(command, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 }),
    invariants: fc.array(fc.array(pair, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
  });
});

/** A value has many texts, so that parts differ in more than a digit. */
const shape = (number: number) => (number % 2 === 0 ? { n: number, list: Array(number).fill("x") } : number);
const numberIn = (value: unknown) => (typeof value === "number" ? value : (value as { n: number }).n);

export function systemOf({ slots, actions }: RandomSystem): SearchedSystem<readonly unknown[], Step> {
  return fromActions(
    Array.from({ length: slots }, () => shape(0)),
    actions.map((commands, index) => actionOf(`action ${index}`, commands)),
  );
}

function actionOf(name: string, commands: readonly Command[]): PartAction<Step> {
  return {
    name,
    successors(read) {
      const number = (slot: number) => numberIn(read(slot));
      return commands.flatMap(({ guards, writes }, nth) => {
        if (!guards.every(([slot, value]) => number(slot) === value)) return [];
        const written = writes.map(([slot, source, from]) => {
          const value = source === "value" ? from % values : (number(from) + 1) % values;
          return [slot, shape(value)] as const;
        });
        return [{ choice: { action: name, nth }, writes: written }];
      });
    },
  };
}

/** Every invariant has two checks, either of which may fail. */
export function invariantsOf({ invariants }: RandomSystem) {
  return invariants.map((forbidden, index) => ({
    name: `invariant ${index}`,
    checks: [
      (read: (slot: number) => unknown) => !forbidden.every(([slot, value]) => numberIn(read(slot)) === value),
      (read: (slot: number) => unknown) =>
        !(forbidden.length === 1 && numberIn(read(0)) === 3 && numberIn(read(1)) === 3),
    ],
  }));
}
