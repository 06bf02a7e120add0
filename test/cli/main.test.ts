/** The program itself, as a process: what stands where, and with which exit code. */
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const main = join(root, "cli/main.ts");
const scenario = "scenarios/consumers/rollback.yaml";

// Vitest asks for colour in its workers' environment; a user's shell does not.
const { FORCE_COLOR: _, ...plain } = process.env;

function highwater(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...argv], {
    cwd: root,
    encoding: "utf8",
    env: { ...plain, ...env },
  });
  return { status, stdout, stderr };
}

describe("the program", () => {
  it("prints exactly one JSON document with --json, and nothing else", () => {
    const { status, stdout, stderr } = highwater(["run", "--json", scenario, "nowhere.yaml"]);
    expect(status).toBe(3);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({ passed: 1, invalid: 1 });
  });

  it("gives the same bytes in another time zone and locale, but for the seconds", () => {
    const run = (env: Readonly<Record<string, string>>) =>
      highwater(["run", "--json", "scenarios/consumers"], env).stdout.replace(/"seconds": [\d.]+/g, "");
    expect(run({ TZ: "Asia/Kathmandu", LC_ALL: "tr_TR.UTF-8" })).toBe(run({ TZ: "UTC", LC_ALL: "C" }));
  });

  it("writes no colour into a pipe", () => {
    const { status, stdout } = highwater(["run", scenario]);
    expect(status).toBe(0);
    expect(stdout).not.toContain("\u001b");
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("1 passed, 0 failed, 0 skipped, 0 inconclusive, 0 invalid");
  });

  it("colours where it is told to, and not where it is told not to", () => {
    expect(highwater(["run", scenario], { FORCE_COLOR: "1" }).stdout).toContain("\u001b[32m✓");
    expect(highwater(["run", scenario], { NO_COLOR: "1" }).stdout).not.toContain("\u001b");
  });

  it("puts errors on the other stream, on one line, without a stack trace", () => {
    const { status, stdout, stderr } = highwater(["run", "--bogus"]);
    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
    expect(stderr).toMatch(/^E_USAGE [^\n]+\n$/);
  });

  it("stays quiet when nobody reads on", async () => {
    const child = spawn(process.execPath, [main, "schema"], { cwd: root });
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.stdout.destroy();
    await new Promise((resolve) => child.on("close", resolve));
    expect(stderr).toBe("");
  });
});
