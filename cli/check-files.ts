/** What a check leaves for each counterexample: its timeline and, with `--out`, files with it and with the trace. */
import { join } from "node:path";
import type { Checked } from "../check/check-design.ts";
import type { Design } from "../check/design.ts";
import { writeTrace } from "../explore/trace-file.ts";
import { modelHash } from "../model/cluster/model-hash.ts";
import { judgedAgain, walkOf } from "../replay/replay-trace.ts";
import { contentOfDesign } from "../replay/trace-content.ts";
import { plainStyle, type Style, showTimeline } from "../report/show-timeline.ts";
import { timelineOf } from "../report/timeline.ts";
import { timelineMermaid } from "../report/timeline-mermaid.ts";
import { write } from "./write.ts";

export interface CounterexampleFiles {
  /** The trace file; `null` where none was asked for. */
  readonly file: string | null;
  readonly timeline: string;
}

/** By the requirement's id. `plant` is the id of the bug that was planted, `out` the folder to write to. */
export function counterexampleFiles(
  design: Design,
  plant: string | null,
  { requirements }: Checked,
  out: string | null,
  style: Style,
): ReadonlyMap<string, CounterexampleFiles> {
  const files = new Map<string, CounterexampleFiles>();
  for (const { id, verdict, counterexample } of requirements) {
    if (counterexample === null || (verdict !== "violated" && verdict !== "expected-loss")) continue;
    const content = contentOfDesign(design, plant, [{ requirement: id, verdict }]);
    const choices = counterexample.map(({ choice }) => choice);
    const walk = walkOf(content, choices);
    if (walk.outcome === "stuck") throw new Error(`${id}: ${walk.label} is not enabled`);
    const timeline = timelineOf(walk, design.config, judgedAgain(content, walk));
    const text = (styled: Style) => showTimeline(timeline, { style: styled, quietSteps: true });
    const file = out === null ? null : join(out, id, "trace.json");
    if (out !== null && file !== null) {
      const { profile } = design.config;
      const model = modelHash();
      write(
        file,
        writeTrace({ highwater: "trace", version: 1, profile, model, config: content, choices, hash: walk.hash }),
      );
      write(join(out, id, "timeline.txt"), text(plainStyle));
      write(join(out, id, "timeline.mmd"), timelineMermaid(timeline, true));
    }
    files.set(id, { file, timeline: text(style) });
  }
  return files;
}
