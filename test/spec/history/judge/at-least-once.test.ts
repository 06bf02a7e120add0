/** A group gets every acknowledged record before it commits past it, or it never will. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HistoryOperation } from "../../../../spec/history/format.ts";
import { atLeastOnce } from "../../../../spec/history/judge/at-least-once.ts";
import { aHistory, assign, both, commit, end, finalPoll, life, open, poll, type Step, send } from "../a-history.ts";
import { completionOf, readsOf, recordsOf, smallHistories } from "./small-histories.ts";

const contract = {
  consumers: { c1: { "group.id": "g" }, c2: { "group.id": "g" }, d1: { "group.id": "h" }, n: { "group.id": null } },
};
const clean = { violations: [], pending: [], conclusive: true, premise: true };
const ab = send("p1", "a-0", "a@0 b@1");

function fault(kind: string, target: string, type: "ok" | "fail" = "ok"): Step[] {
  return both({ process: "nemesis", type, f: "fault", value: { kind, target } });
}

function heal(value: { kind: string; target: string } | null): Step[] {
  return both({ process: "nemesis", type: "ok", f: "heal", value });
}

describe("atLeastOnce catches", () => {
  it("a commit past a record that the group never got", () => {
    const history = aHistory(ab, poll("c1", { "a-0": "1:b" }), commit("c1", "g", { "a-0": 2 }));
    expect(atLeastOnce(history, contract)).toEqual({
      violations: [
        {
          name: "commit-past-undelivered",
          key: "a-0",
          value: "a",
          offset: 0,
          group: "g",
          text: "g committed 2 for a-0 without having been given a at offset 0",
          operations: [0, 1, 5],
        },
      ],
      pending: [],
      conclusive: true,
      premise: true,
    });
  });

  it("a commit before delivery, though the delivery follows", () => {
    const history = aHistory(ab, commit("c1", "g", { "a-0": 2 }), poll("c1", { "a-0": "0:a 1:b" }));
    expect(atLeastOnce(history, contract).violations.map(({ value }) => value)).toEqual(["a", "b"]);
  });

  it("a commit of unknown outcome, with the offsets that it asked for, and one that never ended", () => {
    const asked = commit("c1", "g", { "a-0": 1 });
    const told: Step = { process: "c1", type: "info", f: "commit", value: { group: "g", offsets: {} } };
    expect(atLeastOnce(aHistory(ab, open(asked), [told]), contract).violations).toMatchObject([
      { value: "a", operations: [0, 1, 3] },
    ]);
    expect(atLeastOnce(aHistory(ab, open(asked)), contract).violations).toMatchObject([
      { value: "a", operations: [0, 1, 2] },
    ]);
  });

  it("a high commit that a lower one has taken back before the delivery", () => {
    const commits = [2, 0, 1, 0].map((offset) => commit("c1", "g", { "a-0": offset }));
    const history = aHistory(ab, ...commits, poll("c1", { "a-0": "0:a 1:b" }));
    expect(atLeastOnce(history, contract).violations).toMatchObject([
      { value: "a", operations: [0, 1, 3] },
      { value: "b", operations: [0, 1, 3] },
    ]);
  });

  it("the last of equal commits", () => {
    const commits = [2, 2, 1].map((offset) => commit("c1", "g", { "a-0": offset }));
    const history = aHistory(send("p1", "a-0", "a@1"), ...commits);
    expect(atLeastOnce(history, contract).violations).toMatchObject([{ value: "a", operations: [0, 1, 5] }]);
  });

  it("each group by itself", () => {
    const history = aHistory(
      ab,
      poll("c1", { "a-0": "0:a 1:b" }),
      commit("c1", "g", { "a-0": 2 }),
      commit("d1", "h", { "a-0": 1 }),
    );
    expect(atLeastOnce(history, contract)).toMatchObject({
      violations: [{ group: "h", value: "a" }],
      pending: [{ group: "h", value: "b" }],
    });
  });

  it("a record whose place only a poll has told", () => {
    const history = aHistory(send("p1", "a-0", "a"), poll("d1", { "a-0": "4:a" }), commit("c1", "g", { "a-0": 5 }));
    expect(atLeastOnce(history, contract).violations).toMatchObject([{ value: "a", offset: 4 }]);
  });

  it("a record that others have read, where the group then finds nothing more", () => {
    const history = aHistory(
      ab,
      poll("d1", { "a-0": "0:a 1:b" }),
      poll("c1", { "a-0": "1:b" }),
      poll("c1", { "a-0": "" }),
    );
    expect(atLeastOnce(history, contract)).toEqual({
      ...clean,
      violations: [
        {
          name: "group-missed",
          key: "a-0",
          value: "a",
          group: "g",
          text: "g was never given a of a-0, and then found nothing more",
          operations: [0, 1, 3, 7],
        },
      ],
    });
  });

  it("the same where the others read it once more afterwards", () => {
    const read = poll("d1", { "a-0": "0:a 1:b" });
    const history = aHistory(ab, read, poll("c1", { "a-0": "" }), read);
    expect(atLeastOnce(history, contract).violations).toMatchObject([{ operations: [0, 1, 3, 5] }, { value: "b" }]);
  });

  it("the same after the faults are healed", () => {
    const healed = [
      [fault("kill", "1"), heal({ kind: "kill", target: "1" })],
      [fault("kill", "1"), fault("cut", "1-2"), heal(null)],
      [fault("kill", "1", "fail")],
    ];
    for (const faults of healed) {
      const history = aHistory(ab, poll("d1", { "a-0": "0:a 1:b" }), ...faults, poll("c1", { "a-0": "" }));
      expect(atLeastOnce(history, contract).violations.map(({ name }) => name)).toEqual([
        "group-missed",
        "group-missed",
      ]);
    }
  });
});

describe("atLeastOnce lets pass", () => {
  it("commit after delivery, the delivery to another member included", () => {
    const history = aHistory(
      ab,
      poll("c2", { "a-0": "0:a" }),
      life("c2", "crash"),
      poll("c1/2", { "a-0": "1:b" }),
      commit("c1", "g", { "a-0": 2 }),
    );
    expect(atLeastOnce(history, contract)).toEqual(clean);
  });

  it("a commit exactly at the record, or one that failed, while the record is pending", () => {
    for (const between of [commit("c1", "g", { "a-0": 0 }), commit("c1", "g", { "a-0": 2 }, "fail")]) {
      const history = aHistory(ab, assign("c1", ["a-0"]), between);
      expect(atLeastOnce(history, contract)).toMatchObject({
        violations: [],
        pending: [{ name: "undelivered", value: "a", operations: [0, 1] }, { value: "b" }],
        conclusive: false,
        premise: true,
      });
    }
  });

  it("a commit that was completed before the record was acknowledged", () => {
    const history = aHistory(open(ab), commit("c1", "g", { "a-0": 2 }), end(ab), poll("c1", { "a-0": "0:a 1:b" }));
    expect(atLeastOnce(history, contract)).toEqual(clean);
  });

  it("unknown and failed sends", () => {
    const sends = [send("p1", "a-0", "a@0", "info"), send("p1", "a-0", "b@1", "fail"), send("p1", "a-0", "c@2")];
    const history = aHistory(...sends, poll("c1", { "a-0": "2:c" }), commit("c1", "g", { "a-0": 3 }));
    expect(atLeastOnce(history, contract)).toEqual(clean);
  });

  it("delivery by a poll that is unknown or failed", () => {
    for (const type of ["info", "fail"] as const) {
      const history = aHistory(ab, poll("c1", { "a-0": "0:a 1:b" }, type), commit("c1", "g", { "a-0": 2 }));
      expect(atLeastOnce(history, contract)).toEqual(clean);
    }
  });

  it("a record with a copy above the commit, which is still to come", () => {
    const history = aHistory(
      send("p1", "a-0", "a@0"),
      poll("d1", { "a-0": "0:a 5:a" }),
      commit("c1", "g", { "a-0": 3 }),
    );
    expect(atLeastOnce(history, contract)).toMatchObject({ violations: [], pending: [{ group: "g", value: "a" }] });
  });

  it("other keys, consumers without group, and final readers", () => {
    const reads = [poll("n", { "a-0": "1:b" }), finalPoll("c1", { "a-0": "1:b" }), finalPoll("c1", { "a-0": "" })];
    const history = aHistory(ab, ...reads, commit("c1", "g", { "b-0": 2 }));
    expect(atLeastOnce(history, contract)).toEqual({ ...clean, premise: false });
  });

  it("but a final poll is no delivery", () => {
    const history = aHistory(ab, finalPoll("c1", { "a-0": "0:a 1:b" }), commit("c1", "g", { "a-0": 2 }));
    expect(atLeastOnce(history, contract).violations).toHaveLength(2);
  });

  it("what a consumer may have got by an unknown poll before it committed, also for the next owner", () => {
    for (const unknown of [poll("c1", {}, "info"), open(poll("c1/2", {}))]) {
      const history = aHistory(
        ab,
        unknown,
        commit("c1", "g", { "a-0": 2 }),
        send("p1", "a-0", "c@2"),
        poll("c2", { "a-0": "2:c" }),
        commit("c2", "g", { "a-0": 3 }),
      );
      expect(atLeastOnce(history, contract)).toMatchObject({
        violations: [],
        pending: [{ value: "a" }, { value: "b" }],
      });
    }
  });

  it("but not what an unknown poll got that ended in a crash, or another consumer's", () => {
    const crashed = [poll("c1", {}, "info"), life("c1", "crash"), commit("c1", "g", { "a-0": 2 })];
    expect(atLeastOnce(aHistory(ab, ...crashed), contract).violations).toHaveLength(2);
    const other = [poll("c2", {}, "info"), commit("c1", "g", { "a-0": 2 })];
    expect(atLeastOnce(aHistory(ab, ...other), contract).violations).toHaveLength(2);
  });

  it("a record that the group may still get: it is pending", () => {
    const seen = [ab, poll("d1", { "a-0": "0:a 1:b" })];
    const still = [
      [...seen, poll("c1", {})],
      [...seen, poll("c1", { "b-0": "" })],
      [...seen, poll("c1", { "a-0": "" }, "info")],
      [...seen, poll("c1", {}, "info"), poll("c1", { "a-0": "" })],
      [...seen, poll("c1", { "a-0": "" }), life("c1", "restart")],
      [...seen, fault("kill", "1"), poll("c1", { "a-0": "" })],
      [...seen, open(poll("c1", {})), fault("kill", "1"), end(poll("c1", { "a-0": "" }))],
      [...seen, fault("kill", "1"), heal({ kind: "kill", target: "2" }), poll("c1", { "a-0": "" })],
      [...seen, fault("kill", "1"), open(poll("c1", {})), heal(null), end(poll("c1", { "a-0": "" }))],
      [ab, poll("c1", { "a-0": "" }), poll("d1", { "a-0": "0:a 1:b" })],
      [ab, open(poll("c1", {})), poll("d1", { "a-0": "0:a 1:b" }), end(poll("c1", { "a-0": "" }))],
    ];
    for (const steps of still) {
      const { violations, pending } = atLeastOnce(aHistory(...steps, assign("c2", ["a-0"], "fail")), contract);
      expect(violations).toEqual([]);
      const consumes = steps.flat().some((one) => one.process === "c1" && "a-0" in (one.value ?? {}));
      expect(pending).toHaveLength(consumes ? 2 : 0);
    }
  });

  it("takes a consumer's group from its own operations where the contract is silent", () => {
    const history = aHistory(
      ab,
      commit("x1", "k", { "a-0": 0 }),
      poll("x1", { "a-0": "0:a 1:b" }),
      commit("x1", "k", { "a-0": 2 }),
    );
    expect(atLeastOnce(history, {})).toEqual(clean);
  });
});

/** From the definition of `commit-past-undelivered`, by trying every commit against every record. */
function slowly(operations: readonly HistoryOperation[]): string[] {
  const deliveries = readsOf(operations).filter(
    ({ operation }) =>
      ["c1", "c2"].includes(operation.process) && !(operation.f === "poll" && operation.final === true),
  );
  const commits = operations.flatMap((operation) => {
    if (operation.f !== "commit" || operation.type === "fail") return [];
    if (operation.type === "invoke" && completionOf(operations, operation) !== null) return [];
    const { process: client, index } = operation;
    const crashed = operations.findLastIndex(
      (one) => one.index < index && one.process === client && one.f === "restart" && one.type === "ok",
    );
    const doubtful = operations.some(
      (one) =>
        one.f === "poll" && one.type === "info" && one.process === client && one.index > crashed && one.index < index,
    );
    const completed = operation.type === "invoke" ? Number.POSITIVE_INFINITY : index;
    return [{ offset: operation.value.offsets["a-0"] ?? 0, index, completed, doubtful }];
  });
  return recordsOf(operations).flatMap(({ key, value, completion }) => {
    if (key !== "a-0" || completion?.type !== "ok") return [];
    const same = <T extends { key: string; value: string }>(one: T) => one.key === key && one.value === value;
    const offsets = [
      ...readsOf(operations)
        .filter(same)
        .map(({ offset }) => offset),
      ...recordsOf(operations)
        .filter(same)
        .flatMap(({ offset }) => (offset === undefined ? [] : [offset])),
    ];
    const offset = Math.max(...offsets);
    const delivered = deliveries.find(same)?.operation.index ?? Number.POSITIVE_INFINITY;
    if (offsets.length === 0 || commits.some((one) => one.doubtful && one.index < delivered && one.offset > offset))
      return [];
    const late = (one: { completed: number }) => one.completed < delivered || delivered === Number.POSITIVE_INFINITY;
    const past = commits.some((one) => one.completed > completion.index && late(one) && one.offset > offset);
    return past ? [`${key} ${value}`] : [];
  });
}

describe("atLeastOnce", () => {
  it("agrees with a slow search from the definition", () => {
    let found = 0;
    fc.assert(
      fc.property(smallHistories, (operations) => {
        const passed = atLeastOnce(operations, contract).violations.filter(
          ({ name }) => name === "commit-past-undelivered",
        );
        expect(passed.map(({ key, value }) => `${key} ${value}`).sort()).toEqual(slowly(operations).sort());
        found += passed.length;
      }),
      { numRuns: 3000, seed: 33 },
    );
    expect(found).toBeGreaterThan(200);
  });
});
