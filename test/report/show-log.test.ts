/** Logs as text: what is long is cut, what is lost is never left out. */
import { describe, expect, it } from "vitest";
import type { LostRecord } from "../../report/judge-walk.ts";
import { lostFrom, showFinding, showReplica } from "../../report/show-log.ts";
import { finding, replica } from "./a-timeline.ts";

const lost = (offset: number | null, value: string, partition = "t-0"): LostRecord => {
  return { partition, offset, value, client: "p", was: "acknowledged to", since: 1 };
};

const letters = "abcdefghijklmnopqrstuvwxyz";

describe("a log", () => {
  it("shows its end where it is long, and what is lost all the same", () => {
    const shown = showReplica(replica(1, "follower", letters), "t-0", [lost(2, "c")]);
    expect(shown).toBe(
      "b1 follower e0  LEO 26  HW 0  (18 more) 2:c/e0✗ 19:t/e0 20:u/e0 21:v/e0 22:w/e0 23:x/e0 24:y/e0 25:z/e0",
    );
  });

  it("cuts a long value short", () => {
    const log = [{ offset: 0, epoch: 3, value: "a value that has no end", key: null }];
    expect(showReplica(replica(1, "leader", "", { log }), "t-0", [])).toContain("0:a value that ha…/e3");
  });

  it("marks a lost record by partition, offset and value", () => {
    const marked = (one: LostRecord) => /✗$/.test(showReplica(replica(1, "follower", "a"), "t-0", [one]));
    expect(marked(lost(0, "a"))).toBe(true);
    expect(marked(lost(null, "a"))).toBe(true);
    expect([lost(1, "a"), lost(0, "b"), lost(0, "a", "t-1")].filter(marked)).toEqual([]);
  });

  it("says of a leader alone what it lacks", () => {
    const shown = (state: "leader" | "follower" | "dead", one: LostRecord) =>
      showReplica(replica(1, state, "a"), "t-0", [one]);
    expect(shown("leader", lost(1, "b"))).toMatch(/0:a\/e0 ✗ lacks 1:b$/);
    expect(shown("leader", lost(null, "b"))).toMatch(/✗ lacks b$/);
    expect(shown("leader", lost(0, "a"))).not.toContain("lacks");
    expect(shown("leader", lost(1, "b", "t-1"))).not.toContain("✗");
    expect(shown("follower", lost(1, "b")) + shown("dead", lost(1, "b"))).not.toContain("✗");
  });
});

describe("lost records", () => {
  it("are lost from the step of their finding on, each once", () => {
    const findings = [finding, { ...finding, requirement: "ISR-1", step: 2 }];
    expect([1, 2, 3, 4].map((step) => lostFrom(findings, step).length)).toEqual([0, 1, 1, 1]);
    expect(lostFrom([{ ...finding, lost: [lost(0, "a"), lost(1, "a")] }], 9)).toHaveLength(2);
  });

  it("are told with their partition where nobody knows an offset", () => {
    expect(showFinding({ ...finding, lost: [lost(null, "a")] }).at(-1)).toBe(
      "  ✗ lost: a (t-0), acknowledged to p at step 1",
    );
  });
});
