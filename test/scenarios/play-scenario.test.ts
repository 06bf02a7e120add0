/** Playing scenarios on a fake subject: every status, what stops a run, and that no expectation can be wrong unnoticed. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadScenario } from "../../scenarios/load-scenario.ts";
import { playScenario } from "../../scenarios/play-scenario.ts";
import type { RequirementVerdict, Verdict } from "../../spec/requirement.ts";
import { fakeRequirement } from "./fake-requirement.ts";
import { createFakeSubject } from "./fake-subject.ts";
import { mutantsOf } from "./mutate-expectations.ts";
import { play } from "./play-on-fake.ts";
import { scenarioText } from "./scenario-text.ts";

const rollback = readFileSync(join(import.meta.dirname, "fixtures/rollback.yaml"), "utf8");

const send = "send: { by: p1, to: orders-0, values: [a, b] }";

describe("a cluster that is refused", () => {
  const text = scenarioText([], "{ refused: INVALID_REPLICATION_FACTOR }")
    .replace("steps:\n", "")
    .replace("replication.factor: 1", "replication.factor: 4");
  const refused = { requirements: [], steps: 0, traceHash: null };

  it("passes if that is what was expected; nothing is asked of the subject beyond", async () => {
    const { result, calls } = await play(text, { refuses: "INVALID_REPLICATION_FACTOR" });
    expect(result).toMatchObject({ status: "passed", failure: null, ...refused });
    expect(calls).toEqual(["start", "close"]);
  });

  it("fails if it was created, or refused for another reason, at the expectation", async () => {
    for (const seen of [null, "INVALID_PARTITIONS"]) {
      const { result } = await play(text, seen === null ? {} : { refuses: seen });
      expect(result).toMatchObject({ status: "failed", ...refused });
      const expected = { refused: "INVALID_REPLICATION_FACTOR" };
      expect(result.failure).toEqual({ step: "expect", at: "x.yaml:10:20", expected, seen: { refused: seen } });
    }
  });

  it("fails at the cluster if nobody expected it", async () => {
    const { result, calls } = await play(scenarioText([send]), { refuses: "POLICY_VIOLATION" });
    expect(result).toMatchObject({ status: "failed", ...refused });
    expect(result.failure).toMatchObject({ at: "x.yaml:3:3", expected: { refused: null } });
    expect(calls).toEqual(["start", "close"]);
  });
});

describe("a scenario that goes as expected", () => {
  it("passes, in the form of `run --json`", async () => {
    const { result, history } = await play(rollback, {}, [fakeRequirement("DUR-1", { judge: () => "holds" })]);
    expect(JSON.stringify(result)).toBe(
      JSON.stringify({
        file: "x.yaml",
        name: "A consumer that crashes before its commit reads again from the committed offset",
        status: "passed",
        reason: null,
        steps: 13,
        traceHash: "fake",
        requirements: [{ id: "DUR-1", verdict: "holds" }],
        failure: null,
        errors: [],
      }),
    );
    expect(history.filter(({ f }) => f === "send")).toHaveLength(4);
  });

  it("asks the subject for every step, and closes it", async () => {
    const steps = [
      "send: { by: p1, to: orders-0, values: [a, b], key: k, wait: false }",
      "send: { by: p1, to: orders-0, values: [c, d], keys: [null, l] }",
      "flush: p1",
      "poll: { by: c1, timeout: 2s }",
      "commit: { by: c1, offsets: { orders-0: 1 } }",
      "seek: { by: c1, to: orders-0, offset: 1 }",
      "assign: { by: c1, partitions: [orders-1, orders-0] }",
      "delete-records: { partition: orders-0, before: 2 }",
      "crash: c1",
      "restart: c1",
      "kill: 1",
      "start: 1",
      "power-off: 1",
      "power-off: { broker: 1, keeps: { orders-0: 3 } }",
      "start: 1",
      "pause: 2",
      "resume: 2",
      "cut: [1, controller]",
      "heal: [1, controller]",
      "heal: all",
      "hold: { from: 1, to: p1, message: fetch }",
      "release: { from: 1, to: p1, message: fetch }",
      "elapse: 3s",
      "settle:",
      "final-read:",
    ];
    const { calls, result } = await play(scenarioText(steps));
    expect(calls).toEqual([
      "start",
      "send k=a k=b (no wait)",
      "send c l=d",
      "flush p1",
      "poll c1 2000",
      "commit c1",
      "seek c1 orders-0 1",
      "assign c1 orders-1 orders-0",
      "deleteRecords orders-0 2",
      "crash c1",
      "restart c1",
      "kill 1",
      "start 1",
      "power-off 1 {}",
      'power-off 1 {"orders-0":3}',
      "start 1",
      "pause 2",
      "resume 2",
      "cut 1,controller",
      "heal 1,controller",
      "heal-all",
      "hold 1 p1 fetch",
      "release 1 p1 fetch",
      "elapse 3000",
      "settle",
      "finalReads",
      "close",
    ]);
    expect(result).toMatchObject({ status: "passed", steps: 25 });
  });

  it("waits no longer than it must", async () => {
    const { calls, result } = await play(
      scenarioText([send, "await: { at: 3ms, within: 10ms }", "expect: { at: 3ms }"]),
    );
    expect(result.status).toBe("passed");
    expect(calls.filter((call) => call.startsWith("advance"))).toEqual(["advance 1", "advance 1", "advance 1"]);
  });
});

describe("a scenario that goes otherwise", () => {
  it.each([
    [
      [send, "expect: { high-watermark: { orders-0: 2, orders-1: 9 }, requests: { p1: 1 } }", "settle:"],
      {
        step: 2,
        at: "x.yaml:12:56",
        expected: { "high-watermark": { "orders-1": 9 } },
        seen: { "high-watermark": { "orders-1": 0 } },
      },
    ],
    [
      ["send: { by: p1, to: orders-0, values: [a], expect: { outcome: fail } }"],
      { step: 1, at: "x.yaml:11:67", expected: { outcome: "fail" }, seen: { outcome: "ok" } },
    ],
    [
      [send, "poll: { by: c1, expect: { orders-1: [[0, a]] } }"],
      {
        step: 2,
        at: "x.yaml:12:41",
        expected: { "orders-1": [[0, "a"]], "orders-0": [] },
        seen: {
          "orders-1": [],
          "orders-0": [
            [0, "a"],
            [1, "b"],
          ],
        },
      },
    ],
    [
      [send, "poll: { by: c1, expect: {} }"],
      {
        step: 2,
        at: "x.yaml:12:29",
        expected: { "orders-0": [] },
        seen: {
          "orders-0": [
            [0, "a"],
            [1, "b"],
          ],
        },
      },
    ],
    [
      ["flush: { by: p1, expect: { outcome: unknown } }"],
      { step: 1, at: "x.yaml:11:41", expected: { outcome: "unknown" }, seen: { outcome: "ok" } },
    ],
    [
      ["commit: { by: c1, expect: { error: ILLEGAL_GENERATION } }"],
      { step: 1, at: "x.yaml:11:40", expected: { error: "ILLEGAL_GENERATION" }, seen: { error: null } },
    ],
    [
      ["seek: { by: c1, to: orders-0, offset: 1, expect: { outcome: fail } }"],
      { step: 1, at: "x.yaml:11:65", expected: { outcome: "fail" }, seen: { outcome: "ok" } },
    ],
    [
      ["assign: { by: c1, partitions: [], expect: { outcome: fail } }"],
      { step: 1, at: "x.yaml:11:58", expected: { outcome: "fail" }, seen: { outcome: "ok" } },
    ],
    [
      ["delete-records: { partition: orders-0, before: 1, expect: { outcome: fail } }"],
      { step: 1, at: "x.yaml:11:74", expected: { outcome: "fail" }, seen: { outcome: "ok" } },
    ],
    [
      [send, "final-read: { expect: { orders-0: [[0, a]] } }"],
      {
        step: 2,
        at: "x.yaml:12:39",
        expected: { "orders-0": [[0, "a"]] },
        seen: {
          "orders-0": [
            [0, "a"],
            [1, "b"],
          ],
        },
      },
    ],
    [
      ["await: { at: 20ms, within: 10ms }"],
      { step: 1, at: "x.yaml:11:18", expected: { at: "20ms" }, seen: { at: "10ms" } },
    ],
  ])("fails at %j", async (steps, failure) => {
    const { result, calls } = await play(scenarioText(steps));
    expect(result).toMatchObject({ status: "failed", steps: failure.step, failure });
    expect(calls.at(-1)).toBe("close");
    expect(calls).not.toContain("settle");
  });

  it.each([
    ["{ leader: { orders-0: 2 } }", "x.yaml:13:31", { leader: { "orders-0": 2 } }, { leader: { "orders-0": 1 } }],
    [
      "{ delivered-twice: { c1: [a] } }",
      "x.yaml:13:34",
      { "delivered-twice": { c1: ["a"] } },
      { "delivered-twice": { c1: [] } },
    ],
    [
      "{ acknowledged-lost: { orders-0: [a] } }",
      "x.yaml:13:42",
      { "acknowledged-lost": { "orders-0": ["a"] } },
      { "acknowledged-lost": { "orders-0": [] } },
    ],
  ])("fails at the end: %s", async (expected, at, wanted, seen) => {
    const { result } = await play(scenarioText([send, "settle:"], expected));
    expect(result).toMatchObject({
      status: "failed",
      steps: 2,
      failure: { step: "expect", at, expected: wanted, seen },
    });
  });

  it("knows what was acknowledged and lost, with a final read of its own or of a step", async () => {
    const lost = "{ acknowledged-lost: { orders-0: [b], orders-1: [] } }";
    const itsOwn = await play(scenarioText([send], lost), { loses: ["b"] });
    expect(itsOwn.result.status).toBe("passed");
    expect(itsOwn.calls.filter((call) => call === "finalReads")).toHaveLength(1);
    const ofStep = await play(scenarioText([send, "final-read:"], lost), { loses: ["b"] });
    expect(ofStep.result.status).toBe("passed");
    expect(ofStep.calls.filter((call) => call === "finalReads")).toHaveLength(1);
    const none = await play(scenarioText([send], lost));
    expect(none.result.failure).toMatchObject({ seen: { "acknowledged-lost": { "orders-0": [] } } });
  });

  it("throws on what the subject throws, and closes it", async () => {
    const loaded = loadScenario("x.yaml", scenarioText(["settle:"]));
    if (!loaded.ok) throw new Error("broken");
    const subject = createFakeSubject({ bug: new Error("a bug") });
    await expect(playScenario(loaded.scenario, subject, [])).rejects.toThrow("a bug");
    expect(subject.calls.at(-1)).toBe("close");
  });
});

describe("what a subject lacks", () => {
  it("for a step skips the scenario as a whole, unplayed", async () => {
    const { result, calls } = await play(scenarioText([send, "kill: 1", "pause: 2"]), { lacks: ["kill", "pause"] });
    expect(result).toMatchObject({ status: "skipped", steps: 0, traceHash: null, requirements: [] });
    expect(result.reason).toBe(
      "step 2 (kill) skipped: it needs a subject that can kill and start brokers (kill); " +
        "step 3 (pause) skipped: it needs a subject that can pause and resume brokers (pause)",
    );
    expect(calls).toEqual(["close"]);
  });

  it("is named once, by the first step that needs it", async () => {
    const { result } = await play(scenarioText([send, "kill: 1", "start: 1", "kill: 2"]), { lacks: ["kill"] });
    expect(result.reason).toBe("step 2 (kill) skipped: it needs a subject that can kill and start brokers (kill)");
  });

  it("for one look leaves that look out", async () => {
    const steps = [send, "expect: { log-end: { 1/orders-0: 9 }, leader: { orders-0: 1 } }"];
    const { result } = await play(scenarioText(steps), { lacks: ["see-log"] });
    expect(result.status).toBe("passed");
    expect(result.reason).toBe(
      "step 2 (expect), log-end: skipped: it needs a subject that shows the log of every replica (see-log)",
    );
    const wrong = [send, "expect: { log-end: { 1/orders-0: 9 }, leader: { orders-0: 7 } }"];
    expect((await play(scenarioText(wrong), { lacks: ["see-log"] })).result.status).toBe("failed");
  });

  it("for all that is expected skips the scenario", async () => {
    const steps = [send, "expect: { log-end: { 1/orders-0: 9 } }"];
    const blind = await play(scenarioText(steps, "{ log: { 1/orders-0: [] } }"), { lacks: ["see-log"] });
    expect(blind.result.status).toBe("skipped");
    const judged = await play(scenarioText(steps, "{ holds: [DUR-1] }"), { lacks: ["see-log"] }, [
      fakeRequirement("DUR-1", { judge: () => "holds" }),
    ]);
    expect(judged.result.status).toBe("passed");
  });
});

describe("requirements", () => {
  const seen = (verdict: Verdict): readonly RequirementVerdict[] => [
    { id: "DUR-1", verdict, promised: verdict !== "expected-loss" && verdict !== "no-witness", detail: "because" },
  ];
  const requirements = [fakeRequirement("ACK-1"), fakeRequirement("DUR-1")];

  it.each<[string | undefined, Verdict, string]>([
    [undefined, "holds", "passed"],
    [undefined, "violated", "failed"],
    [undefined, "expected-loss", "passed"],
    [undefined, "inconclusive", "passed"],
    ["{ holds: [DUR-1] }", "holds", "passed"],
    ["{ holds: [DUR-1] }", "violated", "failed"],
    ["{ holds: [DUR-1] }", "expected-loss", "failed"],
    ["{ holds: [DUR-1] }", "no-witness", "passed"],
    ["{ holds: [DUR-1] }", "inconclusive", "inconclusive"],
    ["{ holds: [DUR-1] }", "not-applicable", "inconclusive"],
    ["{ loses: [DUR-1] }", "expected-loss", "passed"],
    ["{ loses: [DUR-1] }", "holds", "failed"],
    ["{ loses: [DUR-1] }", "no-witness", "failed"],
    ["{ loses: [DUR-1] }", "inconclusive", "failed"],
    // A broken promise fails a scenario that counts on it, too.
    ["{ loses: [DUR-1] }", "violated", "failed"],
    ["{ holds: [ACK-1] }", "violated", "failed"],
  ])("%s, seen %s: %s", async (expected, verdict, status) => {
    const { result } = await play(scenarioText([send], expected), { verdicts: seen(verdict) }, requirements);
    expect(result.status).toBe(status);
    expect(result.requirements[1]?.id).toBe("DUR-1");
  });

  it("say what was expected, what was seen, and where", async () => {
    const listed = await play(
      scenarioText([send], "{ holds: [ACK-1, DUR-1] }"),
      { verdicts: seen("violated") },
      requirements,
    );
    expect(listed.result.failure).toEqual({
      step: "expect",
      at: "x.yaml:12:26",
      expected: { requirement: "DUR-1", verdict: "holds" },
      seen: { requirement: "DUR-1", verdict: "violated", detail: "because" },
    });
    const unlisted = await play(scenarioText([send]), { verdicts: seen("violated") }, requirements);
    expect(unlisted.result.failure?.at).toBe("x.yaml:1:11");
    const unseen = await play(scenarioText([send], "{ loses: [DUR-1] }"), { verdicts: seen("holds") }, requirements);
    expect(unseen.result.failure).toMatchObject({ at: "x.yaml:12:19", expected: { verdict: "expected-loss" } });
    const open = await play(
      scenarioText([send], "{ holds: [DUR-1] }"),
      { verdicts: seen("inconclusive") },
      requirements,
    );
    expect(open.result.reason).toBe("DUR-1 is inconclusive: because");
  });

  it("are judged by the recorded history too", async () => {
    const judged = fakeRequirement("DUR-1", {
      judge: (history) => [{ text: `${history.length} operations`, scope: {} }],
    });
    const { result } = await play(scenarioText([send]), { verdicts: seen("holds") }, [judged]);
    expect(result.failure?.seen).toEqual({ requirement: "DUR-1", verdict: "violated", detail: "2 operations" });
  });

  it("are judged though a step failed; the step's failure is the one that is told", async () => {
    const steps = [send, "expect: { leader: { orders-0: 9 } }"];
    const { result } = await play(scenarioText(steps), { verdicts: seen("violated") }, requirements);
    expect(result.failure?.step).toBe(2);
    expect(result.requirements[1]).toEqual({ id: "DUR-1", verdict: "violated" });
  });
});

describe("an expectation of a passing scenario", () => {
  const mutants = mutantsOf(rollback);

  it("can be changed in many ways", () => {
    expect(mutants).toHaveLength(88);
    expect(new Set(mutants.map(({ change }) => change)).size).toBe(mutants.length);
  });

  it.each(mutants)("cannot be changed unnoticed: $change", async ({ text }) => {
    const { result } = await play(text);
    expect(result.status).toBe("failed");
    expect(result.failure?.expected).not.toEqual(result.failure?.seen);
    expect(result.failure?.at).toMatch(/^x\.yaml:\d+:\d+$/);
  });
});
