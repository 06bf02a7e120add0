/** The one error that `explore/` throws: a fault of the caller or of the system under exploration, with a code. */

type ExploreErrorCode =
  /** A choice is applied to a state in which it is not enabled. */
  | "E_CHOICE_NOT_ENABLED"
  /** Two choices that are enabled in one state have the same label. */
  | "E_DUPLICATE_LABEL"
  /** Two different states have the same fingerprint. */
  | "E_COLLISION"
  /** An action or a check depends on something else than the parts that it reads. */
  | "E_IMPURE"
  /** A value is no plain JSON data. */
  | "E_NOT_PLAIN_JSON"
  /** The parts of a system say something else than the system itself. */
  | "E_PARTS"
  /** Declared permutations are no symmetry of the system. */
  | "E_SYMMETRY"
  /** A slot is read or written that does not exist. */
  | "E_SLOT"
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
