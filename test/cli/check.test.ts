/** `highwater check` as it is typed: what it prints, and its exit codes. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Environment } from "../../cli/environment.ts";
import { runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "highwater-check-"));
afterAll(() => rmSync(folder, { recursive: true }));

const check = (...argv: readonly string[]) => interrupted(argv, () => () => undefined);

function interrupted(argv: readonly string[], onInterrupt: Environment["onInterrupt"]) {
  const createSubject = () => {
    throw new Error("a check drives no subject");
  };
  return runCli(["check", ...argv], { onInterrupt, createSubject });
}

const small = ["--bound", "records=1", "--requirement", "DUR-1"];

describe("highwater check", () => {
  it("prints the design, the bounds, the verdicts, the story and how far it has looked", async () => {
    const { code, out, err } = await check(...small, "--set", "acks=1", "--max-states", "2000");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("producer p: acks 1\nfaults: kill 1\nbounds: 1 records a producer, 3 elections");
    expect(out).toContain("DUR-1  expected-loss acknowledged records are never lost (not promised)");
    expect(out).toContain("   3  broker 1 is killed\n");
    expect(out).toContain("not complete (maxStates): 2000 states");
  });

  it("prints one JSON document, the same but for the seconds", async () => {
    const argv = [...small, "--faults", "none", "--json"];
    const [one, other] = [await check(...argv), await check(...argv)].map(({ out }) => JSON.parse(out));
    expect(one).toMatchObject({
      faults: { kill: 0, "power-off": 0, pause: 0, cut: 0, delay: 0 },
      bounds: { records: 1, elections: 3, attempts: 1 },
      channels: "rendezvous",
      mode: "exhaustive",
      complete: true,
      requirements: [{ id: "DUR-1", promised: true, verdict: "holds", counterexample: null }],
    });
    expect({ ...one, seconds: 0 }).toEqual({ ...other, seconds: 0 });
  });

  it("ends with 1 for a broken promise, with the way there", async () => {
    const { code, out } = await check(...small, "--plant", "hw-is-log-end", "--max-states", "9000", "--json");
    const [found] = JSON.parse(out).requirements;
    expect([code, found.verdict]).toEqual([1, "violated"]);
    expect(found.counterexample.steps).toHaveLength(found.counterexample.length);
    expect(found.counterexample.steps[0]).toEqual({ choice: 'p send t-0 ["a"]', text: "p is to send a to t-0" });
  });

  it("ends with 2 where a limit comes first", async () => {
    expect((await check(...small, "--max-states", "50")).code).toBe(2);
    expect((await check(...small, "--max-states", "9000000", "--time", "0s")).code).toBe(2);
  });

  it("ends when it is interrupted, and reports what it has looked at", async () => {
    let listens = false;
    const { code, out } = await interrupted(["--json"], (callback) => {
      listens = true;
      const timer = setTimeout(callback, 500);
      return () => {
        listens = false;
        clearTimeout(timer);
      };
    });
    const { end, complete, states } = JSON.parse(out);
    expect({ code, end, complete, listens }).toEqual({ code: 2, end: "stopped", complete: false, listens: false });
    expect(states).toBeGreaterThan(0);
  });

  it("takes a cluster from a file, or from a scenario", async () => {
    const cluster =
      "brokers: 3\ntopics: { t: { min.insync.replicas: 1, replication.factor: 2 } }\nproducers: { q: { acks: 1 } }\n";
    const [plain, scenario] = [join(folder, "cluster.yaml"), join(folder, "scenario.yaml")];
    writeFileSync(plain, cluster);
    writeFileSync(scenario, `scenario: x\ncluster:\n${cluster.replace(/^/gm, "  ")}\nsteps: []\n`);
    for (const file of [plain, scenario]) {
      const { out } = await check(file, ...small, "--faults", "none");
      expect(out).toContain("replication.factor 2, min.insync.replicas 1");
      expect(out).toContain("producer q: acks 1");
    }
  });

  it.each([
    [["--set", "ackz=1"], "E_UNKNOWN_PROPERTY"],
    [["--set", "acks"], "E_USAGE --set acks: expected name=value"],
    [["--set", "acks=7"], "acks"],
    [["--faults", "kil"], "E_USAGE there is no fault kil (did you mean `kill`?)"],
    [["--faults", "kill:x"], "E_USAGE --faults kill is x; expected a whole number"],
    [["--bound", "record=1"], "E_USAGE there is no bound record (did you mean `records`?)"],
    [["--requirement", "DUR-9"], "E_USAGE there is no requirement DUR-9"],
    [["--channels", "fifo"], "E_USAGE there is no kind of channels fifo"],
    [["--time", "soon"], "E_USAGE --time soon: expected a time as 60s or 2m"],
    [["--plant", "nonsense"], "E_UNKNOWN_PLANT"],
    [[join(folder, "none.yaml")], "E_UNREADABLE"],
  ])("ends with 3 for %j", async (argv, message) => {
    const { code, out, err } = await check(...argv, "--max-states", "1");
    expect({ code, out }).toEqual({ code: 3, out: "" });
    expect(err).toContain(message);
    expect(err.split("\n")).toHaveLength(2);
  });
});
