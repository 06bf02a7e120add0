/** Order of delivery and order of sending. */
import { describe, expect, it } from "vitest";
import { producerOrder } from "../../../../spec/history/judge/once.ts";
import { deliveredOrder } from "../../../../spec/history/judge/order.ts";
import { aHistory, assign, both, end, finalPoll, life, open, poll, type Step, send } from "../a-history.ts";

const clean = { violations: [], pending: [], conclusive: true, premise: true };

function seek(client: string, offsets: Readonly<Record<string, number>>, type: "ok" | "fail" | "info" = "ok"): Step[] {
  return both({ process: client, type, f: "seek", value: offsets });
}

function subscribe(client: string): Step[] {
  return both({ process: client, type: "ok", f: "subscribe", value: { group: "g", keys: ["a-0"] } });
}

function assignment(client: string, generation: number): Step[] {
  return both({ process: client, type: "ok", f: "assignment", value: { group: "g", generation, keys: ["a-0"] } });
}

describe("deliveredOrder catches", () => {
  it("a poll that begins where the one before it ended", () => {
    const history = aHistory(poll("c1", { "a-0": "0:a 1:b" }), poll("c1", { "a-0": "1:b 2:c" }));
    expect(deliveredOrder(history)).toEqual({
      violations: [
        {
          name: "nonmonotonic-poll",
          key: "a-0",
          value: "b",
          offset: 1,
          client: "c1",
          text: "c1 was given b of a-0 at offset 1 after offset 1",
          operations: [1, 3],
        },
      ],
      pending: [],
      conclusive: true,
      premise: true,
    });
  });

  it("a step back with another key's polls and an empty one between", () => {
    const history = aHistory(
      poll("c1", { "a-0": "5:a" }),
      poll("c1", { "b-0": "0:x" }),
      poll("c1", { "a-0": "" }),
      poll("c1/2", { "a-0": "4:b" }),
    );
    expect(deliveredOrder(history).violations).toMatchObject([{ value: "b", operations: [1, 7] }]);
  });

  it("repetition and stepping back within one poll, whatever its outcome", () => {
    const history = aHistory(poll("c1", { "a-0": "0:a 0:a 2:c 1:b" }, "fail"));
    expect(deliveredOrder(history).violations).toMatchObject([
      { name: "int-nonmonotonic-poll", value: "a", offset: 0, operations: [1] },
      { name: "int-nonmonotonic-poll", value: "b", offset: 1, operations: [1] },
    ]);
  });

  it("a step back across two polls of one transaction", () => {
    const polls = [{ poll: { "a-0": [[1, "b"]] } }, { poll: { "a-0": [[0, "a"]] } }] as const;
    const history = aHistory([
      { process: "c1", type: "invoke", f: "txn", value: [{ poll: {} }, { poll: {} }] },
      { process: "c1", type: "ok", f: "txn", value: polls },
    ]);
    expect(deliveredOrder(history).violations).toMatchObject([{ name: "int-nonmonotonic-poll", value: "a" }]);
  });

  it("a step back after a seek that failed, or that is another key's or another client's", () => {
    for (const between of [seek("c1", { "a-0": 0 }, "fail"), seek("c1", { "b-0": 0 }), seek("c2", { "a-0": 0 })]) {
      const history = aHistory(poll("c1", { "a-0": "3:d" }), between, poll("c1", { "a-0": "0:a" }));
      expect(deliveredOrder(history).violations).toMatchObject([{ name: "nonmonotonic-poll", operations: [1, 5] }]);
    }
  });

  it("a step back of a subscriber whose rebalances are recorded, when there was none", () => {
    const polls = [poll("c1", { "a-0": "3:d" }), poll("c1", { "a-0": "0:a" })];
    expect(deliveredOrder(aHistory(subscribe("c1"), assignment("c1", 1), ...polls)).violations).toHaveLength(1);
  });
});

describe("deliveredOrder lets pass", () => {
  it("offsets that leave gaps", () => {
    expect(deliveredOrder(aHistory(poll("c1", { "a-0": "0:a 5:b" }), poll("c1", { "a-0": "9:c" })))).toEqual(clean);
  });

  it("two consumers, and two keys", () => {
    const history = aHistory(poll("c1", { "a-0": "5:a", "b-0": "0:x" }), poll("c2", { "a-0": "5:a" }));
    expect(deliveredOrder(history)).toEqual({ ...clean, premise: false });
  });

  it("a step back where the client was placed anew", () => {
    const anew = [
      seek("c1", { "a-0": 0 }),
      seek("c1", { "a-0": 0 }, "info"),
      life("c1", "crash"),
      life("c1/2", "restart"),
      assign("c1", ["a-0"]),
      open(assign("c1/2", ["a-0"])),
      assignment("c1", 2),
    ];
    for (const between of anew) {
      const history = aHistory(poll("c1", { "a-0": "3:d" }), between, poll("c1", { "a-0": "0:a" }));
      expect(deliveredOrder(history).violations).toEqual([]);
    }
  });

  it("a step back of a subscriber whose rebalances are not recorded", () => {
    const history = aHistory(subscribe("c1"), poll("c1", { "a-0": "3:d" }), poll("c1", { "a-0": "0:a" }));
    expect(deliveredOrder(history).violations).toEqual([]);
  });

  it("what a failed poll read is not the position, and an unknown one makes it inconclusive", () => {
    const failed = aHistory(poll("c1", { "a-0": "3:d" }, "fail"), poll("c1", { "a-0": "0:a" }));
    expect(deliveredOrder(failed)).toEqual({ ...clean, premise: false });
    const unknown = aHistory(poll("c1", { "a-0": "3:d" }), poll("c1", { "a-0": "0:a" }, "info"));
    expect(deliveredOrder(unknown)).toEqual({ ...clean, premise: false, conclusive: false });
  });

  it("a final reader that begins again after it came to the end", () => {
    for (const ends of [{ "a-0": "" }, {}]) {
      const round = [finalPoll("r", { "a-0": "0:a 1:b" }), finalPoll("r", ends)];
      expect(deliveredOrder(aHistory(...round, ...round)).violations).toEqual([]);
    }
    const other = [finalPoll("r", { "a-0": "0:a 1:b" }), finalPoll("r", { "b-0": "" })];
    expect(deliveredOrder(aHistory(...other, ...other)).violations).toHaveLength(1);
  });
});

