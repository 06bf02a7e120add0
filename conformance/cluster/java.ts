/** Java: is it there, and running it. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { freemem } from "node:os";
import { LaunchError } from "./launch-error.ts";

/** Kafka's brokers need this much since 4.0. */
const javaVersionMin = 17;

/** Some 210 MiB a node were measured, with a heap of 256 MiB. */
const nodeBytes = 260 * 1024 * 1024;

/** Throws a `LaunchError` where Java is missing or too old. */
export async function checkJava(): Promise<void> {
  const { code, output } = await runJava(["-version"]).catch(() => ({ code: null, output: "" }));
  const version = /version "(?:1\.)?([0-9]+)/.exec(output)?.[1];
  const hint = `install a Java runtime of version ${javaVersionMin} or newer`;
  if (code !== 0 || version === undefined) throw new LaunchError("E_NO_JAVA", "Java is not there", hint);
  if (Number(version) < javaVersionMin) {
    throw new LaunchError("E_NO_JAVA", `Java ${version} is too old for Kafka's brokers`, hint);
  }
}

/** Throws a `LaunchError` where so many nodes would not fit into memory. */
export function checkMemory(nodes: number): void {
  const free = freemem();
  if (free >= nodes * nodeBytes) return;
  const inMiB = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MiB`;
  throw new LaunchError("E_NO_MEMORY", `${nodes} nodes need ${inMiB(nodes * nodeBytes)}, ${inMiB(free)} are free`);
}

/** Runs to the end; `output` is both streams. */
export function runJava(args: readonly string[], timeoutMs = 60_000): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const java = spawn("java", args, { stdio: ["ignore", "pipe", "pipe"], timeout: timeoutMs });
    // It may be writing what is being removed.
    const endNow = () => java.kill("SIGKILL");
    process.once("exit", endNow);
    let output = "";
    const take = (chunk: Buffer) => {
      output += chunk.toString();
    };
    java.stdout.on("data", take);
    java.stderr.on("data", take);
    java.on("error", reject);
    java.on("close", (code) => {
      process.off("exit", endNow);
      resolve({ code, output });
    });
  });
}

/** A node that goes on until it is stopped. What it says is added to `logFile`. */
export function startJava(args: readonly string[], logFile: string): ChildProcess {
  const log = openSync(logFile, "a");
  try {
    // A group of its own: Ctrl-C is for us, and we stop the nodes in their order.
    return spawn("java", args, { stdio: ["ignore", log, log], detached: true });
  } finally {
    closeSync(log);
  }
}
