import { describe, expect, it } from "vitest";
import { acknowledgedLost } from "../../../../spec/history/judge/acknowledged-lost.ts";
import { withoutWhatMayHaveGone } from "../../../../spec/history/judge/may-have-gone.ts";
import { alo1 } from "../../../../spec/requirements/alo.ts";
import { dur1 } from "../../../../spec/requirements/dur.ts";
import { configWith } from "../../cluster-views.ts";
import { aHistory, both, commit, finalPoll, type Step, send } from "../a-history.ts";

/** b and c are acknowledged and not read; it lasts five microseconds. */
const lost = aHistory(
  send("p1", "t-0", "a@0 b@1 c@2"),
  finalPoll("f", { "t-0": "0:a" }),
  finalPoll("f", { "t-0": "" }),
);
/** The same of another partition. */
const renamed = (steps: readonly Step[]) =>
  steps.map((step) => (step.f === "delete-records" ? { ...step, value: { "t-1": 9 } } : step));

const topic = (settings: object) => configWith({ topics: { t: settings } });

describe("withoutWhatMayHaveGone", () => {
  it.each([
    [{}, 2, true],
    [{ "retention.ms": -1 }, 2, true],
    [{ "retention.ms": 1 }, 2, true],
    [{ "retention.ms": 0 }, 0, false],
    [{ "retention.bytes": 1_000_000 }, 0, false],
  ])("under %j leaves %d violations, conclusive: %s", (settings, violations, conclusive) => {
    const findings = withoutWhatMayHaveGone(acknowledgedLost(lost), lost, topic(settings));
    expect([findings.violations.length, findings.conclusive]).toEqual([violations, conclusive]);
  });

  it("takes a history that lasts as long as retention for one in which records have gone", () => {
    const spread = lost.map((operation) => ({ ...operation, time_ns: 7_000_000 + operation.index * 1_000_000 }));
    const left = (ms: number) =>
      withoutWhatMayHaveGone(acknowledgedLost(spread), spread, topic({ "retention.ms": ms })).violations.length;
    expect([left(5), left(6)]).toEqual([0, 2]);
  });

  it.each([
    ["ok", 3, 0],
    ["ok", 2, 1],
    ["ok", 1, 2],
    ["info", 3, 0],
    ["fail", 3, 2],
  ] as const)("where a deletion is %s before %d leaves %d violations", (type, before, left) => {
    const deletion = both({ process: "admin", type, f: "delete-records", value: { "t-0": before } });
    const read = [finalPoll("f", { "t-0": "0:a" }), finalPoll("f", { "t-0": "" })];
    const history = aHistory(send("p1", "t-0", "a@0 b@1 c@2"), deletion, ...read);
    expect(withoutWhatMayHaveGone(acknowledgedLost(history), history, configWith()).violations).toHaveLength(left);
    const elsewhere = aHistory(send("p1", "t-0", "a@0 b@1 c@2"), renamed(deletion), ...read);
    expect(withoutWhatMayHaveGone(acknowledgedLost(elsewhere), elsewhere, configWith()).violations).toHaveLength(2);
  });

  it("leaves what is conclusive as it is where nothing is missing", () => {
    const read = aHistory(send("p1", "t-0", "a@0"), finalPoll("f", { "t-0": "0:a" }), finalPoll("f", { "t-0": "" }));
    const config = topic({ "retention.bytes": 0 });
    expect(withoutWhatMayHaveGone(acknowledgedLost(read), read, config)).toEqual(acknowledgedLost(read));
    expect(withoutWhatMayHaveGone(acknowledgedLost(aHistory()), [], config).violations).toEqual([]);
  });
});

describe("a requirement on such a history", () => {
  const bySize = topic({ "retention.bytes": 10 });

  it("DUR-1 accuses nobody, and does not hold either", () => {
    expect(dur1.judge?.(lost, configWith())).toHaveLength(2);
    expect(dur1.judge?.(lost, bySize)).toBe("pending");
  });

  it("ALO-1 accuses nobody, and does not hold either", () => {
    const passed = aHistory(send("p1", "t-0", "a@0"), commit("c1", "g", { "t-0": 1 }));
    expect(alo1.judge?.(passed, configWith())).toHaveLength(1);
    expect(alo1.judge?.(passed, bySize)).toBe("pending");
  });
});
