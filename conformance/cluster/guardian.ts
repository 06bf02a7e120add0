/** Sees to it that a process of ours does not outlive us, however we end: also by SIGKILL. */
import { spawn } from "node:child_process";

export interface Guardian {
  /** The process is gone, and its id may soon be another's. */
  dismiss(): void;
}

/** A shell that reads from us: a line dismisses it, the end of the pipe makes it kill. */
export function guard(pid: number): Guardian {
  const script = 'if read -r line; then exit 0; else kill -9 "$1"; fi';
  const shell = spawn("sh", ["-c", script, "sh", String(pid)], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  shell.on("error", () => undefined);
  shell.stdin.on("error", () => undefined);
  shell.unref();
  return { dismiss: () => shell.stdin.end("\n") };
}
