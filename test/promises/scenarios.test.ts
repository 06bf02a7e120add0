/** The suite of scenarios passes, to the byte, and every one of its expectations can fail. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { readModule } from "../../cli/read-module.ts";
import { replayTrace } from "../../replay/replay-trace.ts";
import { loadScenario } from "../../scenarios/load-scenario.ts";
import { type PlayedScenario, playScenario } from "../../scenarios/play-scenario.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import { readHistory } from "../../spec/history/read-history.ts";
import { writeHeader, writeOperation } from "../../spec/history/write-history.ts";
import { requirements } from "../../spec/requirements/index.ts";
import { createModelSubject } from "../../subjects/model-subject.ts";
import { type Mutant, mutantsOf } from "../scenarios/mutate-expectations.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

const files = readdirSync(join(root, "scenarios"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => `scenarios/${name}`)
  .sort();

const textOf = (file: string) => readFileSync(join(root, file), "utf8");

function load(file: string, text: string): Scenario {
  const loaded = loadScenario(file, text, readModule);
  if (!loaded.ok) throw new Error(`${file}: ${JSON.stringify(loaded.errors)}`);
  return loaded.scenario;
}

async function play(file: string, text: string): Promise<PlayedScenario> {
  return playScenario(load(file, text), createModelSubject(), requirements, { trace: true });
}

describe("the suite", () => {
  it("passes, with the committed trace hashes, in whatever order it is played", async () => {
    const seen: [string, string | null][] = [];
    for (const file of [...files].reverse()) {
      const { status, failure, reason, traceHash } = (await play(file, textOf(file))).result;
      expect({ file, status, failure, reason }).toEqual({ file, status: "passed", failure: null, reason: null });
      seen.unshift([file, traceHash]);
    }
    // After a change that is meant, `npx vitest run test/promises/scenarios.test.ts -u` writes the list anew.
    await expect(`${JSON.stringify(Object.fromEntries(seen), null, 2)}\n`).toMatchFileSnapshot("trace-hashes.json");
  });

  it("leaves traces that replay to the same bytes", async () => {
    for (const file of files) {
      const { result, trace } = await play(file, textOf(file));
      // A cluster that was refused has no run.
      if (trace === null && result.steps === 0) continue;
      const replayed = replayTrace(trace ?? "", `${file}.json`, readModule);
      expect({ file, errors: replayed.ok ? [] : replayed.errors }).toEqual({ file, errors: [] });
      expect(replayed.ok && replayed.replayed.walk.hash).toBe(result.traceHash);
    }
  });

  it("leaves histories that the strict reader takes", async () => {
    for (const file of files) {
      const { history } = await play(file, textOf(file));
      const header = { highwater: "history", version: 1, subject: "model", contract: {}, profile: "4.1" } as const;
      const text = [writeHeader(header), ...history.map(writeOperation)].map((line) => `${line}\n`).join("");
      const read = readHistory(text);
      expect({ file, errors: read.ok ? [] : read.errors }).toEqual({ file, errors: [] });
    }
  });
});

describe("every expectation can fail:", () => {
  for (const file of files) {
    it(file, async () => {
      const text = textOf(file);
      const mutants = [...mutantsOf(text), ...swappedRequirements(text)];
      expect(mutants.length).toBeGreaterThan(0);
      for (const { change, text: changed } of mutants) {
        const { status, failure } = (await play(file, changed)).result;
        expect({ change, status }).toEqual({ change, status: "failed" });
        expect(failure?.at, change).toMatch(/\.yaml:[0-9]+:[0-9]+$/);
        expect(failure?.expected, change).not.toEqual(failure?.seen);
      }
    });
  }
});

/** What holds is expected to be lost, and the other way round. */
function swappedRequirements(text: string): readonly Mutant[] {
  const scenario = parse(text) as { expect?: { holds?: string[]; loses?: string[] } };
  const { holds = [], loses = [] } = scenario.expect ?? {};
  const without = (ids: readonly string[], id: string) => ids.filter((one) => one !== id);
  const swap = (id: string): Mutant => {
    const expected = holds.includes(id)
      ? { holds: without(holds, id), loses: [...loses, id] }
      : { holds: [...holds, id], loses: without(loses, id) };
    return { change: `${id} swapped`, text: stringify({ ...scenario, expect: { ...scenario.expect, ...expected } }) };
  };
  return [...holds, ...loses].map(swap);
}
