/**
 * What a consumer promises, whatever its brokers say. Assumed of the application: it makes one call at a time, seeks
 * only in what it is assigned to, and restarts only what has crashed. It may crash at any time, and any timer may fire
 * before any answer. Of brokers and network: see consumer-surroundings.ts and pipes.ts.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import type { ConsumerContext, ConsumerEvent, ConsumerInput } from "../../../model/consumer/consumer-context.ts";
import { type Call, createConsumerJudge } from "./consumer-judge.ts";
import { promises } from "./consumer-questions.ts";
import { createSurroundings, type Flavour, flavour } from "./consumer-surroundings.ts";
import { anyNumber, moves, pick } from "./moves.ts";
import { createPipes } from "./pipes.ts";
import { type Stepped, type Trial, tryMachine } from "./trial.ts";

const partition = fc.constantFrom("t-0", "t-1");

const draw = fc.record({
  settings: fc.record({
    group: fc.constantFrom("g", "g", null),
    autoCommit: fc.boolean(),
    resetPolicy: fc.constantFrom("earliest" as const, "earliest" as const, "latest" as const, "none" as const),
    maxPollRecords: fc.constantFrom(1, 3, 100),
    /** One of broker 1, one of nobody yet. */
    secondLeader: fc.constantFrom(1, 1, 2, null),
  }),
  moves: moves(
    fc.oneof(
      { weight: 5, arbitrary: fc.constant({ call: { type: "poll", timeoutMs: 900 } } as const) },
      { weight: 4, arbitrary: fc.constant({ call: { type: "commit", offsets: null } } as const) },
      {
        weight: 1,
        arbitrary: fc.record({
          call: fc.record({ type: fc.constant("commit" as const), offsets: fc.record({ "t-0": fc.nat(9) }) }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          call: fc.record({ type: fc.constant("assign" as const), partitions: fc.uniqueArray(partition) }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          call: fc.record({ type: fc.constant("seek" as const), partition, offset: fc.nat(6) }),
        }),
      },
      { weight: 1, arbitrary: fc.constant({ crash: true } as const) },
      // Something that gets it further: an answer, the end of a back-off, or the next poll.
      { weight: 24, arbitrary: fc.record({ answer: anyNumber, flavour }) },
      {
        weight: 5,
        arbitrary: fc.constantFrom({ runsOut: "autoCommitInterval" }, { runsOut: "poll-timeout" }),
      },
      // The poll ends while a question is out, and the next one puts it again.
      { weight: 4, arbitrary: fc.constant({ pollsAgain: true } as const) },
      { weight: 1, arbitrary: fc.record({ disconnect: fc.constantFrom("b1", "b2") }) },
      { weight: 4, arbitrary: fc.record({ fire: anyNumber }) },
      { weight: 1, arbitrary: fc.record({ timeOut: anyNumber }) },
      { weight: 3, arbitrary: fc.record({ elect: partition, leader: fc.constantFrom(1, 1, 2, 2, null) }) },
    ),
    90,
  ),
});

type Drawn = typeof draw extends fc.Arbitrary<infer Value> ? Value : never;
type Step = Stepped<ConsumerContext>;

/** The consumer's fetches in flight, each a machine of its own that says when its time is over, unless it has ended. */
function retime(timed: readonly number[], { effects }: Step): readonly number[] {
  return effects.reduce((brokers, effect) => {
    const broker = effect.kind === "local" ? Number(/^c1\/fetch-b(\d+)$/.exec(effect.to)?.[1]) : 0;
    if (effect.kind !== "local") return brokers;
    const others = brokers.filter((other) => other !== broker);
    return effect.event.type === "sent" ? [...others, broker].sort() : others;
  }, timed);
}

