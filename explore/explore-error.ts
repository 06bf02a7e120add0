/** The one error that `explore/` throws: a fault of the caller or of the system under exploration, with a code. */

type ExploreErrorCode =
  /** Two choices that are enabled in one state have the same label. */
  | "E_DUPLICATE_LABEL"
  /** A value is no plain JSON data. */
  | "E_NOT_PLAIN_JSON"
  /** A text holds half of a surrogate pair. */
  | "E_TEXT"
  /** A number given by the caller (seed, limit, weight, range) is out of its range. */
  | "E_NUMBER"
  /** A run that was to be shrunk does not go wrong. */
  | "E_NOT_VIOLATED";

export class ExploreError extends Error {
  readonly code: ExploreErrorCode;

  constructor(code: ExploreErrorCode, message: string) {
    super(message);
    this.name = "ExploreError";
    this.code = code;
  }
}
