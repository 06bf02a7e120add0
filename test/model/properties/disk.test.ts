/**
 * What a disk promises, held against a list that has for every record whether it is on disk, and a clock. Nothing is
 * assumed of the replica: its log may grow and shrink by anything; the power may go at any time, with any wish of what
 * is to survive. The order of what comes at one moment is free.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import type { DiskContext, DiskEvent } from "../../../model/replica/disk-machine.ts";
import { moves } from "./moves.ts";
import { type Stepped, type Trial, tryMachine } from "./trial.ts";

const promises = {
  flushes: "as soon as log.flush.interval.messages records are beyond the recovery point, all is on disk at once",
  writesBack:
    "what is not flushed is written back after the interval, counted from the first such record, dead or alive",
  notPutOff: "further writes do not put the write-back off",
  rests: "nothing runs while all is on disk",
  survives: "a power loss takes nothing that is on disk, and may take anything else from the tail",
  tells: "the replica is told once where its log ends after a power loss, and is told nothing else",
  asWished: "what can survive does, where it is wished for; the least does where nothing is",
  afterwards: "after a power loss all that is left is on disk, and the next flush counts from there at most",
  recoveryPoint: "the recovery point moves by a flush alone, and back by a truncation",
} as const;

const writebackMs = 10;

const draw = fc.record({
  flushInterval: fc.constantFrom(1, 3, 3, 5, Number.MAX_SAFE_INTEGER),
  moves: moves(
    fc.oneof(
      { weight: 8, arbitrary: fc.record({ grow: fc.constantFrom(0, 1, 1, 1, 2, 4) }) },
      { weight: 2, arbitrary: fc.record({ truncate: fc.constantFrom(1, 2, 9) }) },
      { weight: 2, arbitrary: fc.record({ keeps: fc.oneof(fc.constant(null), fc.nat(12)) }) },
      { weight: 6, arbitrary: fc.record({ wait: fc.constantFrom(1, 2, 5, 9, 10, 11) }) },
    ),
  ),
});

type Drawn = typeof draw extends fc.Arbitrary<infer Value> ? Value : never;
type Step = Stepped<DiskContext>;

function play({ keep, start }: Trial<keyof typeof promises>, { flushInterval, moves }: Drawn): void {
  const run = start<DiskContext, DiskEvent>({ replica: "b1/t-0", flushInterval, writebackMs });
  /** Of every record, in the order of offsets. */
  let isOnDisk: readonly boolean[] = [];
  let recoveryPoint = 0;
  /** When the first of those that are not on disk was written. */
  let dirtySince: number | null = null;

  const seeWriteback = (step: Step): void => {
    keep("writesBack", dirtySince !== null && run.now() === dirtySince + writebackMs, { now: run.now(), dirtySince });
    keep("tells", step.effects.length === 0, step);
    isOnDisk = isOnDisk.map(() => true);
    dirtySince = null;
  };

  function write(end: number): void {
    const kept = isOnDisk.slice(0, end);
    isOnDisk = [...kept, ...Array.from({ length: end - kept.length }, () => false)];
    recoveryPoint = Math.min(recoveryPoint, end);
    const isFull = end - recoveryPoint >= flushInterval;
    if (isFull) {
      isOnDisk = isOnDisk.map(() => true);
      recoveryPoint = end;
    }
    const wasDirty = dirtySince !== null;
    const isDirty = isOnDisk.includes(false);
    if (!isDirty) dirtySince = null;
    else if (dirtySince === null) dirtySince = run.now();
    const step = run.send({ type: "log-changed", logEnd: end });
    keep("tells", step.effects.length === 0, step);
    if (isFull) keep("flushes", step.after.flushed === end && step.states[0] === "clean", step);
    if (wasDirty && isDirty) keep("notPutOff", step.armed.length === 0, step);
  }

  function losePower(keeps: number | null): void {
    const safe = isOnDisk.filter((is) => is).length;
    const end = isOnDisk.length;
    const step = run.send({ type: "power-lost", keeps });
    const [told, ...others] = step.effects.flatMap((effect) => (effect.kind === "local" ? [effect] : []));
    const { type, logEnd } = (told?.event ?? {}) as { type?: string; logEnd?: number };
    keep(
      "tells",
      told?.to === "b1/t-0" && type === "tail-lost" && others.length === 0 && step.effects.length === 1,
      step,
    );
    const left = logEnd ?? -1;
    if (safe < end) keep("survives", left >= safe && left <= end, { step, isOnDisk });
    const canBe = keeps !== null && keeps >= safe && keeps <= end;
    keep("asWished", left === (canBe ? keeps : keeps !== null && keeps > end ? end : safe), { step, isOnDisk });
    isOnDisk = isOnDisk.slice(0, left).map(() => true);
    recoveryPoint = Math.min(recoveryPoint, left);
    dirtySince = null;
    const { after } = step;
    keep("afterwards", after.logEnd === left && after.flushed === left && step.states[0] === "clean", step);
  }

  for (const move of moves) {
    if ("wait" in move) run.elapse(move.wait, seeWriteback);
    else if ("grow" in move) write(isOnDisk.length + move.grow);
    else if ("truncate" in move) write(Math.max(0, isOnDisk.length - move.truncate));
    else losePower(move.keeps);
    const { logEnd, flushed, recoveryPoint: found } = run.context();
    // What is on disk is so from the head.
    const safe = isOnDisk.filter((is) => is).length;
    keep("survives", flushed === safe && logEnd === isOnDisk.length, { context: run.context(), isOnDisk });
    keep("recoveryPoint", found === recoveryPoint, { found, recoveryPoint });
    const dues = run.timers().map(({ due }) => due);
    if (dirtySince === null) keep("rests", dues.length === 0 && run.states()[0] === "clean", dues);
    else keep("writesBack", dues.length === 1 && dues[0] === dirtySince + writebackMs, { dues, dirtySince });
  }
}

describe("a disk", () => {
  it("keeps its promises, whatever happens to it", () => {
    tryMachine({ kind: "disk", promises, draw, numRuns: 400, play });
  });
});
