/**
 * Is a follower caught up within the lag time? Held against the definition, computed from the whole history of the
 * term. Assumed of the surroundings: the flags of a fetch are true to a leader's log that only grows within a term.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import type { FollowerLagContext, FollowerLagEvent } from "../../../model/replica/follower-lag-machine.ts";
import { moves } from "./moves.ts";
import { type Stepped, type Trial, tryMachine } from "./trial.ts";

const promises = {
  measures: "a follower is caught up as long as its last proof of having been at the log end is not too long ago",
  provenByPrevious: "to reach the log end of the fetch before proves that the follower was there at that time",
  tells: "every change of the answer is told to the leader, once, and nothing else",
  endsByProof: "a follower falls behind when the timer of its last proof fires, and by no other",
  timers: "two timers run at most: of the last proof, and of the last fetch",
  off: "nothing is measured and no timer runs outside a term",
} as const;

const lagTimeMs = 6;

const draw = moves(
  fc.oneof(
    { weight: 1, arbitrary: fc.record({ begin: fc.boolean() }) },
    { weight: 1, arbitrary: fc.constantFrom({ end: true }, { wait: 2 }, { wait: 3 }, { wait: 4 }) },
    { weight: 9, arbitrary: fc.record({ grow: fc.nat(2) }) },
    { weight: 9, arbitrary: fc.record({ wait: fc.constantFrom(1, 1, 2, 3, 5, 6, 7) }) },
    // How far behind the log end a fetch is; a follower that has been there never goes back, unless it truncates.
    { weight: 12, arbitrary: fc.record({ behind: fc.constantFrom(0, 1, 1, 2, 2, 3) }) },
  ),
);

interface Fetch {
  readonly at: number;
  readonly offset: number;
  /** The leader's log end at that time. */
  readonly end: number;
}

interface Term {
  readonly began: number;
  readonly inIsr: boolean;
  readonly fetches: readonly Fetch[];
}

/** All moments at which this term's history proves that the follower was at the leader's log end of then. */
function proofs({ began, inIsr, fetches }: Term): readonly number[] {
  return [
    ...(inIsr ? [began] : []),
    ...fetches.flatMap((fetch, index) => {
      const before = fetches[index - 1];
      if (fetch.offset >= fetch.end) return [fetch.at];
      return before !== undefined && fetch.offset >= before.end ? [before.at] : [];
    }),
  ];
}

function play(trial: Trial<keyof typeof promises>, drawn: readonly object[]): void {
  const run = trial.start<FollowerLagContext, FollowerLagEvent>({ follower: 2, replica: "b1/t-0", lagTimeMs });
  let term = null as Term | null;
  let end = 0;
  let believed = false;

  const judge = (step: Stepped<FollowerLagContext>): void => {
    const told = step.effects.map((effect) =>
      effect.kind === "local" && effect.to === "b1/t-0" ? (effect.event as { withinLagTime?: boolean }) : {},
    );
    const isCaughtUp = step.states[0] === "caughtUp";
    const begins = step.event.type === "term-began" || step.event.type === "term-ended";
    const changes = !begins && isCaughtUp !== believed;
    trial.keep("tells", told.length === (changes ? 1 : 0), step);
    if (changes) trial.keep("tells", told[0]?.withinLagTime === isCaughtUp, step);
    believed = isCaughtUp;
    const { proven, sinceFetch } = step.after;
    if (step.timer !== null && step.statesBefore[0] === "caughtUp") {
      trial.keep("endsByProof", (step.timer === `lag-${step.before.proven}`) === !isCaughtUp, step);
    }
    const wanted = [proven, sinceFetch].flatMap((timer) => (timer === null ? [] : [`lag-${timer}`]));
    const running = run.timers().map(({ name }) => name);
    trial.keep("timers", (proven !== null) === isCaughtUp && wanted.sort().join() === running.sort().join(), step);
  };

  const compare = (): void => {
    if (term === null) {
      trial.keep("off", run.states()[0] === "off" && run.timers().length === 0, run.timers());
      return;
    }
    const now = run.now();
    // What is due at this moment has fired.
    const isRecent = (moment: number) => now - moment < lagTimeMs;
    const expected = proofs(term).some(isRecent) ? "caughtUp" : "lagging";
    trial.keep("measures", run.states()[0] === expected, { term, now, state: run.states() });
    const direct = proofs({ ...term, fetches: term.fetches.filter((fetch) => fetch.offset >= fetch.end) });
    if (expected === "caughtUp" && !direct.some(isRecent)) {
      trial.keep("provenByPrevious", run.states()[0] === "caughtUp", { term, now });
    }
  };

  for (const move of drawn as readonly Readonly<Record<string, number | boolean>>[]) {
    if ("begin" in move) {
      term = { began: run.now(), inIsr: move["begin"] === true, fetches: [] };
      judge(run.send({ type: "term-began", inIsr: move["begin"] === true }));
    } else if ("end" in move) {
      term = null;
      judge(run.send({ type: "term-ended" }));
    } else if ("grow" in move) end += Number(move["grow"]);
    else if ("wait" in move) {
      // Step by step, so that the definition is looked at between any two timers.
      for (let passed = 0; passed < Number(move["wait"]); passed += 1) {
        run.elapse(1, judge);
        compare();
      }
    } else if (term !== null) {
      const offset = Math.max(0, end - Number(move["behind"]));
      const previous = term.fetches.at(-1)?.end ?? -1;
      term = { ...term, fetches: [...term.fetches, { at: run.now(), offset, end }] };
      judge(run.send({ type: "fetched", reachedEnd: offset >= end, reachedPreviousEnd: offset >= previous }));
    }
    compare();
  }
}

describe("a follower's lag", () => {
  it("keeps its promises, whatever happens to it", () => {
    tryMachine({ kind: "follower-lag", promises, draw, numRuns: 1200, play });
  });
});