function play(trial: Trial<keyof typeof promises>, { settings, moves }: Drawn): void {
  const { secondLeader, ...chosen } = settings;
  const input: ConsumerInput = {
    client: "c1",
    brokers: [1, 2],
    autoCommitIntervalMs: 5000,
    fetchMaxWaitMs: 500,
    requestTimeoutMs: 30_000,
    apiTimeoutMs: 60_000,
    retryBackoffMs: 100,
    ...chosen,
    // The configuration refuses it without a group.
    autoCommit: chosen.autoCommit && chosen.group !== null,
    leaders: [
      { partition: "t-0", leader: 1, leaderEpoch: 0 },
      { partition: "t-1", leader: secondLeader, leaderEpoch: 0 },
    ],
  };
  const run = trial.start<ConsumerContext, ConsumerEvent>(input);
  const pipes = createPipes();
  const surroundings = createSurroundings(input.leaders);
  const judge = createConsumerJudge(trial.keep, input, pipes);
  let timedFetches: readonly number[] = [];
  const see = (step: Step): void => {
    pipes.carryOut(step.effects);
    timedFetches = retime(timedFetches, step);
    judge.see(step, run.timers(), timedFetches);
  };

  const makeCall = (call: Call): void => {
    if (run.states()[0] === "crashed") see(run.send({ type: "restart" }));
    const isAssigned = (name: string) => run.context().positions.some((position) => position.partition === name);
    if (judge.isBusy() || (call.type === "seek" && !isAssigned(call.partition))) return;
    judge.call(call);
    see(run.send(call));
  };

  const goOn = (which: number, how: Flavour): void => {
    const node = pick(pipes.busy(), which);
    const body = node === undefined ? undefined : pipes.take(node);
    const backOff = run.timers().find(({ name }) => name === "retryBackoff");
    if (node !== undefined && body !== undefined) see(run.send(surroundings.answer(body, node, how)));
    else if (backOff !== undefined) see(run.fire(backOff));
    else makeCall({ type: "poll", timeoutMs: 900 });
  };

  for (const move of moves) {
    const isCrashed = run.states()[0] === "crashed";
    if ("call" in move) {
      makeCall(move.call);
    } else if ("crash" in move) {
      if (!isCrashed) see(run.send({ type: "crash" }));
    } else if ("answer" in move) {
      goOn(move.answer, move.flavour);
    } else if ("disconnect" in move) {
      // A dead process has no connections.
      if (isCrashed) continue;
      pipes.drop(move.disconnect);
      see(run.send({ type: "disconnected", node: move.disconnect }));
    } else if ("fire" in move) {
      const timer = pick(run.timers(), move.fire);
      if (timer !== undefined) see(run.fire(timer));
    } else if ("timeOut" in move) {
      const broker = pick(timedFetches, move.timeOut);
      if (broker === undefined) continue;
      timedFetches = timedFetches.filter((other) => other !== broker);
      see(run.send({ type: "fetch-timed-out", broker }));
    } else if ("pollsAgain" in move) {
      const timer = run.timers().find(({ name }) => name === "poll-timeout");
      const isAsking = run.states().some((state) => state.endsWith("resetting") || state.endsWith("validating"));
      if (timer === undefined || !isAsking) continue;
      see(run.fire(timer));
      makeCall({ type: "poll", timeoutMs: 900 });
    } else if ("runsOut" in move) {
      const timer = run.timers().find(({ name }) => name === move.runsOut);
      if (timer !== undefined) see(run.fire(timer));
    } else surroundings.elect(move.elect, move.leader);
  }
  // From now on all is well: whatever has happened, reading goes on.
  for (const { partition } of input.leaders) surroundings.elect(partition, 1);
  const delivered = judge.delivered();
  for (let round = 0; round < 40 && judge.delivered() === delivered && !judge.hasFailed(); round += 1)
    goOn(0, allIsWell);
  const isAssigned = run.context().positions.length > 0;
  if (isAssigned) trial.keep("getsOn", judge.delivered() > delivered || judge.hasFailed(), run.context());
}

const allIsWell: Flavour = { fetch: "records", records: 1, offset: 0, isError: false, end: "same", metadataAge: 0 };

describe("a consumer", () => {
  it("keeps its promises, whatever happens to it", () => {
    tryMachine({ kind: "consumer", promises, draw, numRuns: 900, play });
  });
});
