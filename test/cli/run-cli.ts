/** A command as it is typed, with what it printed. */
import type { Environment } from "../../cli/environment.ts";
import { runProgram } from "../../cli/program.ts";
import { createModelSubject } from "../../subjects/model-subject.ts";

/** `own`: what is other than in a pipe with nobody at the keyboard, driving the model. */
export async function runCli(argv: readonly string[], own: Partial<Environment> = {}) {
  let [out, err] = ["", ""];
  const code = await runProgram(argv, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    style: (_, text) => text,
    isTerminal: false,
    onInterrupt: () => () => undefined,
    createSubject: () => createModelSubject(),
    ...own,
  });
  return { code, out, err };
}
