/** One step on a subject: what it does, and how what comes of it differs from what the step expects. */

import type { Capability, Subject } from "../spec/subject.ts";
import { compareCall, comparePoll, compareSend } from "./expectations/calls.ts";
import { type Compared, compareLooks } from "./expectations/looks.ts";
import type { Mismatch } from "./expectations/mismatch.ts";
import type { Looks } from "./grammar/looks.ts";
import { recordsOf } from "./grammar/records-of.ts";
import type { Step, StepName } from "./grammar/steps.ts";

const needs: Readonly<Partial<Record<StepName, Capability>>> = {
  "delete-records": "delete-records",
  crash: "crash-client",
  restart: "crash-client",
  kill: "kill",
  "power-off": "power-off",
  start: "kill",
  pause: "pause",
  resume: "pause",
  cut: "cut",
  heal: "cut",
  hold: "hold",
  release: "hold",
  elapse: "virtual-time",
  settle: "settle",
};

/** Every subject can wait so long; shorter times are moments that only a virtual clock hits, longer ones nobody waits for. */
const waitMs = { min: 1_000, max: 60_000 } as const;

/** What a subject must be able to do for a step; `null`: every subject can. */
export function needOf(step: Step): Capability | null {
  const isWait = step.name === "elapse" && step.args >= waitMs.min && step.args <= waitMs.max;
  return isWait ? null : (needs[step.name] ?? null);
}

export interface Played extends Compared {
  /** Keys under the step that lead to what was expected: none, or `expect`. */
  readonly under: readonly string[];
  /** What kept a final read from reading everything. */
  readonly unread: string | null;
}

const nothing: Played = { mismatches: [], compared: 0, lacking: [], under: [], unread: null };

type Arguments<Name extends StepName> = Extract<Step, { name: Name }>["args"];

export async function playStep(subject: Subject, step: Step): Promise<Played> {
  switch (step.name) {
    case "send":
      return send(subject, step.args);
    case "flush": {
      const seen = await subject.flush({ producer: step.args.by });
      return ofCall(step.args.expect, (expected) => compareCall(expected, seen));
    }
    case "poll": {
      const seen = await subject.poll({ consumer: step.args.by, timeoutMs: pollMs(subject, step.args) });
      return ofCall(step.args.expect, (expected) => comparePoll(expected, seen));
    }
    case "commit": {
      const seen = await subject.commit({ consumer: step.args.by, offsets: step.args.offsets ?? null });
      return ofCall(step.args.expect, (expected) => compareCall(expected, seen));
    }
    case "seek": {
      const { by: consumer, to: partition, offset, expect } = step.args;
      const seen = await subject.seek({ consumer, partition, offset });
      return ofCall(expect, (expected) => compareCall(expected, seen));
    }
    case "assign": {
      const seen = await subject.assign({ consumer: step.args.by, partitions: step.args.partitions });
      return ofCall(step.args.expect, (expected) => compareCall(expected, seen));
    }
    case "delete-records": {
      const { partition, before, expect } = step.args;
      const seen = await subject.deleteRecords({ partition, before });
      return ofCall(expect, (expected) => compareCall(expected, seen));
    }
    case "final-read": {
      const seen = await subject.finalReads();
      const played = ofCall(step.args.expect, (expected) => comparePoll(expected, seen));
      return { ...played, unread: seen.outcome === "ok" ? null : (seen.error ?? seen.outcome) };
    }
    case "expect":
      return { ...nothing, ...(await lookWithin(subject, step.args, graceMs(subject))) };
    case "await": {
      const { within, ...looks } = step.args;
      return { ...nothing, ...(await lookWithin(subject, looks, awaitMs(subject, within))) };
    }
    default:
      await bend(subject, step);
      return nothing;
  }
}

type Bending = Exclude<
  Step,
  {
    name:
      | "send"
      | "flush"
      | "poll"
      | "commit"
      | "seek"
      | "assign"
      | "delete-records"
      | "final-read"
      | "expect"
      | "await";
  }
>;

/** The steps that nothing comes back from: faults, and the passing of time. */
async function bend(subject: Subject, step: Bending): Promise<void> {
  switch (step.name) {
    case "crash":
      return subject.crash(step.args);
    case "restart":
      return subject.restart(step.args);
    case "kill":
    case "start":
    case "pause":
    case "resume":
      return subject.fault({ kind: step.name, broker: step.args });
    case "power-off":
      return subject.fault({ kind: "power-off", ...step.args });
    case "cut":
      return subject.fault({ kind: "cut", between: step.args });
    case "heal":
      return subject.fault(step.args === "all" ? { kind: "heal-all" } : { kind: "heal", between: step.args });
    case "hold":
    case "release":
      return subject.fault({ kind: step.name, ...step.args });
    case "elapse":
      return subject.elapse(step.args);
    case "settle":
      return subject.settle();
  }
}

async function send(subject: Subject, args: Arguments<"send">): Promise<Played> {
  const { by, to, wait, expect } = args;
  const seen = await subject.send({ producer: by, to, records: recordsOf(args), wait });
  return ofCall(expect, (expected) => compareSend(expected, seen));
}

function ofCall<Expected>(expected: Expected | undefined, check: (expected: Expected) => readonly Mismatch[]): Played {
  if (expected === undefined) return nothing;
  return { ...nothing, mismatches: check(expected), compared: 1, under: ["expect"] };
}

/** In real time what is expected now may take a moment to be seen: answers overtake what they are about. */
const realTimeGraceMs = 3_000;

/** How long an expectation may take to come true; in virtual time not at all. */
export function graceMs(subject: Subject): number {
  return subject.capabilities.has("virtual-time") ? 0 : realTimeGraceMs;
}

/** A slow machine is no broken promise: limits of real time are for what never comes. */
const realTimeAwaitMs = 30_000;
const realTimePollMs = 10_000;

function awaitMs(subject: Subject, within: number): number {
  return subject.capabilities.has("virtual-time") ? within : Math.max(within, realTimeAwaitMs);
}

/** A poll that is to bring something ends when it does. */
function pollMs(subject: Subject, { timeout, expect }: Arguments<"poll">): number {
  const isToBring = expect !== undefined && (Object.keys(expect.records).length > 0 || expect.error !== undefined);
  return subject.capabilities.has("virtual-time") || !isToBring ? timeout : Math.max(timeout, realTimePollMs);
}

/** Looks, lets time pass until something has happened, and looks again, until all of it is seen or the limit is over. */
export async function lookWithin(subject: Subject, expected: Looks, limitMs: number): Promise<Compared> {
  const look = async () => compareLooks(expected, await subject.describe(), subject.capabilities);
  let seen = await look();
  for (let waited = 0; seen.mismatches.length > 0 && waited < limitMs; ) {
    waited += await subject.advance(limitMs - waited);
    seen = await look();
  }
  return seen;
}
