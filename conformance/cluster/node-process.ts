/** One node of a cluster as a process: started, killed, paused, resumed, and never left behind. */
import type { ChildProcess } from "node:child_process";
import { type Guardian, guard } from "./guardian.ts";
import { startJava } from "./java.ts";

export interface NodeProcess {
  readonly isRunning: boolean;
  readonly isPaused: boolean;
  start(): void;
  /** Returns when the process is gone. */
  kill(): Promise<void>;
  pause(): void;
  resume(): void;
  /** At once and without waiting, for the end of our own process. */
  killNow(): void;
}

export function createNodeProcess(args: readonly string[], logFile: string): NodeProcess {
  let running: { readonly child: ChildProcess; readonly guardian: Guardian; readonly gone: Promise<void> } | null =
    null;
  let isPaused = false;

  function signal(name: NodeJS.Signals): void {
    // Not `process.kill`: the child object knows whether its id is still its own.
    running?.child.kill(name);
  }

  return {
    get isRunning() {
      return running !== null;
    },
    get isPaused() {
      return isPaused;
    },
    start() {
      if (running !== null) return;
      const child = startJava(args, logFile);
      const guardian = guard(child.pid ?? 0);
      const gone = new Promise<void>((resolve) => {
        const end = () => {
          guardian.dismiss();
          if (running?.child === child) running = null;
          isPaused = false;
          resolve();
        };
        child.once("exit", end);
        child.once("error", end);
      });
      running = { child, guardian, gone };
    },
    async kill() {
      const ended = running?.gone;
      signal("SIGKILL");
      await ended;
    },
    pause() {
      signal("SIGSTOP");
      isPaused = true;
    },
    resume() {
      signal("SIGCONT");
      isPaused = false;
    },
    killNow: () => signal("SIGKILL"),
  };
}
