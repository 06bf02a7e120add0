/** Acknowledged and gone: what is caught, what is not, and a second implementation from the definition alone. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HistoryOperation } from "../../../../spec/history/format.ts";
import { acknowledgedLost } from "../../../../spec/history/judge/acknowledged-lost.ts";
import { aHistory, assign, both, end, finalPoll, life, open, poll, send, transaction } from "../a-history.ts";
import { completionOf, invocationOf, readsOf, recordsOf, smallHistories } from "./small-histories.ts";

const nothing = { violations: [], pending: [], conclusive: true, premise: true };

describe("acknowledgedLost catches", () => {
  it("a value above everything that was read, by a final read to the end", () => {
    const history = aHistory(
      send("p1", "a-0", "x@0 y@1"),
      finalPoll("r", { "a-0": "0:x" }),
      finalPoll("r", { "a-0": "" }),
    );
    expect(acknowledgedLost(history)).toEqual({
      violations: [
        {
          name: "unseen",
          key: "a-0",
          value: "y",
          offset: 1,
          text: "a-0: y is committed and was never read, though the key was read to its end afterwards",
          operations: [0, 1, 5],
        },
      ],
      pending: [],
      conclusive: true,
      premise: true,
    });
  });

  it("a value below the highest read, without any final read", () => {
    const history = aHistory(send("p1", "a-0", "x@0"), send("p1", "a-0", "y@1"), poll("c1", { "a-0": "1:y" }));
    expect(acknowledgedLost(history)).toMatchObject({
      violations: [{ name: "lost-write", value: "x", offset: 0, operations: [0, 1, 5] }],
      conclusive: false,
    });
  });

  it("a value whose place another one has taken", () => {
    const history = aHistory(send("p1", "a-0", "x@0"), send("p1", "a-0", "y@0"), poll("c1", { "a-0": "0:y" }));
    expect(acknowledgedLost(history)).toMatchObject({ violations: [{ name: "lost-write", value: "x" }] });
  });

  it("a value without offset (acks=0), and an empty log, with the keys of the reader's assignment", () => {
    const history = aHistory(send("p1", "a-0", "x"), assign("r", ["a-0", "b-0"]), finalPoll("r", {}));
    const { violations, conclusive } = acknowledgedLost(history);
    expect(violations).toMatchObject([{ name: "unseen", value: "x", operations: [0, 1, 5] }]);
    expect(violations[0]).not.toHaveProperty("offset");
    expect(conclusive).toBe(true);
  });

  it("a value by the empty answer that was asked for last, where final readers overlap", () => {
    const early = finalPoll("r1", { "a-0": "" });
    const history = aHistory(open(early), send("p1", "a-0", "x@0"), finalPoll("r2", { "a-0": "" }), end(early));
    expect(acknowledgedLost(history)).toMatchObject({
      violations: [{ value: "x", operations: [1, 2, 4] }],
      conclusive: true,
    });
  });

  it("the rest of a transaction of unknown outcome of which a part was read", () => {
    const history = aHistory(
      transaction("p1", { "a-0": "x", "b-0": "y" }, "info"),
      poll("c1", { "a-0": "0:x" }),
      finalPoll("r", { "a-0": "0:x" }),
      finalPoll("r", { "a-0": "", "b-0": "" }),
    );
    expect(acknowledgedLost(history)).toMatchObject({ violations: [{ name: "unseen", key: "b-0", value: "y" }] });
  });

  it("the rest of such a transaction that never completed", () => {
    const history = aHistory(
      open(transaction("p1", { "a-0": "x", "b-0": "y" }, "info")),
      finalPoll("r", { "a-0": "0:x" }),
      finalPoll("r", { "a-0": "", "b-0": "" }),
    );
    expect(acknowledgedLost(history)).toMatchObject({ violations: [{ value: "y", operations: [0, 2, 4] }] });
  });
});

describe("acknowledgedLost lets pass", () => {
  it("what everybody has read", () => {
    const history = aHistory(send("p1", "a-0", "x@0"), finalPoll("r", { "a-0": "0:x" }), finalPoll("r", { "a-0": "" }));
    expect(acknowledgedLost(history)).toEqual(nothing);
  });

  it("an unknown or failed send that is not there", () => {
    const sends = [send("p1", "a-0", "x", "info"), send("p1", "a-0", "y", "fail"), open(send("p1", "a-0", "z"))];
    const history = aHistory(...sends, finalPoll("r", { "a-0": "" }));
    expect(acknowledgedLost(history)).toEqual({ ...nothing, premise: false });
  });

  it("the other records of an unknown send of which one was read: they are written one by one", () => {
    const history = aHistory(
      send("p1", "a-0", "x y", "info"),
      poll("c1", { "a-0": "0:x" }),
      finalPoll("r", { "a-0": "" }),
    );
    expect(acknowledgedLost(history).violations).toEqual([]);
  });

  it("a transaction of unknown outcome that only a poll of unknown outcome has shown", () => {
    const sent = transaction("p1", { "a-0": "x", "b-0": "y" }, "info");
    const history = aHistory(sent, poll("c1", { "a-0": "0:x" }, "info"), finalPoll("r", { "a-0": "", "b-0": "" }));
    expect(acknowledgedLost(history).violations).toEqual([]);
  });

  it("a value that only a failed poll has returned", () => {
    const history = aHistory(
      send("p1", "a-0", "x@0"),
      poll("c1", { "a-0": "0:x" }, "fail"),
      finalPoll("r", { "a-0": "" }),
    );
    expect(acknowledgedLost(history)).toEqual(nothing);
  });

  it("the tail, where the final read has not come to an empty answer", () => {
    const history = aHistory(send("p1", "a-0", "x@0 y@1"), finalPoll("r", { "a-0": "0:x" }), finalPoll("r", {}));
    expect(acknowledgedLost(history)).toEqual({ ...nothing, conclusive: false });
  });

  it("the tail, where the empty answer was no final one, or is another key's, or another process's", () => {
    const sent = send("p1", "a-0", "x@0");
    for (const read of [
      [poll("c1", { "a-0": "" })],
      [assign("r", ["b-0"]), finalPoll("r", {})],
      [assign("c1", ["a-0"]), finalPoll("r", {})],
      [assign("r", ["a-0"], "fail"), finalPoll("r", {})],
      [assign("r", ["a-0", "b-0"]), finalPoll("r", { "b-0": "0:y" })],
      [finalPoll("r", { "a-0": "" }, "info")],
      [finalPoll("r", { "a-0": "" }, "fail")],
    ]) {
      expect(acknowledgedLost(aHistory(sent, ...read))).toEqual({ ...nothing, conclusive: false });
    }
  });

  it("what was acknowledged only after the empty answer was asked for", () => {
    const [asked, told] = [open(finalPoll("r", { "a-0": "" })), end(finalPoll("r", { "a-0": "" }))];
    expect(acknowledgedLost(aHistory(asked, send("p1", "a-0", "x@0"), told))).toEqual({
      ...nothing,
      conclusive: false,
    });
  });

  it("what a final poll of unknown outcome may have passed over, until the reader is placed anew", () => {
    const sent = send("p1", "a-0", "x@0");
    const doubt = [sent, finalPoll("r", {}, "info"), finalPoll("r", { "a-0": "" })];
    expect(acknowledgedLost(aHistory(...doubt))).toEqual({ ...nothing, conclusive: false });
    const seek = both({ process: "r", type: "ok", f: "seek", value: { "a-0": 0 } });
    for (const anew of [seek, life("r", "restart"), assign("r", ["a-0"])]) {
      const history = aHistory(...doubt, anew, finalPoll("r", { "a-0": "" }));
      expect(acknowledgedLost(history)).toMatchObject({ violations: [{ value: "x" }], conclusive: true });
    }
  });

  it("a value below a duplicate's second place, which proves nothing of what lies between", () => {
    const sends = [send("p1", "a-0", "x@0"), send("p1", "a-0", "y@2")];
    const history = aHistory(...sends, poll("c1", { "a-0": "0:x" }), poll("c2", { "a-0": "3:x" }));
    expect(acknowledgedLost(history).violations).toEqual([]);
    const higher = aHistory(...sends, poll("c1", { "a-0": "3:x" }), send("p1", "a-0", "z@3"));
    expect(acknowledgedLost(higher).violations).toEqual([]);
  });

  it("a value on another key with the same name", () => {
    const history = aHistory(send("p1", "a-0", "x@0"), send("p1", "b-0", "x@0"), poll("c1", { "a-0": "0:x" }));
    expect(acknowledgedLost(history).violations).toEqual([]);
  });

  it("one key well read and another not: it says so", () => {
    const sends = [send("p1", "a-0", "x@0"), send("p1", "b-0", "y@0")];
    const history = aHistory(...sends, finalPoll("r", { "a-0": "0:x" }), finalPoll("r", { "a-0": "" }));
    expect(acknowledgedLost(history)).toEqual({ ...nothing, conclusive: false });
  });
});

/** From the definition, by looking through everything for every value. */
function slowly(operations: readonly HistoryOperation[]): { found: string[]; conclusive: boolean } {
  const found: string[] = [];
  let conclusive = true;
  const reads = readsOf(operations);
  for (const sent of recordsOf(operations)) {
    const { key, value, invocation, completion } = sent;
    const siblings = recordsOf(operations).filter((one) => one.invocation === invocation);
    const unknown = invocation.f === "txn" && (completion === null || completion.type === "info");
    const proofs = reads.filter(
      (read) =>
        read.operation.type === "ok" && siblings.some((one) => one.key === read.key && one.value === read.value),
    );
    const committed = completion?.type === "ok" ? completion.index : unknown ? proofs[0]?.operation.index : undefined;
    if (committed === undefined) continue;
    const ended = operations.filter(
      (operation) =>
        operation.f === "poll" &&
        operation.final === true &&
        operation.type === "ok" &&
        operation.value[key]?.length === 0 &&
        (invocationOf(operations, operation)?.index ?? -1) > committed &&
        !operations.some(
          (one) =>
            one.f === "poll" &&
            one.final &&
            one.type === "info" &&
            one.process === operation.process &&
            one.index < operation.index,
        ),
    );
    if (ended.length === 0) conclusive = false;
    if (reads.some((read) => read.key === key && read.value === value)) continue;
    const firstOf = (other: string) => {
      const polled = reads.filter((read) => read.key === key && read.value === other).map(({ offset }) => offset);
      const told = recordsOf(operations)
        .filter((one) => one.key === key && one.value === other && one.completion?.type === "ok")
        .flatMap(({ offset }) => (offset === undefined ? [] : [offset]));
      return Math.min(...polled, ...told);
    };
    const highest = Math.max(-1, ...reads.filter((read) => read.key === key).map((read) => firstOf(read.value)));
    const offset = completion?.type === "ok" ? sent.offset : undefined;
    if (offset !== undefined && offset <= highest) found.push(`lost-write ${key} ${value}`);
    else if (ended.length > 0) found.push(`unseen ${key} ${value}`);
  }
  return { found: found.sort(), conclusive };
}

describe("acknowledgedLost", () => {
  it("agrees with a slow search from the definition", () => {
    const counts = { "lost-write": 0, unseen: 0, conclusive: 0, clean: 0, proven: 0 };
    fc.assert(
      fc.property(smallHistories, (operations) => {
        const { violations, conclusive } = acknowledgedLost(operations);
        const found = violations.map(({ name, key, value }) => `${name} ${key} ${value}`).sort();
        expect({ found, conclusive }).toEqual(slowly(operations));
        for (const { name } of violations) counts[name === "unseen" ? "unseen" : "lost-write"]++;
        if (conclusive && violations.length > 0) counts.conclusive++;
        if (violations.length === 0) counts.clean++;
        const unknown = (value: string | undefined) =>
          operations.some(
            (one) =>
              one.f === "txn" &&
              completionOf(operations, one)?.type !== "ok" &&
              JSON.stringify(one).includes(`"${value}"`),
          );
        if (violations.some(({ value }) => unknown(value))) counts.proven++;
      }),
      { numRuns: 3000, seed: 30 },
    );
    for (const [name, count] of Object.entries(counts)) expect(count, name).toBeGreaterThan(20);
  });
});
