/** Faults in a cluster without a clock: how often each may still strike, which links are cut, and what stands still. */
import type { Process } from "./step-store.ts";

/**
 * How often each fault may strike. `delay`: a timer runs out although nothing stands still, as the cluster is slow. What
 * puts a fault right (start, resume, heal) costs nothing.
 */
export interface FaultBudget {
  readonly kill: number;
  readonly "power-off": number;
  readonly pause: number;
  readonly cut: number;
  readonly delay: number;
}

export const noFaults: FaultBudget = { kill: 0, "power-off": 0, pause: 0, cut: 0, delay: 0 };

export interface FaultState {
  readonly left: FaultBudget;
  /** Pairs of nodes. */
  readonly cuts: readonly (readonly [string, string])[];
}

export function isCut({ cuts }: FaultState, one: string, other: string): boolean {
  return cuts.some(([a, b]) => (a === one && b === other) || (a === other && b === one));
}

export function isDead(broker: Process | undefined): boolean {
  return broker?.value === "killed";
}

export function isPaused(broker: Process | undefined): boolean {
  return (broker?.value as { alive?: { process: string } } | undefined)?.alive?.process === "paused";
}

/** Does it take part in the cluster: running, and registered? */
export function isInService(broker: Process | undefined): boolean {
  return isRegistered(broker) && !isPaused(broker);
}

export function isRegistered(broker: Process | undefined): boolean {
  return typeof (broker?.value as { alive?: { membership: unknown } } | undefined)?.alive?.membership === "object";
}

/** Classes of timers; see `untimed-actions.ts`. */
export type TimerClass = "free" | "patience" | "socket" | "session" | "lag";

const classes: Readonly<Record<string, TimerClass>> = {
  sessionTimeout: "session",
  "lag-a": "lag",
  "lag-b": "lag",
  requestTimeout: "patience",
  deliveryTimeout: "patience",
  socketTimeout: "socket",
  apiTimeout: "patience",
};

export function classOf(timer: string): TimerClass {
  const [, delay = timer] = /^xstate\.after\.([^.]+)\./.exec(timer) ?? [];
  return classes[delay] ?? "free";
}
