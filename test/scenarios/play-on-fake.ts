import { loadScenario } from "../../scenarios/load-scenario.ts";
import { playScenario } from "../../scenarios/play-scenario.ts";
import type { Requirement } from "../../spec/requirement.ts";
import { createFakeSubject, type FakeOptions } from "./fake-subject.ts";

/** A scenario's text, played on a fake subject; what was asked of it is in `calls`. */
export async function play(text: string, options: FakeOptions = {}, requirements: readonly Requirement[] = []) {
  const loaded = loadScenario("x.yaml", text);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors, null, 1));
  const subject = createFakeSubject(options);
  const played = await playScenario(loaded.scenario, subject, requirements);
  return { ...played, calls: subject.calls };
}
