/** Plays one scenario on a subject, step by step up to the first that is not as expected, and judges the run. */
import type { HistoryOperation, Json } from "../spec/history/format.ts";
import type { Requirement } from "../spec/requirement.ts";
import { type Capability, capabilities, type Subject } from "../spec/subject.ts";
import { acknowledgedLost, deliveredTwice } from "./expectations/from-history.ts";
import type { Compared } from "./expectations/looks.ts";
import { compare, type Mismatch, nested } from "./expectations/mismatch.ts";
import type { Path } from "./json.ts";
import { beyondSight, judgeRun, requirementFailure, withoutPremise } from "./judge-run.ts";
import { graceMs, lookWithin, needOf, playStep } from "./play-step.ts";
import type { Scenario } from "./scenario.ts";
import type { Failure, ScenarioResult, Status } from "./scenario-result.ts";

/** `history` is everything that the subject has recorded, also up to a failure. */
export interface PlayedScenario {
  readonly result: ScenarioResult;
  readonly history: readonly HistoryOperation[];
  /** The text of a trace file, if it was asked for and the subject can be replayed. */
  readonly trace: string | null;
}

/** How far the run came. */
interface Run {
  readonly steps: number;
  readonly failure: Failure | null;
  /** What the subject could not be asked, in words. */
  readonly leftOut: readonly string[];
  /** How many expectations were compared. */
  readonly compared: number;
}

/** The subject is used for this scenario alone and closed at the end. What it throws is thrown on. */
export async function playScenario(
  scenario: Scenario,
  subject: Subject,
  requirements: readonly Requirement[],
  wants: { readonly trace: boolean } = { trace: false },
): Promise<PlayedScenario> {
  const { file, name } = scenario;
  const history: HistoryOperation[] = [];
  try {
    const impossible = impossibleSteps(scenario, subject);
    // What could not be played anyway is not worth asking a cluster for.
    const reasons = impossible.length > 0 ? impossible : await subject.lacks(scenario.cluster);
    if (reasons.length > 0) return { result: skippedResult(scenario, reasons), history, trace: null };
    const refused = await subject.start(
      scenario.cluster,
      (operation) => history.push(operation),
      scenario.partitioners,
    );
    if (refused !== null || scenario.expect.refused !== undefined) {
      return { result: resultOfRefusal(scenario, refused), history, trace: null };
    }
    const run = await playAll(scenario, subject, history);
    if (run.failure === null && needsFinalRead(scenario, subject, history)) await subject.finalReads();
    const verdicts = judgeRun(scenario, requirements, await subject.verdicts(), history);
    const unseen = beyondSight(scenario, requirements, subject);
    const failure = run.failure ?? requirementFailure(scenario, verdicts, unseen);
    const open = withoutPremise(scenario, verdicts, unseen);
    const status: Status =
      failure !== null
        ? "failed"
        : isBlind(scenario, run, unseen)
          ? "skipped"
          : open !== null
            ? "inconclusive"
            : "passed";
    const leftOut = [...run.leftOut, ...unseen.map((id) => skipped(`${id} at the end`, "see-states"))];
    const reason = status === "inconclusive" ? [open, ...leftOut] : leftOut;
    const result: ScenarioResult = {
      file,
      name,
      status,
      reason: reason.length === 0 ? null : reason.join("; "),
      steps: run.steps,
      traceHash: await subject.traceHash(),
      requirements: verdicts.map(({ id, verdict }) => ({ id, verdict })),
      failure,
      errors: [],
    };
    return { result, history, trace: wants.trace ? await subject.trace(file) : null };
  } finally {
    await subject.close();
  }
}

function skippedResult({ file, name }: Scenario, reasons: readonly string[]): ScenarioResult {
  const nothing = { steps: 0, traceHash: null, requirements: [], failure: null, errors: [] };
  return { file, name, status: "skipped", reason: reasons.join("; "), ...nothing };
}

/** Nothing was played: the creation was refused, or should have been. */
function resultOfRefusal(scenario: Scenario, refused: string | null): ScenarioResult {
  const { file, name, expect } = scenario;
  const expected = expect.refused ?? null;
  const at = scenario.place(expected === null ? ["cluster"] : ["expect", "refused"]);
  const failure: Failure | null =
    refused === expected ? null : { step: "expect", at, expected: { refused: expected }, seen: { refused } };
  const status = failure === null ? "passed" : "failed";
  return { file, name, status, reason: null, steps: 0, traceHash: null, requirements: [], failure, errors: [] };
}

