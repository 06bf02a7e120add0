/** A timeline as Mermaid text: a sequence diagram, with notes for what happens at one node and for what changes. */
import { lostFrom, printable, showFinding, showPartitions } from "./show-log.ts";
import { wrapped } from "./show-timeline.ts";
import type { Timeline, TimelineStep } from "./timeline.ts";

/** A longer line would make a box that no page is wide enough for. */
const lineWidth = 48;

export function timelineMermaid({ lanes, begin, steps, end, findings }: Timeline, quietSteps: boolean): string {
  const participant = (lane: string) => `n${lanes.indexOf(lane)}`;
  const brokers = lanes.filter((lane) => /^b\d+$/.test(lane)).map(participant);
  const overBrokers = over(brokers);
  const note = (where: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`Note over ${where}: ${textOf(lines)}`];
  const shown = steps.filter(({ quiet }) => quietSteps || !quiet);
  const lines = [
    ...lanes.map((lane) => `participant ${participant(lane)} as ${textOf([lane])}`),
    ...note(overBrokers, showPartitions(begin, [])),
    ...shown.flatMap((step) => {
      const lost = lostFrom(findings, step.number);
      return [
        ...stepLines(step, participant, over(lanes.map(participant))),
        ...note(overBrokers, showPartitions(step.changes, lost)),
      ];
    }),
    ...note(overBrokers, findings.length === 0 ? showPartitions(end, []) : []),
    ...findings.flatMap((finding) => note(overBrokers, showFinding(finding))),
  ];
  return `sequenceDiagram\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

function stepLines(
  { number, event, text }: TimelineStep,
  participant: (lane: string) => string,
  everybody: string,
): readonly string[] {
  const words = textOf(wrapped(`${number}. ${text}`, lineWidth));
  const { kind, from, to } = event;
  if (from === null || to === null) return [`Note over ${everybody}: ${words}`];
  if (kind === "message") return [`${participant(from)}->>${participant(to)}: ${words}`];
  const note = `Note over ${over([participant(from), participant(to)])}: ${words}`;
  return kind === "break" ? ["rect rgb(255, 224, 224)", `  ${note}`, "end"] : [note];
}

/** Over the first and the last of them. */
function over(participants: readonly string[]): string {
  const [first = "", last = first] = [participants[0], participants.at(-1)];
  return first === last ? first : `${first},${last}`;
}

/** `;` and `#` end a statement or begin an entity, `%%` a comment; `<` and `>` would be tags. */
function textOf(lines: readonly string[]): string {
  return lines
    .flatMap((line) => wrapped(line.trimEnd(), lineWidth))
    .map((line) => printable(line).replace(/[#;%<>&"{}\\`]/g, (character) => `#${character.charCodeAt(0)};`))
    .join("<br/>");
}
