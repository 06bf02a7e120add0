/**
 * What a fetch request that is being served promises. Assumed of its surroundings, the replicas of the same broker:
 * each answers every read once, within the step that asks, so that no time runs out in between; in any order among the
 * partitions. A change may be told at any time, even one that has been overtaken by the next read.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import type { FetchPartition, FetchResult } from "../../../model/message.ts";
import type { RequesterEvent } from "../../../model/replica/replica-context.ts";
import { anyNumber, moves, pick } from "./moves.ts";
import { type Run, type Stepped, type Trial, tryMachine } from "./trial.ts";

const promises = {
  reads: "every partition is read once a round, for the reader that asks; the first round counts, later ones do not",
  answersOnce: "it is answered once, and is over with it",
  waitsForAll: "it is not answered before every partition of the round is read",
  answersSomething: "it is answered at once if any partition has records, an error or a divergence to tell",
  parks: "it is parked while there is nothing to tell and its wait is not over",
  readsAgain: "a change, or the end of its wait, has everything read again",
  waits: "its wait runs from its creation, and is the reader's; after it, it is answered with whatever there is",
  results: "it is answered with the results of the last round, one for every partition",
  forgets: "every replica is told to forget it when it is over, and not before",
} as const;

const names = ["t-0", "t-1", "t-2"] as const;
const connection = "c1→b1#0";

const draw = fc.record({
  isFollower: fc.boolean(),
  count: fc.integer({ min: 1, max: 3 }),
  maxWaitMs: fc.constantFrom(0, 500),
  moves: moves(
    fc.oneof(
      // What a read finds: mostly nothing, so that the request is parked again and again.
      {
        weight: 12,
        arbitrary: fc.record({
          about: anyNumber,
          finds: fc.constantFrom(...Array<"nothing">(9).fill("nothing"), "records", "error", "divergence"),
        }),
      },
      { weight: 3, arbitrary: fc.constant({ type: "changed" } as const) },
      { weight: 1, arbitrary: fc.constant({ type: "wait-over" } as const) },
    ),
  ),
});

type Drawn = typeof draw extends fc.Arbitrary<infer Value> ? Value : never;

interface Context {
  readonly partitions: readonly FetchPartition[];
  readonly results: readonly FetchResult[];
}
type Step = Stepped<Context>;

function resultOf(at: FetchPartition, finds: string, highWatermark: number): FetchResult {
  return {
    partition: at.partition,
    error: finds === "error" ? "NOT_LEADER_OR_FOLLOWER" : null,
    diverging: finds === "divergence" ? { epoch: 0, endOffset: 1 } : null,
    entries: finds === "records" ? [{ offset: at.offset, epoch: 0, value: "a", key: null }] : [],
    fetchOffset: at.offset,
    highWatermark,
    logStart: 0,
  };
}

/** Local events, as `b1/t-0 read again`. */
function toldBy({ effects }: Step): readonly string[] {
  return effects.flatMap((effect) => {
    if (effect.kind !== "local") return [];
    const event = effect.event as { type: string; again?: boolean };
    return [`${effect.to} ${event.type}${event.again === true ? " again" : ""}`];
  });
}

function play({ keep, start }: Trial<keyof typeof promises>, drawn: Drawn): void {
  const partitions = names.slice(0, drawn.count).map((partition, index): FetchPartition => {
    return { partition, offset: index, currentLeaderEpoch: 0, lastFetchedEpoch: drawn.isFollower ? 0 : null };
  });
  const reader = drawn.isFollower
    ? { replica: { broker: 2, brokerEpoch: 1 }, consumer: null }
    : { replica: null, consumer: "c1" };
  const { maxWaitMs } = drawn;
  const run: Run<Context, RequesterEvent> = start({
    id: "r",
    connection,
    node: "b1",
    ...reader,
    maxWaitMs,
    partitions,
  });
  let round: readonly FetchResult[] = [];
  let rounds = 1;
  let waitIsOver = false;
  const every = (what: string) => partitions.map(({ partition }) => `b1/${partition} ${what}`).join();
  const [wait] = run.timers();
  keep("waits", wait?.delay === maxWaitMs && wait.name === "wait-over", run.timers());
  keep("reads", toldBy(run.created).join() === every("read"), run.created);
  for (const effect of run.created.effects) {
    const event = effect.kind === "local" ? (effect.event as { requester?: string; replica?: object | null }) : {};
    keep("reads", event.requester === "r" && (event.replica !== null) === drawn.isFollower, effect);
  }

  /** The request after a step that has not begun a new round. */
  const judge = (step: Step, isNews: boolean): void => {
    const isComplete = round.length === partitions.length;
    const hasSomething = round.some((one) => one.error !== null || one.diverging !== null || one.entries.length > 0);
    const replies = step.effects.flatMap((effect) => (effect.kind === "reply" ? [effect] : []));
    keep("answersOnce", replies.length === (step.done ? 1 : 0), step);
    if (!isComplete) keep("waitsForAll", !step.done && step.states[0] === "reading", step);
    else if (hasSomething) keep("answersSomething", step.done, step);
    else if (waitIsOver) keep("waits", step.done, step);
    else keep("parks", step.states[0] === "parked" && !step.done, step);
    const [reply] = replies;
    if (reply === undefined) {
      if (isNews) keep("forgets", toldBy(step).length === 0, step);
      return;
    }
    const results = reply.body.type === "fetch-response" ? reply.body.results : [];
    keep("results", JSON.stringify(results) === JSON.stringify(round) && reply.connection === connection, step);
    keep("forgets", toldBy(step).join() === every("forget"), step);
  };

  const judgeRound = (step: Step): void => {
    round = [];
    rounds += 1;
    keep("readsAgain", step.states[0] === "reading" && toldBy(step).join() === every("read again"), step);
    judge(step, false);
  };

  for (const move of drawn.moves) {
    if (run.isDone()) return;
    const isParked = run.states()[0] === "parked";
    if ("about" in move) {
      const at = pick(
        partitions.filter(({ partition }) => !round.some((result) => result.partition === partition)),
        move.about,
      );
      if (at === undefined) continue;
      const result = resultOf(at, move.finds, rounds);
      round = [...round, result];
      judge(run.send({ type: "read-result", result }), true);
    } else if (move.type === "changed") {
      const step = run.send({ type: "changed" });
      if (isParked) judgeRound(step);
      else judge(step, true);
    } else if (isParked) {
      const [timer] = run.timers();
      if (timer === undefined) continue;
      waitIsOver = true;
      judgeRound(run.fire(timer));
    }
  }
}

describe("a fetch request", () => {
  it("keeps its promises, whatever happens to it", () => {
    tryMachine({ kind: "fetch-request", promises, draw, numRuns: 1000, play });
  });
});
