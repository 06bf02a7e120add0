/** Steps that make no sense after the steps before them. */
import { describe, expect, it } from "vitest";
import { loadScenario } from "../../scenarios/load-scenario.ts";
import { scenarioText } from "./scenario-text.ts";

/** `line:column code`, in the order of the report. */
function errorsOf(text: string): readonly string[] {
  const loaded = loadScenario("x.yaml", text);
  return loaded.ok ? [] : loaded.errors.map(({ line, column, code }) => `${line}:${column} ${code}`);
}

describe("the order of steps", () => {
  it.each([
    [["power-off: 1", "kill: 1"], ["12:11 E_IMPOSSIBLE_STEP"]],
    [["power-off: 1", "pause: 1"], ["12:12 E_IMPOSSIBLE_STEP"]],
    [["kill: 1", "power-off: 1", "start: 1"], []],
    [
      ["power-off: { broker: 1, keeps: { orders-0: 3 } }", "power-off: 1", "start: 1", "start: 1"],
      ["14:12 E_IMPOSSIBLE_STEP"],
    ],
    [["pause: 1", "power-off: 1", "resume: 1"], ["13:13 E_IMPOSSIBLE_STEP"]],
    [["crash: c1", "poll: { by: c1 }"], ["12:11 E_IMPOSSIBLE_STEP"]],
    [["crash: p1", "send: { by: p1, to: orders-0, values: [a] }"], ["12:11 E_IMPOSSIBLE_STEP"]],
    [["crash: c1", "crash: c1"], ["12:12 E_IMPOSSIBLE_STEP"]],
    [["crash: c1", "restart: c1", "poll: { by: c1 }"], []],
    [["restart: c1"], ["11:14 E_IMPOSSIBLE_STEP"]],
    [["kill: 1", "kill: 1"], ["12:11 E_IMPOSSIBLE_STEP"]],
    [["kill: 1", "start: 1", "kill: 1"], []],
    [["start: 1"], ["11:12 E_IMPOSSIBLE_STEP"]],
    [["kill: 1", "pause: 1"], ["12:12 E_IMPOSSIBLE_STEP"]],
    [["pause: 1", "pause: 1"], ["12:12 E_IMPOSSIBLE_STEP"]],
    [["pause: 1", "kill: 1", "resume: 1"], ["13:13 E_IMPOSSIBLE_STEP"]],
    [["resume: 1"], ["11:13 E_IMPOSSIBLE_STEP"]],
    [["cut: [1, 2]", "heal: [2, 1]", "cut: [2, 1]"], []],
    [["cut: [1, 2]", "cut: [2, 1]"], ["12:10 E_IMPOSSIBLE_STEP"]],
    [["cut: [1, 2]", "heal: all", "heal: [1, 2]"], ["13:11 E_IMPOSSIBLE_STEP"]],
    [["heal: all"], []],
    [
      ["hold: { from: 1, to: 2, message: fetch }", "release: { from: 2, to: 1, message: fetch }"],
      ["12:14 E_IMPOSSIBLE_STEP"],
    ],
    [["hold: { from: 1, to: 2, message: fetch }", "release: { from: 1, to: 2, message: fetch }"], []],
  ])("%j", (steps, errors) => {
    expect(errorsOf(scenarioText(steps))).toEqual(errors);
  });
});