const readAll = (text: string) => [finalPoll("r", { "a-0": text }), finalPoll("r", { "a-0": "" })];

describe("producerOrder catches", () => {
  it("two records of one send that changed places, as the final read shows", () => {
    const history = aHistory(send("p1", "a-0", "a b", "info"), ...readAll("0:b 1:a"));
    expect(producerOrder(history)).toEqual({
      violations: [
        {
          name: "int-nonmonotonic-send",
          key: "a-0",
          value: "b",
          offset: 0,
          client: "p1",
          text: "p1 sent a to a-0 before b, but they stand at 1 and 0",
          operations: [0, 3],
        },
      ],
      pending: [],
      conclusive: true,
      premise: true,
    });
  });

  it("overlapping sends of one producer, where everything below was read", () => {
    const [first, second] = [send("p1", "a-0", "a", "info"), send("p1/2", "a-0", "b", "info")];
    const history = aHistory(open(first), open(second), end(first), end(second), poll("c1", { "a-0": "0:x 1:b 2:a" }));
    expect(producerOrder(history)).toMatchObject({
      violations: [{ value: "b", operations: [0, 1, 5] }],
      conclusive: false,
    });
  });

  it("a record acknowledged below one that was acknowledged before it was sent (Jepsen's rule)", () => {
    const history = aHistory(send("p1", "a-0", "a@7"), send("p1", "a-0", "b@3"));
    expect(producerOrder(history).violations).toMatchObject([{ value: "b", offset: 3, operations: [0, 1, 2, 3] }]);
  });

  it("the same, though it is read again after the final read", () => {
    const history = aHistory(send("p1", "a-0", "a b", "info"), ...readAll("5:b 6:a"), poll("c1", { "a-0": "5:b" }));
    expect(producerOrder(history).violations).toMatchObject([{ value: "b", operations: [0, 3] }]);
  });

  it("a record below any that was acknowledged before, not only below the last of them", () => {
    const history = aHistory(send("p1", "a-0", "a@7"), send("p1", "a-0", "b@3"), send("p1", "a-0", "c@5"));
    expect(producerOrder(history).violations.map(({ value }) => value)).toEqual(["b", "c"]);
  });

  it("each record that stands too low, against the highest before it", () => {
    const history = aHistory(send("p1", "a-0", "a b c d", "info"), ...readAll("0:b 1:c 2:a 3:d"));
    expect(producerOrder(history).violations.map(({ value }) => value)).toEqual(["b", "c"]);
  });
});

describe("producerOrder lets pass", () => {
  it("duplicates, where first occurrences stand in order", () => {
    expect(producerOrder(aHistory(send("p1", "a-0", "a b", "info"), ...readAll("0:a 1:b 2:a")))).toEqual(clean);
  });

  it("a retry's copy, where nobody has looked for the first one", () => {
    const pipelined = aHistory(send("p1", "a-0", "a@5 b@4"), poll("c1", { "a-0": "4:b 5:a" }));
    expect(producerOrder(pipelined)).toEqual({ ...clean, conclusive: false });
    // The same with an offset 3 that is missing below.
    const holed = aHistory(send("p1", "a-0", "a@5 b@4"), poll("c1", { "a-0": "0:x 1:y 2:z 4:b 5:a" }));
    expect(producerOrder(holed).violations).toEqual([]);
  });

  it("a copy that may have come after the final read's end", () => {
    const history = aHistory(...readAll("0:x"), send("p1", "a-0", "a b", "info"), poll("c1", { "a-0": "2:b 3:a" }));
    expect(producerOrder(history)).toEqual({ ...clean, conclusive: false });
  });

  it("two producers, and two keys", () => {
    const producers = aHistory(send("p1", "a-0", "a@1"), send("p2", "a-0", "b@0"), ...readAll("0:b 1:a"));
    expect(producerOrder(producers)).toEqual({ ...clean, premise: false });
    const keys = aHistory(send("p1", "a-0", "a@1"), send("p1", "b-0", "b@0"));
    expect(producerOrder(keys).violations).toEqual([]);
  });

  it("a failed send, and an offset that an unknown one names", () => {
    const failed = aHistory(send("p1", "a-0", "a", "fail"), send("p1", "a-0", "b@0"), ...readAll("0:b 1:a"));
    expect(producerOrder(failed)).toEqual({ ...clean, premise: false });
    const unknown = aHistory(send("p1", "a-0", "a@9", "info"), send("p1", "a-0", "b@0"), ...readAll("0:b"));
    expect(producerOrder(unknown)).toEqual({ ...clean, premise: false });
  });

  it("order, and says when the last records were not read", () => {
    const history = aHistory(...readAll(""), send("p1", "a-0", "a@0"), send("p1", "a-0", "b@1"));
    expect(producerOrder(history)).toEqual({ ...clean, conclusive: false });
  });
});
