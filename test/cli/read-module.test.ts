/** A user's partitioner from a file, as `run` reads it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readModule } from "../../cli/read-module.ts";
import { runCli } from "./run-cli.ts";

let folder = "";
const cwd = process.cwd();

const scenario = (module: string) => `scenario: by a partitioner of one's own
cluster:
  brokers: 1
  topics: { orders: { partitions: 2 } }
  producers: { p1: { partitioner.class: ${module} } }
steps:
  - send: { by: p1, to: orders, values: [a, b], keys: [x, null], expect: { partitions: [1, 0] } }
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "highwater-module-"));
  process.chdir(folder);
  mkdirSync("deep/er", { recursive: true });
  const files: Readonly<Record<string, string>> = {
    "package.json": '{ "type": "module" }',
    "deep/good.yaml": scenario("./er/typed.ts"),
    "deep/plain.yaml": scenario("../plain.js"),
    "gone.yaml": scenario("./gone.ts"),
    "deep/er/typed.ts": "export default ({ key }: { key: string | null }): number => (key === null ? 0 : 1);",
    "plain.js": "export default (record) => (record.key === null ? 0 : 1);",
    "named.ts": "export const partition = () => 0;",
    "syntax.ts": "export default (record => ;",
    "throws.ts": "throw new Error('not\\n  today');",
    "waits.ts": "export default await Promise.resolve(() => 0);",
    "nothing.ts": "",
    "folder.ts/inside.txt": "",
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
});

afterAll(() => {
  process.chdir(cwd);
  rmSync(folder, { recursive: true });
});

const run = (file: string) => runCli(["run", file]);

describe("a user's module", () => {
  it.each(["deep/good.yaml", "deep/plain.yaml"])("is found relative to its scenario, and run: %s", async (file) => {
    expect(await run(file)).toMatchObject({ code: 0 });
  });

  it("that is not there is bad input, with its place", async () => {
    const { code, out } = await run("gone.yaml");
    expect(code).toBe(3);
    expect(out).toContain(
      "gone.yaml:5:41 E_NO_SUCH_FILE there is no file ./gone.ts (the path is relative to this file)",
    );
  });

  it("without a default export is read all the same", () => {
    expect(readModule("./nothing.ts", "x.yaml")).toMatchObject({ ok: true });
    const named = readModule("./named.ts", "x.yaml");
    expect(named.ok && Object.keys(named.exports)).toEqual(["partition"]);
  });

  it.each(["syntax.ts", "throws.ts", "waits.ts", "folder.ts"])(
    "that cannot be run says why, on one line: %s",
    (name) => {
      const read = readModule(`./${name}`, "x.yaml");
      expect(read).toMatchObject({ ok: false, code: "E_MODULE" });
      expect(read.ok ? "" : read.message).toMatch(new RegExp(`^the module \\./${name} cannot be run: [^\\n]+$`));
    },
  );
});
