/** What the requirements say of a run, and whether the scenario can live with it. */
import type { HistoryOperation } from "../spec/history/format.ts";
import type { Requirement, RequirementVerdict, Verdict } from "../spec/requirement.ts";
import type { Subject } from "../spec/subject.ts";
import { combineVerdicts } from "./combine-verdicts.ts";
import type { Path } from "./json.ts";
import type { Scenario } from "./scenario.ts";
import type { Failure } from "./scenario-result.ts";

/** One verdict on each requirement. `fromStates` is what the subject says of what it saw itself. */
export function judgeRun(
  scenario: Scenario,
  requirements: readonly Requirement[],
  fromStates: readonly RequirementVerdict[],
  history: readonly HistoryOperation[],
): readonly RequirementVerdict[] {
  return requirements.map((requirement) => {
    const states = fromStates.find(({ id }) => id === requirement.id) ?? null;
    const judgement = requirement.judge?.(history, scenario.cluster) ?? null;
    return combineVerdicts(requirement, scenario.cluster, states, judgement);
  });
}

const losses: readonly Verdict[] = ["violated", "expected-loss"];
const withoutEvidence: readonly Verdict[] = ["inconclusive", "not-applicable"];

/**
 * Requirements that the scenario asks for and that cannot be told without states: those that no history shows, and every
 * loss. What a history does not show may have been lost all the same, and whoever keeps more than it has promised is not
 * at fault.
 */
export function beyondSight(
  { expect }: Scenario,
  requirements: readonly Requirement[],
  subject: Subject,
): readonly string[] {
  if (subject.capabilities.has("see-states")) return [];
  const unjudged = expect.holds.filter((id) => requirements.find((one) => one.id === id)?.judge === undefined);
  return [...unjudged, ...expect.loses];
}

/**
 * The first requirement that fails the scenario, or `null`: a promise that is violated, whoever asked for it; one under
 * `holds` that was lost; one under `loses` that was not.
 */
export function requirementFailure(
  scenario: Scenario,
  verdicts: readonly RequirementVerdict[],
  unseen: readonly string[],
): Failure | null {
  const { holds, loses } = scenario.expect;
  for (const seen of verdicts) {
    if (seen.verdict === "violated") return failure(scenario, placeOf(scenario, seen.id), seen, "holds");
    if (unseen.includes(seen.id)) continue;
    if (holds.includes(seen.id) && losses.includes(seen.verdict)) {
      return failure(scenario, placeOf(scenario, seen.id), seen, "holds");
    }
    if (loses.includes(seen.id) && !losses.includes(seen.verdict)) {
      return failure(scenario, placeOf(scenario, seen.id), seen, "expected-loss");
    }
  }
  return null;
}

/** Where the file names the requirement; the title, if it does not. */
function placeOf({ expect }: Scenario, id: string): Path {
  if (expect.holds.includes(id)) return ["expect", "holds", expect.holds.indexOf(id)];
  if (expect.loses.includes(id)) return ["expect", "loses", expect.loses.indexOf(id)];
  return ["scenario"];
}

function failure(scenario: Scenario, path: Path, seen: RequirementVerdict, expected: Verdict): Failure {
  const { id, verdict, detail } = seen;
  return {
    step: "expect",
    at: scenario.place(path),
    expected: { requirement: id, verdict: expected },
    seen: { requirement: id, verdict, ...(detail === null ? {} : { detail }) },
  };
}

/** Why what must hold was not put to the test, or `null` if all of it was. */
export function withoutPremise(
  { expect }: Scenario,
  verdicts: readonly RequirementVerdict[],
  unseen: readonly string[],
): string | null {
  const asked = expect.holds.filter((id) => !unseen.includes(id));
  const open = verdicts.filter(({ id, verdict }) => asked.includes(id) && withoutEvidence.includes(verdict));
  if (open.length === 0) return null;
  return open.map(({ id, verdict, detail }) => `${id} is ${verdict}${detail === null ? "" : `: ${detail}`}`).join("; ");
}
