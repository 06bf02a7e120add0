/** A bug of ours: one line for the user, the stack only for whoever asks for it. */
import type { Environment } from "./environment.ts";

/** Prints the stack to standard error with `DEBUG=highwater`. */
export function internalError(cause: unknown, environment: Environment) {
  if (process.env["DEBUG"] === "highwater" && cause instanceof Error) environment.err(`${cause.stack}\n`);
  const message = cause instanceof Error ? cause.message : String(cause);
  return {
    code: "E_INTERNAL",
    message: `an error in highwater itself: ${message.replace(/\s*\n\s*/g, " ")}`,
    hint: "please report it; DEBUG=highwater shows where",
  };
}
