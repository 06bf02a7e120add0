/** Twice delivered, and twice in the log. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HistoryOperation } from "../../../../spec/history/format.ts";
import { duplicates } from "../../../../spec/history/judge/once.ts";
import { readTwice } from "../../../../spec/history/judge/read-twice.ts";
import { aHistory, end, finalPoll, life, open, poll, type Step, send } from "../a-history.ts";
import { readsOf, recordsOf, smallHistories } from "./small-histories.ts";

const clean = { violations: [], pending: [], conclusive: true, premise: true };

describe("readTwice catches", () => {
  it("what a consumer reads again after a crash, in the order of second deliveries", () => {
    const history = aHistory(
      poll("c1", { "a-0": "0:a 1:b 2:c" }),
      life("c1", "crash"),
      life("c1", "restart"),
      poll("c1", { "a-0": "1:b 2:c 3:d" }),
      poll("c1", { "a-0": "0:a 2:c" }),
    );
    const { violations, ...rest } = readTwice(history);
    expect(rest).toEqual({ pending: [], conclusive: true, premise: true });
    expect(violations.map(({ value, operations }) => [value, operations])).toEqual([
      ["b", [1, 7]],
      ["c", [1, 7]],
      ["a", [1, 9]],
    ]);
    expect(violations[0]).toEqual({
      name: "read-twice",
      key: "a-0",
      value: "b",
      offset: 1,
      client: "c1",
      text: "c1 was given b of a-0 twice, the second time at offset 1",
      operations: [1, 7],
    });
  });

  it("a duplicate in the log, within one poll", () => {
    expect(readTwice(aHistory(poll("c1", { "a-0": "0:a 1:a" })))).toMatchObject({
      violations: [{ value: "a", offset: 1, operations: [1] }],
    });
  });

  it("two deliveries to two processes of one client", () => {
    const history = aHistory(poll("c1", { "a-0": "0:a" }), poll("c1/2", { "a-0": "0:a" }));
    expect(readTwice(history)).toMatchObject({ violations: [{ client: "c1", operations: [1, 3] }] });
  });
});

describe("readTwice lets pass", () => {
  it("two consumers that read the same, and one value of two keys", () => {
    const history = aHistory(poll("c1", { "a-0": "0:a", "b-0": "0:a" }), poll("c2", { "a-0": "0:a" }));
    expect(readTwice(history)).toEqual(clean);
  });

  it("what is read again by final polls", () => {
    const history = aHistory(
      poll("c1", { "a-0": "0:a" }),
      finalPoll("c1", { "a-0": "0:a" }),
      finalPoll("c1", { "a-0": "0:a" }),
    );
    expect(readTwice(history)).toEqual(clean);
  });

  it("a poll that failed or is unknown, and says that it does not know the unknown one", () => {
    expect(readTwice(aHistory(poll("c1", { "a-0": "0:a" }), poll("c1", { "a-0": "0:a" }, "fail")))).toEqual(clean);
    const doubtful = { ...clean, conclusive: false };
    expect(readTwice(aHistory(poll("c1", { "a-0": "0:a" }), poll("c1", { "a-0": "0:a" }, "info")))).toEqual(doubtful);
    expect(readTwice(aHistory(poll("c1", { "a-0": "0:a" }), open(poll("c1", {}))))).toEqual(doubtful);
    const read: Step = { process: "c2", type: "invoke", f: "txn", value: [{ poll: {} }] };
    expect(readTwice(aHistory(poll("c1", { "a-0": "0:a" }), [read]))).toEqual(doubtful);
    const written: Step = { process: "c2", type: "invoke", f: "txn", value: [{ send: [] }] };
    expect(readTwice(aHistory(poll("c1", { "a-0": "0:a" }), [written], open(finalPoll("r", {}))))).toEqual(clean);
  });

  it("a history in which nothing is delivered", () => {
    expect(readTwice(aHistory(poll("c1", { "a-0": "" }))).premise).toBe(false);
  });
});

/** By comparing every delivery with all those before it. */
function slowly(operations: readonly HistoryOperation[]): string[] {
  const deliveries = readsOf(operations)
    .filter(({ operation }) => operation.type === "ok" && operation.f === "poll" && operation.final !== true)
    .map(({ operation, key, value }) => `${operation.process} ${key} ${value}`);
  return deliveries.filter((one, place) => deliveries.slice(0, place).filter((other) => other === one).length === 1);
}

