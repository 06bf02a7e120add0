import { describe, expect, it } from "vitest";
import { parseCluster } from "../../../spec/config/parse-cluster.ts";
import type { HistoryOperation } from "../../../spec/history/format.ts";
import { createProgramSubject } from "../../../subjects/program/program-subject.ts";
import { SubjectError } from "../../../subjects/subject-error.ts";

/** A program that answers each line by a function of what was said: `said => ({ … })`. */
function program(answer: string): string {
  const script = `
    const answer = ${answer};
    require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const said = JSON.parse(line);
      const told = said.op === "hello" ? { name: "tiny", capabilities: [] } : answer(said);
      if (told !== null) console.log(JSON.stringify({ id: said.id, ...told }));
    });`;
  return `node -e '${script}'`;
}

function cluster() {
  const parsed = parseCluster({
    brokers: 1,
    topics: { orders: { partitions: 2 } },
    producers: { p1: {} },
    consumers: { c1: { "group.id": "readers" } },
  });
  if (!parsed.ok) throw new Error("the cluster is not in order");
  return parsed.config;
}

async function started(answer: string) {
  const subject = await createProgramSubject(program(answer));
  const history: HistoryOperation[] = [];
  const refused = await subject.start(cluster(), (operation) => history.push(operation), {});
  return { subject, history, refused };
}

const failureOf = (run: Promise<unknown>) =>
  run.then(
    () => "none",
    (error: unknown) => (error instanceof SubjectError ? error.message : `another error: ${String(error)}`),
  );

const records = [{ value: "a", key: null }];

describe("a program as a subject", () => {
  it("is sent what a producer sends, and its answer is the history", async () => {
    const { subject, history } = await started(
      '(said) => said.op === "send" ? { results: said.records.map(({ partition, value }) => ({ offset: 7 })) } : {}',
    );
    const sent = await subject.send({ producer: "p1", to: "orders-1", records, wait: true });
    await subject.close();
    expect(sent).toEqual([{ value: "a", partition: 1, outcome: "ok", offset: 7, error: null }]);
    expect(history.map(({ type, value }) => [type, value])).toEqual([
      ["invoke", [{ key: "orders-1", value: "a" }]],
      ["ok", [{ key: "orders-1", value: "a", offset: 7 }]],
    ]);
  });

  it("tells what it refuses and what it lacks", async () => {
    const { subject, refused } = await started('() => ({ refused: "INVALID_CONFIG" })');
    expect(refused).toBe("INVALID_CONFIG");
    await subject.close();
    const lacking = await createProgramSubject(program('() => ({ lacks: ["two disks"] })'));
    expect(await lacking.lacks(cluster())).toEqual(["two disks"]);
    await lacking.close();
  });

  it("leaves out empty lists, and puts partitions in their order", async () => {
    const { subject } = await started(
      '(said) => said.op === "poll" ? { records: { "orders-1": [[0, "b"]], "orders-0": [[0, "a"]], "orders-2": [] } } : {}',
    );
    const { records: polled } = await subject.poll({ consumer: "c1", timeoutMs: 10 });
    await subject.close();
    expect(JSON.stringify(polled)).toBe('{"orders-0":[[0,"a"]],"orders-1":[[0,"b"]]}');
  });

  it.each([
    [
      "what is no JSON",
      '(said) => said.op === "send" && process.stdout.write("oops\\n") ? null : {}',
      "no answer: oops",
    ],
    [
      "an answer of another form",
      '(said) => said.op === "send" ? { results: "all" } : {}',
      "answer to send is not in order at results",
    ],
    ["too few results", '(said) => said.op === "send" ? { results: [] } : {}', "not one result a record"],
    [
      "an unknown outcome",
      '(said) => said.op === "send" ? { results: [{ outcome: "fine" }] } : {}',
      "results.0.outcome",
    ],
    ["an offset below zero", '(said) => said.op === "send" ? { results: [{ offset: -1 }] } : {}', "results.0.offset"],
    ["a field that there is not", '(said) => said.op === "send" ? { results: [], more: 1 } : {}', "answer to send"],
    ["its own end", '(said) => said.op === "send" ? process.exit(3) : {}', "has ended (code 3)"],
    ["that it failed", '(said) => said.op === "send" ? { failed: "no disk" } : {}', "failed: no disk"],
  ])("is lost when it says %s", async (_, answer, words) => {
    const { subject } = await started(answer);
    expect(await failureOf(subject.send({ producer: "p1", to: "orders-0", records, wait: true }))).toContain(words);
    await subject.close();
  });

  it("is lost when there is no such program, with what the shell said of it", async () => {
    expect(await failureOf(createProgramSubject("no-such-program-here"))).toMatch(
      /has ended \(code 127\).*no-such-program-here/,
    );
  });

  it("is ended even if it does not want to", async () => {
    const subject = await createProgramSubject(
      program("() => { process.stdin.destroy(); setInterval(() => 0, 1000); return null; }"),
    );
    await expect(subject.close()).resolves.toBe(undefined);
  });
});
