/** The pages on histories: the table of anomalies is the data's, and the recorders record what can be read and judged. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { anomalies } from "../spec/history/check/anomalies.ts";
import { createHistoryReader } from "../spec/history/read-history.ts";
import { runCli } from "./cli/run-cli.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

function codeBlocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map(([, block]) => block ?? "");
}

describe("the page on histories", () => {
  const page = read("docs/histories.md");

  it("has every anomaly of the table, word for word", () => {
    const rows = anomalies.map(({ name, isJepsens, definition, countsWhen }) => {
      return `| \`${name}\` | ${isJepsens ? "J" : ""} | ${definition} | ${countsWhen} |`;
    });
    expect(page).toContain(rows.join("\n"));
  });

  it("has lines that can be read", () => {
    const reader = createHistoryReader();
    for (const line of (codeBlocks(page, "json")[0] ?? "").trim().split("\n")) expect(reader.push(line)).toBeNull();
    expect(reader.take()).toHaveLength(2);
  });
});

describe("the page on recording", () => {
  const page = read("docs/recording.md");
  const isPythonHere = spawnSync("python3", ["--version"]).status === 0;

  it.each([
    { language: "js", program: process.execPath, name: "record.mjs" },
    ...(isPythonHere ? [{ language: "python", program: "python3", name: "record.py" }] : []),
  ])("has a recorder in $language whose history is valid", async ({ language, program, name }) => {
    const folder = mkdtempSync(join(tmpdir(), "highwater-record-"));
    try {
      writeFileSync(join(folder, name), codeBlocks(page, language)[0] ?? "");
      execFileSync(program, [name], { cwd: folder });
      const { code, out } = await runCli(["verify", join(folder, "history.jsonl")]);
      expect({ code, begin: out.split(" ")[0] }).toEqual({ code: 0, begin: "valid" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("has recorders of about twenty lines", () => {
    for (const language of ["js", "python", "java"]) {
      const [block = ""] = codeBlocks(page, language);
      expect(block.trim().split("\n").length).toBeGreaterThan(10);
      expect(block.trim().split("\n").length).toBeLessThan(32);
    }
  });
});

describe("the README", () => {
  it("shows what verify says of the history that it shows", async () => {
    const text = read("README.md");
    const [history = ""] = codeBlocks(text, "json");
    const [said = ""] = codeBlocks(text, "").filter((block) => block.startsWith("invalid"));
    const folder = mkdtempSync(join(tmpdir(), "highwater-readme-"));
    try {
      writeFileSync(join(folder, "lossy.jsonl"), history);
      const { code, out } = await runCli(["verify", join(folder, "lossy.jsonl")]);
      expect(code).toBe(1);
      expect(out.replace(join(folder, "lossy.jsonl"), "lossy.jsonl")).toContain(said.trimEnd());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
