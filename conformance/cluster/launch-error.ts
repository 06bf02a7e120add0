/** Why a cluster could not be started, in words for whoever asked for it. */
export class LaunchError extends Error {
  /** `E_…` */
  readonly code: string;
  readonly hint: string | null;

  constructor(code: string, message: string, hint: string | null = null) {
    super(message);
    this.name = "LaunchError";
    this.code = code;
    this.hint = hint;
  }
}
