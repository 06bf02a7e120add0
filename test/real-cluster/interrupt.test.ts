/** A cluster that was started goes with the program, whenever that is interrupted: no process and no data stay behind. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "highwater-interrupt-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Processes that have our folder in their arguments. */
function nodes(): readonly string[] {
  const { stdout } = spawnSync("ps", ["-eo", "args"], { encoding: "utf8" });
  return stdout.split("\n").filter((line) => line.startsWith("java") && line.includes(folder));
}

/** Data folders are called by the nodes' ids. */
function data(): readonly string[] {
  const cluster = join(folder, "cluster");
  return existsSync(cluster) ? readdirSync(cluster).filter((name) => /^[0-9]+$/.test(name)) : [];
}

describe("whoever interrupts a run on a cluster of its own", () => {
  it.each([
    ["SIGINT", "while nodes are formatted", /starting Kafka/, 300],
    ["SIGINT", "while nodes start", /starting Kafka/, 3000],
    ["SIGTERM", "while rules are asked", /✓/, 0],
    ["SIGKILL", "so hard that nobody can clean up", /✓/, 0],
  ] as const)("leaves no process behind: %s %s", async (signal, _, seen, afterMs) => {
    const argv = ["cli/main.ts", "conform", "--cluster", "apache-kafka", "--level", "smoke", "--out", folder];
    const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "pipe"] });
    let isSeen = false;
    const look = (chunk: Buffer) => {
      if (isSeen || !seen.test(chunk.toString())) return;
      isSeen = true;
      setTimeout(() => child.kill(signal), afterMs);
    };
    child.stdout.on("data", look);
    child.stderr.on("data", look);
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect(code).toBe(signal === "SIGKILL" ? null : 130);
    await vi.waitFor(() => expect(nodes()).toEqual([]), { timeout: 15_000 });
    if (signal !== "SIGKILL") expect(data()).toEqual([]);
  });
});
