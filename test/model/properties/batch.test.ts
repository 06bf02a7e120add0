/**
 * What a batch promises, whatever happens to it. Nothing is assumed of its producer: every event may come at any time,
 * twice, or too late. Only a batch that has ended is told nothing more, as it is gone.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import type { ErrorName } from "../../../model/message.ts";
import type { BatchContext, BatchEvent, BatchInput } from "../../../model/producer/batch-machine.ts";
import { anyNumber, moves, pick } from "./moves.ts";
import { type Run, type Stepped, type Trial, tryMachine } from "./trial.ts";

const promises = {
  settlesOnce: "a batch tells its end once, and is over with it",
  settlesAtLast: "whatever happens, a batch ends, by its delivery timeout at the latest",
  leavesNoTimer: "a batch that has ended leaves no timer running",
  okByAnswer: "it is acknowledged only by an answer to its last request, and with that answer's offset",
  okUnanswered: "with acks=0 it is acknowledged when it is sent, at an unknown offset, and never otherwise",
  failsOnlyUnwritten: "it has failed only where its single request cannot have been written",
  failsIfUnwritten: "where its single and last request cannot have been written, it has failed for certain",
  retriesWhileAllowed: "a refusal ends it only after the last retry",
  attempts: "it is sent at most once more than there are retries, and counts its requests rightly",
  expires: "its delivery timeout runs from its creation to its end, and leaves the outcome open",
  lingers: "it becomes ready by linger.ms at the latest, sooner if it is full or flushed",
  backsOff: "a retry waits for the back-off, which doubles up to its maximum, or for a new leader",
  requestTimeout: "a request that is not answered in time is told to the producer",
} as const;

/** All that a broker, or the network, refuses a batch with; the first alone proves that nothing was written. */
const refusals: readonly ErrorName[] = [
  "NOT_ENOUGH_REPLICAS",
  "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
  "NOT_LEADER_OR_FOLLOWER",
  "REQUEST_TIMED_OUT",
  "NETWORK_EXCEPTION",
];

const draw = fc.record({
  input: fc.record({
    producer: fc.constant("p1"),
    slot: fc.nat(2),
    acks: fc.constantFrom(0 as const, 1 as const, -1 as const, -1 as const),
    lingerMs: fc.constantFrom(0, 5),
    retries: fc.constantFrom(0, 0, 1, 3, 20),
    retryBackoffMs: fc.constantFrom(100, 7),
    retryBackoffMaxMs: fc.constantFrom(1000, 60),
    requestTimeoutMs: fc.constant(30_000),
    deliveryTimeoutMs: fc.constant(120_000),
  }),
  moves: moves(
    fc.oneof(
      { weight: 6, arbitrary: fc.constant({ type: "sent" } as const) },
      { weight: 1, arbitrary: fc.constantFrom({ type: "filled" } as const, { type: "flush" } as const) },
      { weight: 1, arbitrary: fc.constant({ type: "leader-changed" } as const) },
      { weight: 1, arbitrary: fc.record({ type: fc.constant("acknowledged" as const), baseOffset: fc.nat(9) }) },
      {
        weight: 5,
        arbitrary: fc.record({ type: fc.constant("refused" as const), error: fc.constantFrom(...refusals) }),
      },
      { weight: 5, arbitrary: fc.record({ fire: anyNumber, delivery: fc.nat(9) }) },
    ),
  ),
});

type Drawn = typeof draw extends fc.Arbitrary<infer Value> ? Value : never;
type Keep = Trial<keyof typeof promises>["keep"];

/** The end that a batch has told; `undefined` as long as it has told none. */
function endsTold({ effects }: Stepped<BatchContext>) {
  return effects.flatMap((effect) => {
    const told = effect.kind === "local" && effect.event.type === "batch-settled" ? effect.event : null;
    return told === null
      ? []
      : [told as { type: string; outcome: string; error: string | null; baseOffset: number | null; attempts: number }];
  });
}

const tells = ({ effects }: Stepped<BatchContext>, type: string) =>
  effects.some((effect) => effect.kind === "local" && effect.event.type === type);