/** A step that cannot be played makes every later expectation meaningless: the scenario is skipped as a whole. */
function impossibleSteps(scenario: Scenario, subject: Subject): readonly string[] {
  const lacked = new Set<Capability>();
  return scenario.steps.flatMap((step, index) => {
    const capability = needOf(step);
    if (capability === null || subject.capabilities.has(capability) || lacked.has(capability)) return [];
    // The first step is enough to name what is missing.
    lacked.add(capability);
    return [skipped(`step ${index + 1} (${step.name})`, capability)];
  });
}

function skipped(what: string, capability: Capability): string {
  return `${what} skipped: it needs a subject that ${capabilities[capability]} (${capability})`;
}

/** Without states, what became of the records can only be told from a read of everything. */
function needsFinalRead({ expect }: Scenario, subject: Subject, history: readonly HistoryOperation[]): boolean {
  if (subject.capabilities.has("see-states") || expect.holds.length + expect.loses.length === 0) return false;
  return !history.some((operation) => operation.f === "poll" && operation.final === true);
}

/** Of all that is expected nothing could be looked at. */
function isBlind({ expect }: Scenario, run: Run, unseen: readonly string[]): boolean {
  const judged = [...expect.holds, ...expect.loses].filter((id) => !unseen.includes(id));
  return run.leftOut.length + unseen.length > 0 && run.compared === 0 && judged.length === 0;
}

async function playAll(scenario: Scenario, subject: Subject, history: HistoryOperation[]): Promise<Run> {
  const leftOut: string[] = [];
  let compared = 0;
  let finalRead: FinalRead | null = null;
  const note = (where: string, seen: Compared) => {
    compared += seen.compared;
    leftOut.push(...seen.lacking.map(({ look, capability }) => skipped(`${where}, ${look}:`, capability)));
  };
  for (const [index, step] of scenario.steps.entries()) {
    const begin = history.length;
    const played = await playStep(subject, step);
    if (step.name === "final-read") finalRead = { begin, error: played.unread };
    note(`step ${index + 1} (${step.name})`, played);
    const failure = failureOf(scenario, index + 1, ["steps", index, step.name, ...played.under], played.mismatches);
    if (failure !== null) return { steps: index + 1, failure, leftOut, compared };
  }
  const seen = await compareAtEnd(scenario, subject, history, finalRead);
  note("at the end", seen);
  const failure = failureOf(scenario, "expect", ["expect"], seen.mismatches);
  return { steps: scenario.steps.length, failure, leftOut, compared };
}

function failureOf(
  scenario: Scenario,
  step: Failure["step"],
  under: Path,
  mismatches: readonly Mismatch[],
): Failure | null {
  const [first] = mismatches;
  if (first === undefined) return null;
  const at = scenario.place([...under, ...first.path]);
  return { step, at, expected: nested(mismatches, "expected"), seen: nested(mismatches, "seen") };
}

/** Where in the history a final read begins, and the error that kept it from reading everything. */
interface FinalRead {
  readonly begin: number;
  readonly error: string | null;
}

/** Looks come first: a final read, where none was made, would let time pass. */
async function compareAtEnd(
  { expect }: Scenario,
  subject: Subject,
  history: readonly HistoryOperation[],
  made: FinalRead | null,
): Promise<Compared> {
  const looks = await lookWithin(subject, expect, graceMs(subject));
  const mismatches = [...looks.mismatches];
  let compared = looks.compared;
  for (const [consumer, expected] of Object.entries(expect["delivered-twice"] ?? {})) {
    compared += 1;
    mismatches.push(...compare(["delivered-twice", consumer], expected, deliveredTwice(history, consumer)));
  }
  const lost = Object.entries(expect["acknowledged-lost"] ?? {});
  const final = made ?? (lost.length === 0 ? null : await readFinally(subject, history));
  for (const [partition, expected] of lost) {
    compared += 1;
    const seen: Json =
      final === null || final.error !== null
        ? { error: final?.error ?? null }
        : acknowledgedLost(history, partition, final.begin);
    mismatches.push(...compare(["acknowledged-lost", partition], expected, seen));
  }
  return { mismatches, compared, lacking: looks.lacking };
}

async function readFinally(subject: Subject, history: readonly HistoryOperation[]): Promise<FinalRead> {
  const begin = history.length;
  const { outcome, error } = await subject.finalReads();
  return { begin, error: outcome === "ok" ? null : (error ?? outcome) };
}
