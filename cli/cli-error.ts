/** An error of the command line that has no place in a file. The caller prints it and exits. */
import { exitCode } from "./exit-code.ts";

export class CliError extends Error {
  /** `E_…` */
  readonly code: string;
  /** What to do about it; `null` when there is nothing to add. */
  readonly hint: string | null;

  readonly exitCode: number;

  constructor(code: string, message: string, hint: string | null = null, exit: number = exitCode.badInput) {
    super(message);
    this.name = "CliError";
    this.code = code;
    this.hint = hint;
    this.exitCode = exit;
  }
}
