/** The commands, in this process, with a fake subject: output and exit codes. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readHistory } from "../../spec/history/read-history.ts";
import { createFakeSubject, type FakeOptions } from "../scenarios/fake-subject.ts";
import { scenarioText } from "../scenarios/scenario-text.ts";
import { runCli } from "./run-cli.ts";

let folder = "";
const cwd = process.cwd();

const send = "send: { by: p1, to: orders-0, values: [a, b] }";
const passing = scenarioText([send, "expect: { leader: { orders-0: 1 } }"]);
const failing = scenarioText([send, "expect: { leader: { orders-0: 2 } }"]);
const premiseless = scenarioText([send], "{ holds: [ELE-1] }");
const skipped = scenarioText(["kill: 1"]);
const invalid = scenarioText(["kill: 9", "sned: x"]);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "highwater-cli-"));
  process.chdir(folder);
  const file = (name: string, text: string) => {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  file("good/a.yaml", passing);
  file("good/b.yml", passing.replace("a test", "another test"));
  file("good/.hidden/c.yaml", invalid);
  file("good/node_modules/c.yaml", invalid);
  file("good/notes.txt", "no scenario");
  file("failing.yaml", failing);
  file("premiseless.yaml", premiseless);
  file("skipped.yaml", skipped);
  file("invalid.yaml", invalid);
  file("buggy.yaml", scenarioText(["settle:"]));
  file("empty/readme.txt", "nothing here");
  file("latin1.yaml", "");
  writeFileSync(join(folder, "latin1.yaml"), Buffer.from([0xff, 0xfe, 0x00]));
});

afterAll(() => {
  process.chdir(cwd);
  rmSync(folder, { recursive: true });
});

const highwater = (argv: readonly string[], options: FakeOptions = {}) =>
  runCli(argv, { createSubject: () => createFakeSubject({ verdicts: [], ...options }) });

interface Report {
  readonly scenarios: readonly Readonly<Record<string, unknown>>[];
  readonly [key: string]: unknown;
}

async function report(argv: readonly string[], options: FakeOptions = {}): Promise<Report & { readonly code: number }> {
  const { code, out } = await highwater(["run", "--json", ...argv], options);
  const parsed: Report = JSON.parse(out);
  return { ...parsed, code };
}

describe("exit codes", () => {
  const lacks = { lacks: ["kill"] as const };
  it.each([
    [["good"], 0],
    [["good", "skipped.yaml"], 0],
    [["skipped.yaml"], 2],
    [["premiseless.yaml"], 2],
    [["good", "premiseless.yaml"], 2],
    [["failing.yaml"], 1],
    [["good", "failing.yaml", "premiseless.yaml"], 1],
    [["invalid.yaml"], 3],
    [["good", "failing.yaml", "invalid.yaml", "premiseless.yaml"], 3],
    [["good", "nowhere.yaml"], 3],
    [["empty"], 3],
  ])("of %j: %i", async (paths, code) => {
    expect((await highwater(["run", ...paths], lacks)).code).toBe(code);
  });
});

describe("run --json", () => {
  it("has every field, in a fixed order", async () => {
    const { code, ...all } = await report(["failing.yaml"]);
    expect(code).toBe(1);
    expect(Object.keys(all)).toEqual([
      "version",
      "subject",
      "scenarios",
      "passed",
      "failed",
      "skipped",
      "inconclusive",
      "invalid",
    ]);
    expect(all).toMatchObject({ subject: "model", passed: 0, failed: 1, skipped: 0, inconclusive: 0, invalid: 0 });
    const keys = "file name status reason steps traceHash requirements failure errors seconds".split(" ");
    expect(Object.keys(all.scenarios[0] ?? {})).toEqual(keys);
    expect(all.scenarios[0]).toMatchObject({
      file: "failing.yaml",
      name: "a test",
      status: "failed",
      reason: null,
      steps: 2,
      traceHash: "fake",
      failure: {
        step: 2,
        at: "failing.yaml:12:35",
        expected: { leader: { "orders-0": 2 } },
        seen: { leader: { "orders-0": 1 } },
      },
      errors: [],
    });
  });

  it("has the same fields for every status", async () => {
    const { scenarios } = await report(["."], { lacks: ["kill"] });
    const statuses = scenarios.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set(["passed", "failed", "skipped", "inconclusive", "invalid"]));
    for (const one of scenarios) expect(Object.keys(one)).toEqual(Object.keys(scenarios[0] ?? {}));
  });

  it("differs in nothing but the seconds, whatever the order of the arguments", async () => {
    const without = ({ scenarios, ...rest }: Report) => ({
      ...rest,
      scenarios: scenarios.map((one) => ({ ...one, seconds: 0 })),
    });
    const one = await report(["good", "failing.yaml", "invalid.yaml"]);
    const other = await report(["invalid.yaml", "failing.yaml", "good/b.yml", "good/a.yaml", "./good"]);
    expect(without(one)).toEqual(without(other));
    expect(one.scenarios.map(({ file }) => file)).toEqual([
      "failing.yaml",
      "good/a.yaml",
      "good/b.yml",
      "invalid.yaml",
    ]);
  });
});

describe("bad input", () => {
  it("stands beside good files, each error with its place", async () => {
    const { scenarios, passed, invalid } = await report(["good", "invalid.yaml", "latin1.yaml", "nowhere", "empty"]);
    expect({ passed, invalid }).toEqual({ passed: 2, invalid: 4 });
    const errors = scenarios.flatMap((one) => one["errors"]);
    expect(errors).toMatchObject([
      { code: "E_NO_SCENARIOS", file: "empty", line: null, column: null },
      { code: "E_UNKNOWN_REFERENCE", file: "invalid.yaml", line: 11, column: 11 },
      { code: "E_UNKNOWN_STEP", file: "invalid.yaml", line: 12, column: 5, hint: "did you mean `send`?" },
      { code: "E_UNREADABLE", file: "latin1.yaml", line: null, column: null },
      { code: "E_NO_SUCH_FILE", file: "nowhere", line: null, column: null },
    ]);
  });

  it("is shown with the line of the source and a caret", async () => {
    const { out } = await highwater(["run", "invalid.yaml"]);
    expect(out).toContain(
      [
        "! invalid: a test (invalid.yaml)",
        "  invalid.yaml:11:11 E_UNKNOWN_REFERENCE unknown broker `9` (known: 1, 2, 3)",
        "        - kill: 9",
        "                ^",
      ].join("\n"),
    );
    expect(out.trimEnd().split("\n").at(-1)).toBe("0 passed, 0 failed, 0 skipped, 0 inconclusive, 1 invalid");
  });

  it("may be no regular file", async () => {
    const { scenarios } = await report(["/dev/null"]);
    expect(scenarios).toMatchObject([{ status: "invalid", errors: [{ code: "E_UNREADABLE", file: "/dev/null" }] }]);
  });

  it("is not a bug of ours: that is reported as one", async () => {
    const { scenarios, code } = await report(["buggy.yaml", "good"], { bug: new Error("oh\n  no") });
    expect(code).toBe(3);
    expect(scenarios.map(({ status }) => status)).toEqual(["invalid", "passed", "passed"]);
    expect(scenarios[0]).toMatchObject({
      errors: [
        { code: "E_INTERNAL", message: "an error in highwater itself: oh no", hint: expect.stringContaining("report") },
      ],
    });
  });
});

describe("run, for people", () => {
  it("gives a line each, the failure, how to repeat it, and the counts", async () => {
    const { out, err } = await highwater(["run", "failing.yaml", "good", "skipped.yaml"], { lacks: ["kill"] });
    expect(out).toBe(
      [
        "✗ a test (failing.yaml)",
        "    step 2, failing.yaml:12:35",
        '    - expected {"leader":{"orders-0":2}}',
        '    + seen     {"leader":{"orders-0":1}}',
        "✓ a test (good/a.yaml)",
        "✓ another test (good/b.yml)",
        "– skipped: a test (skipped.yaml)",
        "    step 1 (kill) skipped: it needs a subject that can kill and start brokers (kill)",
        "repeat: npx highwater run failing.yaml",
        "2 passed, 1 failed, 1 skipped, 0 inconclusive, 0 invalid",
        "",
      ].join("\n"),
    );
    expect(err).toBe("");
  });

  it.each([
    ["good/*.yml", ["good/b.yml"]],
    ["b.yml", ["good/b.yml"]],
    ["another *", ["good/b.yml"]],
    ["**/*.yaml", ["good/a.yaml"]],
    ["*", ["good/a.yaml", "good/b.yml"]],
  ])("plays only what matches %s", async (glob, files) => {
    const { scenarios } = await report(["good", "--only", glob]);
    expect(scenarios.map(({ file }) => file)).toEqual(files);
  });

  it("says so when nothing matches", async () => {
    const { code, out, err } = await highwater(["run", "--json", "good", "--only", "nothing*"]);
    expect({ code, out }).toEqual({ code: 3, out: "" });
    expect(err).toMatch(/^E_NO_SCENARIOS .*nothing\*/);
  });

  it("plays the suite of the package where there is no folder scenarios/", async () => {
    const { scenarios } = await report(["--only", "**/consumers/*.yaml"]);
    expect(scenarios.length).toBeGreaterThan(0);
    mkdirSync(join(folder, "scenarios"));
    writeFileSync(join(folder, "scenarios/mine.yaml"), passing);
    const mine = await report([]);
    rmSync(join(folder, "scenarios"), { recursive: true });
    expect(mine.scenarios.map(({ file }) => file)).toEqual(["scenarios/mine.yaml"]);
  });
});

