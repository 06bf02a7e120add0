/** Jepsen's histories in: what is understood, what is refused and where, and that it does not matter how the text arrives. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEdnHistoryReader } from "../../../../spec/history/edn/edn-history-reader.ts";
import { writeEdnOperation } from "../../../../spec/history/edn/write-edn.ts";
import type { HistoryOperation } from "../../../../spec/history/format.ts";
import { corpus } from "../corpus/corpus.ts";

/** The text in pieces of this size. */
function read(text: string, size = text.length) {
  const reader = createEdnHistoryReader();
  let error = null;
  for (let at = 0; at < text.length; at += size) error ??= reader.push(text.slice(at, at + size));
  error ??= reader.end();
  return { error, operations: reader.take() };
}

const invoke = "{:index 0, :time 5, :type :invoke, :process 3, :f :send, :value [[:send 7 1]]}";
const ok = "{:index 1, :time 9, :type :ok, :process 3, :f :send, :value [[:send 7 [4 1]]]}";
const both = [
  { index: 0, time_ns: 5, process: "p3", type: "invoke", f: "send", value: [{ key: "k-7", value: "1" }] },
  { index: 1, time_ns: 9, process: "p3", type: "ok", f: "send", value: [{ key: "k-7", value: "1", offset: 4 }] },
];

describe("a history of Jepsen's is read", () => {
  it.each([
    ["one map a line", `${invoke}\n${ok}\n`],
    ["one vector", `[${invoke}\n ${ok}]`],
    ["inside the map of a test", `{:name "t", :nodes ["n1" #{1 2}], :history [${invoke} ${ok}], :valid? true}`],
    ["tagged records", `#jepsen.history.Op${invoke} #jepsen.history.Op${ok}`],
    ["a tagged test with metadata", `#jepsen.Test ^:live {:history ^{:a 1} [${invoke} ${ok}]}`],
    ["with comments and discards", `; by hand\n#_{:a 1} ${invoke} #_ #_ 1 2 ; more\n${ok} #_[1 [2]]`],
    ["without commas, with blanks", `${invoke.replaceAll(",", " ")}\r\n\t${ok}`],
  ])("%s", (_, text) => {
    expect(read(text)).toEqual({ error: null, operations: both });
    for (const size of [1, 2, 7, 64]) expect(read(text, size)).toEqual({ error: null, operations: both });
  });

  it("with transactions, polls, subscriptions, crashes and rebalances", () => {
    const lines = [
      "{:type :invoke :process 0 :f :subscribe :value [1 2]}",
      "{:type :ok :process 0 :f :subscribe :value [1 2]}",
      "{:type :invoke :process 0 :f :txn :value [[:poll] [:send 1 9]]}",
      '{:type :ok :process 0 :f :txn :value [[:poll {1 [[0 8] [2 "x"]] 2 []}] [:send 1 [nil 9]]] :rebalance-log [{:keys [1]}]}',
      "{:type :invoke :process 0 :f :crash :value nil}",
      "{:type :info :process 0 :f :crash :value nil}",
      "{:type :invoke :process 0 :f :debug-topic-partitions :value [1]}",
      "{:type :ok :process 0 :f :debug-topic-partitions :value {}}",
    ];
    const { error, operations } = read(lines.join("\n"));
    expect(error).toBeNull();
    expect(operations.map(({ process, type, f }) => `${process} ${type} ${f}`)).toEqual([
      "p0 invoke subscribe",
      "p0 ok subscribe",
      "p0 invoke txn",
      "p0/rebalance invoke assignment",
      "p0/rebalance ok assignment",
      "p0 ok txn",
      "p0 invoke crash",
      "p0 info crash",
    ]);
    expect(operations[5]?.value).toEqual([
      {
        poll: {
          "k-1": [
            [0, "8"],
            [2, "x"],
          ],
          "k-2": [],
        },
      },
      { send: [{ key: "k-1", value: "9" }] },
    ]);
  });

  it("with the nemesis, whose operations begin and end as info", () => {
    const lines = ["kill", "kill", "start", "start"].map((f) => `{:type :info :process :nemesis :f :${f} :value :all}`);
    const { operations } = read(lines.join("\n"));
    expect(operations.map(({ type, f, value }) => ({ type, f, value }))).toEqual([
      { type: "invoke", f: "fault", value: { kind: "kill", target: "all" } },
      { type: "ok", f: "fault", value: { kind: "kill", target: "all" } },
      { type: "invoke", f: "heal", value: { kind: "start", target: "all" } },
      { type: "ok", f: "heal", value: { kind: "start", target: "all" } },
    ]);
  });

  it("with the polls of a reader from the beginning as final ones, until it is assigned anew", () => {
    const assign = (more: string) => [
      `{:type :invoke :process 1 :f :assign :value [1]${more}}`,
      `{:type :ok :process 1 :f :assign :value [1]${more}}`,
    ];
    const poll = [
      "{:type :invoke :process 1 :f :poll :value [[:poll]]}",
      "{:type :ok :process 1 :f :poll :value [[:poll {1 []}]]}",
    ];
    const { operations } = read([...assign(" :seek-to-beginning? true"), ...poll, ...assign(""), ...poll].join("\n"));
    expect(operations.map((one) => one.f === "poll" && one.final === true)).toEqual([
      ...[false, false, true, true],
      ...[false, false, false, false],
    ]);
  });
});

