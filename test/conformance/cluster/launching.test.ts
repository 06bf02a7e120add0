import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { guard } from "../../../conformance/cluster/guardian.ts";
import { checkJava, checkMemory } from "../../../conformance/cluster/java.ts";
import { findKafkaJars } from "../../../conformance/cluster/kafka-jars.ts";
import { LaunchError } from "../../../conformance/cluster/launch-error.ts";
import { brokerProperties, controllerProperties } from "../../../conformance/cluster/node-properties.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "highwater-launch-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const quiet = () => undefined;
const failureOf = (run: Promise<unknown>) =>
  run.then(
    () => "none",
    (error: unknown) =>
      error instanceof LaunchError ? `${error.code} ${error.message} (${error.hint})` : String(error),
  );

describe("what a cluster is started from", () => {
  it("is the user's own installation, with the version that its jar says", async () => {
    mkdirSync(join(folder, "libs"));
    writeFileSync(join(folder, "libs", "kafka_2.13-4.2.1.jar"), "");
    vi.stubEnv("KAFKA_HOME", folder);
    expect(await findKafkaJars(null, quiet)).toEqual({ classPath: join(folder, "libs", "*"), version: "4.2.1" });
  });

  it("is told to be missing where KAFKA_HOME leads nowhere", async () => {
    vi.stubEnv("KAFKA_HOME", join(folder, "nowhere"));
    expect(await failureOf(findKafkaJars(null, quiet))).toMatch(/^E_NO_KAFKA there is no kafka_2.13 jar in .*nowhere/);
  });

  it("is the folder in the cache, once it is there", async () => {
    const jars = join(folder, "highwater", "kafka", "4.0.0");
    mkdirSync(jars, { recursive: true });
    writeFileSync(join(jars, "kafka_2.13-4.0.0.jar"), "");
    vi.stubEnv("KAFKA_HOME", "");
    vi.stubEnv("XDG_CACHE_HOME", folder);
    expect((await findKafkaJars("4.0.0", quiet)).version).toBe("4.0.0");
  });

  it("needs Maven where it is not there yet, and says so", async () => {
    vi.stubEnv("KAFKA_HOME", "");
    vi.stubEnv("XDG_CACHE_HOME", folder);
    vi.stubEnv("PATH", folder);
    expect(await failureOf(findKafkaJars(null, quiet))).toMatch(/^E_NO_MAVEN .* \(install it, or set KAFKA_HOME\)$/);
  });

  it.each(["../4.3.1", "latest", "4", "4.3.1;rm"])("is no version: %s", async (version) => {
    expect(await failureOf(findKafkaJars(version, quiet))).toContain("is no version of Kafka");
  });

  it("needs Java, and says so", async () => {
    vi.stubEnv("PATH", folder);
    expect(await failureOf(checkJava())).toMatch(/^E_NO_JAVA Java is not there/);
  });

  it.each([
    ['openjdk version "11.0.2"', /^E_NO_JAVA Java 11 is too old/],
    ['java version "1.8.0_402"', /^E_NO_JAVA Java 8 is too old/],
    ['openjdk version "21"', /^none$/],
  ])("reads Java's own words: %s", async (words, expected) => {
    writeFileSync(join(folder, "java"), `#!/bin/sh\necho '${words}' >&2\n`, { mode: 0o755 });
    vi.stubEnv("PATH", `${folder}:/bin:/usr/bin`);
    expect(await failureOf(checkJava())).toMatch(expected);
  });

  it("needs memory, and says how much", () => {
    expect(() => checkMemory(1_000_000)).toThrow(/^1000000 nodes need \d+ MiB, \d+ MiB are free$/);
    expect(() => checkMemory(0)).not.toThrow();
  });
});

describe("the settings of the nodes", () => {
  const layout = {
    folder: "/data",
    controllerPort: 1,
    controllerLinkPort: 2,
    controllerAdvertises: true,
    brokers: [1, 2].map((id) => ({ id, clientPort: 10 + id, replicationPort: 20 + id, linkPort: 30 + id })),
    secured: null,
  };

  it("stay on loopback, and name the same controller", () => {
    for (const text of [controllerProperties(layout), brokerProperties(layout, 1), brokerProperties(layout, 2)]) {
      expect(text).toMatch(/^controller\.quorum\.voters=100@127\.0\.0\.1:[12]$/m);
      for (const address of text.match(/:\/\/[^,\n]+/g) ?? []) expect(address).toContain("://127.0.0.1:");
    }
  });

  it("give each broker its own id, ports and folder", () => {
    const text = brokerProperties(layout, 2);
    expect(text).toContain("node.id=2\n");
    expect(text).toContain("listeners=CLIENT://127.0.0.1:12,REPL://127.0.0.1:22\n");
    expect(text).toContain("log.dirs=/data/2\n");
    expect(text).toContain("offsets.topic.replication.factor=2\n");
    expect(() => brokerProperties(layout, 3)).toThrow(RangeError);
  });
});

describe("a guardian", () => {
  it("lets go of a process when it is dismissed", async () => {
    const child = spawn("sleep", ["60"]);
    const guardian = guard(child.pid ?? 0);
    guardian.dismiss();
    const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
    setTimeout(() => child.kill("SIGTERM"), 300);
    expect(await ended).toBe("SIGTERM");
  });

  it("kills what it guards when whoever started it is gone", async () => {
    const script = `
      import { guard } from "./conformance/cluster/guardian.ts";
      import { spawn } from "node:child_process";
      const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
      child.unref();
      guard(child.pid);
      process.stdout.write(String(child.pid));
      setTimeout(() => process.kill(process.pid, "SIGKILL"), 200);`;
    const starter = spawn(process.execPath, ["--input-type=module-typescript", "-e", script]);
    let pid = "";
    starter.stdout.on("data", (chunk: Buffer) => {
      pid += chunk.toString();
    });
    await new Promise((resolve) => starter.once("close", resolve));
    expect(Number(pid)).toBeGreaterThan(1);
    await vi.waitFor(() => expect(() => process.kill(Number(pid), 0)).toThrow("ESRCH"), { timeout: 5000 });
  });
});
