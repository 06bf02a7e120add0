/** What the documentation says can be done can be done; the files that it names are there. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createMachines } from "../model/cluster/machines.ts";
import { contentOfDesign, readTraceContent } from "../replay/trace-content.ts";
import { loadScenario } from "../scenarios/load-scenario.ts";
import { playScenario } from "../scenarios/play-scenario.ts";
import { durabilityCell, faultClasses } from "../spec/durability-contract.ts";
import { type Partitioner, partitionBy } from "../spec/partitioner.ts";
import { requirements } from "../spec/requirements/index.ts";
import { createModelSubject } from "../subjects/model-subject.ts";
import { runCli } from "./cli/run-cli.ts";
import { designWith } from "./report/walks.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

function codeBlocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , block]) => block ?? "");
}

async function play(text: string) {
  const loaded = loadScenario("README.md", text);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  return (await playScenario(loaded.scenario, createModelSubject(), requirements)).result;
}

/** Everything that a command line prints. */
async function printed(argv: readonly string[]): Promise<string> {
  const { out, err } = await runCli(argv);
  return out + err;
}

function checkOfTheReadme(): readonly string[] {
  const [, command = ""] = /`npx highwater (check --[^`]*)`/.exec(read("README.md")) ?? [];
  return command.split(" ");
}

describe("the README", () => {
  const [first = ""] = codeBlocks(read("README.md"), "yaml");

  it("has a first scenario that passes", async () => {
    expect(await play(first)).toMatchObject({ status: "passed", failure: null });
  });

  it("says truly what changing it does", async () => {
    const clean = first.replace("unclean.leader.election.enable: true", "unclean.leader.election.enable: false");
    const { status, failure } = await play(clean);
    expect({ status, step: failure?.step, seen: failure?.seen }).toEqual({
      status: "failed",
      step: 7,
      seen: { leader: { "orders-0": null } },
    });
  });

  it("tells the story that its check tells", async () => {
    const [block = ""] = codeBlocks(read("README.md"), "").filter((text) => text.startsWith("DUR-1"));
    expect(block.split("\n").length).toBeGreaterThan(5);
    const out = await printed(checkOfTheReadme());
    expect(out).toContain(block);
  });

  it("shows the timeline that its check leaves, as text and as Mermaid", async () => {
    const folder = mkdtempSync(join(tmpdir(), "highwater-docs-"));
    try {
      const [text = ""] = codeBlocks(read("README.md"), "").filter((block) => block.startsWith(" step"));
      const [mermaid] = codeBlocks(read("README.md"), "mermaid").filter((block) => block.startsWith("sequenceDiagram"));
      expect(await printed([...checkOfTheReadme(), "--timeline", "--out", folder])).toContain(text);
      expect(readFileSync(join(folder, "DUR-1/timeline.txt"), "utf8")).toBe(text);
      expect(readFileSync(join(folder, "DUR-1/timeline.mmd"), "utf8")).toBe(mermaid);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("has a matrix whose every cell agrees with the contract", () => {
    const rows = [...read("README.md").matchAll(/^\| (4\.1|3\.7) \| (0|1|all) \| (1|2) \| (on|off) \| (.*) \|$/gm)];
    const words = rows.flatMap(([, profile, acks, minIsr, unclean, cells = ""]) =>
      cells.split(" | ").map((word, index) => {
        const { expected } = durabilityCell({
          profile: profile as "4.1" | "3.7",
          acks: acks === "all" ? -1 : (Number(acks) as 0 | 1),
          minIsr: Number(minIsr) as 1 | 2,
          replicas: 2,
          unclean: unclean === "on",
          faults: faultClasses[index] ?? "none",
        });
        return [word, expected] as const;
      }),
    );
    expect(words).toHaveLength(144);
    for (const [word, expected] of words) {
      expect(word).toMatch(expected === "open" ? /\(open\)$/ : expected === "loses" ? /^loses \(\d+\)$/ : /^holds$/);
    }
  });

  it("names every command that there is", () => {
    const commands = [...read("README.md").matchAll(/npx highwater (\w+) ?[^\n]*\|/g)].map(([, name]) => name);
    expect(commands).toEqual(["run", "check", "matrix", "conform", "replay", "verify", "explain", "schema"]);
  });
});

describe("the page on scenario files", () => {
  it("has a partitioner that can be used as it stands", async () => {
    const [code = ""] = codeBlocks(read("docs/scenario-files.md"), "js");
    const module: { default: Partitioner } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
    const partitions = ["Anna", "Zoe", null].map((key) => partitionBy(module.default, { key, value: "v" }, 3));
    expect(partitions).toEqual([0, 2, 2]);
  });
});

describe("the page on the model", () => {
  const page = read("docs/model.md");

  it("names files that are there", () => {
    const files = [...page.matchAll(/`((?:model|spec|test)\/[\w./-]+\.ts)`/g)].map(([, file]) => file ?? "");
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it("has a row for every machine, with states that it has", () => {
    const rows = [...page.matchAll(/^\| .* \| `(model\/[\w/-]+-machine\.ts)`.* \| (.*) \|$/gm)];
    const machines = readdirSync(join(root, "model"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith("-machine.ts"))
      .map((name) => `model/${name}`);
    expect(rows.map(([, file]) => file).sort()).toEqual(machines.sort());
    const known = new Set(Object.values(createMachines()).flatMap((machine) => stateNames(machine.config)));
    const named = rows.flatMap(([, , states]) =>
      [...(states ?? "").matchAll(/`(\w+)`/g)].map(([, name]) => name ?? ""),
    );
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe("the page on replay", () => {
  const page = read("docs/replay.md");

  it("names every error that a trace can have, and every field", () => {
    const sources = ["explore/trace-file.ts", "replay/replay-trace.ts"].map(read).join("");
    const codes = [...new Set([...sources.matchAll(/"(E_TRACE_\w+)"/g)].map(([, code]) => code ?? ""))];
    expect(codes.length).toBeGreaterThan(8);
    expect(codes.filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
    const content = readTraceContent(contentOfDesign(designWith(), null, []));
    const fields = Object.keys(content.ok ? content.content : {});
    expect(fields.filter((field) => !page.includes(`\`${field}\``))).toEqual([]);
  });

  it("explains marks that timelines have", () => {
    const marks = [...page.matchAll(/^\| `([^`])` \|/gm)].map(([, mark]) => mark ?? "");
    const source = read("report/show-timeline.ts") + read("report/show-log.ts");
    expect(marks.length).toBeGreaterThan(5);
    expect(marks.filter((mark) => !source.includes(mark))).toEqual([]);
  });
});

describe("the page on trust", () => {
  const page = read("docs/trust.md");

  it("names files and folders that are there", () => {
    const paths = [...page.matchAll(/`((?:model|spec|explore|test|docs)\/[\w./-]*|[\w.-]+\.ts)`/g)].map(
      ([, path]) => path ?? "",
    );
    expect(paths.length).toBeGreaterThan(10);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it("gives commands that there are", () => {
    const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: object };
    const commands = codeBlocks(page, "sh").flatMap((block) => [...block.matchAll(/^npm run ([\w:]+)/gm)]);
    expect(commands.length).toBeGreaterThan(2);
    expect(commands.map(([, name]) => name ?? "").filter((name) => !(name in scripts))).toEqual([]);
  });

  it("has a table in which the scores of model/ and spec/ are at least 75 %", () => {
    const scores = ["model", "spec"].map((top) => {
      const [, score] = new RegExp(`^\\| \\*\\*${top}\\*\\* \\|.* ([\\d.]+) % \\|$`, "m").exec(page) ?? [];
      return Number(score);
    });
    expect(Math.min(...scores)).toBeGreaterThanOrEqual(75);
  });
});

function stateNames(config: { readonly states?: unknown }): readonly string[] {
  return Object.entries((config.states ?? {}) as Record<string, { readonly states?: unknown }>).flatMap(
    ([name, state]) => [name, ...stateNames(state)],
  );
}
