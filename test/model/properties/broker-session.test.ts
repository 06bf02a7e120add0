/**
 * What a broker's session at the controller promises, held against a clock. Nothing is assumed of the broker: it may
 * register and beat with any epoch at any time. The order of what comes at one moment is free.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import type { BrokerSessionContext, BrokerSessionEvent } from "../../../model/controller/broker-session-machine.ts";
import { moves } from "./moves.ts";
import { type Stepped, type Trial, tryMachine } from "./trial.ts";

const promises = {
  fences: "a broker is fenced exactly while no heartbeat of its registration has come for the session timeout",
  answers: "every heartbeat and every registration is answered once, describing is not",
  stale: "a heartbeat of another registration is refused, and renews nothing",
  duplicate: "registering under a live session is refused, and changes nothing",
  registers: "a fenced broker registers with the next broker epoch, and stays fenced until it beats",
  tellsChange: "every change is told to every broker and every partition, once, with the epoch in force",
  describes: "a broker that asks is told the state and the epoch in force, it alone",
} as const;

const sessionTimeoutMs = 9;
const input = { broker: 2, brokers: [1, 2, 3], partitions: ["controller/t-0", "controller/t-1"], sessionTimeoutMs };

const draw = moves(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ beat: fc.constantFrom(0, 0, 0, 0, -1, 1) }) },
    { weight: 3, arbitrary: fc.record({ register: fc.integer({ min: 1, max: 5 }) }) },
    { weight: 1, arbitrary: fc.record({ describe: fc.constantFrom(1, 3) }) },
    { weight: 7, arbitrary: fc.record({ wait: fc.constantFrom(1, 2, 4, 8, 9, 10) }) },
  ),
);

type Step = Stepped<BrokerSessionContext>;

function summary({ effects }: Step) {
  return effects.map((effect): string => {
    if (effect.kind === "reply") {
      const body = effect.body as { type: string; error: string | null; epoch?: number };
      return `${body.type} ${body.error ?? "ok"} ${body.epoch ?? ""}`.trim();
    }
    if (effect.kind === "request" && effect.body.type === "broker-change") {
      const { broker, epoch, fenced } = effect.body.change;
      return `tell ${effect.to}: ${broker} ${epoch} ${fenced ? "fenced" : "unfenced"}`;
    }
    if (effect.kind === "local") {
      const event = effect.event as { type: string; broker?: number; epoch?: number; to?: number };
      return `${effect.to}: ${event.type} ${event.broker ?? event.to} ${event.epoch ?? ""}`.trim();
    }
    return effect.kind === "observe" ? `observe ${effect.observation.kind}` : effect.kind;
  });
}

const toAll = (epoch: number, state: "fenced" | "unfenced") =>
  input.brokers.map((broker) => `tell b${broker}: 2 ${epoch} ${state}`);
const toPartitions = (type: string, epoch: number) =>
  input.partitions.map((partition) => `${partition}: broker-${type} 2 ${epoch}`);

const isSame = (one: readonly string[], other: readonly string[]) => one.join("\n") === other.join("\n");

function play(trial: Trial<keyof typeof promises>, drawn: readonly object[]): void {
  const { keep } = trial;
  const run = trial.start<BrokerSessionContext, BrokerSessionEvent>(input);
  let lastBeat = 0;
  let epoch = 1;
  const expiry = (step: Step): void => {
    const told = [...toAll(epoch, "fenced"), ...toPartitions("fenced", epoch)];
    keep("tellsChange", isSame(summary(step), told), step);
    keep("fences", run.now() - lastBeat === sessionTimeoutMs, { now: run.now(), lastBeat });
  };

  function beat(offset: number): void {
    const wasFenced = run.states()[0] === "fenced";
    const step = run.send({ type: "heartbeat", broker: 2, epoch: epoch + offset, connection: "c" });
    const answer = `heartbeat-response ${offset === 0 ? "ok" : "STALE_BROKER_EPOCH"}`;
    keep("answers", summary(step).filter((line) => line.includes("-response")).length === 1, step);
    if (offset !== 0) keep("stale", isSame(summary(step), [answer]) && step.armed.length === 0, step);
    else {
      lastBeat = run.now();
      const told = wasFenced ? [...toAll(epoch, "unfenced"), ...toPartitions("unfenced", epoch)] : [];
      keep("tellsChange", isSame(summary(step), [answer, ...told]), step);
    }
  }

  function register(incarnation: number): void {
    const wasFenced = run.states()[0] === "fenced";
    const before = run.context();
    const step = run.send({ type: "register", broker: 2, incarnation, connection: "c" });
    keep("answers", summary(step).filter((line) => line.includes("-response")).length === 1, step);
    if (!wasFenced) {
      const refusal = `register-response DUPLICATE_BROKER_REGISTRATION ${epoch}`;
      keep("duplicate", isSame(summary(step), [refusal]) && step.after === before && step.armed.length === 0, step);
      return;
    }
    epoch += 1;
    const others = [1, 3].map((other) => `controller/b${other}: describe 2`);
    const told = [`register-response ok ${epoch}`, ...toAll(epoch, "fenced"), ...others];
    const expected = [...told, ...toPartitions("registered", epoch), "observe restarted"];
    keep("registers", isSame(summary(step), expected), step);
    keep("registers", step.after.epoch === epoch && step.after.incarnation === incarnation, step);
    keep("registers", step.states[0] === "fenced" && run.timers().length === 0, step);
  }

  for (const move of drawn as readonly Readonly<Record<string, number>>[]) {
    if (move["beat"] !== undefined) beat(move["beat"]);
    else if (move["register"] !== undefined) register(move["register"]);
    else if (move["describe"] !== undefined) {
      const step = run.send({ type: "describe", to: move["describe"] });
      const state = run.states()[0] === "fenced" ? "fenced" : "unfenced";
      keep("describes", isSame(summary(step), [`tell b${move["describe"]}: 2 ${epoch} ${state}`]), step);
    } else run.elapse(move["wait"] ?? 0, expiry);
    const age = run.now() - lastBeat;
    const isFenced = run.states()[0] === "fenced";
    keep("fences", isFenced === age >= sessionTimeoutMs, { now: run.now(), lastBeat, isFenced });
    keep("registers", run.context().epoch === epoch, run.context());
  }
}

describe("a broker's session", () => {
  it("keeps its promises, whatever happens to it", () => {
    tryMachine({ kind: "broker-session", promises, draw, numRuns: 400, play });
  });
});
