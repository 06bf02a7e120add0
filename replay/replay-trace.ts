/** Replays a trace file strictly, whatever it holds, and judges the run again. */
import { clusterOfDesign } from "../check/cluster-of-design.ts";
import { boundedConfig } from "../check/design.ts";
import { lineAndColumn, locate, readLocatedJson } from "../explore/located-json.ts";
import { similarLabel } from "../explore/similar-label.ts";
import { checkModel, parseTrace, type Trace } from "../explore/trace-file.ts";
import { createCluster } from "../model/cluster/cluster.ts";
import { createCompiledStepper } from "../model/cluster/compiled-stepper.ts";
import { createMachines } from "../model/cluster/machines.ts";
import { modelHash } from "../model/cluster/model-hash.ts";
import { plant } from "../model/plants/plant.ts";
import { plantedBugById } from "../model/plants/planted-bugs.ts";
import { type Finding, judgeWalk } from "../report/judge-walk.ts";
import { type Timeline, timelineOf } from "../report/timeline.ts";
import { type StuckWalk, type Walk, walkTimed, walkUntimed } from "../report/walk.ts";
import { loadPartitioners, type ReadModule } from "../scenarios/load-partitioners.ts";
import type { Problem, ScenarioError } from "../scenarios/problem.ts";
import type { Partitioners } from "../spec/partitioner.ts";
import { requirements } from "../spec/requirements/index.ts";
import { readTraceContent, type TraceContent } from "./trace-content.ts";

export interface Replayed {
  readonly content: TraceContent;
  readonly walk: Walk;
  readonly findings: readonly Finding[];
  readonly timeline: Timeline;
}

export type ReplayResult =
  | { readonly ok: true; readonly replayed: Replayed }
  | { readonly ok: false; readonly errors: readonly ScenarioError[] };

/** `file` is the trace's name, for errors. Reads modules only where the cluster has partitioners of the user's own. */
export function replayTrace(text: string, file: string, readModule: ReadModule): ReplayResult {
  const parsed = parseTrace(text);
  if (!parsed.ok) return { ok: false, errors: [{ ...parsed.error, file }] };
  const { trace } = parsed;
  const refuse = (problems: readonly Problem[]): ReplayResult => {
    return { ok: false, errors: problems.map((problem) => placed(problem, text, file)) };
  };
  const otherModel = checkModel(trace, modelHash());
  if (otherModel !== null) return refuse([{ ...otherModel, path: ["model"], on: "value" }]);
  const read = readTraceContent(trace.config);
  if (!read.ok) return refuse(read.problems);
  const { content } = read;
  const { partitioners, problems } = partitionersOf(content, readModule);
  if (problems.length > 0) return refuse(problems);
  const walk = walkOf(content, trace.choices, partitioners);
  if (walk.outcome === "stuck") return refuse([notEnabled(walk)]);
  const wrong = wrongHash(trace, walk);
  if (wrong !== null) return refuse([wrong]);
  const findings = judgedAgain(content, walk);
  const otherVerdict = wrongVerdict(content, findings);
  if (otherVerdict !== null) return refuse([otherVerdict]);
  return { ok: true, replayed: { content, walk, findings, timeline: timelineOf(walk, content.cluster, findings) } };
}

/** Walks the cluster that the content describes. */
export function walkOf(
  content: TraceContent,
  labels: readonly string[],
  partitioners: Partitioners = {},
): Walk | StuckWalk {
  const bug = content.plant === null ? undefined : plantedBugById(content.plant);
  const usual = createMachines(partitioners, content.cluster.server["log.reconciliation"]);
  const machines = bug === undefined ? usual : plant(bug, usual);
  if (content.kind === "check") {
    return walkUntimed(clusterOfDesign({ config: content.cluster, ...content }, { machines }), labels);
  }
  const { cluster, external } = content;
  return walkTimed(createCluster(cluster, { external, stepper: createCompiledStepper(machines) }), labels);
}

/** A counterexample of a check is about what it was found to violate; a run about everything. */
export function judgedAgain(content: TraceContent, walk: Walk): readonly Finding[] {
  if (content.kind === "run") return judgeWalk(walk, content.cluster, requirements);
  const ids = content.found.map(({ requirement }) => requirement);
  const judged = requirements.filter(({ id }) => ids.includes(id));
  return judgeWalk(walk, boundedConfig({ config: content.cluster, ...content }), judged, { ends: true });
}

function partitionersOf(content: TraceContent, readModule: ReadModule) {
  if (content.kind === "check") return { partitioners: {}, problems: [] };
  const { partitioners, problems } = loadPartitioners(content.cluster, content.file, readModule);
  return { partitioners, problems: problems.map((problem) => ({ ...problem, path: ["config", ...problem.path] })) };
}

/** Of the choices that are enabled so many are named. */
const shownMax = 5;

function notEnabled({ at, label, enabled }: StuckWalk): Problem {
  const similar = similarLabel(label, enabled);
  const first = [...(similar === null ? [] : [similar]), ...enabled.filter((one) => one !== similar)].slice(
    0,
    shownMax,
  );
  const others = first.map((one) => JSON.stringify(one));
  const more = enabled.length > others.length ? ` and ${enabled.length - others.length} more` : "";
  return {
    code: "E_TRACE_CHOICE",
    path: ["choices", at],
    on: "value",
    message: `choice ${at + 1}, ${JSON.stringify(label)}, is not enabled here`,
    hint: others.length === 0 ? "nothing is enabled any more" : `enabled are ${others.join(", ")}${more}`,
  };
}

function wrongHash({ hash }: Trace, walk: Walk): Problem | null {
  if (walk.hash === hash) return null;
  return {
    code: "E_TRACE_HASH",
    path: ["hash"],
    on: "value",
    message: `the choices lead to a run with the hash ${walk.hash}; the trace says ${JSON.stringify(hash)}`,
    hint: "was the trace edited by hand? Record the run again",
  };
}

function wrongVerdict({ found }: TraceContent, findings: readonly Finding[]): Problem | null {
  const shown = (list: readonly Pick<Finding, "requirement" | "verdict">[]) =>
    list.map(({ requirement, verdict }) => `${requirement} ${verdict}`).join(", ") || "nothing";
  if (shown(found) === shown(findings)) return null;
  return {
    code: "E_TRACE_VERDICT",
    path: ["config", "found"],
    on: "value",
    message: `judged again, the run shows ${shown(findings)}; the trace says ${shown(found)}`,
    hint: "was the trace edited by hand, or recorded with other requirements?",
  };
}

function placed({ code, path, message, hint }: Problem, text: string, file: string): ScenarioError {
  const read = readLocatedJson(text);
  const place = read.ok ? lineAndColumn(text, locate(read.root, path)) : { line: null, column: null };
  return { code, file, ...place, message, hint };
}
