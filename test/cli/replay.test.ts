/** `highwater replay` as it is typed, on what `check --out` and `run --out` leave. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Environment } from "../../cli/environment.ts";
import { createMachines } from "../../model/cluster/machines.ts";
import { plant } from "../../model/plants/plant.ts";
import { createModelSubject } from "../../subjects/model-subject.ts";
import { runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "highwater-replay-"));
afterAll(() => rmSync(folder, { recursive: true }));

const createSubject: Environment["createSubject"] = (bug) =>
  createModelSubject(
    bug === null ? {} : { plant: bug.id, machines: (partitioners) => plant(bug, createMachines(partitioners)) },
  );

const highwater = (...argv: readonly string[]) => runCli(argv, { createSubject });

const small = ["--bound", "records=1", "--requirement", "DUR-1"];
const checked = join(folder, "checked");
const trace = join(checked, "DUR-1/trace.json");

describe("a check with --out", () => {
  let report = "";
  beforeAll(async () => {
    const limits = ["--set", "acks=1", "--max-states", "2000", "--out", checked];
    report = (await highwater("check", ...small, ...limits)).out;
  });

  it("leaves a trace and its timeline for each counterexample, and says how to replay it", async () => {
    expect(readdirSync(checked)).toEqual(["DUR-1"]);
    expect(readdirSync(join(checked, "DUR-1")).sort()).toEqual(["timeline.mmd", "timeline.txt", "trace.json"]);
    expect(report).toContain(`   3  broker 1 is killed\n`);
    expect(report).toContain(`\nreplay: npx highwater replay ${trace}\n`);
  });

  it("names the file in the report", async () => {
    const argv = ["check", ...small, "--set", "acks=1", "--max-states", "2000", "--json"];
    const [kept, other] = [
      JSON.parse((await highwater(...argv, "--out", checked)).out),
      JSON.parse((await highwater(...argv)).out),
    ];
    expect(kept.requirements[0].counterexample).toMatchObject({ length: 5, file: trace });
    expect(other.requirements[0].counterexample).toMatchObject({ length: 5, file: null });
  });

  it("is replayed to the same loss, which is expected: 0", async () => {
    const { code, out, err } = await highwater("replay", trace);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toBe(
      `${readFileSync(join(checked, "DUR-1/timeline.txt"), "utf8")}replayed 5 choices, the same run to the byte; again DUR-1 expected-loss\n`,
    );
    expect(out).toMatch(/ b2 leader e1 +LEO 0 {2}HW 0 {2}✗ lacks 0:a\n/);
  });

  it("is Mermaid, and nothing else, on standard output", async () => {
    const { code, out, err } = await highwater("replay", trace, "--mermaid");
    expect(out).toBe(readFileSync(join(checked, "DUR-1/timeline.mmd"), "utf8"));
    expect({ code, err }).toEqual({
      code: 0,
      err: "replayed 5 choices, the same run to the byte; again DUR-1 expected-loss\n",
    });
  });

  it("is one JSON document", async () => {
    const { out, err } = await highwater("replay", trace, "--json");
    expect(JSON.parse(out)).toMatchObject({
      file: trace,
      kind: "check",
      lanes: ["p", "controller", "b1", "b2", "b3"],
      findings: [{ requirement: "DUR-1", step: 5 }],
    });
    expect(JSON.parse(out).steps).toHaveLength(5);
    expect(err).toMatch(/^replayed/);
  });

  it("shows the state at a step", async () => {
    const { code, out } = await highwater("replay", trace, "--at", "4");
    expect(code).toBe(0);
    expect(out).toContain("step 4: fire after.sessionTimeout.brokerSession.active controller/b1\n");
    expect(out).toContain('controller → b2: {"type":"partition-change"');
    expect((await highwater("replay", trace, "--at", "0")).out).toMatch(/^the beginning\n/);
    expect((await highwater("replay", trace, "--at", "5")).out).toContain("✗ lacks 0:a");
  });

  it("prints the timeline itself with --timeline", async () => {
    const { out } = await highwater("check", ...small, "--set", "acks=1", "--max-states", "2000", "--timeline");
    expect(out).toContain(readFileSync(join(checked, "DUR-1/timeline.txt"), "utf8"));
    expect(out).not.toContain("replay:");
  });

  it("of a broken promise is replayed to 1, with the bug that was planted", async () => {
    const out = join(folder, "planted");
    const argv = ["--plant", "hw-is-log-end", "--max-states", "9000", "--out", out];
    expect((await highwater("check", ...small, ...argv)).code).toBe(1);
    const replayed = await highwater("replay", join(out, "DUR-1/trace.json"));
    expect(replayed.code).toBe(1);
    expect(replayed.out).toMatch(/again DUR-1 violated\n$/);
  });
});

const scenario = `
scenario: the last copy is lost with its broker
cluster:
  profile: "3.7"
  brokers: 2
  topics:
    orders: { partitions: 1, replication.factor: 2, min.insync.replicas: 1, unclean.leader.election.enable: true }
  producers:
    p1: { acks: all, partitioner.class: ./always-0.js }
steps:
  - kill: 2
  - await: { isr: { orders-0: [1] }, within: 11s }
  - send: { by: p1, to: orders, values: [paid], expect: { outcome: ok, offsets: [0] } }
  - kill: 1
  - await: { leader: { orders-0: null }, within: 11s }
  - start: 2
  - await: { leader: { orders-0: 2 }, within: 11s }
  - settle:
`;

describe("a run with --out", () => {
  const [file, runs] = [join(folder, "lost.yaml"), join(folder, "runs")];
  beforeAll(() => {
    writeFileSync(file, scenario);
    writeFileSync(join(folder, "always-0.js"), "export default () => 0;\n");
  });
  const traceOf = (out: string) => join(out, file.replace(".yaml", ""), "trace.json");

  it("is replayed with the partitioners of its scenario, quiet steps as one line unless all are wanted", async () => {
    expect((await highwater("run", file, "--out", runs)).code).toBe(0);
    const { code, out, err } = await highwater("replay", traceOf(runs));
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("⋮");
    expect(out).toContain("0:paid/e0✗");
    expect(out).toMatch(/; again DUR-1 expected-loss, .*\n$/);
    const all = await highwater("replay", traceOf(runs), "--all");
    expect(all.out).not.toContain("⋮");
    expect(all.out.split("\n").length).toBeGreaterThan(2 * out.split("\n").length);
  });

  it("is replayed with the bug that was planted", async () => {
    const planted = join(folder, "planted-runs");
    const other = fileURLToPath(new URL("../../scenarios/acknowledgement/acks-all.yaml", import.meta.url));
    await highwater("run", other, "--plant", "hw-is-log-end", "--out", planted);
    const [trace = ""] = readdirSync(planted, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith("trace.json"),
    );
    const { code, out } = await highwater("replay", join(planted, trace));
    expect(code).toBe(1);
    expect(out).toMatch(/again HW-2 violated, .*\n$/);
  });

  it("says so where nothing is violated", async () => {
    const calm = join(folder, "calm.yaml");
    writeFileSync(calm, scenario.replace(/ {2}- kill: 1[\s\S]*/, ""));
    await highwater("run", calm, "--out", runs);
    const { code, out } = await highwater("replay", join(runs, calm.replace(".yaml", ""), "trace.json"));
    expect(code).toBe(0);
    expect(out).toMatch(/the same run to the byte; it violates nothing\n$/);
  });

  it("is refused where the partitioner has gone", async () => {
    const changed = readFileSync(traceOf(runs), "utf8").replace("./always-0.js", "./nowhere.js");
    writeFileSync(join(folder, "gone.json"), changed);
    const { code, err } = await highwater("replay", join(folder, "gone.json"));
    expect(code).toBe(3);
    expect(err).toContain("gone.json:6:");
    expect(err).toContain("E_NO_SUCH_FILE there is no file ./nowhere.js");
  });
});