describe("files that are written", () => {
  it("a JUnit report", async () => {
    const nasty = passing.replace("a test", "'<&\"> \\a'").replaceAll("'", '"').replace('<&">', "<&>");
    writeFileSync(join(folder, "nasty.yaml"), nasty);
    const files = ["failing.yaml", "invalid.yaml", "premiseless.yaml", "nasty.yaml"];
    const { code } = await highwater(["run", ...files, "--junit", "out/junit.xml"]);
    rmSync(join(folder, "nasty.yaml"));
    expect(code).toBe(3);
    const xml = readFileSync("out/junit.xml", "utf8");
    expect(xml).toContain('<testsuite name="highwater" tests="4" failures="1" errors="1" skipped="1"');
    expect(xml).toContain('<failure message="failing.yaml:12:35">expected {&quot;leader&quot;');
    expect(xml).toContain("invalid.yaml:11:11 E_UNKNOWN_REFERENCE");
    expect(xml).toContain('name="&lt;&amp;&gt; \ufffd"');
    expect(xml.match(/<testcase /g)).toHaveLength(4);
  });

  it("the history of each scenario, in the history format", async () => {
    await highwater(["run", "good", "failing.yaml", "--out", "out"]);
    const history = readFileSync("out/good/a/history.jsonl", "utf8");
    const [header = "", ...operations] = history.trimEnd().split("\n");
    expect(JSON.parse(header)).toMatchObject({ highwater: "history", version: 1, subject: "fake", profile: "4.1" });
    expect(operations.map((line) => JSON.parse(line))).toMatchObject([
      { f: "send", type: "invoke" },
      { f: "send", type: "ok" },
    ]);
    expect(() => readHistory(history)).not.toThrow();
    expect(readFileSync("out/failing/history.jsonl", "utf8")).toContain('"f":"send"');
  });

  it("where they cannot be written", async () => {
    const { code, err } = await highwater(["run", "good", "--junit", "failing.yaml/x.xml"]);
    expect(code).toBe(3);
    expect(err).toMatch(/^E_UNWRITABLE failing\.yaml\/x\.xml /);
  });
});

