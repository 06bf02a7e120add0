/** What a reader sees: every line of a small timeline, and that large ones keep within the page. */
import { describe, expect, it } from "vitest";
import { plainStyle, type Style, showTimeline, wrapped } from "../../report/show-timeline.ts";
import { type Timeline, timelineOf } from "../../report/timeline.ts";
import { step, timeline } from "./a-timeline.ts";
import { randomTimed, randomUntimed } from "./walks.ts";

const plain = { style: plainStyle, quietSteps: false };
const shown = (one: Timeline, options = plain) => showTimeline(one, options);

describe("a timeline as text", () => {
  it("shows lanes, words, what changed under each step, the end, and what is lost", () => {
    expect(shown(timeline)).toBe(
      [
        " step  p           controller  b1          b2",
        "       t-0  leader 1, epoch 0, ISR 1 2",
        "            b1 leader e0    LEO 0  HW 0",
        "            b2 follower e0  LEO 0  HW 0",
        "    1  ●───────────┼───────────▶           │           broker 1 gets what p sends",
        "       t-0  b1 leader e0    LEO 1  HW 0  0:a/e0",
        "    2  │           │           ◀───────────●           broker 2 fetches from broker 1",
        "    3  │           │           ×╌╌╌╌╌╌╌╌╌╌╌×           the link between broker 1 and broker 2 is cut",
        "    4  │           │           ×           │           broker 1 is killed",
        "       t-0  leader 2, epoch 1, ISR 2, ELR 1",
        "            b1 dead         LEO 1  HW 0  0:a/e0✗",
        "            b2 leader e1    LEO 0  HW 0  ✗ lacks 0:a",
        "    5  │           │           │           │           every link heals",
        "    6  │           ●           │           │           a timer of the controller runs out",
        "",
        "at the end",
        "       t-0  no leader, epoch 2, ISR 2",
        "            b1 dead         LEO 1  HW 0  0:a/e0✗",
        "            b2 offline e0   log start 1  LEO 2  HW 0  0:x/e0 1:y/e0",
        "",
        "DUR-1 violated at step 4: acknowledged records are never lost",
        "  a is gone",
        "  ✗ lost: a (t-0 offset 0), acknowledged to p at step 1",
        "",
      ].join("\n"),
    );
  });

  it("has colour where it is asked for, and is the same text under it", () => {
    const style: Style = (format, text) => `<${format}>${text}</${format}>`;
    const styled = shown(timeline, { ...plain, style });
    expect(styled.replace(/<\/?\w+>/g, "")).toBe(shown(timeline));
    const lines = styled.split("\n");
    expect(lines.find((line) => line.includes("0:a/e0✗"))).toMatch(/^<red>.*<\/red>$/);
    expect(lines.find((line) => line.includes("is killed"))).toContain("<red>broker 1 is killed</red>");
    expect(lines.find((line) => line.includes("heals"))).toContain("<green>every link heals</green>");
    expect(lines.find((line) => line.includes("DUR-1"))).toMatch(/^<red>/);
    expect(shown(timeline)).not.toContain("\u001b");
  });

  it("shows several steps of which nothing is seen as one line, if it may", () => {
    const quiet = (number: number) => ({
      ...step(number, { kind: "local", from: "p", to: "p" }, "nothing"),
      quiet: true,
    });
    const loud = step(4, { kind: "local", from: "p", to: "p" }, "something");
    const steps = [quiet(1), quiet(2), quiet(3), loud, quiet(5), loud];
    const text = shown({ ...timeline, steps });
    expect(text).toContain(
      "    ⋮  │           │           │           │           steps 1 to 3: nothing new is seen\n    4  ●",
    );
    expect(text.match(/nothing$/gm)).toHaveLength(1);
    expect(shown({ ...timeline, steps }, { ...plain, quietSteps: true }).match(/nothing$/gm)).toHaveLength(4);
  });

  it("shows the time where there is a clock", () => {
    const steps = timeline.steps.map((one) => ({ ...one, time: one.number * 1000 }));
    const lines = shown({ ...timeline, steps }).split("\n");
    expect(lines[0]).toBe(" step  time p           controller  b1          b2");
    expect(lines[4]).toBe("    1  1000 ●───────────┼───────────▶           │           broker 1 gets what p sends");
  });

  it("keeps within 120 columns, whatever the cluster does", () => {
    for (let seed = 1; seed <= 30; seed += 1) {
      for (const { config, walk } of [randomUntimed(seed), randomTimed(seed)]) {
        const lines = shown(timelineOf(walk, config, []), { ...plain, quietSteps: true }).split("\n");
        expect(lines.filter((line) => [...line].length > 120)).toEqual([]);
      }
    }
  });

  it("shows of many lanes each, with its name cut short", () => {
    const lanes = Array.from({ length: 14 }, (_, index) => `client-${index}`);
    const steps = [step(1, { kind: "message", from: "client-13", to: "client-0" }, "far")];
    const [head, ...lines] = shown({ ...timeline, lanes, steps }).split("\n");
    expect(head?.match(/cl… /g)).toHaveLength(13);
    expect(lines.find((line) => line.startsWith("    1"))).toBe(`    1  ◀${"───┼".repeat(12)}───●   far`);
  });

  it("lets nothing through that a terminal would obey", () => {
    const text = "\u001b[31mred\u0007\u202e\u2028\u009b";
    const steps = [step(1, { kind: "local", from: "p", to: "p" }, text)];
    const findings = timeline.findings.map((one) => ({
      ...one,
      text,
      lost: one.lost.map((lost) => ({ ...lost, value: text })),
    }));
    expect(shown({ ...timeline, steps, findings, lanes: ["\u001b", "p"] })).not.toMatch(/[\p{Zl}\p{Cf}]|(?!\n)\p{Cc}/u);
  });
});

describe("wrapped", () => {
  it("breaks between words, and a word only if it is longer than a line", () => {
    expect(wrapped("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrapped("abcdefghij kl", 4)).toEqual(["abcd", "efgh", "ij", "kl"]);
    expect(wrapped("🚀🚀🚀", 2)).toEqual(["🚀🚀", "🚀"]);
    expect(wrapped("", 5)).toEqual([""]);
  });
});
