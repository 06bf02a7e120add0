/** A trace replays to the same run and the same violation, or it is refused with the place of what is wrong. */
import { describe, expect, it } from "vitest";
import type { Design } from "../../check/design.ts";
import { parseTrace, type Trace, writeTrace } from "../../explore/trace-file.ts";
import { modelHash } from "../../model/cluster/model-hash.ts";
import { judgedAgain, replayTrace, walkOf } from "../../replay/replay-trace.ts";
import { contentOfDesign } from "../../replay/trace-content.ts";
import { noModules } from "../../scenarios/load-partitioners.ts";
import { acks1, designWith, shortestWay, walked } from "../report/walks.ts";

function traceOf(design: Design, requirement: string, plant: string | null): Trace {
  const { verdict, labels } = shortestWay(design, requirement, plant);
  if (verdict !== "violated" && verdict !== "expected-loss") throw new Error(verdict);
  const config = contentOfDesign(design, plant, [{ requirement, verdict }]);
  const { hash } = walked(walkOf(config, labels));
  return { highwater: "trace", version: 1, profile: "4.1", model: modelHash(), config, choices: labels, hash };
}

const trace = traceOf(acks1, "DUR-1", null);
const text = writeTrace(trace);
const replayOf = (changed: string) => replayTrace(changed, "a.json", noModules);

function errorsOf(changed: string) {
  const result = replayOf(changed);
  return result.ok ? [] : result.errors;
}

/** The line of the text on which this stands, from 1. */
const lineOf = (part: string, of = text) => of.split("\n").findIndex((line) => line.includes(part)) + 1;

describe("a counterexample", () => {
  it("is found again: the same steps, the same violation at the last of them", () => {
    const result = replayOf(text);
    if (!result.ok) throw new Error(JSON.stringify(result.errors));
    const { walk, findings, timeline } = result.replayed;
    expect(walk.steps.map(({ label }) => label)).toEqual(trace.choices);
    expect(findings).toMatchObject([{ requirement: "DUR-1", verdict: "expected-loss", step: trace.choices.length }]);
    expect(timeline.findings).toEqual(findings);
  });

  it.each([
    ["hw-is-log-end", "HW-2"],
    ["hw-is-log-end", "DUR-1"],
  ])("of the planted bug %s by %s has the bug in it again", (bug, requirement) => {
    const planted = traceOf(designWith(), requirement, bug);
    const result = replayOf(writeTrace(planted));
    expect(result.ok && result.replayed.findings).toMatchObject([{ requirement, verdict: "violated" }]);
    const without = { ...planted, config: { ...(planted.config as object), plant: null } };
    expect(errorsOf(writeTrace(without)).map(({ code }) => code)).toEqual(["E_TRACE_HASH"]);
  });

  it("is about what it was found for, and about nothing else", () => {
    const content = contentOfDesign(acks1, null, [{ requirement: "ELE-1", verdict: "violated" }]);
    expect(judgedAgain(content, walked(walkOf(content, trace.choices)))).toEqual([]);
  });
});

describe("a trace that is not right", () => {
  it.each<[string, (text: string) => string, string, number, string]>([
    ["cut off", (one) => one.slice(0, -20), "E_TRACE_JSON", text.split("\n").length - 2, "not valid JSON"],
    ["of another version", (one) => one.replace('"version": 1', '"version": 2'), "E_TRACE_VERSION", 3, "version 2"],
    ["of another model", (one) => one.replace(modelHash(), "0f"), "E_TRACE_MODEL", 5, 'model "0f"'],
    ["of an unknown bug", (one) => one.replace('"plant":null', '"plant":"x"'), "E_VALUE", 6, "no planted bug"],
    [
      "with a choice that is not enabled",
      (one) => one.replace('"kill 1"', '"kill 9"'),
      "E_TRACE_CHOICE",
      lineOf('"kill 1"'),
      "choice 3",
    ],
    [
      "with a choice left out",
      (one) => one.replace('    "kill 1",\n', ""),
      "E_TRACE_CHOICE",
      lineOf('"kill 1"'),
      "is not enabled here",
    ],
    [
      "with another hash",
      (one) => one.replace(/"hash": "\w/, '"hash": "x'),
      "E_TRACE_HASH",
      lineOf('"hash"'),
      "the trace says",
    ],
    [
      "with another cluster",
      (one) => one.replace('"retry.backoff.ms":100', '"retry.backoff.ms":101'),
      "E_TRACE_HASH",
      lineOf('"hash"'),
      "the hash",
    ],
    [
      "with another verdict",
      (one) => one.replace('"expected-loss"', '"violated"'),
      "E_TRACE_VERDICT",
      6,
      "shows DUR-1 expected-loss; the trace says DUR-1 violated",
    ],
    [
      "with nothing found",
      (one) => one.replace(/"found":\[.*?\]/, '"found":[{"requirement":"HW-2","verdict":"violated"}]'),
      "E_TRACE_VERDICT",
      6,
      "shows nothing; the trace says HW-2 violated",
    ],
  ])("%s is refused with its place", (_, change, code, line, words) => {
    const changed = change(text);
    expect(changed).not.toBe(text);
    expect(errorsOf(changed)).toMatchObject([
      {
        code,
        file: "a.json",
        line,
        column: expect.any(Number),
        message: expect.stringContaining(words),
        hint: expect.any(String),
      },
    ]);
  });

  it("says at a choice that is not enabled which are, the most similar first, five at most", () => {
    const [error] = errorsOf(text.replace('"kill 1"', '"kill 9"'));
    expect(error).toMatchObject({ column: 5, hint: expect.stringMatching(/^enabled are "kill 1", "deliver /) });
    const faults = { ...acks1.faults, pause: 1, cut: 1 };
    const config = contentOfDesign({ ...acks1, faults }, null, []);
    const stuck = walkOf(config, ["x"]);
    const enabled = stuck.outcome === "stuck" ? stuck.enabled : [];
    const named = enabled.slice(0, 5).map((label) => JSON.stringify(label));
    expect(enabled.length).toBeGreaterThan(5);
    expect(errorsOf(writeTrace({ ...trace, config, choices: ["x"] }))[0]?.hint).toBe(
      `enabled are ${named.join(", ")} and ${enabled.length - 5} more`,
    );
  });

  it("is the problem of whoever has no modules, where the run needs some", () => {
    const producers = { p: { ...acks1.config.producers["p"], "partitioner.class": "./mine.ts" } };
    const config = {
      kind: "run",
      file: "x.yaml",
      cluster: { ...acks1.config, producers },
      external: [],
      plant: null,
      found: [],
    };
    const [error] = errorsOf(writeTrace({ ...trace, config, choices: [] }));
    expect(error).toMatchObject({ code: "E_MODULE", line: 6, message: "the module ./mine.ts cannot be read here" });
  });

  it("never throws, wherever it is cut off", () => {
    for (let length = 0; length < text.length - 2; length += 7) {
      const result = replayOf(text.slice(0, length));
      expect(result.ok ? "" : result.errors[0]?.code).toMatch(/^E_TRACE_(EMPTY|JSON)$/);
    }
    expect(parseTrace(text).ok).toBe(true);
  });
});