function judgeBatch(keep: Keep, input: BatchInput, run: Run<BatchContext, BatchEvent>) {
  /** Requests that were sent, and whether the last one is still without an answer. */
  let requests = 0;
  let open = false;
  let ends = 0;

  function judgeEnd(step: Stepped<BatchContext>, wasOpen: boolean): void {
    const told = endsTold(step);
    ends += told.length;
    keep("settlesOnce", ends === (step.done ? 1 : 0), step);
    if (step.done) keep("leavesNoTimer", run.timers().length === 0, run.timers());
    const event = step.event as BatchEvent;
    for (const { outcome, error, baseOffset, attempts } of told) {
      keep("attempts", attempts === requests, step);
      if (outcome === "ok" && input.acks !== 0) {
        keep("okByAnswer", wasOpen && event.type === "acknowledged" && event.baseOffset === baseOffset, step);
      }
      if (input.acks === 0 && (outcome === "ok" || requests > 0)) {
        keep("okUnanswered", outcome === "ok" && event.type === "sent" && baseOffset === null, step);
      }
      if (outcome === "fail") {
        keep("failsOnlyUnwritten", requests === 1 && error === "NOT_ENOUGH_REPLICAS", step);
      }
    }
  }

  function judgeRefusal(step: Stepped<BatchContext>): void {
    const [told] = endsTold(step);
    const { error } = step.event as Extract<BatchEvent, { type: "refused" }>;
    const mayRetry = requests <= input.retries;
    keep("retriesWhileAllowed", (told === undefined) === mayRetry && tells(step, "batch-retries") === mayRetry, step);
    if (mayRetry) {
      const delay = Math.min(input.retryBackoffMaxMs, input.retryBackoffMs * 2 ** (requests - 1));
      const [backoff] = step.armed;
      keep("backsOff", backoff?.name === "retryBackoff" && backoff.delay === delay, step);
    } else if (requests === 1 && error === "NOT_ENOUGH_REPLICAS") {
      keep("failsIfUnwritten", told?.outcome === "fail", step);
    }
  }

  return (step: Stepped<BatchContext>): void => {
    const [state] = step.statesBefore;
    const event = step.event as BatchEvent;
    const wasOpen = open;
    if (event.type === "sent" && (state === "lingering" || state === "ready")) {
      requests += 1;
      open = true;
    } else if (wasOpen && (event.type === "acknowledged" || event.type === "refused")) open = false;
    keep("attempts", requests <= input.retries + 1 && step.after.attempts === requests, step);
    judgeEnd(step, wasOpen);
    if (wasOpen && event.type === "refused") judgeRefusal(step);
    if (step.timer === "deliveryTimeout") {
      const [told] = endsTold(step);
      keep("expires", told?.outcome === "unknown" && told.error === "TIMEOUT", step);
    }
    const delivery = run.timers().find(({ name }) => name === "deliveryTimeout");
    if (!step.done) keep("expires", delivery?.due === input.deliveryTimeoutMs, step);
    const wakes = step.timer === "linger" || event.type === "filled" || event.type === "flush";
    if (state === "lingering") keep("lingers", tells(step, "batch-ready") === wakes, step);
    if (state === "backingOff" && !step.done) {
      const ends = step.timer === "retryBackoff" || event.type === "leader-changed";
      keep("backsOff", tells(step, "batch-ready") === ends, step);
    }
    if (step.timer === "requestTimeout") keep("requestTimeout", tells(step, "request-timed-out"), step);
    if (open && !wasOpen && !step.done) {
      const [timeout] = step.armed;
      keep("requestTimeout", timeout?.name === "requestTimeout" && timeout.delay === input.requestTimeoutMs, step);
    }
  };
}

function play(trial: Trial<keyof typeof promises>, { input, moves }: Drawn): void {
  const run = trial.start<BatchContext, BatchEvent>(input);
  const judge = judgeBatch(trial.keep, input, run);
  const [linger] = run.created.armed.filter(({ name }) => name === "linger");
  trial.keep("lingers", linger?.delay === input.lingerMs, run.created);
  for (const move of moves) {
    if (run.isDone()) return;
    if ("type" in move) judge(run.send(move));
    else {
      // The delivery timeout would cut most stories short.
      const others = run.timers().filter(({ name }) => move.delivery === 0 || name !== "deliveryTimeout");
      const timer = pick(others, move.fire);
      if (timer !== undefined) judge(run.fire(timer));
    }
  }
  // Nothing comes any more but time.
  run.elapse(input.deliveryTimeoutMs, judge);
  trial.keep("settlesAtLast", run.isDone(), run.context());
}

describe("a batch", () => {
  it("keeps its promises, whatever happens to it", () => {
    tryMachine({ kind: "batch", promises, draw, numRuns: 1200, play });
  });
});
