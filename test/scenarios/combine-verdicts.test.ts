import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { combineVerdicts } from "../../scenarios/combine-verdicts.ts";
import { loadScenario } from "../../scenarios/load-scenario.ts";
import type { ClusterConfig } from "../../spec/config/cluster-config.ts";
import type { Judgement, Requirement, Verdict } from "../../spec/requirement.ts";
import { fakeRequirement } from "./fake-requirement.ts";

const violation: Judgement = [{ text: "x is gone", scope: { producer: "p1" } }];

function config(): ClusterConfig {
  const loaded = loadScenario("x", readFileSync(join(import.meta.dirname, "fixtures/rollback.yaml"), "utf8"));
  if (!loaded.ok) throw new Error("the fixture is broken");
  return loaded.scenario.cluster;
}

function combined(states: Verdict | null, judgement: Judgement | null, rest: Partial<Requirement> = {}) {
  const requirement = fakeRequirement("DUR-1", rest);
  const promised = requirement.promised(config(), {});
  const seen = states === null ? null : { id: "DUR-1", verdict: states, promised, detail: "seen in a state" };
  return combineVerdicts(requirement, config(), seen, judgement);
}

describe("combined verdicts", () => {
  it.each<[Verdict | null, Judgement | null, Verdict]>([
    // Neither or one of them has something to say.
    [null, null, "inconclusive"],
    ["holds", null, "holds"],
    ["violated", null, "violated"],
    ["expected-loss", null, "expected-loss"],
    ["no-witness", null, "no-witness"],
    ["inconclusive", null, "inconclusive"],
    ["not-applicable", null, "inconclusive"],
    [null, "holds", "holds"],
    [null, "vacuous", "inconclusive"],
    [null, "pending", "inconclusive"],
    [null, violation, "violated"],
    [null, [], "inconclusive"],
    // A loss outweighs everything.
    ["holds", violation, "violated"],
    ["inconclusive", violation, "violated"],
    ["expected-loss", violation, "violated"],
    ["violated", "holds", "violated"],
    ["violated", "pending", "violated"],
    ["expected-loss", "holds", "expected-loss"],
    ["expected-loss", "pending", "expected-loss"],
    // What was seen outweighs what was not.
    ["holds", "vacuous", "holds"],
    ["inconclusive", "holds", "holds"],
    ["holds", "pending", "holds"],
    ["inconclusive", "pending", "inconclusive"],
  ])("states %j, history %j: %s", (states, judgement, verdict) => {
    expect(combined(states, judgement).verdict).toBe(verdict);
  });

  it("of what is not promised is never violated, held or inconclusive", () => {
    const rest = { promised: () => false };
    expect(combined(null, violation, rest).verdict).toBe("expected-loss");
    expect(combined("holds", violation, rest).verdict).toBe("expected-loss");
    expect(combined(null, "holds", rest).verdict).toBe("no-witness");
    expect(combined(null, "vacuous", rest).verdict).toBe("no-witness");
    expect(combined(null, null, rest).verdict).toBe("no-witness");
  });

  it("of what is no part of the cluster is not applicable, unless it was violated", () => {
    const rest = { applies: () => false };
    expect(combined(null, null, rest).verdict).toBe("not-applicable");
    expect(combined("not-applicable", "vacuous", rest).verdict).toBe("not-applicable");
    expect(combined(null, violation, rest).verdict).toBe("violated");
  });

  it("weighs each violation by whom it is about", () => {
    const promised: Requirement["promised"] = (_, { producer }) => producer !== "p1";
    expect(combined(null, violation, { promised }).verdict).toBe("expected-loss");
    const two: Judgement = [...violation, { text: "y is gone", scope: { producer: "p2" } }];
    expect(combined(null, two, { promised })).toMatchObject({ verdict: "violated", detail: "y is gone" });
  });

  it("carries the detail of whoever decided, and what is promised", () => {
    expect(combined("holds", violation)).toEqual({
      id: "DUR-1",
      verdict: "violated",
      promised: true,
      detail: "x is gone",
    });
    expect(combined("violated", violation).detail).toBe("seen in a state");
    expect(combined(null, "vacuous").detail).toBe("its premise never came up");
    const excused: Judgement = [{ text: "x is gone", scope: { excuse: "a seek" } }];
    expect(combined(null, excused, { promised: (_, { excuse }) => excuse === undefined })).toMatchObject({
      verdict: "expected-loss",
      detail: "x is gone (not promised: a seek)",
    });
  });
});
