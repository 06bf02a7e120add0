/** One step of one machine is a pure function of plain data. */
import { describe, expect, it } from "vitest";
import { createMachine, log } from "xstate";
import { createMachines, createStepper, type Stepper } from "../../../model/cluster/machines.ts";
import { cases, partitioners } from "../cases/index.ts";

const kinds = [...new Set(cases.map(({ kind }) => kind))];

describe.each(kinds)("a state of a %s that was written down and read back", (kind) => {
  const mine = cases.filter((one) => one.kind === kind && one.events.every((event) => !("timer" in event)));

  it("steps as it would have", () => {
    const stepper = createStepper(createMachines(partitioners));
    for (const { input, events } of mine) {
      let { state, done } = stepper.create(kind, input);
      for (const event of events.filter(() => !done)) {
        const next = stepper.step(state, event);
        // A stepper does not know the copy, and has to rebuild what XState remembers of it.
        expect(stepper.step(structuredClone(state), event)).toEqual(next);
        ({ state, done } = next);
      }
    }
  });
});

describe("a step that changes nothing", () => {
  it("leaves the very object", () => {
    const stepper = createStepper(createMachines(partitioners));
    const { state } = stepper.create("coordinator", undefined);
    expect(stepper.step(state, { type: "unheard-of" }).state).toBe(state);
    const commit = { type: "offset-commit", connection: "x", group: "g", offsets: {}, auto: false };
    expect(stepper.step(state, commit).state).not.toBe(state);
  });
});

describe("what machines may not do", () => {
  const withCoordinator = (machine: ReturnType<typeof createMachine>): Stepper =>
    createStepper({ ...createMachines(partitioners), coordinator: machine });

  it("is any action that the cluster does not know", () => {
    const talkative = withCoordinator(createMachine({ entry: log("hello") }));
    expect(() => talkative.create("coordinator", undefined)).toThrow("the machines may not use the action xstate.log");
  });

  it("is to fail in silence", () => {
    const guard = () => {
      throw new Error("broken guard");
    };
    const broken = withCoordinator(createMachine({ on: { ask: { guard, actions: log("hello") } } }));
    const { state } = broken.create("coordinator", undefined);
    expect(() => broken.step(state, { type: "ask" })).toThrow("broken guard");
  });
});