describe("a history of Jepsen's is refused", () => {
  it.each([
    ["E_HISTORY_EMPTY", "", 1],
    ["E_HISTORY_EMPTY", " ; nothing\n", 1],
    ["E_HISTORY_TRUNCATED", `${invoke}\n{:type :ok`, 2],
    ["E_HISTORY_TRUNCATED", `${invoke}\n"abc`, 2],
    ["E_HISTORY_EDN", `${invoke}\n]`, 2],
    ["E_HISTORY_EDN", "{:type}", 1],
    ["E_HISTORY_EDN", `${invoke}\n42`, 2],
    ["E_HISTORY_EDN", "{:type :okay :process 0 :f :send :value []}", 1],
    ["E_HISTORY_EDN", "{:type :invoke :process 0 :f :delete :value []}", 1],
    ["E_HISTORY_EDN", "{:type :invoke :process 0 :f :send :value [[:send 7]]}", 1],
    ["E_HISTORY_EDN", "{:type :invoke :process :p :f :send :value []}", 1],
    ["E_HISTORY_EDN", "\u0001\u0002)", 1],
    ["E_HISTORY_DUPLICATE_COMPLETION", `${invoke}\n${ok}\n${ok}`, 3],
    ["E_HISTORY_OTHER_RECORDS", `${invoke}\n${ok.replace("[4 1]", "[4 2]")}`, 2],
    ["E_HISTORY_NOT_UNIQUE", `${invoke}\n${ok}\n${invoke.replace(":time 5", ":time 10")}`, 3],
    ["E_HISTORY_TIME", `${invoke}\n${ok.replace(":time 9", ":time 4")}`, 2],
  ])("%s: %s", (code, text, line) => {
    expect(read(text).error).toMatchObject({ code, line });
  });

  it("however deep it nests, and never with an exception", () => {
    expect(read("[".repeat(100_000)).error?.code).toBe("E_HISTORY_EDN");
    const junk = fc.array(fc.constantFrom(...'[]{}()#_^:;"\\ a1-/,\n', "nil", ":f", "#{", "##NaN"), { maxLength: 40 });
    fc.assert(
      fc.property(junk, fc.integer({ min: 1, max: 5 }), (parts, size) => {
        const text = parts.join("");
        expect(read(text, size)).toEqual(read(text));
      }),
      { numRuns: 2000, seed: 66 },
    );
  });
});

describe("what is written for Jepsen", () => {
  const known = ["send", "poll", "txn", "subscribe", "assign", "crash"];

  it("is read again as it was, of every history of the corpus", () => {
    let compared = 0;
    for (const { operations } of corpus()) {
      const own = operations.filter(({ f, process }) => known.includes(f) && !process.includes("/"));
      const names = [...new Set(own.map(({ process }) => process))];
      const lines = own.map((one) => writeEdnOperation(one, (name) => names.indexOf(name)) ?? "");
      const { error, operations: back } = read(lines.join("\n"));
      if (own.length === 0) continue;
      expect(error).toBeNull();
      expect(back.map(said)).toEqual(own.map((one) => said({ ...one, process: `p${names.indexOf(one.process)}` })));
      compared += back.length;
    }
    expect(compared).toBeGreaterThan(1000);
  });

  it("leaves out what the workload does not know", () => {
    const seek = { index: 0, time_ns: 0, process: "c1", type: "ok", f: "seek", value: { "a-0": 1 } } as const;
    expect(writeEdnOperation(seek, () => 0)).toBeNull();
  });
});

/** What both formats can say: Jepsen's has no leader epochs, groups, record keys, marks of final reads or offsets beside errors. */
function said({ process, type, f, value }: HistoryOperation): unknown {
  const text = JSON.stringify({ process, type, f, value }, (name, one: unknown) => {
    if (name === "group" || name === "generation" || name === "partitionKey") return undefined;
    return Array.isArray(one) && typeof one[0] === "number" && one.length === 3 ? one.slice(0, 2) : one;
  });
  return JSON.parse(text);
}
