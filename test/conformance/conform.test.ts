import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type ConformTarget, conform, type Level } from "../../conformance/conform.ts";
import type { SuiteItem } from "../../conformance/suite-item.ts";
import { loadScenario } from "../../scenarios/load-scenario.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import { createModelSubject } from "../../subjects/model-subject.ts";
import { SubjectError } from "../../subjects/subject-error.ts";

function scenario(file: string): Scenario {
  const loaded = loadScenario(file, readFileSync(file, "utf8"), () => {
    throw new Error("no module is asked for");
  });
  if (!loaded.ok) throw new Error(`${file} is not in order`);
  return loaded.scenario;
}

/** Plays the scenarios, with a subject that is lost where `answers` has a `false`. */
async function play(scenarios: readonly Scenario[], level: Level, answers: readonly boolean[] = [], isAll = false) {
  let tried = 0;
  const target: ConformTarget = {
    async createSubject() {
      tried += 1;
      if (answers[tried - 1] === false) throw new SubjectError("nobody is there");
      return createModelSubject();
    },
    brokers: 3,
    wire: null,
    machines: null,
    onContact: () => undefined,
    open: new Set(),
  };
  const items: SuiteItem[] = [];
  const faults = ["kill"] as const;
  const plan = { level, faults, seed: 1, scenarios, isScenariosOnly: !isAll, shrinkMs: 0 };
  await conform(target, plan, (item) => items.push(item));
  return {
    tried,
    files: items.map(({ result }) => result.file),
    statuses: items.map(({ result }) => result.status),
    reasons: items.map(({ result }) => result.reason),
  };
}

const calm = scenario("scenarios/consumers/two-groups.yaml");

describe("the suite", () => {
  it("leaves the rest open when nobody has answered five times in a row", async () => {
    const { tried, statuses, reasons } = await play(Array(8).fill(calm), "full", Array(8).fill(false));
    expect([tried, statuses]).toEqual([5, Array(8).fill("inconclusive")]);
    expect([reasons[4], reasons[5]]).toEqual(["nobody is there", "not tried: the last 5 were not answered"]);
  });

  it("goes on when somebody answers in between", async () => {
    const answers = [false, false, false, false, true, false, false, true];
    const { tried, statuses } = await play(Array(8).fill(calm), "full", answers);
    expect(tried).toBe(8);
    expect(statuses).toEqual(answers.map((isAnswered) => (isAnswered ? "passed" : "inconclusive")));
  });

  it("says that it makes no faults where nobody has the machines in hand", async () => {
    const { files, statuses, reasons } = await play([], "standard", Array(10).fill(false), true);
    expect(files.slice(-2)).toEqual(["faults/1", "directed/acks-1-loss"]);
    expect(statuses.slice(-2)).toEqual(["skipped", "skipped"]);
    expect(reasons.at(-1)).toBe("nobody has the cluster's machines in hand");
    expect((await play([], "smoke", Array(10).fill(false), true)).files).toEqual([
      "workloads/1-0",
      "workloads/1-1",
      "workloads/1-2",
    ]);
  });

  it.each([
    ["scenarios/replication/failover.yaml", ["skipped", "passed", "passed"]],
    ["scenarios/consumers/auto-commit.yaml", ["skipped", "passed", "passed"]],
    ["scenarios/replication/unclean-election-off.yaml", ["skipped", "skipped", "passed"]],
    ["scenarios/replication/leaves-and-rejoins-isr.yaml", ["skipped", "skipped", "skipped"]],
  ] as const)("plays at each level what it has time for: %s", async (file, expected) => {
    for (const [index, level] of (["smoke", "standard", "full"] as const).entries()) {
      expect((await play([scenario(file)], level)).statuses, level).toEqual([expected[index]]);
    }
  });
});
