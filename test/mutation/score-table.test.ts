/** The table of mutation scores adds up. */
import { expect, it } from "vitest";
import { scoreTable } from "./score-table.ts";

const file = (...statuses: string[]) => ({ mutants: statuses.map((status) => ({ status })) });

it("has a row for every folder and for all of it, in order, whatever report a file stands in", () => {
  const table = scoreTable([
    {
      files: {
        "model/b/one.ts": file("Killed", "Timeout", "Survived"),
        "model/b/two.ts": file("NoCoverage", "Killed", "Killed"),
      },
    },
    { files: { "model/a.ts": file("Killed"), "spec/c/types.ts": file() } },
  ]);
  expect(table.split("\n").slice(2)).toEqual([
    "| **model** | 7 | 5 | 1 | 1 | 71.4 % |",
    "| `model/` | 1 | 1 | 0 | 0 | 100.0 % |",
    "| `model/b/` | 6 | 4 | 1 | 1 | 66.6 % |",
  ]);
});

it("leaves out mutants that cannot be loaded", () => {
  const table = scoreTable([{ files: { "spec/a.ts": file("Killed", "CompileError", "RuntimeError", "Ignored") } }]);
  expect(table).toContain("| `spec/` | 1 | 1 | 0 | 0 | 100.0 % |");
});

it("refuses a report of a run that was not finished", () => {
  expect(() => scoreTable([{ files: { "spec/a.ts": file("Pending") } }])).toThrow("Pending");
});
