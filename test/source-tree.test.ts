/** A lint of the source tree itself: floors, determinism of the core, file length. Messages read `file:line: …`. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Lower floors know nothing of higher ones; folders on one floor know nothing of each other, but for `exceptions`. */
const floors: Record<string, number> = {
  spec: 1,
  explore: 1,
  model: 2,
  "search-workers": 2,
  check: 3,
  subjects: 3,
  report: 3,
  scenarios: 4,
  conformance: 5,
  replay: 5,
  cli: 6,
};
const core = ["spec", "explore", "model"];

const forbiddenInCore: readonly [RegExp, string][] = [
  [/\bDate\b/, "a clock"],
  [/\bperformance\./, "a clock"],
  [/\bprocess\.hrtime/, "a clock"],
  [/\bsetTimeout\b|\bsetInterval\b|\bsetImmediate\b|\bqueueMicrotask\b/, "a timer of the host"],
  [/Math\.random|crypto\.getRandomValues|randomUUID/, "randomness"],
  [/\bfor\s*\(.*\bin\b/, "for-in (unordered iteration)"],
  [/from "node:|require\(/, "a Node API"],
  [/\bprocess\.(?:argv|cwd|env|exit|hrtime|memoryUsage|nextTick|on|platform|std)\b|\bBuffer\b/, "a Node API"],
  [/toLocale|Intl\./, "the locale"],
];

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name))
    .sort();
}

/** Blanks comments, keeping line numbers, so that prose may name what code must not use. */
function withoutComments(text: string): string {
  const blank = (match: string) => match.replace(/[^\n]/g, " ");
  return text.replace(/\/\*[\s\S]*?\*\//g, blank).replace(/(^|\s)\/\/.*$/gm, blank);
}

function problemsIn(file: string, text: string): string[] {
  const problems: string[] = [];
  const folder = file.split("/")[0] ?? "";
  const lines = withoutComments(text).split("\n");
  for (const [index, line] of lines.entries()) {
    const at = `${file}:${index + 1}`;
    const imported = /(?:from|import)\s*\(?"(\.[^"]+)"/.exec(line)?.[1];
    if (imported !== undefined && folder in floors) {
      const target = normalize(join(dirname(file), imported)).split("/")[0] ?? "";
      const allowed = target === folder || (floors[target] ?? 99) < (floors[folder] ?? 0);
      if (!allowed) problems.push(`${at}: ${folder}/ may not import from ${target}/`);
    }
    if (core.includes(folder)) {
      for (const [pattern, what] of forbiddenInCore)
        if (pattern.test(line)) problems.push(`${at}: ${what} in the core`);
    }
  }
  const limit = file.endsWith("-machine.ts") ? 250 : 400;
  const length = text.trimEnd().split("\n").length;
  if (length > limit) problems.push(`${file}:${length}: over ${limit} lines`);
  return problems;
}

describe("the source tree", () => {
  it("keeps floors, determinism and file length", () => {
    const files = [...Object.keys(floors), "bench", "test"].flatMap((folder) => {
      try {
        return sources(folder);
      } catch {
        return [];
      }
    });
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap((file) => problemsIn(file, readFileSync(join(root, file), "utf8")))).toEqual([]);
  });

  it("notices what it forbids", () => {
    const planted: readonly [string, string][] = [
      ["spec/x.ts", 'import { a } from "../model/a.ts";'],
      ["explore/x.ts", 'import { a } from "../spec/a.ts";'],
      ["model/x.ts", "const now = Date.now();"],
      ["spec/x.ts", "const dice = Math.random();"],
      ["model/x.ts", "for (const key in record) use(key);"],
      ["model/x.ts", 'import { readFileSync } from "node:fs";'],
      ["model/big-machine.ts", "x\n".repeat(251)],
      ["cli/big.ts", "x\n".repeat(401)],
    ];
    for (const [file, text] of planted) expect(problemsIn(file, text), `${file}: ${text.slice(0, 40)}`).toHaveLength(1);
    expect(problemsIn("model/x.ts", "// Date.now() is forbidden\nconst x = 1;")).toEqual([]);
  });
});
