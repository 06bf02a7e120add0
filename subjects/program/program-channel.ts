/**
 * Talking with a program: a JSON line each way, matched by their ids, so that a call may take its time while others go on.
 * A program that ends, says nothing for too long or says what is no answer is lost, with words that tell why.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { SubjectError } from "../subject-error.ts";
import { type Answer, answers, type Operation } from "./answers.ts";

export interface ProgramChannel {
  /** Throws a `SubjectError` when the program is lost. */
  ask<Name extends Operation>(
    op: Name,
    args: Readonly<Record<string, unknown>>,
    patienceMs?: number,
  ): Promise<Answer<Name>>;
  /** Asks it to end, and ends it. */
  close(): Promise<void>;
}

const patienceMsUsual = 60_000;
const endMsMax = 2_000;
/** A line is not kept beyond that. */
const complaintMax = 400;

interface Waiting {
  readonly op: Operation;
  readonly resolve: (answer: Readonly<Record<string, unknown>>) => void;
  readonly reject: (error: SubjectError) => void;
  readonly timer: NodeJS.Timeout;
}

/** `command` is a command line for the shell, as the user wrote it. */
export function openProgram(command: string): ProgramChannel {
  const child = spawn(command, { shell: true, stdio: ["pipe", "pipe", "pipe"], detached: true });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let lost: SubjectError | null = null;
  let complaint = "";

  function lose(reason: string): void {
    const said = complaint.trim().split("\n").at(-1) ?? "";
    lost ??= new SubjectError(`the program ${reason}${said === "" ? "" : `; it said: ${said}`}`);
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer);
      reject(lost);
    }
    waiting.clear();
  }

  function take(line: string): void {
    if (line.trim() === "") return;
    const said = parse(line);
    const asked = said === null ? undefined : waiting.get(said.id);
    if (said === null || asked === undefined) {
      lose(`says what is no answer: ${line.slice(0, complaintMax)}`);
      kill();
      return;
    }
    waiting.delete(said.id);
    clearTimeout(asked.timer);
    if (typeof said.rest["failed"] === "string")
      asked.reject(new SubjectError(`the program failed: ${said.rest["failed"]}`));
    else asked.resolve(said.rest);
  }

  function kill(): void {
    try {
      // The shell and what it has started.
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    } catch {
      // It is gone already.
    }
  }

  process.once("exit", kill);
  createInterface({ input: child.stdout }).on("line", take);
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-complaintMax);
  });
  child.stdin.on("error", () => undefined);
  child.on("error", (error) => lose(`cannot be started: ${error.message}`));
  const ended = new Promise<void>((resolve) => {
    child.on("close", (code, signal) => {
      process.off("exit", kill);
      lose(`has ended (${signal ?? `code ${code}`})`);
      resolve();
    });
  });

  async function ask<Name extends Operation>(
    op: Name,
    args: Readonly<Record<string, unknown>>,
    patienceMs = patienceMsUsual,
  ): Promise<Answer<Name>> {
    if (lost !== null) throw lost;
    lastId += 1;
    const id = lastId;
    const said = await new Promise<Readonly<Record<string, unknown>>>((resolve, reject) => {
      const timer = setTimeout(() => {
        lose(`does not answer to ${op} within ${patienceMs} ms`);
        kill();
      }, patienceMs);
      waiting.set(id, { op, resolve, reject, timer });
      child.stdin.write(`${JSON.stringify({ id, op, ...args })}\n`);
    });
    const parsed = answers[op].safeParse(said);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const where = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
      throw new SubjectError(`the program's answer to ${op} is not in order${where}: ${issue?.message ?? ""}`);
    }
    return parsed.data as Answer<Name>;
  }

  return {
    ask,
    async close() {
      if (lost === null) await ask("stop", {}, endMsMax).catch(() => undefined);
      child.stdin.end();
      const timer = setTimeout(kill, endMsMax);
      await ended;
      clearTimeout(timer);
    },
  };
}

function parse(line: string): { readonly id: number; readonly rest: Readonly<Record<string, unknown>> } | null {
  try {
    const said: unknown = JSON.parse(line);
    if (typeof said !== "object" || said === null || !("id" in said) || typeof said.id !== "number") return null;
    const { id, ...rest } = said;
    return { id, rest };
  } catch {
    return null;
  }
}
