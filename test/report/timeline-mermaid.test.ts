/** Mermaid text: what stands in it, and that no value can break out of its line. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Timeline, timelineOf } from "../../report/timeline.ts";
import { timelineMermaid } from "../../report/timeline-mermaid.ts";
import { step, timeline } from "./a-timeline.ts";
import { randomTimed, randomUntimed } from "./walks.ts";

/** A line of text: no `;` but after an entity, no `#` but before one, nothing that Mermaid or HTML would read. */
const text = '(?:[^#;%<>&{}"`\\\\\\p{Cc}]|#[0-9]+;|<br/>)*';
const statements = [
  `participant n\\d+ as ${text}`,
  `n\\d+->>n\\d+: \\d+\\. ?${text}`,
  `Note over n\\d+(?:,n\\d+)?: ${text}`,
  "rect rgb\\(255, 224, 224\\)",
  "end",
].map((pattern) => new RegExp(`^ +${pattern}$`, "u"));

function strangeLines(mermaid: string): readonly string[] {
  const [first, ...lines] = mermaid.trimEnd().split("\n");
  const strange = lines.filter((line) => !statements.some((statement) => statement.test(line)));
  return first === "sequenceDiagram" ? strange : [first ?? "", ...strange];
}

describe("a timeline as Mermaid", () => {
  it("is a sequence diagram: messages, notes, faults apart, and what is lost", () => {
    expect(timelineMermaid(timeline, true)).toBe(
      [
        "sequenceDiagram",
        "  participant n0 as p",
        "  participant n1 as controller",
        "  participant n2 as b1",
        "  participant n3 as b2",
        "  Note over n2,n3: t-0  leader 1, epoch 0, ISR 1 2<br/>b1 leader e0    LEO 0  HW 0<br/>b2 follower e0  LEO 0  HW 0",
        "  n0->>n2: 1. broker 1 gets what p sends",
        "  Note over n2,n3: t-0  b1 leader e0    LEO 1  HW 0  0:a/e0",
        "  n3->>n2: 2. broker 2 fetches from broker 1",
        "  rect rgb(255, 224, 224)",
        "    Note over n2,n3: 3. the link between broker 1 and broker 2 is cut",
        "  end",
        "  rect rgb(255, 224, 224)",
        "    Note over n2: 4. broker 1 is killed",
        "  end",
        "  Note over n2,n3: t-0  leader 2, epoch 1, ISR 2, ELR 1<br/>b1 dead         LEO 1  HW 0  0:a/e0✗<br/>b2 leader e1    LEO 0  HW 0  ✗ lacks 0:a",
        "  Note over n0,n3: 5. every link heals",
        "  Note over n1: 6. a timer of the controller runs out",
        "  Note over n2,n3: DUR-1 violated at step 4: acknowledged records<br/>are never lost<br/>a is gone<br/>✗ lost: a (t-0 offset 0), acknowledged to p at<br/>step 1",
        "",
      ].join("\n"),
    );
  });

  it("ends with the logs where nothing is lost", () => {
    const lines = timelineMermaid({ ...timeline, findings: [] }, true)
      .trimEnd()
      .split("\n");
    expect(lines.at(-1)).toMatch(/^ {2}Note over n2,n3: t-0 {2}no leader, epoch 2/);
  });

  it("leaves out steps of which nothing is seen, if it may", () => {
    const steps = timeline.steps.map((one) => ({ ...one, quiet: one.number === 2 }));
    expect(timelineMermaid({ ...timeline, steps }, false)).not.toContain("2. ");
    expect(timelineMermaid({ ...timeline, steps }, true)).toContain("n3->>n2: 2. ");
  });

  it("has statements of five kinds and no others, whatever the values and names are", () => {
    const piece = fc.constantFrom(
      ";",
      "#",
      "#35;",
      "%%",
      "\n",
      "end",
      "<br/>",
      "<b>",
      "{",
      "}",
      '"',
      "`",
      "\\",
      "&lt;",
      "→",
      ":",
      "wrap:",
      " ",
      "🚀",
      "\u2028",
    );
    const strings = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(strings, strings, strings, (words, lane, value) => {
        const strange: Timeline = {
          ...timeline,
          lanes: [lane, ...timeline.lanes.slice(1)],
          steps: [
            step(1, { kind: "message", from: lane, to: "b1" }, words),
            step(2, { kind: "break", from: lane, to: lane }, words),
          ],
          findings: timeline.findings.map((one) => ({
            ...one,
            text: words,
            lost: one.lost.map((lost) => ({ ...lost, value })),
          })),
        };
        expect(strangeLines(timelineMermaid(strange, true))).toEqual([]);
      }),
      { numRuns: 300, seed: 5 },
    );
  });

  it("has no other statements for real ways either", () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      for (const { config, walk } of [randomUntimed(seed), randomTimed(seed)]) {
        expect(strangeLines(timelineMermaid(timelineOf(walk, config, []), true))).toEqual([]);
      }
    }
  });
});
