/**
 * What a produce request that is being served promises. Assumed of its surroundings, the replicas of the same broker:
 * each answers an append once; with acks=all, where it has taken the records, it tells once more how the replication
 * has ended, as long as it has not been told to forget the request. In any order among the partitions.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import type { ProduceRequestContext } from "../../../model/broker/produce-request-machine.ts";
import type { ErrorName } from "../../../model/message.ts";
import type { RequesterEvent } from "../../../model/replica/replica-context.ts";
import { anyNumber, moves, pick } from "./moves.ts";
import { type Run, type Stepped, type Trial, tryMachine } from "./trial.ts";

const promises = {
  appends: "every leader is asked to append once, at the beginning",
  answersOnce: "it is answered once, or with acks=0 never, and is over with it",
  waitsForAll: "it is answered as soon as every partition is done, and no sooner, unless its time runs out",
  unanswered: "with acks=0 it is over when every append is, and the connection is closed only if one failed",
  results: "every partition is answered for with its own end, with an offset only where it went well",
  timesOut:
    "when its time runs out the open partitions are answered as timed out, and they alone are told to forget it",
  armsTimeout: "its time runs while it waits for replication, and not before",
  ends: "it has come to its end by its time at the latest",
} as const;

const partitions = ["t-0", "t-1", "t-2"] as const;
const errors = ["NOT_LEADER_OR_FOLLOWER", "NOT_ENOUGH_REPLICAS_AFTER_APPEND"] as const;
const connection = "p1→b1#0";

const draw = fc.record({
  acks: fc.constantFrom(0 as const, 1 as const, -1 as const, -1 as const, -1 as const),
  count: fc.integer({ min: 1, max: 3 }),
  moves: moves(
    fc.oneof(
      { weight: 8, arbitrary: fc.record({ about: anyNumber, error: fc.constantFrom(null, null, null, ...errors) }) },
      { weight: 1, arbitrary: fc.constant({ type: "timeout" } as const) },
    ),
  ),
});

type Drawn = typeof draw extends fc.Arbitrary<infer Value> ? Value : never;
type Step = Stepped<ProduceRequestContext>;

/** How far a partition is, as its replica knows it. */
interface Progress {
  readonly partition: string;
  readonly stage: "appending" | "replicating" | "done";
  readonly error: ErrorName | null;
  readonly baseOffset: number | null;
}

const repliesOf = ({ effects }: Step) => effects.filter(({ kind }) => kind === "reply");

function play({ keep, start }: Trial<keyof typeof promises>, { acks, count, moves }: Drawn): void {
  const asked = partitions.slice(0, count).map((partition) => ({ partition, records: [{ value: "a", key: null }] }));
  const input = { id: "r1", connection, node: "b1", acks, timeoutMs: 1500, partitions: asked };
  const run: Run<ProduceRequestContext, RequesterEvent> = start(input);
  let progress: readonly Progress[] = asked.map(({ partition }) => {
    return { partition, stage: "appending", error: null, baseOffset: null };
  });
  const appends = run.created.effects.map((effect) =>
    effect.kind === "local" && effect.event.type === "append" ? effect.to : "",
  );
  keep("appends", appends.join() === asked.map(({ partition }) => `b1/${partition}`).join(), appends);

  const judge = (step: Step): void => {
    const allAppended = progress.every(({ stage }) => stage !== "appending");
    const allDone = progress.every(({ stage }) => stage === "done");
    const replies = repliesOf(step);
    const timedOut = step.timer !== null;
    if (acks === 0) {
      const failed = progress.some(({ error }) => error !== null);
      const resets = step.effects.filter(({ kind }) => kind === "reset").length;
      keep("unanswered", replies.length === 0 && step.done === allAppended, step);
      keep("unanswered", resets === (allAppended && failed ? 1 : 0), step);
      return;
    }
    keep("answersOnce", replies.length === (step.done ? 1 : 0), step);
    keep("waitsForAll", step.done === (allDone || timedOut), { step, progress });
    const running = run.timers().map(({ delay }) => delay);
    keep("armsTimeout", running.join() === (allAppended && !step.done ? "1500" : ""), { running, step });
    const [reply] = replies;
    if (reply?.kind === "reply") {
      const results = reply.body.type === "produce-response" ? reply.body.results : [];
      const expected = progress.map(({ partition, stage, error, baseOffset }) => {
        const end = stage === "done" ? error : "REQUEST_TIMED_OUT";
        return { partition, error: end, baseOffset: end === null ? baseOffset : null };
      });
      keep("results", JSON.stringify(results) === JSON.stringify(expected), { results, expected });
      const open = progress.filter(({ stage }) => stage !== "done").map(({ partition }) => `b1/${partition} forget`);
      const told = step.effects.flatMap((one) => (one.kind === "local" ? [`${one.to} ${one.event.type}`] : []));
      keep(timedOut ? "timesOut" : "answersOnce", told.join() === open.join(), step);
    }
  };

  for (const move of moves) {
    if (run.isDone()) break;
    if ("type" in move) {
      const [timer] = run.timers();
      if (timer !== undefined) judge(run.fire(timer));
      continue;
    }
    const open = progress.filter(({ stage }) => stage !== "done");
    const about = pick(open, move.about);
    if (about === undefined) continue;
    const { partition } = about;
    const isAppend = about.stage === "appending";
    const next: Progress = isAppend
      ? {
          ...{ partition, error: move.error, baseOffset: move.error === null ? move.about : null },
          stage: acks === -1 && move.error === null ? "replicating" : "done",
        }
      : { ...about, stage: "done", error: move.error };
    progress = progress.map((one) => (one === about ? next : one));
    const { error, baseOffset } = next;
    judge(
      run.send(
        isAppend ? { type: "appended", partition, error, baseOffset } : { type: "replicated", partition, error },
      ),
    );
  }
  if (progress.some(({ stage }) => stage === "appending")) return;
  run.elapse(1500, judge);
  keep("ends", run.isDone(), progress);
}

describe("a produce request", () => {
  it("keeps its promises, whatever happens to it", () => {
    tryMachine({ kind: "produce-request", promises, draw, numRuns: 1500, play });
  });
});
