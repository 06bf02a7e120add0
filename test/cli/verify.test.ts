/** `highwater verify`: verdicts, exit codes, and what is said of input that is no history. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { HistoryOperation } from "../../spec/history/format.ts";
import { writeHeader, writeOperation } from "../../spec/history/write-history.ts";
import { historyOf } from "../spec/history/corpus/notation.ts";
import { runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "highwater-verify-"));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (argv: readonly string[], input: readonly (string | Uint8Array)[] = []) =>
  runCli(["verify", ...argv], { input: chunks(input) });

async function* chunks(parts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === "string" ? new TextEncoder().encode(part) : part;
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const header = (contract: object = {}) =>
  writeHeader({
    highwater: "history",
    version: 1,
    subject: "test",
    contract: contract as Record<string, never>,
    profile: "4.1",
  });
const lines = (operations: readonly HistoryOperation[], contract: object = {}) =>
  [header(contract), ...operations.map(writeOperation)].map((line) => `${line}\n`).join("");

const valid = lines(historyOf("p1 send a-0 x@0 / r all a-0 0:x"));
const lossy = historyOf("p1 send a-0 x@0 / p1 send a-0 y@1 / nemesis fault kill 1 / r all a-0 1:y");
const weak = {
  brokers: 3,
  topics: { a: { partitions: 1, "replication.factor": 3, "min.insync.replicas": 2 } },
  producers: { p1: { acks: 1 } },
};

describe("verify", () => {
  it("ends with 0 for a valid history", async () => {
    const { code, out } = await run([file("valid.jsonl", valid)]);
    expect({ code, word: out.split(" ")[0] }).toEqual({ code: 0, word: "valid" });
  });

  it("ends with 1 for an invalid one, and shows the witness with what lies around it", async () => {
    const { code, out } = await run([file("lossy.jsonl", lines(lossy))]);
    expect(code).toBe(1);
    expect(out).toContain("lost-write  once");
    expect(out).toMatch(/> +1 .*p1 {2}ok send .*"x"[\s\S]* 5 .*nemesis {2}ok fault/);
  });

  it("ends with 2 where the evidence is not complete, and says what is missing", async () => {
    const { code, out } = await run([file("half.jsonl", lines(historyOf("p1 send a-0 x@0 / c1 poll a-0 0:x")))]);
    expect(code).toBe(2);
    expect(out).toContain("not read to the end after the last write: a-0");
  });

  it("judges by the contract of the header, or by another one", async () => {
    const own = file("weak.jsonl", lines(lossy, weak));
    expect((await run([own])).out).toContain(
      "allowed, as the contract does not promise otherwise:\n  lost-write  once: p1 does not have acks=all",
    );
    const strong = file(
      "strong.yaml",
      "topics: { a: { replication.factor: 3 } }\nbrokers: 3\nproducers: { p1: { acks: all } }\n",
    );
    expect((await run([own, "--contract", strong])).code).toBe(1);
    const scenario = file("scenario.yaml", `cluster: ${JSON.stringify(weak)}\n`);
    expect((await run([file("lossy.jsonl", lines(lossy)), "--contract", scenario])).code).toBe(0);
  });

  it("does not count what the user allows", async () => {
    const path = file("lossy.jsonl", lines(lossy));
    expect((await run([path, "--allow", "lost-write"])).code).toBe(0);
    expect((await run([path, "--allow", "unseen"])).code).toBe(1);
    const { code, err } = await run([path, "--allow", "lost-writes"]);
    expect({ code, err }).toEqual({
      code: 3,
      err: "E_UNKNOWN_ID there is no anomaly lost-writes (did you mean `lost-write`?)\n",
    });
  });

  it("prints one JSON document, the same twice but for the time", async () => {
    const path = file("lossy.jsonl", lines(lossy));
    const reports = [await run([path, "--json"]), await run([path, "--json"])].map(({ out }) => JSON.parse(out));
    const [first, second] = reports.map(({ seconds, ...rest }) => ({ ...rest, isTimed: typeof seconds === "number" }));
    expect(first).toEqual(second);
    expect(first).toMatchObject({
      valid: false,
      operations: lossy.length,
      anomalies: { "lost-write": [{ key: "a-0", value: "x", offset: 0, operations: [0, 1, 7] }] },
      allowed: {},
      evidence: { finalReads: 1, unknownOutcomes: 0, faults: 1 },
    });
    expect(Object.keys(first)).toEqual([
      "version",
      "valid",
      "reasons",
      "operations",
      "anomalies",
      "allowed",
      "evidence",
      "isTimed",
    ]);
  });

  it("reads standard input, in pieces of any size, ours and Jepsen's", async () => {
    for (const size of [1, 3, 1000]) {
      const parts = (text: string) => text.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? [];
      expect((await run(["-"], parts(valid))).code).toBe(0);
      const edn =
        "{:type :invoke :process 0 :f :poll :value [[:poll]]}\n{:type :ok :process 0 :f :poll :value [[:poll {1 [[0 1]]}]]}";
      expect((await run(["-", "--json"], parts(edn))).out).toContain("phantom-read");
    }
  });

  it("reads EDN by the file's name", async () => {
    const text =
      "[{:type :invoke :process 0 :f :send :value [[:send 1 1]]} {:type :fail :process 0 :f :send :value [[:send 1 1]]}]";
    expect((await run([file("h.edn", text)])).code).toBe(2);
  });

  it("explains an anomaly", async () => {
    expect(await runCli(["explain", "g1A"])).toMatchObject({
      code: 0,
      out: expect.stringContaining("G1a  Aborted read"),
    });
    const all = await runCli(["explain", "--anomalies"]);
    expect(all).toMatchObject({ code: 0, out: expect.stringContaining("stuck-after-heal") });
  });
});

describe("verify refuses, with 3 and the place,", () => {
  const [first = "", ...rest] = valid.split("\n");
  const op = (index: number) => rest[index] ?? "";
  it.each([
    ["a truncated last line", `${first}\n${op(0)}\n${op(1).slice(0, 40)}`, "E_HISTORY_TRUNCATED", ":3:41 "],
    ["another version", first.replace('"version":1', '"version":2'), "E_HISTORY_VERSION", ":1:1 "],
    ["no header", `${op(0)}\n`, "E_HISTORY_HEADER", ":1:1 "],
    [
      "a duplicate completion",
      `${first}\n${op(0)}\n${op(1)}\n${op(1).replace('"index":1', '"index":2')}`,
      "E_HISTORY_DUPLICATE_COMPLETION",
      ":4:1 ",
    ],
    [
      "a completion without invocation",
      `${first}\n${op(1).replace('"index":1', '"index":0')}`,
      "E_HISTORY_NO_INVOCATION",
      ":2:1 ",
    ],
    [
      "values that are not unique",
      `${first}\n${op(0)}\n${op(1)}\n${op(0)
        .replace('"index":0', '"index":2')
        .replace(/"time_ns":\d+/, '"time_ns":9999')}`,
      "E_HISTORY_NOT_UNIQUE",
      ":4:1 ",
    ],
    [
      "time that goes back",
      `${first}\n${op(0)}\n${op(1).replace(/"time_ns":\d+/, '"time_ns":0')}`,
      "E_HISTORY_TIME",
      ":3:1 ",
    ],
    ["an unknown field", `${first}\n${op(0).replace('"f"', '"x":1,"f"')}`, "E_HISTORY_UNKNOWN_FIELD", ":2:1 "],
    ["an empty line", `${first}\n\n${op(0)}`, "E_HISTORY_JSON", ":2:1 "],
    ["an empty file", "", "E_HISTORY_EMPTY", ":1:1 "],
    [
      "a contract that is none",
      valid.replace('"contract":{}', '"contract":{"brokers":3,"topics":{"a":{"partitions":"many"}}}'),
      "E_",
      ":1:1 contract.topics.a.partitions",
    ],
  ])("%s", async (_, text, code, place) => {
    const path = file("bad.jsonl", text);
    const { code: exit, out, err } = await run([path]);
    expect({ exit, out }).toEqual({ exit: 3, out: "" });
    expect(err).toContain(`${path}${place}`);
    expect(err.startsWith(code)).toBe(true);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });

  it("binary junk, a folder, a file that is not there", async () => {
    const junk = Uint8Array.from({ length: 4096 }, (_, at) => (at * 197 + 131) % 256);
    expect((await run([file("junk.jsonl", junk)])).err).toMatch(/^E_HISTORY_NOT_TEXT .*junk.jsonl is not UTF-8 text/);
    expect((await run(["-"], [junk])).code).toBe(3);
    expect((await run([folder])).err).toMatch(/^E_UNREADABLE /);
    expect((await run([join(folder, "none.jsonl")])).err).toMatch(/^E_NO_SUCH_FILE /);
  });

  it("a line that never ends, before it fills the memory", async () => {
    const piece = "x".repeat(1 << 20);
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield new TextEncoder().encode(piece);
    }
    expect((await runCli(["verify", "-"], { input: endless() })).code).toBe(3);
  });
});
