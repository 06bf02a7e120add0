/** Kafka's own property files as a design: the five in `examples/`, what is lost with them, and what would help. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "./run-cli.ts";

const filesOf = (name: string) => `examples/${name}/server.properties,examples/${name}/producer.properties`;

async function answerOf(name: string, brokers: number, faults: string, ...more: readonly string[]) {
  const bounds = ["--bound", "records=1", "--bound", "elections=2"];
  const given = ["--from", filesOf(name), "--set", `brokers=${brokers}`, "--faults", faults];
  const { code, out } = await runCli(["check", ...given, ...bounds, "--requirement", "DUR-1", "--json", ...more]);
  const report = JSON.parse(out);
  const [dur1] = report.requirements;
  return { code, report, verdict: dur1.verdict, length: dur1.counterexample?.length ?? null };
}

describe("five configurations", () => {
  it("three copies, two before an answer: nothing is lost by a kill", async () => {
    const { code, report, verdict } = await answerOf("ledger", 3, "kill:1", "--suggest");
    expect([code, verdict, report.complete, report.suggestion]).toEqual([0, "holds", true, undefined]);
    expect(readFileSync("docs/designs.md", "utf8")).toContain(`holds, in all ${report.states} states`);
    expect(report.setAside).toContain(
      "examples/ledger/producer.properties:3:1 enable.idempotence: the model sends without idempotence: what is lost is the same, duplicates are not looked at",
    );
  });

  it.each([
    ["metrics", 3, "kill:1", 5, { acks: "all" }],
    ["fire-and-forget", 2, "kill:1", 4, { acks: "all" }],
    ["always-writable", 2, "kill:2", 10, { "unclean.leader.election.enable": "false" }],
  ] as const)(
    "%s: what an acknowledgement is worth, and what would help",
    async (name, brokers, faults, length, help) => {
      const answer = await answerOf(name, brokers, faults, "--suggest");
      expect([answer.code, answer.verdict, answer.length]).toEqual([0, "expected-loss", length]);
      const { changes } = answer.report.suggestion;
      expect(Object.fromEntries(changes.map((one: { name: string; value: string }) => [one.name, one.value]))).toEqual(
        help,
      );
    },
  );

  it("what is promised and does not hold all the same is not suggested", async () => {
    const answer = await answerOf("fire-and-forget", 2, "kill:1", "--suggest", "--plant", "acknowledged-at-append");
    expect([answer.verdict, answer.report.suggestion]).toEqual([
      "expected-loss",
      { requirement: "DUR-1", changes: null, states: 0 },
    ]);
  });

  it("two copies, one will do: a cut and a power loss lose it", async () => {
    const answer = await answerOf("two-copies", 2, "cut:1,power-loss:1", "--max-states", "20000");
    expect(answer.report.requirements[0].counterexample.length).toBe(7);
  });
});

describe("a file that is not right", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "highwater-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function refusalOf(name: string, text: string): Promise<string> {
    const file = join(folder, name);
    writeFileSync(file, text);
    const { code, out, err } = await runCli(["check", "--from", file]);
    expect([code, out]).toEqual([3, ""]);
    return err.replaceAll(`${folder}/`, "");
  }

  it.each([
    [
      "server.properties",
      "# a broker\nmin.insync.replica=2\n",
      "E_UNKNOWN_PROPERTY server.properties:2:1 there is no property `min.insync.replica` (did you mean `min.insync.replicas`?)\n",
    ],
    ["my.properties", "acks=1\n", "E_USAGE my.properties: whose properties are these? (its name must have server,"],
    ["producer.properties", "\nacks=2\n", "E_VALUE producer.properties:2:1 "],
    ["server.properties", "num.partitions = 1\ndefault.replication.factor = 0\n", "server.properties:2:1 "],
  ])("%s: %j", async (name, text, message) => {
    expect(await refusalOf(name, text)).toContain(message);
  });

  it("takes a cluster file or property files, not both", async () => {
    const { code, err } = await runCli(["check", "cluster.yaml", "--from", "server.properties"]);
    expect([code, err]).toEqual([3, expect.stringContaining("two descriptions of the cluster")]);
  });
});
