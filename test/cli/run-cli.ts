/** A command as it is typed, with what it printed. */
import { runProgram } from "../../cli/program.ts";

export async function runCli(...argv: readonly string[]) {
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
    createSubject: () => {
      throw new Error("no subject is driven here");
    },
  });
  return { code, out, err };
}
