/** Small systems to explore in tests. Their states are frozen, so whoever changes one in place fails. */
import { canonicalJson } from "../../explore/canonical-json.ts";
import { randomWalk } from "../../explore/random-walk.ts";
import type { System } from "../../explore/system.ts";
import { createTraceHash } from "../../explore/trace-hash.ts";

/** Counts from 0 up to `limit` and down again. */
export function counter(limit: number): System<number, 1 | -1> {
  return {
    initial: () => 0,
    enabled: (count) => ([1, -1] as const).filter((by) => count + by >= 0 && count + by <= limit),
    apply: (count, by) => count + by,
    label: (by) => (by === 1 ? "up" : "down"),
  };
}

type Phase = "idle" | "waiting" | "critical";

export interface MutexState {
  readonly a: Phase;
  readonly b: Phase;
}

interface MutexChoice {
  readonly process: "a" | "b";
  readonly to: Phase;
}

/** Two processes that enter their critical section by turns. */
export function mutex(): System<MutexState, MutexChoice> {
  const after = { idle: "waiting", waiting: "critical", critical: "idle" } as const;
  return {
    initial: () => Object.freeze({ a: "idle", b: "idle" }),
    enabled: (state) =>
      (["a", "b"] as const)
        .map((process) => ({ process, to: after[state[process]] }))
        .filter(({ to }) => to !== "critical" || (state.a !== "critical" && state.b !== "critical")),
    apply: (state, { process, to }) => Object.freeze({ ...state, [process]: to }),
    label: ({ process, to }) => `${process} becomes ${to}`,
  };
}

/** Ends after `length` steps, each of which has one choice. */
export function fuse(length: number): System<number, "burn"> {
  return {
    initial: () => length,
    enabled: (left) => (left > 0 ? ["burn"] : []),
    apply: (left) => left - 1,
    label: (choice) => choice,
  };
}

/** Has two choices with one label in every state but the first. */
export function ambiguous(): System<number, number> {
  return {
    initial: () => 0,
    enabled: (state) => (state === 0 ? [1] : [1, 2, 3]),
    apply: (state, choice) => state + choice,
    label: (choice) => (choice === 3 ? "add 1" : `add ${choice}`),
  };
}

/** One random run, with its trace hash over the whole states. */
export function record<State, Choice>(system: System<State, Choice>, seed: number, maxSteps: number) {
  const hash = createTraceHash();
  const walk = randomWalk(system, {
    seed,
    maxSteps,
    onStep: (_state, _choice, label, next) => {
      hash.step(label, canonicalJson(next));
      return undefined;
    },
  });
  return { ...walk, hash: hash.digest() };
}
