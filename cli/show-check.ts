/** The report of a check for people: what was checked, within which bounds, every verdict, every story. */

import type { Checked, CheckedRequirement } from "../check/check-design.ts";
import { choicesOfRun } from "../check/check-randomly.ts";
import type { Design } from "../check/design.ts";
import type { CounterexampleFiles } from "./check-files.ts";
import type { Environment } from "./environment.ts";
import { quoted } from "./quoted.ts";

export interface ShowCheckOptions {
  readonly files: ReadonlyMap<string, CounterexampleFiles>;
  /** The timeline in place of the story in words. */
  readonly timeline: boolean;
  /** Of random runs. */
  readonly seed: number | null;
  /** Properties that the model does not look at. */
  readonly setAside: readonly string[];
}

export interface Suggestion {
  readonly requirement: string;
  /** `null`: no change that is known here will do. */
  readonly changes: readonly { readonly name: string; readonly value: string }[] | null;
  /** Of the search that showed it to hold. */
  readonly states: number;
}

export function showCheck(
  design: Design,
  checked: Checked,
  seconds: number,
  style: Environment["style"],
  options: ShowCheckOptions,
): string {
  const { states, transitions, depth, complete, end, collisionOdds } = checked;
  const extent = complete
    ? "exhaustive within these bounds"
    : end === "runs"
      ? `random runs of ${choicesOfRun} choices, seed ${options.seed}`
      : `not complete (${end})`;
  const lines = [
    ...showDesign(design),
    ...options.setAside.map((text) => `set aside: ${text}`),
    "",
    ...checked.requirements.map((one) => showVerdict(one, style)),
    ...checked.requirements.flatMap((one) => showStory(one, style, options)),
    "",
    `${extent}: ${states} states, ${transitions} transitions, ${depth} choices deep, ${seconds.toFixed(1)} s`,
    ...(end === "runs" ? [] : [`odds that two states were taken for one: ${collisionOdds.toExponential(1)}`]),
  ];
  return `${lines.join("\n")}\n`;
}

function showDesign({ config, faults, bounds, channels }: Design): readonly string[] {
  const struck = Object.entries(faults).filter(([, count]) => count > 0);
  const topics = Object.entries(config.topics).map(
    ([id, topic]) =>
      `${id}: ${topic.partitions} partition(s), replication.factor ${topic["replication.factor"]}, min.insync.replicas ${topic["min.insync.replicas"]}, unclean.leader.election.enable ${topic["unclean.leader.election.enable"]}`,
  );
  const producers = Object.entries(config.producers).map(
    ([id, { acks }]) => `${id}: acks ${acks === -1 ? "all" : acks}`,
  );
  return [
    `profile ${config.profile}, ${config.brokers} brokers`,
    ...topics.map((text) => `topic ${text}`),
    ...producers.map((text) => `producer ${text}`),
    `faults: ${struck.length === 0 ? "none" : struck.map(([kind, count]) => `${kind} ${count}`).join(", ")}`,
    `bounds: ${bounds.records} records a producer, ${bounds.elections} elections, ${bounds.attempts} attempts a batch; ${channels} channels`,
  ];
}

const colours = {
  holds: "green",
  violated: "red",
  "expected-loss": "yellow",
  "no-witness": "dim",
  inconclusive: "magenta",
  "not-applicable": "dim",
} as const;

function showVerdict(
  { id, title, verdict, promised, reason }: CheckedRequirement,
  style: Environment["style"],
): string {
  const promise = promised ? "promised" : "not promised";
  return `${id.padEnd(6)} ${style(colours[verdict], verdict.padEnd(13))} ${title} (${promise}${reason === null ? "" : `: ${reason}`})`;
}

function showStory(
  { id, verdict, counterexample }: CheckedRequirement,
  style: Environment["style"],
  { files, timeline, seed }: ShowCheckOptions,
): readonly string[] {
  if (counterexample === null) return [];
  const left = files.get(id);
  const steps =
    timeline && left !== undefined
      ? [left.timeline.trimEnd()]
      : counterexample.map(({ text }, index) => `${`${index + 1}`.padStart(4)}  ${text}`);
  const file = left?.file ?? null;
  return [
    "",
    `${style(colours[verdict], `${id} ${verdict}`)}: ${seed === null ? "the shortest way" : "a way"} there, ${counterexample.length} choices`,
    ...steps,
    ...(file === null ? [] : [`replay: npx highwater replay ${quoted(file)}`]),
  ];
}

export function showSuggestion({ requirement, changes, states }: Suggestion): string {
  if (changes === null) return `suggestion: none that is known here makes ${requirement} hold\n`;
  const settings = changes.map(({ name, value }) => `${name}=${value}`).join(", ");
  return `suggestion: ${settings}; ${requirement} holds then, in all ${states} states within the same bounds\n`;
}

/** Verdict by verdict where they differ. */
export function showComparison(checked: Checked, other: Design, compared: Checked): string {
  const rows = compared.requirements.flatMap(({ id, title, verdict }) => {
    const own = checked.requirements.find((one) => one.id === id)?.verdict ?? "not-applicable";
    return own === verdict ? [] : [`${id.padEnd(6)} ${own.padEnd(13)} -> ${verdict.padEnd(13)} ${title}`];
  });
  const extent = compared.complete ? "exhaustive within the same bounds" : `not complete (${compared.end})`;
  return [
    "compared with:",
    ...showDesign(other),
    "",
    ...(rows.length === 0 ? ["no verdict differs"] : rows),
    "",
    `${extent}: ${compared.states} states`,
    "",
  ].join("\n");
}
