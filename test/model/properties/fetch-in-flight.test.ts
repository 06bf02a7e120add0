/**
 * What a consumer's fetch in flight promises, held against a clock. Nothing is assumed of the consumer: it may say at
 * any time that a fetch was sent or has ended, also twice.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import type { FetchInFlightContext, FetchInFlightEvent } from "../../../model/consumer/fetch-in-flight-machine.ts";
import { moves } from "./moves.ts";
import { type Stepped, type Trial, tryMachine } from "./trial.ts";

const promises = {
  timesOut: "the consumer is told once, request.timeout.ms after the fetch was sent, unless it has ended before",
  silent: "nothing else is told anybody",
  ends: "what has ended, or timed out, runs no more, and the next fetch has all of its time",
  unmoved: "a fetch that is under way is not put off by anything that is sent meanwhile",
  keeps: "it remembers who and where, and nothing else",
} as const;

const requestTimeoutMs = 9;
const input: FetchInFlightContext = { consumer: "c1", broker: 2, requestTimeoutMs };

const draw = moves(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant("sent" as const) },
    { weight: 3, arbitrary: fc.constant("ended" as const) },
    { weight: 6, arbitrary: fc.constantFrom(1, 2, 4, 8, 9, 10, 30) },
  ),
);

type Step = Stepped<FetchInFlightContext>;

function play({ keep, start }: Trial<keyof typeof promises>, drawn: readonly ("sent" | "ended" | number)[]): void {
  const run = start<FetchInFlightContext, FetchInFlightEvent>(input);
  /** When the fetch that is under way was sent. */
  let since: number | null = null;

  const seeTimeout = (step: Step): void => {
    const told = { kind: "local", to: "c1", event: { type: "fetch-timed-out", broker: 2 } };
    keep("timesOut", since !== null && run.now() === since + requestTimeoutMs, { now: run.now(), since });
    keep("timesOut", JSON.stringify(step.effects) === JSON.stringify([told]), step);
    since = null;
  };

  for (const move of drawn) {
    if (typeof move === "number") run.elapse(move, seeTimeout);
    else {
      const wasUnderWay = since !== null;
      const step = run.send({ type: move });
      keep("silent", step.effects.length === 0, step);
      if (move === "ended") since = null;
      else if (wasUnderWay) keep("unmoved", step.armed.length === 0, step);
      else since = run.now();
      keep("keeps", JSON.stringify(step.after) === JSON.stringify(input), step);
    }
    if (since === null) keep("ends", run.timers().length === 0, run.timers());
    else {
      const dues = run.timers().map(({ due }) => due);
      keep(
        "timesOut",
        dues.length === 1 && dues[0] === since + requestTimeoutMs && run.now() < since + requestTimeoutMs,
        {
          dues,
          since,
        },
      );
    }
    keep("ends", run.states()[0] === (since === null ? "none" : "waiting"), { states: run.states(), since });
  }
}

describe("a fetch in flight", () => {
  it("keeps its promises, whatever happens to it", () => {
    tryMachine({ kind: "fetch-in-flight", promises, draw, numRuns: 300, play });
  });
});