describe("bad input", () => {
  it("ends with 3, a code, the place and the line, and prints no timeline", async () => {
    const text = readFileSync(trace, "utf8");
    const broken = join(folder, "broken.json");
    writeFileSync(broken, text.replace('"kill 1"', '"kill 9"'));
    const { code, out, err } = await highwater("replay", broken);
    expect({ code, out }).toEqual({ code: 3, out: "" });
    expect(err).toContain(
      'broken.json:10:5 E_TRACE_CHOICE choice 3, "kill 9", is not enabled here (enabled are "kill 1"',
    );
    expect(err).toContain('\n        "kill 9",\n        ^\n');
  });

  it.each([
    [["nowhere.json"], "E_UNREADABLE nowhere.json cannot be read: ENOENT"],
    [["."], "E_UNREADABLE . cannot be read: EISDIR"],
    [["--at", "6"], "E_USAGE --at 6: expected a step from 0 (the beginning) to 5"],
    [["--at", "-1"], "E_USAGE --at -1: expected a step from 0 (the beginning) to 5"],
    [["--at", "last"], "E_USAGE --at last: expected a step"],
    [["--at", "1", "--json"], "E_USAGE expected at most one of --mermaid, --at and --json"],
    [["--mermaid", "--json"], "E_USAGE expected at most one of"],
  ])("ends with 3 for %j", async (argv, message) => {
    const file = argv[0]?.startsWith("--") === true ? [trace] : [];
    const { code, out, err } = await highwater("replay", ...file, ...argv);
    expect({ code, out }).toEqual({ code: 3, out: "" });
    expect(err).toContain(message);
  });

  it("ends with 3 for what is no text", async () => {
    const file = join(folder, "latin1.json");
    writeFileSync(file, Buffer.from([0xff, 0xfe, 0x00]));
    expect(await highwater("replay", file)).toMatchObject({
      code: 3,
      err: expect.stringContaining("it is not UTF-8 text"),
    });
  });

  it("ends with 3 where a check cannot write what it has found", async () => {
    const blocked = join(folder, "blocked");
    writeFileSync(blocked, "a file");
    const argv = ["check", ...small, "--set", "acks=1", "--max-states", "2000", "--out", blocked];
    expect(await highwater(...argv)).toMatchObject({ code: 3, err: expect.stringContaining("E_UNWRITABLE") });
  });
});
