/**
 * A timeline as text for a terminal of 112 columns: number, time, a lane for each node, words; under a step what it has
 * changed in the logs.
 */
import type { LostRecord } from "./judge-walk.ts";
import { lostFrom, printable, showFinding, showPartitions } from "./show-log.ts";
import type { Event, Timeline, TimelineStep } from "./timeline.ts";

/** Colour and weight; a plain one returns the text as it is. */
export type Style = (format: "red" | "green" | "yellow" | "dim" | "bold", text: string) => string;

export const plainStyle: Style = (_, text) => text;

export interface ShowOptions {
  readonly style: Style;
  /** Also steps of which nothing is seen; otherwise several in a row become one line. */
  readonly quietSteps: boolean;
}

const columns = 112;
/** What all lanes have together. */
const laneColumns = 56;
const laneWidthMax = 12;
const laneWidthMin = 4;
const wordsWidthMin = 36;
const indent = "       ";

export function showTimeline(timeline: Timeline, { style, quietSteps }: ShowOptions): string {
  const { lanes, begin, steps, end, findings } = timeline;
  const layout = layoutOf(timeline);
  const lines = [
    style(
      "bold",
      `${"step".padStart(5)} ${head("time", layout)} ${lanes.map((lane) => laneName(lane, layout)).join("")}`.trimEnd(),
    ),
    ...showPartitions(begin, []).map((line) => style("dim", `${indent}${line}`)),
  ];
  for (const group of groupsOf(steps, quietSteps)) {
    const [first] = group;
    if (first === undefined) continue;
    lines.push(
      ...(group.length > 1
        ? skipped(group, layout, style)
        : showStep(first, lostFrom(findings, first.number), layout, style)),
    );
  }
  const lost = lostFrom(findings, steps.length);
  lines.push("", "at the end", ...showPartitions(end, lost).map((line) => marked(`${indent}${line}`, style)));
  for (const finding of findings) {
    const [what = "", ...rest] = showFinding(finding);
    lines.push(
      "",
      style(finding.verdict === "violated" ? "red" : "yellow", what),
      ...rest.map((line) => marked(line, style)),
    );
  }
  return `${lines.join("\n")}\n`;
}

interface Layout {
  readonly lanes: readonly string[];
  readonly laneWidth: number;
  /** 0: there is no clock. */
  readonly timeWidth: number;
  readonly wordsWidth: number;
}

function layoutOf({ lanes, steps }: Timeline): Layout {
  const laneWidth = Math.max(laneWidthMin, Math.min(laneWidthMax, Math.floor(laneColumns / lanes.length)));
  const latest = steps.at(-1)?.time ?? null;
  const timeWidth = latest === null ? 0 : Math.max(4, `${latest}`.length) + 1;
  const wordsWidth = Math.max(wordsWidthMin, columns - 7 - timeWidth - laneWidth * lanes.length);
  return { lanes, laneWidth, timeWidth, wordsWidth };
}

function laneName(text: string, { laneWidth }: Layout): string {
  const characters = [...printable(text)];
  const cut = characters.length < laneWidth ? characters : [...characters.slice(0, laneWidth - 2), "…"];
  return `${cut.join("")}${" ".repeat(laneWidth - cut.length)}`;
}

function head(time: string, { timeWidth }: Layout): string {
  return timeWidth === 0 ? "" : time.padStart(timeWidth);
}

function showStep(
  { number, time, event, text, changes }: TimelineStep,
  lost: readonly LostRecord[],
  layout: Layout,
  style: Style,
): readonly string[] {
  const [first = "", ...rest] = wrapped(printable(text), layout.wordsWidth);
  const colour = event.kind === "break" ? "red" : event.kind === "mend" ? "green" : null;
  const words = (line: string) => (colour === null ? line : style(colour, line));
  const begin = `${`${number}`.padStart(5)} ${head(`${time ?? ""}`, layout)}`;
  return [
    `${begin} ${drawn(event, layout)}${words(first)}`,
    ...rest.map((line) => `${" ".repeat(begin.length)} ${drawn(null, layout)}${words(line)}`),
    ...showPartitions(changes, lost).map((line) => marked(`${indent}${line}`, style, "dim")),
  ];
}

/** A lost record stands out. */
function marked(line: string, style: Style, otherwise: "dim" | null = null): string {
  if (line.includes("✗")) return style("red", line);
  return otherwise === null ? line : style(otherwise, line);
}

function skipped(group: readonly TimelineStep[], layout: Layout, style: Style): readonly string[] {
  const [first, last] = [group[0], group.at(-1)];
  const what = `steps ${first?.number} to ${last?.number}: nothing new is seen`;
  return [style("dim", `${"⋮".padStart(5)} ${head("", layout)} ${drawn(null, layout)}${what}`)];
}

/** Several quiet steps in a row are one group; every other step is one of its own. */
function groupsOf(steps: readonly TimelineStep[], quietSteps: boolean): readonly (readonly TimelineStep[])[] {
  const groups: TimelineStep[][] = [];
  for (const step of steps) {
    const group = groups.at(-1);
    if (!quietSteps && step.quiet && group?.at(-1)?.quiet === true) group.push(step);
    else groups.push([step]);
  }
  return groups;
}

/** The lanes at one moment; `null`: nothing happens on them. */
function drawn(event: Event | null, { lanes, laneWidth }: Layout): string {
  const cells = lanes.map(() => `│${" ".repeat(laneWidth - 1)}`).join("");
  const from = lanes.indexOf(event?.from ?? "");
  const to = lanes.indexOf(event?.to ?? "");
  if (event === null || from < 0 || to < 0) return cells;
  const marks = { message: "●", local: "●", break: "×", mend: "○" } as const;
  const line = [...cells];
  const [left, right] = [Math.min(from, to) * laneWidth, Math.max(from, to) * laneWidth];
  for (let at = left + 1; at < right; at += 1) {
    const isLane = at % laneWidth === 0;
    line[at] = event.kind === "message" ? (isLane ? "┼" : "─") : isLane ? "│" : "╌";
  }
  line[from * laneWidth] = marks[event.kind];
  if (from !== to) line[to * laneWidth] = event.kind === "message" ? (to > from ? "▶" : "◀") : marks[event.kind];
  return line.join("");
}

/** Lines of at most so many characters, broken between words; a word that is longer is broken itself. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    let rest = [...word];
    if (line !== "" && [...line].length + 1 + rest.length > width) {
      lines.push(line);
      line = "";
    }
    while (rest.length > width) {
      lines.push(rest.slice(0, width).join(""));
      rest = rest.slice(width);
    }
    line = line === "" ? rest.join("") : `${line} ${rest.join("")}`;
  }
  return [...lines, line];
}