describe("readTwice", () => {
  it("agrees with a slow search from the definition", () => {
    let twice = 0;
    let once = 0;
    fc.assert(
      fc.property(smallHistories, (operations) => {
        const found = readTwice(operations).violations.map(({ client, key, value }) => `${client} ${key} ${value}`);
        expect(found).toEqual(slowly(operations));
        if (found.length > 0) twice++;
        else once++;
      }),
      { numRuns: 2000, seed: 31 },
    );
    expect(twice).toBeGreaterThan(300);
    expect(once).toBeGreaterThan(300);
  });
});

describe("duplicates catches", () => {
  it("a value that two polls saw at two offsets", () => {
    const history = aHistory(poll("c1", { "a-0": "0:a 1:b" }), poll("c2", { "a-0": "2:a" }));
    expect(duplicates(history)).toEqual({
      violations: [
        {
          name: "duplicate",
          key: "a-0",
          value: "a",
          offset: 2,
          text: "a-0: a stands at the offsets 0, 2",
          operations: [1, 3],
        },
      ],
      pending: [],
      conclusive: true,
      premise: true,
    });
  });

  it("a value that was acknowledged at one offset and read at another", () => {
    const history = aHistory(send("p1", "a-0", "x@12"), poll("c1", { "a-0": "9:x" }));
    expect(duplicates(history)).toMatchObject({ violations: [{ offset: 12, operations: [1, 3] }] });
  });

  it("three copies, once, by polls of any outcome", () => {
    const history = aHistory(poll("c1", { "a-0": "10:a" }, "fail"), poll("c1", { "a-0": "9:a 11:a" }, "info"));
    expect(duplicates(history).violations).toMatchObject([
      { offset: 10, text: "a-0: a stands at the offsets 9, 10 and 1 more" },
    ]);
  });
});

describe("duplicates lets pass", () => {
  it("one value of two keys, and one place that is read often", () => {
    const history = aHistory(poll("c1", { "a-0": "0:a", "b-0": "1:a" }), poll("c1", { "a-0": "0:a" }));
    expect(duplicates(history)).toEqual(clean);
  });

  it("an offset that an unknown or a failed send names", () => {
    const sends = [send("p1", "a-0", "x@1", "info"), send("p1", "a-0", "y@1", "fail")];
    expect(duplicates(aHistory(...sends, poll("c1", { "a-0": "0:x 2:y" }))).violations).toEqual([]);
  });

  it("what no final read has looked for, and says so", () => {
    const ends = finalPoll("r", { "a-0": "" });
    const sent = send("p1", "a-0", "x@0");
    expect(duplicates(aHistory(sent))).toEqual({ ...clean, conclusive: false });
    expect(duplicates(aHistory(sent, ends))).toEqual(clean);
    expect(duplicates(aHistory(sent, ends, send("p1", "a-0", "y", "info")))).toEqual({ ...clean, conclusive: false });
    expect(duplicates(aHistory(sent, ends, end(send("p1", "a-0", "y", "fail"))))).toEqual(clean);
  });

  it("agrees with a slow search from the definition", () => {
    let found = 0;
    fc.assert(
      fc.property(smallHistories, (operations) => {
        const places = (key: string, value: string) =>
          new Set([
            ...readsOf(operations).flatMap((one) => (one.key === key && one.value === value ? [one.offset] : [])),
            ...recordsOf(operations).flatMap((one) =>
              one.key === key && one.value === value && one.completion?.type === "ok" ? [one.offset] : [],
            ),
          ]);
        const all = new Set(
          [...readsOf(operations), ...recordsOf(operations)].map(({ key, value }) => `${key} ${value}`),
        );
        const expected = [...all].filter((one) => {
          const [key = "", value = ""] = one.split(" ");
          return [...places(key, value)].filter((offset) => offset !== undefined).length > 1;
        });
        const { violations } = duplicates(operations);
        expect(violations.map(({ key, value }) => `${key} ${value}`).sort()).toEqual(expected.sort());
        found += violations.length;
      }),
      { numRuns: 1000, seed: 32 },
    );
    expect(found).toBeGreaterThan(100);
  });
});
