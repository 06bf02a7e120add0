import { describe, expect, it } from "vitest";
import { createMonitor } from "../../spec/monitor.ts";
import type { Judgement, Requirement, Scope, Violation } from "../../spec/requirement.ts";
import { requirements } from "../../spec/requirements/index.ts";
import { configWith, failedOver, healthy, log, partitionWith } from "./cluster-views.ts";

const config = configWith();

/** Says one judgement after the other; promised to producer `p1`, or to nobody. */
function saying(judgements: readonly Judgement[], promised: boolean, applies = true): Requirement {
  let step = 0;
  return {
    id: "X-1",
    title: "",
    statement: "",
    kind: "always",
    area: "DUR",
    sources: [],
    promisedWhen: "",
    applies: () => applies,
    promised: (_config, { producer }: Scope) => promised && producer !== "p2",
    invariant: () => judgements[step++] ?? "vacuous",
  };
}

const violation = (text: string, producer = "p1"): Violation => ({ text, scope: { producer } });

function verdictAfter(judgements: readonly Judgement[], promised: boolean, applies = true) {
  const monitor = createMonitor(config, [saying(judgements, promised, applies)]);
  for (const _ of judgements) monitor.see(healthy(), null);
  const [verdict] = monitor.verdicts();
  return [verdict?.verdict, verdict?.promised, verdict?.detail];
}

describe("the verdict on one run", () => {
  it.each<[string, readonly Judgement[], boolean, unknown]>([
    ["promised, violated", ["holds", [violation("lost")], "holds"], true, ["violated", true, "lost"]],
    ["promised to others only, violated", ["holds", [violation("lost", "p2")]], true, ["expected-loss", false, "lost"]],
    ["not promised, violated", [[violation("lost")]], false, ["expected-loss", false, "lost"]],
    ["promised, its premise met", ["vacuous", "holds", "vacuous"], true, ["holds", true, null]],
    [
      "promised, its premise never met",
      ["vacuous", "vacuous"],
      true,
      ["inconclusive", true, "its premise never came up"],
    ],
    ["promised, nothing seen", [], true, ["inconclusive", true, "its premise never came up"]],
    ["promised, its end open", ["holds", "pending"], true, ["inconclusive", true, "its end is open"]],
    ["promised, an open end that was closed", ["pending", "holds"], true, ["holds", true, null]],
    ["not promised, not violated", ["holds"], false, ["no-witness", false, null]],
    ["not promised, its premise never met", ["vacuous"], false, ["no-witness", false, null]],
    [
      "the first of several",
      [[violation("one"), violation("two")], [violation("three")]],
      true,
      ["violated", true, "one"],
    ],
    [
      "a promised violation outranks an earlier one that is not",
      [[violation("one", "p2")], [violation("two")]],
      true,
      ["violated", true, "two"],
    ],
    ["and one in the same state", [[violation("one", "p2"), violation("two")]], true, ["violated", true, "two"]],
    [
      "the first of several that are not promised",
      [[violation("one", "p2")], [violation("two", "p2")]],
      true,
      ["expected-loss", false, "one"],
    ],
    [
      "a later unpromised one changes nothing",
      [[violation("one")], [violation("two", "p2")]],
      true,
      ["violated", true, "one"],
    ],
  ])("%s", (_name, judgements, promised, verdict) => {
    expect(verdictAfter(judgements, promised)).toEqual(verdict);
  });

  it("is not-applicable where nothing applies, whatever would be found", () => {
    expect(verdictAfter([[violation("lost")]], true, false)).toEqual(["not-applicable", false, null]);
  });

  it("tells an excuse", () => {
    const excused: Violation = { text: "lost", scope: { producer: "p2", excuse: "asked for" } };
    expect(verdictAfter([[excused]], true)).toEqual(["expected-loss", false, "lost (not promised: asked for)"]);
  });

  it("asks no more after a promised violation", () => {
    let asked = 0;
    const judge = () => {
      asked += 1;
      return [violation("lost")];
    };
    const monitor = createMonitor(config, [{ ...saying([], true), invariant: judge }]);
    for (let step = 0; step < 3; step += 1) monitor.see(healthy(), null);
    expect(asked).toBe(1);
  });

  it("gives every monitor a memory of its own, with the configuration, and every state in order", () => {
    const seen: unknown[] = [];
    const { invariant: _, ...rest } = saying([], true);
    const requirement: Requirement = {
      ...rest,
      watch: (given) => {
        let steps = 0;
        return (_view, before) => {
          seen.push([given === config, steps++, before === null]);
          return "holds";
        };
      },
    };
    for (const monitor of [createMonitor(config, [requirement]), createMonitor(config, [requirement])]) {
      monitor.see(healthy(), null);
      monitor.see(healthy(), healthy());
      expect(monitor.verdicts()[0]?.verdict).toBe("holds");
    }
    expect(seen).toEqual([
      [true, 0, true],
      [true, 1, false],
      [true, 0, true],
      [true, 1, false],
    ]);
  });
});

describe("a run under all requirements", () => {
  const run = (lost: boolean, of = config) => {
    const monitor = createMonitor(of);
    const first = { ...healthy(), config: of };
    const next = { ...failedOver(lost ? { 2: { log: log("a0") } } : {}), config: of };
    const elected = { kind: "elected", partition: "t-0", leader: 2, leaderEpoch: 2, unclean: false } as const;
    monitor.see(first, null);
    monitor.see({ ...next, observed: [elected] }, first);
    return Object.fromEntries(monitor.verdicts().map(({ id, verdict }) => [id, verdict]));
  };

  it("judges each, in order", () => {
    expect(run(false)).toEqual({
      "DUR-1": "holds",
      "DUR-2": "holds",
      "HW-1": "inconclusive",
      "HW-2": "holds",
      "HW-3": "inconclusive",
      "LOG-1": "holds",
      "LOG-2": "holds",
      "ISR-1": "holds",
      "ELE-1": "holds",
      "ELE-2": "holds",
      "ACK-1": "inconclusive",
      "ALO-1": "holds",
      "CON-1": "inconclusive",
      "CON-2": "inconclusive",
      "CON-3": "inconclusive",
      "BAT-1": "inconclusive",
      "PAR-1": "inconclusive",
      "RET-1": "inconclusive",
      "LIV-1": "inconclusive",
    });
    expect(
      createMonitor(config)
        .verdicts()
        .map(({ id }) => id),
    ).toEqual(requirements.map(({ id }) => id));
  });

  it("finds a loss, promised or expected", () => {
    expect(run(true)).toMatchObject({
      "DUR-1": "violated",
      "DUR-2": "violated",
      "ISR-1": "violated",
      "LOG-1": "violated",
    });
    const unclean = configWith({ topics: { t: { "unclean.leader.election.enable": true } }, consumers: {} });
    expect(run(true, unclean)).toMatchObject({
      "DUR-1": "expected-loss",
      "DUR-2": "not-applicable",
      "ISR-1": "expected-loss",
      "CON-1": "not-applicable",
    });
  });

  it("finds what changes in a step, and not what was there before and unchanged", () => {
    const monitor = createMonitor(config);
    const bad = partitionWith(healthy(), {}, { 3: { log: [] } });
    monitor.see({ ...bad }, bad);
    expect(monitor.verdicts().filter(({ verdict }) => verdict === "violated")).toEqual([]);
    monitor.see(bad, healthy());
    expect(monitor.verdicts().find(({ id }) => id === "ISR-1")?.verdict).toBe("violated");
  });
});