describe("bad usage", () => {
  it.each([
    [["rnu"], "E_USAGE unknown command 'rnu' (Did you mean run?)\n"],
    [["run", "--jsn"], "E_USAGE unknown option '--jsn' (Did you mean --json?)\n"],
    [["run", "--only"], "E_USAGE option '--only <glob>' argument missing (highwater --help tells more)\n"],
    [["explain", "A", "B"], /^E_USAGE too many arguments/],
    [["run", "--subject", "modle"], /^E_USAGE unknown subject modle \(expected model, /],
    [["run", "--subject", "kafka://localhost"], /^E_USAGE localhost is no address/],
    [["run", "--subject", "cmd: "], /^E_USAGE unknown subject cmd:/],
    [["run", "--plant", "X"], "E_UNKNOWN_PLANT there is no planted bug X (highwater explain --plants lists them)\n"],
    [["run", "--plant", "hw-is-logend"], /^E_UNKNOWN_PLANT .* \(did you mean `hw-is-log-end`\?\)/],
    [["explain", "DUR-11"], "E_UNKNOWN_ID there is no requirement or anomaly DUR-11 (did you mean `DUR-1`?)\n"],
    [["explain", "nonsense-at-all"], /^E_UNKNOWN_ID .* \(there are DUR-1, DUR-2/],
  ])("%j", async (argv, message) => {
    const { code, out, err } = await highwater(argv);
    expect({ code, out }).toEqual({ code: 3, out: "" });
    if (typeof message === "string") expect(err).toBe(message);
    else expect(err).toMatch(message);
  });

  it("without a command shows the help", async () => {
    const { code, out } = await highwater([]);
    expect(code).toBe(3);
    expect(out).toMatch(/Usage: highwater/);
    expect(await highwater(["--help"])).toMatchObject({ code: 0, out });
    expect((await highwater(["--version"])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("explain", () => {
  it("lists every requirement", async () => {
    const { code, out } = await highwater(["explain"]);
    expect(code).toBe(0);
    expect(out.match(/^[A-Z]+-\d /gm)?.length).toBeGreaterThanOrEqual(15);
    expect(out).toMatch(/DUR-1 +acknowledged records are never lost\n +promised: the producer has acks=all/);
  });

  it("shows one, with sources and the scenarios that show it", async () => {
    const { code, out } = await highwater(["explain", "dur-1"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^DUR-1 /);
    expect(out).toMatch(/sources:\n {2}KIP-/);
    expect(out).toMatch(/shown by:\n {2}.+\(.+\.yaml\)/);
    const json = JSON.parse((await highwater(["explain", "DUR-1", "--json"])).out);
    expect(json.requirements).toHaveLength(1);
    expect(Object.keys(json.requirements[0])).toEqual(
      "id title statement kind area promisedWhen sources scenarios".split(" "),
    );
  });
});
