/** Playing scenarios on a subject without a virtual clock, or without states. */
import { describe, expect, it } from "vitest";
import { fakeRequirement } from "./fake-requirement.ts";
import type { FakeOptions } from "./fake-subject.ts";
import { play } from "./play-on-fake.ts";
import { scenarioText } from "./scenario-text.ts";

const send = "send: { by: p1, to: orders-0, values: [a, b] }";

describe("what a subject cannot be", () => {
  it("skips the scenario, unplayed", async () => {
    const { result, calls } = await play(scenarioText([send]), { cannotBe: ["it has two brokers", "and no disk"] });
    expect(result).toMatchObject({ status: "skipped", steps: 0, reason: "it has two brokers; and no disk" });
    expect(calls).toEqual(["close"]);
  });
});

describe("in real time", () => {
  const lacks = ["virtual-time"] as const;

  it("what is expected has 3 s to come true", async () => {
    const steps = [send, "expect: { log-end: { 1/orders-0: 9 } }"];
    const advanced = async (options: FakeOptions) =>
      (await play(scenarioText(steps), options)).calls.filter((call) => call.startsWith("advance"));
    expect(await advanced({})).toEqual([]);
    expect(await advanced({ lacks })).toHaveLength(3000);
  });

  it.each([
    ["poll: { by: c1, expect: { orders-0: [[0, a], [1, b]] } }", "poll c1 1000", "poll c1 10000"],
    ["poll: { by: c1, timeout: 20s, expect: { orders-0: [[0, a], [1, b]] } }", "poll c1 20000", "poll c1 20000"],
    ["poll: c1", "poll c1 1000", "poll c1 1000"],
    ["poll: { by: c1, expect: {} }", "poll c1 1000", "poll c1 1000"],
  ])("a poll that is to bring something has 10 s: %s", async (step, virtual, real) => {
    const text = scenarioText([send, step.replace("poll: c1", "poll: { by: c1 }")]);
    expect((await play(text)).calls).toContain(virtual);
    expect((await play(text, { lacks })).calls).toContain(real);
  });

  it("a condition that is awaited has 30 s at least", async () => {
    const waited = async (within: string, options: FakeOptions) => {
      const steps = [send, `await: { log-end: { 1/orders-0: 9 }, within: ${within} }`];
      return (await play(scenarioText(steps), options)).calls.filter((call) => call.startsWith("advance")).length;
    };
    expect(await waited("5s", {})).toBe(5000);
    expect(await waited("5s", { lacks })).toBe(30_000);
    expect(await waited("40s", { lacks })).toBe(40_000);
  });
});

describe("without states", () => {
  const lacks = ["see-states"] as const;
  const judged = fakeRequirement("DUR-1", { judge: () => "holds" });
  const unjudged = fakeRequirement("HW-1", {});

  it("what no history shows is left out and named, and everything is read at the end", async () => {
    const { result, calls } = await play(scenarioText([send], "{ holds: [DUR-1, HW-1] }"), { lacks }, [
      judged,
      unjudged,
    ]);
    expect(result.status).toBe("passed");
    expect(result.reason).toMatch(/^HW-1 at the end skipped: .*\(see-states\)$/);
    expect(calls).toContain("finalReads");
  });

  it("nothing is left to judge where no history shows any of it", async () => {
    const { result } = await play(scenarioText([send], "{ holds: [HW-1] }"), { lacks }, [unjudged]);
    expect(result.status).toBe("skipped");
  });

  it("a loss that does not show is no failure, a promise that is broken is one", async () => {
    const text = scenarioText([send, "final-read:"], "{ loses: [DUR-1] }");
    expect((await play(text, { lacks }, [judged])).result.status).not.toBe("failed");
    const broken = fakeRequirement("DUR-1", { judge: () => [{ text: "gone", scope: {} }] });
    expect((await play(text, { lacks }, [broken])).result.status).toBe("failed");
  });

  it("a final read that was made is not made again", async () => {
    const { calls } = await play(scenarioText([send, "final-read:"], "{ holds: [DUR-1] }"), { lacks }, [judged]);
    expect(calls.filter((call) => call === "finalReads")).toHaveLength(1);
  });
});
